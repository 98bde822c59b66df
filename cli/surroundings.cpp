#include "cli/surroundings.h"

#include <cstdlib>

namespace apns::cli {

std::string Surroundings::given(const std::string& option, const char* variable) const {
  if (!option.empty() || is_folder_named) {
    return option;
  }
  const char* value = std::getenv(variable);
  return value != nullptr ? value : "";
}

std::filesystem::path Surroundings::file(const std::string& option, const char* variable,
                                         const std::string& name) const {
  const std::string path = given(option, variable);
  return path.empty() ? dir / name : std::filesystem::path(path);
}

}  // namespace apns::cli
