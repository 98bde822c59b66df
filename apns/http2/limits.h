#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "apns/base/time.h"
#include "apns/http2/rule.h"
#include "apns/http2/wire.h"

namespace apns::http2 {

/// How often something may happen: `burst` at once, and `per_second` in the long run.
struct Rate {
  std::uint32_t burst = 0;
  std::uint32_t per_second = 0;
};

/// Counts against a Rate.
class RateCounter {
 public:
  /// False: once more than `rate` allows. The first call's `now` is when the counting starts.
  [[nodiscard]] bool take(const Rate& rate, TimePoint now);

 private:
  std::uint32_t used_ = 0;
  TimePoint since_{};  // up to when per_second has been given back
};

/// What bounds a peer. RFC 9113 section 10.5 asks for such bounds and names none: the values are
/// our choice, far above what a provider does and far below what hurts. Each is a Bound below, too.
struct Limits {
  /// Decoded: names, values and 32 a field (section 6.5.2). What is announced is a setting of its
  /// own and may be less.
  std::uint32_t header_list_bytes = 65'536;
  std::uint32_t block_bytes = 65'536;      // of one header block on the wire, over all its frames
  std::uint32_t block_frames = 16;         // HEADERS and its CONTINUATION frames
  std::uint32_t settings_entries = 64;     // in one frame
  std::uint32_t open_streams = 10'000;     // at once, whatever was announced and acknowledged
  std::uint32_t queued_bytes = 1 << 20;    // of content that waits for windows, all streams
  std::uint32_t unanswered_settings = 16;  // ours, that wait for their ACK
  Rate resets{1000, 33};           // RST_STREAM by the peer, and streams that its errors have reset
  Rate settings{100, 10};          // SETTINGS frames, acknowledgements apart
  Rate pings{100, 10};             // acknowledgements apart
  Rate empty_data{100, 10};        // DATA without content that does not end its stream
  Rate idle_frames{10'000, 1000};  // PRIORITY, GOAWAY, answers to PING, unknown types, and frames
                                   // of streams that are gone
  Rate small_windows{10'000, 10'000};                // WINDOW_UPDATEs of fewer than 256 bytes
  Duration preface = std::chrono::seconds(10);       // from the start to the first SETTINGS
  Duration settings_ack = std::chrono::seconds(10);  // SETTINGS_TIMEOUT (section 6.5.3)
  Duration block = std::chrono::seconds(10);         // from HEADERS to END_HEADERS
  Duration message = std::chrono::seconds(60);       // from a request's HEADERS to its END_STREAM
  Duration window = std::chrono::seconds(60);        // that content waits for a window
  std::size_t high_water = 65'536;  // bytes for the peer that wait; from there on nothing is read
};

/// The bounds by name, for events and messages.
enum class Bound : std::uint8_t {
  HeaderListBytes,
  BlockBytes,
  BlockFrames,
  SettingsEntries,
  OpenStreams,
  QueuedBytes,
  Resets,
  Settings,
  Pings,
  EmptyData,
  IdleFrames,
  SmallWindows,
  PrefaceTime,  // from here on, times
  BlockTime,
  MessageTime,
  WindowTime,
};

inline constexpr std::size_t kNumBounds = static_cast<std::size_t>(Bound::WindowTime) + 1;

struct BoundRow {
  Bound bound;
  std::string_view id;  // "header_list_bytes"
  Scope scope;          // what ends when it is hit
  ErrorCode code;
  std::string_view says;  // "a header list is larger than"
};

[[nodiscard]] const BoundRow& bound_row(Bound bound);
[[nodiscard]] std::span<const BoundRow> bound_rows();

/// A bound's limit as BoundHit has it, in the words of the row's `says`: "65536", or of a time "10
/// s", "500 ms".
[[nodiscard]] std::string limit_text(Bound bound, std::uint64_t limit);

}  // namespace apns::http2
