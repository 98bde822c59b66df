#pragma once

#include <functional>
#include <string>
#include <vector>

#include "apns/http2/session.h"

namespace apns::http2 {

/// Writes down what a session tells, a line an event; a test may answer from `on_message` and
/// `on_data`.
///
///   "1 request :method=POST :path=/ ..., end"   "1 data 5, end"   "1 closed done"
///   "violation http2/settings-length, connection"   "bound pings 100"
class SessionRecorder final : public SessionEvents {
 public:
  std::vector<std::string> lines;
  std::string content;  // of all streams
  std::function<void(const Message&)> on_message;
  std::function<void(StreamId, bool end_stream)> on_data;

  void message(const Message& message) override;
  void data(StreamId stream, ByteView content, bool end_stream) override;
  void closed(StreamId stream, StreamEnd end, ErrorCode code, std::uint64_t user) override;
  void settings(std::span<const Setting> entries, std::uint64_t position) override;
  void settings_acked(std::uint64_t position) override;
  void ping(ByteView opaque, bool is_ack) override;
  void goaway(StreamId last_stream, ErrorCode code, std::string_view debug) override;
  void violation(const Violation& violation) override;
  void bound_hit(const BoundHit& hit) override;
  void drained(StreamId stream) override;

  /// The lines so far, joined by "; ", and forgotten.
  [[nodiscard]] std::string take();
};

}  // namespace apns::http2
