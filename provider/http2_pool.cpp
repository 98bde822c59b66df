#include "provider/http2_pool.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace apns::provider {

namespace {

/// What is ending and does not get there: a peer that reads nothing, say.
constexpr Duration kLingerLimit = std::chrono::seconds(10);

}  // namespace

Http2Pool::Http2Pool(Http2Shared& shared) : shared_(shared), options_(shared.options) {
  const std::size_t num_lanes = std::max(1U, options_.max_connections);
  lanes_.reserve(num_lanes);
  for (std::size_t i = 0; i < num_lanes; ++i) {
    lanes_.emplace_back(options_.dial);
  }
}

// ---- For requests ----

bool Http2Pool::is_ready(const Lane& lane) {
  return lane.connection != nullptr && lane.connection->is_ready();
}

bool Http2Pool::is_coming(const Lane& lane) {
  return lane.state != Lane::State::Idle && !is_ready(lane);
}

bool Http2Pool::any_coming() const {
  return std::ranges::any_of(lanes_, is_coming);
}

bool Http2Pool::any_up() const {
  return std::ranges::find(lanes_, Lane::State::Up, &Lane::state) != lanes_.end();
}

std::size_t Http2Pool::num_active() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      lanes_, [](const Lane& lane) { return lane.state != Lane::State::Idle; }));
}

bool Http2Pool::has_room(std::size_t payload_len) const {
  return std::ranges::any_of(lanes_, [payload_len](const Lane& lane) {
    return is_ready(lane) && lane.connection->has_room(payload_len);
  });
}

Http2Connection* Http2Pool::with_room(std::size_t payload_len, TimePoint now) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[next_];
    next_ = next_ + 1 == lanes_.size() ? 0 : next_ + 1;
    leave_if_ended(lane, now);
    if (is_ready(lane) && lane.connection->has_room(payload_len)) {
      return lane.connection;
    }
  }
  return nullptr;
}

bool Http2Pool::may_grow() const {
  return std::ranges::any_of(lanes_, [](const Lane& lane) {
    return lane.state == Lane::State::Idle || is_coming(lane) || is_shut(lane);
  });
}

bool Http2Pool::is_shut(const Lane& lane) {
  return is_ready(lane) && lane.connection->num_open() == 0 && !lane.connection->has_room(0);
}

Http2Pool::Lane* Http2Pool::idle_lane() {
  const auto found = std::ranges::find(lanes_, Lane::State::Idle, &Lane::state);
  return found == lanes_.end() ? nullptr : &*found;
}

void Http2Pool::open_one(TimePoint now) {
  Lane* lane = any_coming() || is_closed_ ? nullptr : idle_lane();
  if (lane == nullptr) {
    return;
  }
  if (lane->plan.is_over(now)) {
    lane->plan.made_progress();  // those before it gave up, it begins anew
  }
  is_warm_ = true;
  dial_or_wait(*lane, now);
}

void Http2Pool::warm_up(TimePoint now) {
  is_warm_ = true;
  look(false, now);
}

void Http2Pool::look(bool has_waiting, TimePoint now) {
  for (Lane& lane : lanes_) {
    leave_if_ended(lane, now);
  }
  for (Ending& one : ending_) {
    if (one.drop_at == kNever && one.connection != nullptr && one.connection->is_over()) {
      one.drop_at = later(now, kLingerLimit);
    }
  }
  if (is_one_wanted(has_waiting) && !any_coming()) {
    if (Lane* lane = idle_lane()) {
      dial_or_wait(*lane, now);
    }
  }
}

bool Http2Pool::is_one_wanted(bool has_waiting) const {
  return !is_closed_ && (has_waiting || (is_warm_ && num_active() < options_.min_connections));
}

void Http2Pool::leave_if_ended(Lane& lane, TimePoint now) {
  if (lane.state != Lane::State::Up || lane.connection == nullptr) {
    return;
  }
  const bool took_more = lane.connection->takes_more();
  lane.connection->leave_if_token_is_replaced(now);
  if (!lane.connection->takes_more()) {
    if (took_more) {
      lane.connection->wake();
    }
    detach(lane, kNever);
  }
}

// ---- Attempts ----

void Http2Pool::dial_or_wait(Lane& lane, TimePoint now) {
  if (lane.plan.is_fresh()) {
    dial(lane, now);
    return;
  }
  const auto nth = static_cast<std::uint64_t>(&lane - lanes_.data());
  lane.dial_at = now + lane.plan.pause(options_.seed, shared_.stats.connections, nth);
  lane.state = Lane::State::Waiting;
}

void Http2Pool::dial(Lane& lane, TimePoint now) {
  lane.plan.began(now);
  lane.is_failure_told = false;
  lane.dial_at = kNever;
  lane.state = Lane::State::Dialling;
  lane.number =
      dialer_->dial(options_.proxy ? options_.proxy->at : options_.service, options_.dial.connect);
}

/// While there is a connection, one more may be tried for as long as it is wanted.
TimePoint Http2Pool::give_up_at() const {
  if (any_up()) {
    return kNever;
  }
  TimePoint when = kNever;
  for (const Lane& lane : lanes_) {
    if (lane.state != Lane::State::Idle) {
      when = std::min(when, lane.plan.give_up_at());
    }
  }
  return when;
}

bool Http2Pool::is_hopeless(TimePoint now) const {
  if (any_up()) {
    return false;
  }
  const auto idle = std::ranges::find(lanes_, Lane::State::Idle, &Lane::state);
  return any_coming() ? give_up_at() <= now : idle != lanes_.end() && idle->plan.is_over(now);
}

void Http2Pool::give_up() {
  is_warm_ = false;
  abandon_attempts();
  forget_failures();
}

void Http2Pool::forget_failures() {
  for (Lane& lane : lanes_) {
    lane.plan.made_progress();
    if (lane.state == Lane::State::Waiting) {
      abandon_attempt(lane);
    }
  }
}

void Http2Pool::abandon_attempt(Lane& lane) {
  if (lane.state == Lane::State::Waiting) {
    lane.state = Lane::State::Idle;
    lane.dial_at = kNever;
  } else if (lane.state == Lane::State::Dialling) {
    detach(lane, TimePoint());
  }
}

void Http2Pool::abandon_attempts() {
  std::ranges::for_each(lanes_, [this](Lane& lane) { abandon_attempt(lane); });
}

void Http2Pool::on_time(bool has_waiting, TimePoint now) {
  for (Lane& lane : lanes_) {
    if (lane.state != Lane::State::Waiting || now < lane.dial_at) {
      continue;
    }
    abandon_attempt(lane);  // it does not count among those that are there
    if (is_one_wanted(has_waiting)) {
      dial(lane, now);
    }
  }
  for (Ending& one : ending_) {
    if (one.drop_at <= now) {
      one.drop_at = kNever;  // gone() follows
      dialer_->drop(one.number);
    }
  }
}

TimePoint Http2Pool::deadline() const {
  TimePoint when = give_up_at();
  for (const Lane& lane : lanes_) {
    when = std::min(when, lane.dial_at);
  }
  for (const Ending& one : ending_) {
    when = std::min(when, one.drop_at);
  }
  return when;
}

// ---- Ending ----

void Http2Pool::detach(Lane& lane, TimePoint drop_at) {
  ending_.push_back(Ending{lane.number, lane.connection, drop_at});
  lane.number = 0;
  lane.connection = nullptr;
  lane.state = Lane::State::Idle;
}

void Http2Pool::end_idle() {
  is_warm_ = false;
  for (Lane& lane : lanes_) {
    if (lane.connection != nullptr && lane.connection->num_open() == 0) {
      lane.connection->end(OutcomeReason::DrainLimit);
      lane.connection->wake();
      detach(lane, kNever);
    }
  }
}

void Http2Pool::end_all(OutcomeReason reason) {
  const auto end = [reason](Http2Connection* connection) {
    if (connection != nullptr) {
      connection->end(reason);
      connection->wake();
    }
  };
  for (const Lane& lane : lanes_) {
    end(lane.connection);
  }
  for (const Ending& one : ending_) {
    end(one.connection);
  }
}

void Http2Pool::drop_all() {
  abandon_attempts();
  for (Lane& lane : lanes_) {
    if (lane.state == Lane::State::Up) {
      detach(lane, TimePoint());
    }
  }
  for (Ending& one : ending_) {
    one.drop_at = TimePoint();
  }
}

bool Http2Pool::is_over() const {
  return num_active() == 0 && ending_.empty();
}

std::size_t Http2Pool::num_open() const {
  std::size_t n = 0;
  for (const Lane& lane : lanes_) {
    n += lane.connection == nullptr ? 0 : lane.connection->num_open();
  }
  for (const Ending& one : ending_) {
    n += one.connection == nullptr ? 0 : one.connection->num_open();
  }
  return n;
}

// ---- Events ----

Http2Pool::Lane* Http2Pool::lane_of(std::uint64_t number) {
  const auto found = std::ranges::find(lanes_, number, &Lane::number);
  return number == 0 || found == lanes_.end() ? nullptr : &*found;
}

bool Http2Pool::is_dialling(std::uint64_t number) const {
  return std::ranges::any_of(lanes_, [number](const Lane& lane) {
    return lane.state == Lane::State::Dialling && lane.number == number;
  });
}

std::unique_ptr<Engine> Http2Pool::make_connection(std::uint64_t number, EngineHost& host,
                                                   TimePoint now) {
  Lane& lane = *lane_of(number);
  auto connection = std::make_unique<Http2Connection>(shared_, lane.plan, host, now);
  lane.connection = connection.get();
  lane.state = Lane::State::Up;
  ++shared_.stats.connections;
  return connection;
}

void Http2Pool::destroyed(const Http2Connection& connection) {
  for (Lane& lane : lanes_) {
    if (lane.connection == &connection) {
      lane.connection = nullptr;
    }
  }
  for (Ending& one : ending_) {
    if (one.connection == &connection) {
      one.connection = nullptr;
    }
  }
}

void Http2Pool::gone(std::uint64_t number, Gone why, const std::string& detail) {
  std::erase_if(ending_, [number](const Ending& one) { return one.number == number; });
  Lane* lane = lane_of(number);
  if (lane == nullptr) {
    return;
  }
  if (lane->state == Lane::State::Dialling && !is_closed_ && !lane->is_failure_told) {
    shared_.last_error = (options_.proxy ? "the proxy " + options_.proxy->at.to_string()
                                         : options_.service.to_string()) +
                         " " + to_string(why) + (detail.empty() ? "" : " (" + detail + ")");
  }
  lane->number = 0;
  lane->state = Lane::State::Idle;
}

void Http2Pool::failed(std::uint64_t number, const std::string& what) {
  shared_.last_error = options_.service.to_string() + what;
  if (Lane* lane = lane_of(number)) {
    lane->is_failure_told = true;
  }
}

}  // namespace apns::provider
