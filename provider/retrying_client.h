#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "provider/client.h"
#include "provider/device_back_offs.h"
#include "provider/kept_notifications.h"
#include "provider/retry_policy.h"
#include "provider/retry_throttle.h"
#include "provider/service_pause.h"
#include "provider/shared_alarm.h"

namespace apns::provider {

class ProviderTokenSource;

struct RetryOptions {
  RetryLimits limits{};
  // RetryThrottle: so many at once, then so many for each fresh one.
  std::uint32_t throttle_burst = 1000;
  double throttle_share = 0.2;
  // What is kept until it is settled; beyond it try_send says Full.
  std::size_t max_kept = 20'000;
  std::size_t max_kept_bytes = std::size_t{16} << 20U;  // of payloads
  std::size_t max_devices = 10'000;                     // that wait after TooManyRequests
  /// When so many answers in a row say that our credential is no good, and no other answer came in
  /// between, the client stops. 0: never.
  unsigned max_configuration_errors = 20;
  /// Tells what has expired, which is not sent again. Null: all goes on. Outlives the client.
  const WorldClock* clock = nullptr;
  /// That of the client inside; null: it has none. Outlives the client.
  ProviderTokenSource* provider_token = nullptr;
  std::uint64_t seed = 0;  // of the jitter
};

/// A client that sends again what another client could not bring to an end, where that is safe and
/// may help (retry_policy.h). One outcome for each, which is the last one; never again after Sent.
///
///   try_send -> inside: NotProcessed -> at once again -> 200                    -> Sent
///   try_send -> inside: 503 -> pause -> 503 -> pause -> ... max_attempts        -> Rejected(503)
///   try_send -> inside: 410                                                     -> Rejected(410)
///   try_send -> inside: ConnectionLost                                          -> Unknown
///   429 TooManyRequests for T: what is for T waits, other device tokens go on
///   429 TooManyProviderTokenUpdates: try_send says Full, all wait; one goes to see, then the rest
///   403 ExpiredProviderToken -> another provider token -> once more -> refused  -> Rejected(403)
///   nothing but 403 InvalidProviderToken and the like -> stops, see last_error()
///   drain(limit): what waits goes on until `limit`, then has the outcome it had last
///
/// With OnUnknown::SendAgain one that was Unknown once and is not settled by a later attempt stays
/// Unknown. What goes again goes before what is fresh.
class RetryingClient final : public Client, private OutcomeSink {
 public:
  /// Makes the client inside, which reports to `sink`.
  using MakeClient = std::function<std::unique_ptr<Client>(OutcomeSink& sink)>;

  /// `sink` outlives the client.
  RetryingClient(RetryOptions options, OutcomeSink& sink, const MakeClient& make_client);
  ~RetryingClient() override;

  // Client

  void use_dialer(std::unique_ptr<Dialer> dialer) override;
  void release_dialer() override;
  [[nodiscard]] SendResult try_send(const Notification& notification,
                                    std::uint64_t ticket) override;
  void drain(Duration limit) override;
  void stop(const std::string& why) override;
  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override;
  [[nodiscard]] const std::string& last_error() const override;
  [[nodiscard]] const ClientStats& stats() const override;

  [[nodiscard]] std::size_t num_open() const override { return kept_.size() + ended_.size(); }

  // DialEvents
  [[nodiscard]] std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host,
                                                  TimePoint now) override;
  void gone(std::uint64_t connection, Gone why, const std::string& detail, TimePoint now) override;
  void on_alarm(TimePoint now) override;

 private:
  using Place = std::uint32_t;  // in kept_

  /// Until its time comes.
  struct Waiting {
    TimePoint due{};
    std::uint64_t order = 0;
    Place place = 0;

    [[nodiscard]] bool operator>(const Waiting& other) const {
      return due != other.due ? due > other.due : order > other.order;
    }
  };

  /// It waited when it was given up.
  struct Ended {
    std::uint64_t ticket = 0;
    KeptOutcome outcome;
  };

  // OutcomeSink, of the client inside
  void outcomes(std::span<const Outcome> batch) override;
  void writable() override;
  void drained() override;

  [[nodiscard]] bool has_room(TimePoint now) const;

  [[nodiscard]] bool is_ending() const { return is_stopped_ || is_drain_over_; }

  // An outcome
  void look_at(const Outcome& outcome, TimePoint now);
  void look_at_others(Place place, const Outcome& outcome, RetryRule rule, TimePoint now);
  void count_configuration(const Outcome& outcome, RetryRule rule);
  [[nodiscard]] RetryDecision decide_on(Place place, const Outcome& outcome, RetryRule rule,
                                        TimePoint now);
  [[nodiscard]] bool is_token_replaced(const KeptNotification& kept, TimePoint now);
  [[nodiscard]] Duration expires_in(const Notification& notification) const;
  [[nodiscard]] double draw(const KeptNotification& kept) const;
  void settle(Place place, const Outcome& outcome, RetryRule rule);

  // What waits
  void wait(Place place, TimePoint due);
  void give_up(Place place);
  void give_up_all();
  /// Gives it up if its time is over when it can go.
  [[nodiscard]] bool is_too_late(Place place, TimePoint earliest);
  void pump(TimePoint now);
  /// False: it waits, and so do those behind it.
  [[nodiscard]] bool send_ready(Place place, TimePoint now);
  void handed_over(Place place, TimePoint now);

  /// At the end of each event.
  void finish(TimePoint now);
  void tell_sink(TimePoint now);
  void set_alarm(TimePoint now);

  const RetryOptions options_;
  OutcomeSink& sink_;
  std::unique_ptr<SharedAlarm> alarm_;  // outlives the dialer of the client inside
  std::unique_ptr<Client> inner_;
  KeptNotifications kept_;
  DeviceBackOffs devices_;
  ServicePause pause_;
  RetryThrottle throttle_;
  std::vector<Waiting> waiting_;  // a heap, the earliest first
  std::uint64_t next_order_ = 0;
  std::deque<Place> ready_;       // their time has come
  TimePoint swept_until_{};       // those that a pause makes too late are gone up to this one
  std::vector<Outcome> settled_;  // to be told in the same event: their answers are the inner's
  std::vector<Ended> ended_;      // to be told
  unsigned num_configuration_errors_ = 0;  // in a row
  std::string stop_reason_;                // to be stopped for by the next event
  std::string error_;                      // goes before the inner's, until one is sent
  bool is_inner_full_ = false;
  bool wants_room_ = false;  // try_send said Full
  bool is_stopped_ = false;
  bool is_draining_ = false;
  bool is_drain_over_ = false;  // its limit has passed
  bool is_inner_draining_ = false;
  bool is_inner_drained_ = false;
  bool drained_said_ = false;
  // drain() or stop() was called: what follows happens as an event, because the sink is never
  // called from inside a call.
  bool is_event_due_ = false;
  TimePoint drain_deadline_ = kNever;
  ClientStats counted_;          // what is counted here
  mutable ClientStats stats_{};  // both
};

}  // namespace apns::provider
