#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "apns/base/network.h"

namespace apns::cli {

/// `where` is the option or variable that the text is of, for messages. Throws std::runtime_error,
/// a full sentence.
[[nodiscard]] std::uint16_t parse_port(std::string_view text, const std::string& where);

/// "localhost:2195", "[::1]:2195".
[[nodiscard]] Endpoint parse_endpoint(const std::string& text, const std::string& where);

}  // namespace apns::cli
