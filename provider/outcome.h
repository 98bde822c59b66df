#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "apns/model/reason.h"

namespace apns::provider {

/// What became of one notification. Exactly one for each that was accepted by try_send.
enum class OutcomeKind : std::uint8_t {
  Sent,      // the service took it, as far as the protocol can tell
  Rejected,  // the service named it, or it never left
  Unknown,   // it went out and there is no evidence either way
};

enum class OutcomeReason : std::uint8_t {
  None,    // Sent
  Status,  // Rejected: by an error packet, or an answer, with Outcome::status
  Unsent,  // Rejected: the service could not be reached within the attempts allowed, the time was
           // over first, or the connection was lost before all of it was written
  ConnectionLost,     // Unknown: the connection ended without an error packet, or an answer
  UnknownIdentifier,  // Unknown: the error packet named none of ours
  DrainLimit,         // Unknown: written, but not settled when drain ended
  Evicted,            // Unknown: written, and its place was needed (OnFull::Evict)
  // HTTP/2 only.
  NotProcessed,  // Rejected: the service says so, by REFUSED_STREAM or a GOAWAY that ends before it
  Reset,         // Unknown: the service reset the stream with another code
  BadAnswer,     // Unknown: the answer broke HTTP/2's rules, see last_error()
  NoAnswer,      // Unknown: not within the request's limit
};

/// What HTTP/2 tells besides a status.
struct HttpAnswer {
  std::optional<Reason> reason;  // of those that are known
  std::string_view reason_text;  // as it came; empty: none
  std::string_view apns_id;      // as it came; empty: there was no answer
  /// Since when the device token is known to be gone: UNIX time in milliseconds.
  std::optional<std::uint64_t> timestamp_ms;
  std::uint32_t reset_code = 0;  // with OutcomeReason::Reset; any that a peer may say
};

/// Small, for the binary protocol has nothing else to tell.
struct Outcome {
  std::uint64_t ticket = 0;  // as given to try_send
  OutcomeKind kind = OutcomeKind::Sent;
  OutcomeReason reason = OutcomeReason::None;
  std::uint16_t status = 0;  // with OutcomeReason::Status, and of HTTP/2's Sent: 200
  /// HTTP/2 only, else null. Lives until OutcomeSink::outcomes returns: who keeps an outcome for
  /// longer copies what is wanted.
  const HttpAnswer* answer = nullptr;
};

[[nodiscard]] const char* to_string(OutcomeKind kind);
/// "8 (invalid token)", "410 Unregistered", "the connection was lost ...", ...; empty for Sent.
[[nodiscard]] std::string reason_text(const Outcome& outcome);

/// Receives outcomes in batches, on the client's thread, never from inside a call to the client.
class OutcomeSink {
 public:
  virtual ~OutcomeSink() = default;
  virtual void outcomes(std::span<const Outcome> batch) = 0;
  /// There is room again after try_send said Full.
  virtual void writable() = 0;
  /// drain() is over: every notification has its outcome and no connection is left.
  virtual void drained() = 0;
};

}  // namespace apns::provider
