#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apns/auth/certificate_identity.h"
#include "apns/base/engine.h"
#include "apns/http2/session.h"
#include "mock_apns/due_queue.h"
#include "mock_apns/open_connection.h"
#include "mock_apns/provider_api.h"
#include "mock_apns/provider_token_check.h"
#include "mock_apns/push_reply.h"
#include "mock_apns/push_verdict.h"
#include "mock_apns/read_pace.h"
#include "mock_apns/stream_numbers.h"

namespace apns::mock {

/// The provider API's side of one connection.
///
///   accept    HEADERS, DATA end_stream -> :status 200, apns-id
///   reject    HEADERS, DATA end_stream -> :status 400, apns-id; {"reason":"BadDeviceToken"}
///   refuse    a certificate of the other environment -> SETTINGS, GOAWAY with the reason, close
///   shutdown  shut_down() -> GOAWAY for all streams, then with the reason Shutdown
///   late      a rule's delay: decided, written down and carried out at once -> on_time(): said
///
/// A request is judged when it has ended, whatever its header section was like, unless the profile
/// has early rejections. Belongs to a ProviderApi, which outlives it.
class ProviderApiEngine final : public Engine, private http2::SessionEvents {
 public:
  ProviderApiEngine(ProviderApi& api, const PeerInfo& peer, EngineHost& host, TimePoint now);
  ~ProviderApiEngine() override;

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override;
  void ended(End end, TimePoint now) override;

  [[nodiscard]] std::span<const std::byte> pending() const override { return session_.pending(); }

  void sent(std::size_t n, TimePoint now) override;
  [[nodiscard]] TimePoint deadline() const override;
  void on_time(TimePoint now) override;

  [[nodiscard]] bool wants_read() const override { return session_.wants_read(); }

  [[nodiscard]] Close close() const override { return session_.close(); }

  // What people do to it. Each wakes the host.

  void shut_down(TimePoint now);
  /// Ends it without a word.
  void hang_up();
  /// Does a rule's `then` now, without a request. False: it is ending already, or waits for the
  /// delay of an earlier one; or the action means nothing here.
  bool apply(const FaultAction& action, TimePoint now);
  /// Before a reset: reads on where reading was held up or windows were, and refuses what comes,
  /// until reset() is called. False: nothing was held up, or it cannot be read on.
  bool discard_backlog(TimePoint now);
  /// Takes back what it carries: limits, counters, what rules and people have done but for what the
  /// provider has been told. Requests that wait for an answer are cancelled.
  void reset(TimePoint now);
  /// Others may be due on an idle connection.
  void rules_changed(TimePoint now);
  [[nodiscard]] ConnectionInfo describe() const;

  [[nodiscard]] std::uint64_t connection() const { return connection_; }

 private:
  static constexpr std::size_t kIdLen = 36;
  using Id = std::array<char, kIdLen>;

  /// Why something other than the plain verdict happens; nothing is set if nothing does.
  struct Cause {
    std::shared_ptr<const FaultAction> action;
    std::shared_ptr<const FaultRule> rule;  // whose action it is; null: a magic token's
    Duration delay{};                       // the action's, drawn if it is a latency

    /// As the ledger has it: "fault:NAME", "magic"; "rule" where there is no action.
    [[nodiscard]] std::string text() const;
  };

  /// A request on its way, from its header section to its answer. Its texts keep their memory for
  /// the next one in its place.
  struct Request {
    enum class State : std::uint8_t {
      Free,      // the place is
      Arriving,  // it has not ended, or is being decided
      Waiting,   // it is decided, and what is said waits for its time
      Silent,    // nothing will be said
    };

    State state = State::Free;
    bool is_caused = false;      // early: `cause` is decided
    bool has_ended = false;      // by the provider
    http2::StreamId stream = 0;  // 0: gone
    std::uint64_t nth = 0;
    std::optional<DeviceToken> device_token;
    std::string topic;
    std::string collapse_id;
    Id id{};  // echoed as it was sent, else made
    std::optional<PushType> push_type;
    std::optional<std::uint8_t> priority;
    std::optional<std::uint32_t> expiration;
    bool is_head = false;           // its answer has no content: RFC 9110 section 9.3.2
    std::optional<Reason> refused;  // for its header section
    std::string_view rule;          // the same
    Why why;                        // of a verdict that rejects; only with a ledger
    Cause cause;
    PushReply reply;
    Bytes body;  // what came, up to kMaxKeptBody
    std::size_t body_len = 0;
  };

  /// What the ledger is told of a request.
  struct RequestRecord {
    const Request& request;
    ByteView payload;
    EventOutcome outcome;
    bool is_json = false;
    bool is_answered = true;
    std::string_view cause = {};
    std::optional<WhyView> why = std::nullopt;
  };

  /// An action by hand that waits for its delay.
  struct Held {
    std::shared_ptr<const FaultAction> action;  // null: there is none
    TimePoint due = kNever;
  };

  // SessionEvents
  void message(const http2::Message& message) override;
  void data(http2::StreamId stream, ByteView content, bool end_stream) override;
  void closed(http2::StreamId stream, http2::StreamEnd end, http2::ErrorCode code,
              std::uint64_t user) override;
  void goaway(http2::StreamId last_stream, http2::ErrorCode code, std::string_view debug) override;
  void violation(const http2::Violation& violation) override;
  void bound_hit(const http2::BoundHit& hit) override;

  // Requests (provider_api_engine.cpp)
  [[nodiscard]] std::uint32_t take_place();
  /// The request of a stream; null: there is none, or nobody waits for it any more.
  [[nodiscard]] Request* request_of(http2::StreamId stream, std::uint64_t user);
  /// The same while it has not ended.
  [[nodiscard]] Request* arriving(http2::StreamId stream);
  [[nodiscard]] std::uint32_t place_of(const Request& request) const;
  /// Nobody waits for it any more: closed() will have nothing to tell of its stream.
  http2::StreamId leave(Request& request);
  /// Its place is.
  void free(Request& request);
  void begin(Request& request, const http2::Message& message);
  /// Each returns the event's seq; 0 without a ledger.
  std::uint64_t accept(Request& request, ByteView payload, const PushVerdict& verdict);
  std::uint64_t reject(Request& request, ByteView payload, const PushVerdict& verdict);
  std::uint64_t lose(Request& request, ByteView payload);
  void answer(const Request& request, http2::StreamId stream);
  void limit_streams(std::uint32_t limit);
  void end(Close how);
  void end_if_done();
  [[nodiscard]] Id make_id(std::uint64_t which, bool upper_case) const;
  [[nodiscard]] const Http2Profile& profile() const;
  [[nodiscard]] const http2::SessionOptions& session_options() const;
  [[nodiscard]] std::uint32_t first_limit() const;
  [[nodiscard]] static std::string stranger_text(const http2::Violation& violation);

  // Judging (provider_api_engine_judging.cpp)
  void judge_head(Request& request, const PushHead& head);
  [[nodiscard]] PushVerdict judge_credential(const PushHead& head, Why* why);
  /// Decides what can be decided before the body has come.
  void reject_early(Request& request);
  /// Judges and answers; `payload` is all of it, or Request::body.
  void finish(Request& request, ByteView payload);
  [[nodiscard]] Why* why_of(Request& request) const;
  [[nodiscard]] PushBody body_of(const Request& request);
  [[nodiscard]] PushContext context() const;
  [[nodiscard]] std::uint32_t topic_id(std::string_view topic);

  // Faults (provider_api_engine_faults.cpp)
  void apply_open_rules();
  [[nodiscard]] FaultRules::Subject subject() const;
  [[nodiscard]] Cause cause_of(const Request& request, const PushVerdict& verdict) const;
  [[nodiscard]] Cause fire(const Request& request) const;
  /// Request::reply of what is decided about it.
  void decide(Request& request, const PushVerdict& verdict) const;
  /// Writes a decision down and carries it out, up to what is to be said.
  void carry_out(Request& request, ByteView payload, const PushVerdict& verdict);
  /// Says what is to be said, and does what else the cause asks for.
  void conclude(Request& request);
  void say(Request& request);
  /// The provider has reset its stream: the answer is dropped, what a rule does besides is not.
  void give_up_waiting(Request& request);
  /// Does it do more than answer?
  [[nodiscard]] static bool acts_on_connection(const FaultAction& action);
  /// What an action changes from now on, whatever its delay.
  void begin_moods(const FaultAction& action);
  /// What it says and ends; `with_raw`: nobody has said its bytes yet.
  void act(const FaultAction& action, bool with_raw = true);
  void say_goaway(const GoawayFault& fault, std::optional<FaultClose> close);
  void say_settings(const SettingsFault& fault);
  /// Counts the provider's silence from `since` on, which may be before now.
  void await_silence(TimePoint since);
  void end_if_idle();

  // People (provider_api_engine_control.cpp)
  void read_on();
  void cancel_waiting();
  void restore_settings();
  [[nodiscard]] ConnectionState state() const;

  // The ledger (provider_api_engine_ledger.cpp). Nothing is made when there is none; those that
  // return a seq return 0 then.
  [[nodiscard]] LedgerRecord record(EventKind kind, EventOutcome outcome) const;
  std::uint64_t record_request(const RequestRecord& of) const;
  std::uint64_t record_accepted(const Request& request, ByteView payload, bool is_json) const;
  std::uint64_t record_rejected(const Request& request, ByteView payload) const;
  std::uint64_t record_lost(const Request& request, ByteView payload) const;
  void record_cut_off(const Request& request, http2::StreamEnd end, http2::ErrorCode code) const;
  void record_fired(std::string_view name, std::uint64_t of) const;
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
  DueQueue due_;              // of requests_: those that wait
  std::size_t num_open_ = 0;  // of requests_: arriving, or waiting and not gone
  StreamNumbers streams_;
  std::uint64_t nth_ = 0;
  std::uint64_t num_accepted_ = 0;
  std::uint32_t stream_limit_ = 0;  // as last said
  std::uint32_t usual_limit_ = 0;   // when all is well
  std::string last_topic_;          // of last_topic_id_: most requests are for the one before's
  std::uint32_t last_topic_id_ = 0;
  std::optional<WorldTime> arrived_at_;  // of what feed() is taking; only with a ledger
  ReadPace pace_;
  Held held_;
  TimePoint quiet_since_;                // the provider's last byte, or an idle rule's firing
  TimePoint idle_deadline_ = kNever;     // when an idle rule may fire
  std::optional<Close> ends_when_done_;  // how, once what was promised is answered
  bool are_windows_held_ = false;
  bool are_settings_changed_ = false;  // by a rule
  bool is_discarding_ = false;         // of discard_backlog()
  bool is_goaway_received_ = false;
  bool ended_by_peer_ = false;
  const char* how_ended_ = "";
};

}  // namespace apns::mock
