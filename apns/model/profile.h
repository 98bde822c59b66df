#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "apns/base/time.h"
#include "apns/model/http2_profile.h"

namespace apns {

/// How the service behaves at a date: data, each value with its source. One row per profile.
struct Profile {
  std::string_view name;                    // "2013", "2016", "2021", "2025", "pedantic"
  std::size_t binary_payload_limit_simple;  // bytes, commands 0 and 1
  std::size_t binary_payload_limit_framed;  // bytes, command 2
  std::string_view source;                  // of the limits

  // Of what the binary gateway takes: 32 bytes in the text up to 2017, up to 100 in that of 2018
  // ("Local and Remote Notification Programming Guide", Binary Provider API, item 1).
  std::size_t device_token_len_min = 1;
  std::size_t device_token_len_max = 100;

  // Repeated items, and items with another id than 1 to 5, draw status 128 instead of being passed
  // over. Apple says nothing of either: our choice.
  bool strict_items = false;

  // The gateway closes a connection on which the provider is silent for so long: end of stream, no
  // packet. Observed: uniqush/uniqush-push#47, #68; djacobs/PyAPNs#94.
  Duration gateway_idle_limit = std::chrono::hours(2);

  // When reading takes a tuple off the feedback list: when the poller is accepted, else when its
  // bytes have been handed to TLS. Apple says that reading clears the list, not when: our choice.
  bool feedback_cleared_at_accept = false;

  // "2013" is before HTTP/2: it has what 2016 had.
  Http2Profile http2{};

  [[nodiscard]] bool operator==(const Profile&) const = default;
};

/// The longest topic that a certificate may have, in bytes; a longer one draws status 6. Apple
/// names the status, not the size: our choice.
inline constexpr std::size_t kMaxTopicLen = 255;

/// All profiles: those named after a year, oldest first, then "pedantic", which takes each document
/// at its word. The limit of the binary interface was 256 bytes at first and 2048 in the end,
/// whatever the command; "2013" is there for the former. The default is the one named "2025".
[[nodiscard]] std::span<const Profile> profiles();
[[nodiscard]] const Profile& default_profile();

/// Null: there is no such profile.
[[nodiscard]] const Profile* find_profile(std::string_view name);

}  // namespace apns
