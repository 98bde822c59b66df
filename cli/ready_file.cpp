#include "cli/ready_file.h"

#include <stdexcept>

#include "apns/json/document.h"
#include "certs/whole_file.h"

namespace apns::cli {

mock::ServiceInfo read_ready_file(const std::filesystem::path& file, std::string_view option) {
  const auto text = certs::read_file(file);
  if (!text) {
    throw std::runtime_error("no service is running that I know of: " + file.string() +
                             " is not there. Start `apnslab serve`, or name one with " +
                             std::string(option) + ".");
  }
  return mock::ServiceInfo::read(json::parse(*text, file.string()));
}

}  // namespace apns::cli
