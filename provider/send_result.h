#pragma once

#include <cstdint>

namespace apns::provider {

/// What try_send() of a client says.
enum class SendResult : std::uint8_t {
  Queued,          // one outcome will follow
  Full,            // nothing was taken; OutcomeSink::writable follows
  PayloadTooLong,  // nothing was taken; no identifier was used up either
  PayloadEmpty,
  FieldIllegal,  // the topic, apns-id or collapse id has a character that no header field may have
  Draining,      // after drain() nothing more is taken
  Stopped,       // after stop(), or a configuration error: see last_error()
};

}  // namespace apns::provider
