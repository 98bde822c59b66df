#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

#include "apns/base/bytes.h"
#include "apns/http2/frame.h"

namespace apns::scenarios {

/// What one connection over HTTP/2 carried, above TLS and as the provider saw it: by what it is
/// known what the provider could know.
struct WireFacts {
  std::set<http2::StreamId> answered;  // the answer came whole while the provider waited for it
  std::set<http2::StreamId> refused;   // RST_STREAM with REFUSED_STREAM came, and nothing before it
  /// The lowest last stream of any GOAWAY that came; absent: none did.
  std::optional<http2::StreamId> last_stream;
  /// SETTINGS came that the provider has not acknowledged, be it that the frame is on its way yet.
  bool owes_ack = false;
  /// Opened though a GOAWAY had come, and not yet on their way by then.
  std::vector<http2::StreamId> behind_goaway;

  /// The service said that nobody has looked at it.
  [[nodiscard]] bool is_disowned(http2::StreamId stream) const {
    return refused.contains(stream) || (last_stream && stream > *last_stream);
  }
};

/// Cuts a run of bytes into frames. Copyable, so that one can look ahead.
class FrameWalk {
 public:
  /// `skip` bytes in front are no frames.
  explicit FrameWalk(std::size_t skip) : left_(skip) {}

  /// Calls `seen(header, payload)` for each frame that is whole by now; of its payload the first
  /// kGoawayFixedLen bytes.
  template <class Seen>
  void add(ByteView bytes, const Seen& seen) {
    while (!bytes.empty()) {
      bytes = bytes.subspan(take(bytes));
      if (is_whole()) {
        const ByteView payload = ByteView(head_).subspan(http2::kFrameHeaderLen);
        seen(http2::decode_frame_header(head_), payload);
        head_.clear();
      }
    }
  }

 private:
  /// Returns how many of them it took.
  std::size_t take(ByteView bytes);

  [[nodiscard]] bool is_whole() const {
    return head_.size() >= http2::kFrameHeaderLen && left_ == 0;
  }

  Bytes head_;            // of the frame under way
  std::size_t left_ = 0;  // bytes of its payload; before the first one what is skipped
  std::size_t kept_ = 0;  // of the payload in head_, at most
};

/// Watches a provider's engine from below. Bytes that come are told around Engine::feed:
///
///   before(pending()), feed(...), after(what was taken, pending())
class Http2Witness {
 public:
  void before(ByteView pending);
  void after(ByteView taken, ByteView pending);
  void goes(ByteView bytes);

  [[nodiscard]] const WireFacts& facts() const { return facts_; }

 private:
  /// What the provider has said, or is about to.
  struct Said {
    http2::StreamId newest = 0;          // stream
    std::set<http2::StreamId> given_up;  // by RST_STREAM
    bool has_quit = false;               // GOAWAY with an error
    std::size_t num_acks = 0;            // of SETTINGS

    void add(const http2::FrameHeader& header, ByteView payload);
  };

  [[nodiscard]] Said ahead(ByteView pending) const;
  void came(const http2::FrameHeader& header, ByteView payload, const Said& quit);

  FrameWalk from_service_{0};
  FrameWalk from_provider_{http2::kPreface.size()};
  Said said_;
  Said ahead_;                                     // before the bytes that come
  std::optional<http2::StreamId> newest_allowed_;  // once a GOAWAY has come
  std::size_t num_settings_ = 0;                   // that came
  std::set<http2::StreamId> over_;                 // answered, or reset by the service
  WireFacts facts_;
};

}  // namespace apns::scenarios
