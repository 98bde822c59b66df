#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apns/base/engine.h"
#include "apns/http2/session.h"
#include "apns/model/device_token.h"
#include "mock_apns/front_end.h"
#include "scenarios/runner/service_script.h"

namespace apns::scenarios {

/// The service's side of a connection that goes by a script, with its ledger.
///
///   {"wait_for": {"requests": 3}}, {"answer": "1-2"}, {"close": "fin"}
///     three requests -> 200 to the first two -> accepted 1, accepted 2, discarded 3; the end
///
/// A request that its script never answers is discarded: when its stream ends, when a GOAWAY leaves
/// it out, or when the connection is gone. Behind its last step the connection stays until the
/// provider ends it.
class ScriptedConnection final : public Engine, private http2::SessionEvents {
 public:
  /// All references outlive it.
  ScriptedConnection(const ConnectionScript& script, const http2::SessionOptions& options,
                     const mock::FrontEnd& front, http2::HpackScratch& scratch,
                     const PeerInfo& peer, TimePoint now);
  ~ScriptedConnection() override;

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override;
  void ended(End end, TimePoint now) override;

  [[nodiscard]] std::span<const std::byte> pending() const override { return session_.pending(); }

  void sent(std::size_t n, TimePoint now) override { session_.sent(n, now); }

  [[nodiscard]] TimePoint deadline() const override;
  void on_time(TimePoint now) override;

  [[nodiscard]] bool wants_read() const override { return session_.wants_read(); }

  [[nodiscard]] Close close() const override { return session_.close(); }

 private:
  struct Request {
    http2::StreamId stream = 0;
    std::uint64_t nth = 0;
    std::optional<DeviceToken> device_token;
    std::string topic;
    std::string push_type;
    std::string collapse_id;
    std::string apns_id;  // of its answer
    std::optional<std::uint8_t> priority;
    std::optional<std::uint32_t> expiration;
    Bytes payload;
    bool is_whole = false;
    bool is_settled = false;  // answered, or never to be
  };

  // SessionEvents
  void message(const http2::Message& message) override;
  void data(http2::StreamId stream, ByteView content, bool end_stream) override;
  void closed(http2::StreamId stream, http2::StreamEnd end, http2::ErrorCode code,
              std::uint64_t user) override;
  void goaway(http2::StreamId last_stream, http2::ErrorCode code, std::string_view debug) override;
  void violation(const http2::Violation& violation) override;

  void came_whole(Request& request);
  void answer_if_due(Request& request);
  void answer(Request& request, const AnswerStep& with);
  void discard(Request& request);

  /// Carries out what can be by now.
  void go_on();
  // Each returns false when it is to be tried again later.
  [[nodiscard]] bool carry_out(const WaitRequestsStep& step);
  [[nodiscard]] bool carry_out(const AnswerStep& step);
  [[nodiscard]] bool carry_out(const GoawayStep& step);
  [[nodiscard]] bool carry_out(const SendSettingsStep& step);
  [[nodiscard]] bool carry_out(const ResetStreamStep& step);
  [[nodiscard]] bool carry_out(const HoldStep& step);
  [[nodiscard]] bool carry_out(const WithholdWindowStep& step);
  [[nodiscard]] bool carry_out(const IgnorePingStep& step);
  [[nodiscard]] bool carry_out(const RawStep& step);
  [[nodiscard]] bool carry_out(const CloseStep& step);

  void record_request(const Request& request, mock::EventOutcome outcome,
                      const AnswerStep* with) const;

  const ConnectionScript& script_;
  const mock::FrontEnd& front_;
  const std::uint64_t connection_;
  const unsigned thread_;
  TimePoint now_;
  http2::Session session_;
  std::vector<Request> requests_;  // a stream's user is its request's nth, its place here from 1
  std::uint64_t num_whole_ = 0;
  std::size_t next_ = 0;                    // step
  std::optional<TimePoint> hold_until_;     // of the step at next_
  std::vector<const AnswerStep*> answers_;  // of the steps so far; the latest one counts
  const char* by_ = "service";
  const char* how_ended_ = "";
};

}  // namespace apns::scenarios
