#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/network.h"
#include "provider/dial_plan.h"
#include "provider/http2_connection.h"

namespace apns::provider {

/// The connections of one client: as many as its requests need, up to Http2ClientOptions::
/// max_connections, and those that end.
///
///   nothing is open     -> one is dialled, and again after a pause that grows; never two at once
///   all that are open are full, something waits -> one more, while there is a place for it
///   GOAWAY, too old, too many requests -> takes nothing new, and its place is free for another
///
/// Requests go by the places in turn.
class Http2Pool {
 public:
  /// `shared` outlives the pool.
  explicit Http2Pool(Http2Shared& shared);

  void use_dialer(std::unique_ptr<Dialer> dialer) { dialer_ = std::move(dialer); }

  void release_dialer() { dialer_.reset(); }

  /// use_dialer() was called.
  [[nodiscard]] Dialer& dialer() { return *dialer_; }

  // For requests

  /// One more request with such a payload would go out at once.
  [[nodiscard]] bool has_room(std::size_t payload_len) const;

  /// The next connection in turn of which that is true; null: none.
  [[nodiscard]] Http2Connection* with_room(std::size_t payload_len, TimePoint now);

  /// Another connection comes, or would if it were wanted; or one allows no stream at all, so that
  /// no answer will ever make room: what waits then must have an end of its own.
  [[nodiscard]] bool may_grow() const;

  /// Opens another connection, if there is a place and none is on its way. With nothing open it
  /// begins anew when those before had given up.
  void open_one(TimePoint now);

  /// After each event: notices what has ended, and opens what `has_waiting` requests need.
  void look(bool has_waiting, TimePoint now);

  /// From now on there are Http2ClientOptions::min_connections.
  void warm_up(TimePoint now);

  /// What waits to be dialled is dialled, if that is wanted still; what lingers is dropped.
  void on_time(bool has_waiting, TimePoint now);

  /// kNever: not at all.
  [[nodiscard]] TimePoint deadline() const;

  /// Nothing is open, and there have been all the attempts that DialLimits allow.
  [[nodiscard]] bool is_hopeless(TimePoint now) const;

  /// It begins anew with the next request, or warm_up().
  void give_up();

  // Ending

  /// Nothing is wanted any more: the next attempt is as the first.
  void forget_failures();
  /// Attempts, and the wait for one, are given up.
  void abandon_attempts();
  /// Those that have nothing open say goodbye, and none is kept for its own sake.
  void end_idle();
  /// Each reports what it has open, and ends.
  void end_all(OutcomeReason reason);
  /// What there is is dropped at the next alarm.
  void drop_all();

  /// From now on none is opened.
  void close() { is_closed_ = true; }

  /// No connection, no attempt.
  [[nodiscard]] bool is_over() const;
  /// Requests.
  [[nodiscard]] std::size_t num_open() const;

  // DialEvents, and what the connections tell

  /// Whether an engine for that one is wanted still.
  [[nodiscard]] bool is_dialling(std::uint64_t number) const;
  [[nodiscard]] std::unique_ptr<Engine> make_connection(std::uint64_t number, EngineHost& host,
                                                        TimePoint now);
  void destroyed(const Http2Connection& connection);
  void gone(std::uint64_t number, Gone why, const std::string& detail);
  /// Why the attempt fails, better than its host will know.
  void failed(std::uint64_t number, const std::string& what);

 private:
  /// A place for one connection that takes requests.
  struct Lane {
    enum class State : std::uint8_t { Idle, Waiting, Dialling, Up };

    explicit Lane(const DialLimits& limits) : plan(limits) {}

    DialPlan plan;
    State state = State::Idle;
    std::uint64_t number = 0;               // the connection's, while Dialling or Up
    Http2Connection* connection = nullptr;  // while Up
    TimePoint dial_at = kNever;             // while Waiting
    bool is_failure_told = false;
  };

  /// A connection that takes nothing new, until it is gone.
  struct Ending {
    std::uint64_t number = 0;
    Http2Connection* connection = nullptr;  // null: destroyed
    TimePoint drop_at = kNever;             // never, while it has something open
  };

  [[nodiscard]] Lane* lane_of(std::uint64_t number);
  [[nodiscard]] Lane* idle_lane();
  /// Its SETTINGS have come.
  [[nodiscard]] static bool is_ready(const Lane& lane);
  /// An attempt, the wait for one, or a connection whose SETTINGS have not come.
  [[nodiscard]] static bool is_coming(const Lane& lane);
  /// It has nothing open, and no room all the same: a limit of 0 streams, or nothing is read there.
  [[nodiscard]] static bool is_shut(const Lane& lane);
  [[nodiscard]] bool any_coming() const;
  [[nodiscard]] bool any_up() const;
  [[nodiscard]] std::size_t num_active() const;
  [[nodiscard]] TimePoint give_up_at() const;
  /// For requests that wait, or to have min_connections.
  [[nodiscard]] bool is_one_wanted(bool has_waiting) const;
  /// At once after progress, else after a pause that grows with each attempt.
  void dial_or_wait(Lane& lane, TimePoint now);
  void dial(Lane& lane, TimePoint now);
  void abandon_attempt(Lane& lane);
  /// The connection ends elsewhere, and the place is free.
  void detach(Lane& lane, TimePoint drop_at);
  /// See Http2Connection::leave_if_token_is_replaced.
  void leave_if_ended(Lane& lane, TimePoint now);

  Http2Shared& shared_;
  const Http2ClientOptions& options_;
  std::vector<Lane> lanes_;  // their number never changes
  std::size_t next_ = 0;     // whose turn it is
  std::vector<Ending> ending_;
  bool is_warm_ = false;  // there are to be min_connections
  bool is_closed_ = false;
  std::unique_ptr<Dialer> dialer_;  // ends the connections, which look at what is above
};

}  // namespace apns::provider
