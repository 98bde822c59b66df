#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "apns/base/engine.h"
#include "apns/http2/session.h"

namespace apns::mock {

class NullEndpoint;

/// HTTP/2 that answers every request, once it has come whole, with status 200, no content and an
/// apns-id that is made up. What is asked, and of whom, is not looked at.
///
///   request   feed(HEADERS, DATA with END_STREAM) -> pending(HEADERS "200" with END_STREAM)
///   shutdown  shut_down() -> pending(GOAWAY for all, PING) -> feed(PING's answer)
///             -> pending(GOAWAY for the last) -> close() once no stream is left
///   goodbye   feed(GOAWAY) -> close() once no stream is left
///
/// Belongs to a NullEndpoint, which outlives it.
class NullEngine final : public Engine, private http2::SessionEvents {
 public:
  NullEngine(NullEndpoint& endpoint, const PeerInfo& peer, EngineHost& host, TimePoint now);
  ~NullEngine() override;

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override {
    return session_.feed(in, now);
  }

  void ended(End end, TimePoint now) override { session_.ended(end, now); }

  [[nodiscard]] std::span<const std::byte> pending() const override { return session_.pending(); }

  void sent(std::size_t n, TimePoint now) override { session_.sent(n, now); }

  [[nodiscard]] TimePoint deadline() const override { return session_.deadline(); }

  void on_time(TimePoint now) override { session_.on_time(now); }

  [[nodiscard]] bool wants_read() const override { return session_.wants_read(); }

  [[nodiscard]] Close close() const override { return session_.close(); }

  /// In two steps (RFC 9113 section 6.8). Wakes the host.
  void shut_down();

 private:
  void message(const http2::Message& message) override;
  void data(http2::StreamId stream, ByteView content, bool end_stream) override;
  void closed(http2::StreamId stream, http2::StreamEnd end, http2::ErrorCode code,
              std::uint64_t user) override;
  void goaway(http2::StreamId last_stream, http2::ErrorCode code, std::string_view debug) override;
  void violation(const http2::Violation& violation) override;
  void bound_hit(const http2::BoundHit& hit) override;
  void answer(http2::StreamId stream);
  /// A client that has said GOAWAY opens no more streams (our choice: others wait for its end).
  void end_if_done();
  /// The connection's first problem is told; the others are counted alone.
  void problem(std::string text);

  NullEndpoint& endpoint_;
  EngineHost& host_;
  const std::uint64_t connection_;
  const unsigned thread_;
  const bool is_over_tls_;
  bool is_problem_told_ = false;
  bool is_goaway_received_ = false;
  http2::Session session_;  // last: it speaks as soon as it is made
};

}  // namespace apns::mock
