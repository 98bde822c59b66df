#include "cli/serve_world.h"

#include <stdexcept>

#include "apns/json/document.h"
#include "certs/whole_file.h"

namespace apns::cli {

mock::WorldPlan load_world(const std::string& file) {
  const auto text = certs::read_file(file);
  if (!text) {
    throw std::runtime_error("--world " + file + ": there is no such file.");
  }
  return mock::read_world(json::parse(*text, file));
}

}  // namespace apns::cli
