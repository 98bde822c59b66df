#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apns/auth/certificate_identity.h"
#include "apns/base/engine.h"
#include "apns/http2/session.h"
#include "mock_apns/open_connection.h"
#include "mock_apns/provider_api.h"
#include "mock_apns/provider_token_check.h"
#include "mock_apns/push_verdict.h"

namespace apns::mock {

/// The provider API's side of one connection.
///
///   accept    HEADERS, DATA end_stream -> :status 200, apns-id
///   reject    HEADERS, DATA end_stream -> :status 400, apns-id; {"reason":"BadDeviceToken"}
///   refuse    a certificate of the other environment -> SETTINGS, GOAWAY with the reason, close
///   shutdown  shut_down() -> GOAWAY for all streams, then with the reason Shutdown
///
/// A request is judged when it has ended, whatever its header section was like. Belongs to a
/// ProviderApi, which outlives it.
class ProviderApiEngine final : public Engine, private http2::SessionEvents {
 public:
  ProviderApiEngine(ProviderApi& api, const PeerInfo& peer, EngineHost& host, TimePoint now);
  ~ProviderApiEngine() override;

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override;
  void ended(End end, TimePoint now) override;

  [[nodiscard]] std::span<const std::byte> pending() const override { return session_.pending(); }

  void sent(std::size_t n, TimePoint now) override { session_.sent(n, now); }

  [[nodiscard]] TimePoint deadline() const override { return session_.deadline(); }

  void on_time(TimePoint now) override;

  [[nodiscard]] bool wants_read() const override { return session_.wants_read(); }

  [[nodiscard]] Close close() const override { return session_.close(); }

  // What people do to it. Each wakes the host.

  void shut_down(TimePoint now);
  /// Ends it without a word.
  void hang_up();
  /// Takes back what it carries: limits, counters.
  void reset(TimePoint now);
  [[nodiscard]] ConnectionInfo describe() const;

  [[nodiscard]] std::uint64_t connection() const { return connection_; }

 private:
  static constexpr std::size_t kIdLen = 36;
  using Id = std::array<char, kIdLen>;

  /// A request on its way, from its header section to its answer. Its texts keep their memory for
  /// the next one in its place.
  struct Request {
    http2::StreamId stream = 0;  // 0: answered, or the place is free
    std::uint64_t nth = 0;
    TimePoint arrived{};
    std::optional<DeviceToken> device_token;
    std::string topic;
    std::string collapse_id;
    Id id{};  // echoed as it was sent, else made
    std::optional<PushType> push_type;
    std::optional<std::uint8_t> priority;
    std::optional<std::uint32_t> expiration;
    bool is_head = false;  // its answer has no content: RFC 9110 section 9.3.2
    PushVerdict verdict;   // of the header section
    Why why;               // of a verdict that rejects; only with a ledger
    Bytes body;            // what came, up to kMaxKeptBody
    std::size_t body_len = 0;
  };

  /// What the ledger is told of a request.
  struct RequestRecord {
    const Request& request;
    ByteView payload;
    EventOutcome outcome;
    bool is_json = false;
    bool is_answered = true;
    const ReasonRow* reason = nullptr;
    std::optional<std::uint64_t> timestamp_ms = std::nullopt;
    std::string_view cause = {};
    std::optional<WhyView> why = std::nullopt;
  };

  // SessionEvents
  void message(const http2::Message& message) override;
  void data(http2::StreamId stream, ByteView content, bool end_stream) override;
  void closed(http2::StreamId stream, http2::StreamEnd end, http2::ErrorCode code,
              std::uint64_t user) override;
  void goaway(http2::StreamId last_stream, http2::ErrorCode code, std::string_view debug) override;
  void violation(const http2::Violation& violation) override;
  void bound_hit(const http2::BoundHit& hit) override;

  [[nodiscard]] std::uint32_t take_place();
  void free(Request& request);
  void begin(Request& request, const http2::Message& message);
  [[nodiscard]] PushVerdict judge_credential(const PushHead& head, Why* why);
  /// Judges and answers; `payload` is all of it, or Request::body.
  void finish(Request& request, ByteView payload);
  void accept(Request& request, ByteView payload, const PushVerdict& verdict);
  void reject(Request& request, ByteView payload, const PushVerdict& verdict);
  void answer(Request& request, const ReasonRow* reason, std::optional<std::uint64_t> timestamp_ms);
  void limit_streams(std::uint32_t limit);
  void say_goaway(http2::StreamId last, http2::ErrorCode code, std::string_view debug);
  void end(Close how);
  void end_if_done();
  [[nodiscard]] Id make_id(std::uint64_t which, bool upper_case) const;
  [[nodiscard]] std::uint32_t topic_id(std::string_view topic);
  [[nodiscard]] PushContext context() const;
  [[nodiscard]] const Http2Profile& profile() const;
  [[nodiscard]] static std::string stranger_text(const http2::Violation& violation);

  // The ledger (provider_api_engine_ledger.cpp). Nothing is made when there is none; those that
  // return a seq return 0 then.
  [[nodiscard]] LedgerRecord record(EventKind kind, EventOutcome outcome) const;
  std::uint64_t record_request(const RequestRecord& of) const;
  std::uint64_t record_accepted(const Request& request, ByteView payload, bool is_json) const;
  std::uint64_t record_rejected(const Request& request, ByteView payload,
                                const PushVerdict& verdict) const;
  void record_discarded(const Request& request, http2::StreamEnd end, http2::ErrorCode code) const;
  void record_violation(const http2::Violation& violation) const;
  void record_opened() const;
  void record_closed() const;

  ProviderApi& api_;
  EngineHost& host_;
  std::uint64_t connection_;
  unsigned thread_;
  std::shared_ptr<const auth::CertificateIdentity> certificate_;  // null: provider tokens
  std::string auth_;
  std::string tls_;
  std::string alpn_;
  std::string peer_address_;
  WorldTime opened_at_;
  TimePoint now_;
  http2::Session session_;
  ProviderTokenCheck tokens_;
  std::vector<Request> requests_;  // a stream's user is its place here, from 1
  std::vector<std::uint32_t> free_places_;
  std::uint64_t nth_ = 0;
  std::uint64_t num_accepted_ = 0;
  std::uint32_t stream_limit_ = 0;  // as last said
  std::string last_topic_;          // of last_topic_id_: most requests are for the one before's
  std::uint32_t last_topic_id_ = 0;
  std::optional<WorldTime> arrived_at_;  // of what feed() is taking; only with a ledger
  std::string goaway_;                   // what was said, for the ledger
  bool is_goaway_received_ = false;
  bool ended_by_peer_ = false;
  const char* how_ended_ = "";
};

}  // namespace apns::mock
