#pragma once

#include <functional>
#include <iosfwd>
#include <string>

namespace apns::cli {

/// Writes a file that was asked for on the command line; "-" is standard output. Throws
/// std::runtime_error, with the path, when it cannot be written.
void write_file(const std::string& path, const std::function<void(std::ostream&)>& write);

}  // namespace apns::cli
