#pragma once

#include <filesystem>
#include <string>

namespace apns::cli {

/// JAVA_TOOL_OPTIONS by which a JVM trusts what truststore.p12 of the state folder has, and nothing
/// else; behind `before`, what the variable was.
[[nodiscard]] std::string java_tool_options(const std::string& before,
                                            const std::filesystem::path& state_dir);

}  // namespace apns::cli
