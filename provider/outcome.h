#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace apns::provider {

/// What became of one notification. Exactly one for each that was accepted by try_send.
enum class OutcomeKind : std::uint8_t {
  Sent,      // the service took it, as far as the protocol can tell
  Rejected,  // the service named it, or it never left
  Unknown,   // it went out and there is no evidence either way
};

enum class OutcomeReason : std::uint8_t {
  None,    // Sent
  Status,  // Rejected: by an error packet with Outcome::status
  Unsent,  // Rejected: the gateway could not be reached within the attempts allowed, or drain ended
           // first
  ConnectionLost,     // Unknown: the connection ended without an error packet
  UnknownIdentifier,  // Unknown: the error packet named none of ours
  DrainLimit,         // Unknown: written, but not settled when drain ended
  Evicted,            // Unknown: written, and its place was needed (OnFull::Evict)
};

struct Outcome {
  std::uint64_t ticket = 0;  // as given to try_send
  OutcomeKind kind = OutcomeKind::Sent;
  OutcomeReason reason = OutcomeReason::None;
  std::uint8_t status = 0;  // with OutcomeReason::Status
};

[[nodiscard]] const char* to_string(OutcomeKind kind);
/// "8 (invalid token)", "connection lost", ...; empty for Sent.
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
