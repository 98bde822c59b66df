#pragma once

#include <span>
#include <string_view>

namespace apns::scenarios {

/// A file of scenarios/ that is part of the program.
struct EmbeddedFile {
  std::string_view path;  // from the root of the repository: "scenarios/binary/idle_close.json"
  std::string_view text;
};

/// The scenario files, in the order of scenarios/CMakeLists.txt. Written by scenarios/embed.cmake
/// at build time.
[[nodiscard]] std::span<const EmbeddedFile> embedded_scenarios();

/// scenarios/rules.json.
[[nodiscard]] const EmbeddedFile& embedded_rules();

/// The program's version: "0.1.0".
[[nodiscard]] std::string_view program_version();

}  // namespace apns::scenarios
