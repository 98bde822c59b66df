#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "apns/base/network.h"
#include "apns/base/time.h"
#include "provider/send_result.h"

namespace apns::provider {

/// What happens to a notification for which the window has no room.
enum class OnFull : std::uint8_t {
  Wait,   // try_send says Full: back-pressure
  Evict,  // the oldest that was written is reported Unknown and makes room; without any: Full
};

inline constexpr unsigned kMaxBinaryConnections = 1000;

struct BinaryClientOptions {
  Endpoint gateway;
  /// At once. A device token always goes by the same one, so that its notifications stay in order.
  unsigned connections = 1;  // 1 to kMaxBinaryConnections
  /// Silence means success on this protocol: a notification counts as sent when nothing named it,
  /// or one before it, for this long after its last byte was written.
  Duration settle_after = std::chrono::seconds(1);
  /// What was settled so is remembered for so long, while there is room: an error packet that comes
  /// later still says what was discarded, and that goes again.
  Duration remember_for = std::chrono::seconds(30);

  // Encoded frames that are queued or not settled, over all connections, each of which has its
  // share.
  std::size_t window_bytes = std::size_t{64} << 20U;
  std::size_t window_len = 262144;
  OnFull on_full = OnFull::Wait;

  Duration connect_limit = std::chrono::seconds(10);
  /// The gateway takes nothing for so long though there is something to write: the connection
  /// counts as lost.
  Duration write_limit = std::chrono::seconds(30);
  /// Nothing was open for so long: the connection is closed. Apple wants connections to be kept.
  Duration idle_limit = Duration::max();

  Duration backoff_first =
      std::chrono::milliseconds(100);  // doubled per attempt without progress, half of it jitter
  Duration backoff_max = std::chrono::seconds(30);
  // One bound on connections in a row without progress, and on the time that they take; behind it
  // what is left is reported.
  unsigned max_attempts = 10;
  Duration give_up_after = std::chrono::minutes(2);

  /// The connection ended without an error packet: written notifications are reported Unknown, or
  /// sent again at the risk of a double.
  bool resend_unknown = false;
  std::size_t payload_limit = 2048;  // checked before anything is written
  std::uint64_t seed = 0;            // of the jitter
};

}  // namespace apns::provider
