#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <simdjson.h>

/// Inside of payload_lint.cpp and push_type_lint.cpp: the keys that the system reads.
namespace apns::mock {

enum class PayloadKeyType : std::uint8_t {
  Text,
  Number,
  Flag,
  Dictionary,
  Texts,
  TextOrDictionary,
  Other,  // a rule of its own looks at the value
};

struct PayloadKey {
  std::string_view name;
  PayloadKeyType type;
};

/// Sources: "Generating a remote notification", tables 1 and 2; "Starting and updating Live
/// Activities"; "Updating widgets"; url-args: "Creating the Remote Notification Payload".
inline constexpr std::array<PayloadKey, 22> kApsKeys{{
    {"alert", PayloadKeyType::Other},
    {"badge", PayloadKeyType::Other},
    {"sound", PayloadKeyType::Other},
    {"thread-id", PayloadKeyType::Text},
    {"category", PayloadKeyType::Text},
    {"content-available", PayloadKeyType::Other},
    {"mutable-content", PayloadKeyType::Other},
    {"target-content-id", PayloadKeyType::Text},
    {"interruption-level", PayloadKeyType::Text},
    {"relevance-score", PayloadKeyType::Number},
    {"filter-criteria", PayloadKeyType::Text},
    {"stale-date", PayloadKeyType::Number},
    {"content-state", PayloadKeyType::Dictionary},
    {"timestamp", PayloadKeyType::Number},
    {"event", PayloadKeyType::Text},
    {"dismissal-date", PayloadKeyType::Number},
    {"attributes-type", PayloadKeyType::Text},
    {"attributes", PayloadKeyType::Dictionary},
    {"input-push-token", PayloadKeyType::Number},
    {"input-push-channel", PayloadKeyType::Text},
    {"content-changed", PayloadKeyType::Flag},
    {"url-args", PayloadKeyType::Texts},
}};

/// Those that may be dictionaries are so in a Live Activity only.
inline constexpr std::array<PayloadKey, 13> kAlertKeys{{
    {"title", PayloadKeyType::TextOrDictionary},
    {"subtitle", PayloadKeyType::Text},
    {"body", PayloadKeyType::TextOrDictionary},
    {"launch-image", PayloadKeyType::Text},
    {"title-loc-key", PayloadKeyType::Text},
    {"title-loc-args", PayloadKeyType::Texts},
    {"subtitle-loc-key", PayloadKeyType::Text},
    {"subtitle-loc-args", PayloadKeyType::Texts},
    {"loc-key", PayloadKeyType::Text},
    {"loc-args", PayloadKeyType::Texts},
    {"action", PayloadKeyType::Text},
    {"action-loc-key", PayloadKeyType::Text},
    {"sound", PayloadKeyType::TextOrDictionary},
}};

/// Null: there is no such key.
template <std::size_t kSize>
[[nodiscard]] const PayloadKey* find_key(const std::array<PayloadKey, kSize>& keys,
                                         std::string_view name) {
  const auto* found = std::ranges::find(keys, name, &PayloadKey::name);
  return found == keys.end() ? nullptr : found;
}

/// Nothing but texts.
[[nodiscard]] inline bool is_texts(const simdjson::dom::element& value) {
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) {
    return false;
  }
  return std::all_of(array.begin(), array.end(),
                     [](const simdjson::dom::element& item) { return item.is_string(); });
}

[[nodiscard]] inline bool has_type(const simdjson::dom::element& value, PayloadKeyType type) {
  switch (type) {
    case PayloadKeyType::Text:
      return value.is_string();
    case PayloadKeyType::Number:
      return value.is_number();
    case PayloadKeyType::Flag:
      return value.is_bool();
    case PayloadKeyType::Dictionary:
      return value.is_object();
    case PayloadKeyType::Texts:
      return is_texts(value);
    case PayloadKeyType::TextOrDictionary:
      return value.is_string() || value.is_object();
    case PayloadKeyType::Other:
      return true;
  }
  return true;
}

}  // namespace apns::mock
