#include "cli/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>

namespace apns::cli {

TemporaryFolder::TemporaryFolder() {
  std::error_code none;
  const std::filesystem::path place = std::filesystem::temp_directory_path(none);
  if (none) {
    throw std::runtime_error(
        "there is no folder for temporary files: TMPDIR does not name one. Name one that you may "
        "write to.");
  }
  std::string pattern = (place / "apnslab-exec.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("cannot make a folder in " + place.string() + ": " +
                             std::strerror(errno) + ". Let TMPDIR name one that you may write to.");
  }
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace apns::cli
