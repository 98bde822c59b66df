#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apns/model/device_token.h"
#include "apns/model/push_type.h"

namespace apns {

/// A notification as a provider's user hands it over. Fields that are absent are not sent.
struct Notification {
  DeviceToken device_token;
  std::string payload;  // UTF-8 JSON, sent as it is
  // UNIX seconds. 0: one attempt, never stored. Absent: the service's default.
  std::optional<std::uint32_t> expiration = std::nullopt;
  // 10: at once; 5: when power allows. Absent: 10.
  std::optional<std::uint8_t> priority = std::nullopt;

  // What only HTTP/2 can say. The binary protocol has no words for it, and its client ignores it,
  // so that one list of notifications goes by either.

  std::string topic = {};  // empty: absent; the certificate's, if it has one only
  std::optional<PushType> push_type = std::nullopt;
  std::string apns_id = {};      // empty: absent; the service makes one
  std::string collapse_id = {};  // empty: absent

  [[nodiscard]] bool operator==(const Notification&) const = default;
};

}  // namespace apns
