#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apns/model/confidence.h"

namespace apns {

/// What a notification is for: the header apns-push-type of the HTTP/2 interface. The binary one
/// knows no such thing.
enum class PushType : std::uint8_t {
  Alert,
  Background,
  Location,
  Voip,
  Complication,
  FileProvider,
  Mdm,
  LiveActivity,
  PushToTalk,
  Widgets,
  Controls,
};

struct PushTypeRow {
  PushType type;
  std::string_view name;          // as the header has it
  std::string_view topic_suffix;  // what its topics have behind the bundle id; mdm has none
  std::size_t payload_limit;      // bytes, over HTTP/2
  // That may be asked for; the first one is for who asks for none. Another one that exists (10, 5
  // or 1) is the provider's mistake, which the service was not seen to reject.
  std::span<const std::uint8_t> priorities;
  bool needs_provider_token;  // certificates cannot send it; else one that has its topic can
  Confidence confidence;      // in priorities and needs_provider_token
  std::string_view source;

  [[nodiscard]] constexpr bool allows_priority(std::uint8_t priority) const {
    return std::ranges::find(priorities, priority) != priorities.end();
  }
};

/// All of them, in the order of Apple's table.
/// Source: "Sending notification requests to APNs", apns-push-type and the payload's size.
[[nodiscard]] std::span<const PushTypeRow> push_types();

[[nodiscard]] const PushTypeRow& row_of(PushType type);

/// Null: there is no such push type.
[[nodiscard]] const PushTypeRow* find_push_type(std::string_view name);

/// The push type whose suffix a topic ends in: "com.example.app.voip" is voip's. Null: those
/// without one, which are alert's, background's and mdm's.
[[nodiscard]] const PushTypeRow* find_push_type_of_topic(std::string_view topic);

/// That suffix; empty: none.
[[nodiscard]] std::string_view topic_suffix_of(std::string_view topic);

[[nodiscard]] std::vector<std::string> push_type_names();

}  // namespace apns
