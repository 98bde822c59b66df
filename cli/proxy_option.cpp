#include "cli/proxy_option.h"

#include <charconv>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "cli/endpoint_text.h"

namespace apns::cli {

namespace {

constexpr const char* kWhere = "--proxy";
constexpr std::string_view kScheme = "http://";

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    const std::string_view hex = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), byte, 16);
    if (error != std::errc() || hex.size() != 2 || end != hex.data() + 2) {
      throw std::runtime_error(std::string(kWhere) +
                               ": in user and password % stands before two hexadecimal digits; "
                               "the character itself is %25.");
    }
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

}  // namespace

provider::Proxy parse_proxy(const std::string& text) {
  std::string_view rest = text;
  const std::size_t scheme_end = rest.find("://");
  if (rest.starts_with(kScheme)) {
    rest.remove_prefix(kScheme.size());
  } else if (scheme_end != std::string_view::npos) {
    throw std::runtime_error(std::string(kWhere) + ": a proxy of \"" +
                             std::string(rest.substr(0, scheme_end)) +
                             "://\" is none that can be used; http:// is.");
  }
  if (rest.ends_with('/')) {
    rest.remove_suffix(1);
  }
  provider::Proxy proxy;
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view who = rest.substr(0, at);
    const std::size_t colon = who.find(':');
    proxy.user = unescaped(who.substr(0, colon));
    if (colon != std::string_view::npos) {
      proxy.password = unescaped(who.substr(colon + 1));
    }
    rest.remove_prefix(at + 1);
  }
  proxy.at = parse_endpoint(std::string(rest), kWhere);
  return proxy;
}

}  // namespace apns::cli
