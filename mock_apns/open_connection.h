#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apns/base/time.h"
#include "apns/model/environment.h"
#include "mock_apns/fault_rule.h"
#include "mock_apns/ledger_event.h"

/// What the service tells about a connection that is open, and what may be done to it.
namespace apns::mock {

enum class ConnectionState : std::uint8_t {
  Reading,  // feedback: giving out its list
  StoppedReading,
  Paused,    // for a time: a delay or the bandwidth
  Ending,    // how it ends is decided, and waits for its delay
  Closing,   // it has been told, and its last bytes are on their way
  HalfOpen,  // nothing more is said or read
};

/// "reading", "stopped-reading", "paused", "ending", "closing", "half-open".
[[nodiscard]] std::string_view to_string(ConnectionState state);

/// A connection, as it stood when it was asked.
struct ConnectionInfo {
  std::uint64_t connection = 0;
  Protocol protocol = Protocol::Binary;
  Environment environment = Environment::Production;
  WorldTime opened_at{};
  std::string peer;   // address and port
  std::string tls;    // "TLSv1.2"; empty without TLS
  std::string auth;   // the certificate's default topic, or its common name
  std::string topic;  // empty: the certificate has none
  ConnectionState state = ConnectionState::Reading;
  std::uint64_t notifications = 0;  // all outcomes, since it opened or was reset
  std::uint64_t accepted = 0;       // of these
  std::uint64_t tuples = 0;         // feedback: handed over whole
};

/// How many connections an action was meant for, and to how many it was done. The others are ending
/// already, and what was decided first holds; or it means nothing to their protocol.
struct Applied {
  std::size_t found = 0;
  std::size_t done = 0;

  Applied& operator+=(const Applied& other) {
    found += other.found;
    done += other.done;
    return *this;
  }

  [[nodiscard]] bool operator==(const Applied&) const = default;
};

/// Why an action means nothing to a connection that is open, and what would be right, as one
/// sentence each; empty: it means something. `protocol` is Binary, Http2 or Feedback.
[[nodiscard]] std::string why_not_applicable(const FaultAction& action, Protocol protocol);

/// As the ledger's `name` has it when an action was applied by hand.
inline constexpr std::string_view kAppliedName = "apply";

}  // namespace apns::mock
