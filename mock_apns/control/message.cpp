#include "mock_apns/control/message.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace apns::mock::control {

namespace {

constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};

std::optional<std::string> decode(std::string_view text, bool is_query) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_query && text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      unsigned value = 0;
      const std::string_view digits = text.substr(i + 1, 2);
      const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value, 16);
      if (error != std::errc{} || digits.size() != 2 || end != digits.end()) {
        return std::nullopt;
      }
      out += static_cast<char>(value);
      i += 2;
    }
  }
  return out;
}

/// Calls take(part) for each part of `text` that is not empty; false: take() said so.
template <class Take>
bool for_each_part(std::string_view text, char separator, const Take& take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0 && !take(text.substr(0, end))) {
      return false;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

}  // namespace

std::string_view to_string(Method method) {
  return kMethods.at(static_cast<std::size_t>(method));
}

std::optional<Method> parse_method(std::string_view text) {
  const auto found = std::ranges::find(kMethods, text);
  if (found == kMethods.end()) {
    return std::nullopt;
  }
  return static_cast<Method>(found - kMethods.begin());
}

std::optional<Target> parse_target(std::string_view text) {
  if (!text.starts_with('/')) {
    return std::nullopt;
  }
  const std::size_t mark = std::min(text.find('?'), text.size());
  Target target;
  const bool path_is_good = for_each_part(text.substr(0, mark), '/', [&](std::string_view part) {
    std::optional<std::string> decoded = decode(part, false);
    if (decoded) {
      target.path.push_back(std::move(*decoded));
    }
    return decoded.has_value();
  });
  const std::string_view query = text.substr(std::min(mark + 1, text.size()));
  const bool query_is_good = for_each_part(query, '&', [&](std::string_view part) {
    const std::size_t equals = std::min(part.find('='), part.size());
    std::optional<std::string> key = decode(part.substr(0, equals), true);
    std::optional<std::string> value = decode(part.substr(std::min(equals + 1, part.size())), true);
    if (key && value) {
      target.query.emplace_back(std::move(*key), std::move(*value));
    }
    return key && value;
  });
  return path_is_good && query_is_good ? std::optional(std::move(target)) : std::nullopt;
}

}  // namespace apns::mock::control
