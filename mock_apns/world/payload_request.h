#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "apns/model/push_type.h"
#include "mock_apns/ledger_event.h"

namespace apns::mock {

/// The request that carries a payload, as far as it must fit the payload.
struct PayloadRequest {
  std::optional<PushType> push_type = std::nullopt;  // nullopt: the binary interface has none
  std::string topic = {};                            // empty: not looked at
  std::optional<std::uint8_t> priority = std::nullopt;
  std::optional<std::int64_t> expiration = std::nullopt;
  std::size_t payload_bytes = 0;
  std::size_t payload_limit = 0;
};

/// What is wrong with a payload, and where.
struct PayloadFinding {
  Why why;
  bool is_must = false;    // else should
  std::string pointer;     // RFC 6901; empty: the whole payload, or the request
  std::size_t offset = 0;  // in the text that was read: of the value, or of the key that is wrong

  [[nodiscard]] bool operator==(const PayloadFinding&) const = default;
};

}  // namespace apns::mock
