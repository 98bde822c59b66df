#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "certs/whole_file.h"

namespace apns::cli {

/// Where the parts of a target come from that no option names: the variables, and the state folder.
/// The folder that an option names goes before the variables, which may be those of another
/// service.
struct Surroundings {
  bool is_folder_named = false;
  bool is_development = false;
  std::filesystem::path dir;

  /// The option, else the variable; empty: neither.
  [[nodiscard]] std::string given(const std::string& option, const char* variable) const;

  /// The variable; empty: it is not set, or a folder is named.
  [[nodiscard]] std::string given(const char* variable) const { return given({}, variable); }

  /// The same for a file, else the one in the folder.
  [[nodiscard]] std::filesystem::path file(const std::string& option, const char* variable,
                                           const std::string& name) const;
};

/// `parse` of the file's contents; whatever is wrong is said with the file's name.
template <class Parse>
auto parse_file(const std::filesystem::path& path, const std::string& what, Parse parse) {
  const std::optional<std::string> text = certs::read_file(path);
  if (!text) {
    throw std::runtime_error(what + " " + path.string() + " is not there.");
  }
  try {
    return parse(*text);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(what + " " + path.string() + ": " + error.what());
  }
}

}  // namespace apns::cli
