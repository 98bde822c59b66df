#include "cli/endpoint_text.h"

#include <charconv>
#include <stdexcept>
#include <system_error>

namespace apns::cli {

std::uint16_t parse_port(std::string_view text, const std::string& where) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    throw std::runtime_error(where + ": \"" + std::string(text) + "\" is not a port (1 to 65535).");
  }
  return port;
}

Endpoint parse_endpoint(const std::string& text, const std::string& where) {
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  const bool is_in_brackets = host.starts_with('[') && host.ends_with(']');
  if (is_in_brackets) {
    host = host.substr(1, host.size() - 2);
  }
  // Without brackets nobody can tell where an IPv6 address ends.
  const bool has_colon = host.find(':') != std::string::npos;
  if (colon == std::string::npos || host.empty() || has_colon != is_in_brackets) {
    throw std::runtime_error(where + " must be HOST:PORT, not \"" + text + "\".");
  }
  return Endpoint{host, parse_port(std::string_view(text).substr(colon + 1), where)};
}

}  // namespace apns::cli
