#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "apns/base/engine.h"
#include "apns/http2/session.h"
#include "apns/model/notification.h"
#include "provider/client.h"
#include "provider/dial_plan.h"
#include "provider/http2_client_options.h"
#include "provider/open_requests.h"
#include "provider/outcome_batch.h"
#include "provider/request_fields.h"

namespace apns::provider {

class Http2Connection;

/// What a connection asks of the client that it is a part of.
class Http2ConnectionOwner {
 public:
  virtual ~Http2ConnectionOwner() = default;
  /// The connection's engine had an event: outcomes may wait, and what comes next may be due.
  virtual void after_event(TimePoint now) = 0;
  /// The host has destroyed the engine.
  virtual void destroyed(const Http2Connection& connection) = 0;
};

/// What the connections of one client have in common.
struct Http2Shared {
  Http2ClientOptions options;
  http2::SessionOptions session;
  Http2ConnectionOwner& owner;
  http2::HpackScratch scratch;
  OutcomeBatch outcomes;  // to be handed to the sink when the current event is over
  ClientStats stats;
  std::string last_error;
  bool is_misconfigured = false;  // the service said so: connecting again is pointless
  bool wants_room = false;        // try_send said Full
};

/// The provider's side of one HTTP/2 connection: requests go out, answers become outcomes.
///
///   send -> HEADERS, DATA end_stream -> :status 200                     -> Sent
///   send -> HEADERS, DATA end_stream -> :status 410, {"reason":...}     -> Rejected
///   send -> ... request_limit over   -> RST_STREAM CANCEL               -> Unknown
///   GOAWAY, max_age, max_requests    -> nothing new; what is open ends; goodbye
///   end, reset, a broken rule        -> what is open is reported; is_over()
///
/// Takes nothing before the service's SETTINGS have come.
class Http2Connection final : public Engine, private http2::SessionEvents {
 public:
  /// `shared` and `plan`, that of the attempt that made it, outlive the connection.
  Http2Connection(Http2Shared& shared, DialPlan& plan, EngineHost& host, TimePoint now);
  ~Http2Connection() override;

  // Engine

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override;
  void ended(End end, TimePoint now) override;

  [[nodiscard]] std::span<const std::byte> pending() const override {
    return is_dead_ ? ByteView{} : session_.pending();
  }

  void sent(std::size_t n, TimePoint now) override;
  [[nodiscard]] TimePoint deadline() const override;
  void on_time(TimePoint now) override;

  [[nodiscard]] bool wants_read() const override { return session_.wants_read(); }

  [[nodiscard]] Close close() const override { return session_.close(); }

  // For the client

  /// The service's SETTINGS have come.
  [[nodiscard]] bool is_ready() const { return is_ready_ && takes_more(); }

  /// False: for a new request another connection is needed.
  [[nodiscard]] bool takes_more() const { return !is_retired_ && !is_over(); }

  /// Ends, or has ended; nothing is open.
  [[nodiscard]] bool is_over() const { return session_.is_over(); }

  /// One more request with such a payload would go out at once.
  [[nodiscard]] bool has_room(std::size_t payload_len) const;

  /// has_room() must be true.
  void send(const Notification& notification, std::uint64_t ticket, TimePoint deadline,
            TimePoint now);

  [[nodiscard]] std::size_t num_open() const { return requests_.size(); }

  /// Reports what is open (what the service said, else Unsent, or Unknown for `reason`) and closes.
  /// The host must be woken.
  void end(OutcomeReason reason);

  /// After the service called a provider token too old: as soon as there is another, nothing more
  /// is taken here, where that would be refused as well. The host must be woken.
  void leave_if_token_is_replaced(TimePoint now);

  void wake() { host_.wake(*this); }

 private:
  // SessionEvents
  void message(const http2::Message& message) override;
  void data(http2::StreamId stream, ByteView content, bool end_stream) override;
  void closed(http2::StreamId stream, http2::StreamEnd end, http2::ErrorCode code,
              std::uint64_t user) override;
  void settings(std::span<const http2::Setting> entries, std::uint64_t position) override;
  void goaway(http2::StreamId last_stream, http2::ErrorCode code, std::string_view debug) override;
  void violation(const http2::Violation& violation) override;
  void bound_hit(const http2::BoundHit& hit) override;

  /// At the end of each event.
  void after_event(TimePoint now);
  void answer_is_whole(http2::StreamId stream);
  void settle(std::uint32_t number, http2::StreamEnd end, http2::ErrorCode code);
  void settle_by_answer(std::uint32_t number);
  /// What an answer says of our credential.
  void look_at_refusal(const OpenRequest& request, Reason reason);
  /// What is known of it when no more will be.
  void settle_open(std::uint32_t number, OutcomeReason reason);
  void settle_without_answer(std::uint32_t number, OutcomeKind kind, OutcomeReason reason,
                             std::uint32_t reset_code = 0);
  /// False: nobody will ever see its last byte.
  [[nodiscard]] bool may_be_processed(const OpenRequest& request);
  void report_all(OutcomeReason reason);
  /// Says GOAWAY and closes; nothing is open.
  void say_goodbye();
  void cancel_late(TimePoint now);
  /// The service has said something of a request.
  void made_progress();
  /// Nothing new is taken; what is open ends.
  void retire();
  [[nodiscard]] TimePoint ping_time() const;
  void send_ping(TimePoint now);
  void look_at_silence(TimePoint now);
  /// `what` behind the service's name.
  void tell_error(const std::string& what);
  /// The same about a single request; what ends the connection goes before it.
  void tell_refusal(const std::string& what);

  Http2Shared& shared_;
  const Http2ClientOptions& options_;
  DialPlan& plan_;
  EngineHost& host_;
  RequestFields fields_;
  OpenRequests requests_;  // a stream's user is its number here
  std::uint64_t taken_bytes_ = 0;
  TimePoint last_read_;
  TimePoint pinged_at_ = kNever;   // nothing was read since
  TimePoint idle_since_ = kNever;  // nothing is open
  TimePoint retire_at_;            // Http2ClientOptions::max_age
  std::uint64_t num_sent_ = 0;
  std::uint64_t unanswered_ = 0;     // requests that were given up, since the last answer
  std::uint32_t refused_token_ = 0;  // which one the service called too old; 0: none
  bool is_ready_ = false;
  bool is_retired_ = false;
  bool is_dead_ = false;  // nobody is there to read: what is pending is not written
  bool is_error_told_ = false;
  bool is_refusal_told_ = false;
  http2::Session session_;
};

}  // namespace apns::provider
