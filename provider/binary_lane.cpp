#include "provider/binary_lane.h"

#include <algorithm>
#include <utility>

#include "apns/model/binary_status.h"

namespace apns::provider {

namespace {

/// What is ending and does not get there: a peer that reads nothing, say.
constexpr Duration kLingerLimit = std::chrono::seconds(10);

}  // namespace

/// The protocol's side of one connection: writes the window, reads at most one error packet.
class BinaryLane::Connection final : public Engine {
 public:
  Connection(BinaryLane& lane, EngineHost& host) : lane_(lane), host_(host) {}

  ~Connection() override {
    if (is_current()) {
      lane_.connection_ = nullptr;
    }
  }

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override {
    // Only the first packet counts; a connection that has said one is dead.
    const std::size_t wanted =
        binary::kErrorPacketLen - std::min(binary::kErrorPacketLen, packet_.size());
    packet_.insert(packet_.end(), in.begin(),
                   in.begin() + static_cast<std::ptrdiff_t>(std::min(wanted, in.size())));
    if (is_current() && !done_) {
      ByteReader reader(packet_);
      const auto decoded = binary::decode_error_packet(reader);
      if (decoded.has_value()) {
        finish(Close::CloseNotify);
        lane_.on_packet(decoded.value(), now);
        lane_.shared_.owner.after_event(now);
      } else if (decoded.has_error()) {
        finish(Close::CloseNotify);
        lane_.shared_.last_error =
            "the gateway sent bytes that are no error packet: " + to_hex(packet_);
        lane_.on_lost(now);
        lane_.shared_.owner.after_event(now);
      }
    }
    return in.size();
  }

  void ended(End end, TimePoint now) override {
    if (is_current() && !done_) {
      finish(end == End::Reset ? Close::Reset : Close::CloseNotify);
      lane_.on_lost(now);
      lane_.shared_.owner.after_event(now);
    } else if (close_ == Close::None) {
      close_ = Close::CloseNotify;
    }
  }

  [[nodiscard]] std::span<const std::byte> pending() const override {
    return is_current() && !done_ ? lane_.window_.unwritten() : ByteView{};
  }

  void sent(std::size_t n, TimePoint now) override {
    const bool was_silent = lane_.window_.num_written() == 0;
    lane_.window_.mark_written(n, now);
    lane_.taken_bytes_ += n;
    note_stall(now);
    if (was_silent && lane_.window_.num_written() > 0) {
      lane_.shared_.owner.set_alarm();
    }
  }

  [[nodiscard]] TimePoint deadline() const override { return kNever; }

  // A wake makes the host look at pending(), too.
  void on_time(TimePoint now) override {
    if (is_current() && !done_ && lane_.stalled_since_ == kNever) {
      note_stall(now);
      lane_.shared_.owner.set_alarm();
    }
  }

  [[nodiscard]] bool wants_read() const override { return true; }

  [[nodiscard]] Close close() const override { return close_; }

  void finish(Close how) {
    done_ = true;
    close_ = how;
  }

  void wake() { host_.wake(*this); }

  void note_stall(TimePoint now) {
    if (lane_.is_deaf(now)) {
      lane_.silence_from_ = now;
    }
    lane_.stalled_since_ = lane_.window_.unwritten().empty() ? kNever : now;
  }

 private:
  [[nodiscard]] bool is_current() const { return lane_.connection_ == this; }

  BinaryLane& lane_;
  EngineHost& host_;
  Bytes packet_;
  bool done_ = false;
  Close close_ = Close::None;
};

BinaryLane::BinaryLane(LaneShared& shared, std::uint64_t index)
    : shared_(shared),
      options_(shared.options),
      index_(index),
      window_(std::max<std::size_t>(1, options_.window_len / options_.connections),
              std::max<std::size_t>(1, options_.window_bytes / options_.connections)),
      dial_limits_{options_.connect_limit, options_.backoff_first, options_.backoff_max,
                   options_.max_attempts, options_.give_up_after},
      plan_(dial_limits_) {}

BinaryLane::~BinaryLane() = default;

SendResult BinaryLane::try_send(const Notification& notification, std::uint64_t ticket) {
  if (!window_.has_room() && options_.on_full == OnFull::Evict) {
    evict();
  }
  if (!window_.has_room()) {
    said_full_ = true;
    return SendResult::Full;
  }
  window_.push(notification, ticket);
  idle_since_ = kNever;
  if (connection_ != nullptr) {
    connection_->wake();
  } else if (state_ == State::Idle) {
    dial_or_wait(shared_.dialer->now());
    shared_.owner.set_alarm();
  }
  return SendResult::Queued;
}

void BinaryLane::evict() {
  while (!window_.has_room() && window_.num_written() > 0) {
    pop_front(OutcomeKind::Unknown, OutcomeReason::Evicted);
  }
}

bool BinaryLane::take_writable() {
  return said_full_ && window_.has_room() && std::exchange(said_full_, false);
}

bool BinaryLane::owns(std::uint64_t connection) const {
  return connection == dialled_ ||
         std::any_of(lingering_.begin(), lingering_.end(),
                     [connection](const Lingering& one) { return one.connection == connection; });
}

bool BinaryLane::is_over() const {
  return window_.empty() && state_ == State::Idle && lingering_.empty();
}

std::unique_ptr<Engine> BinaryLane::make_connection(EngineHost& host, TimePoint now) {
  auto connection = std::make_unique<Connection>(*this, host);
  if (state_ == State::Dialling && !shared_.stopped) {
    state_ = State::Up;
    connection_ = connection.get();
    ++shared_.stats.connections;
    shared_.stats.resent += window_.rewind();
    first_identifier_ = window_.first_identifier();
    taken_bytes_ = 0;
    connection->note_stall(now);
  } else {
    connection->finish(Close::CloseNotify);
  }
  return connection;
}

bool BinaryLane::was_on_this_connection(std::uint32_t identifier) const {
  // Distance on the circle of identifiers: those that are forgotten lie between the connection's
  // first and the window's.
  return identifier != 0 &&
         identifier - first_identifier_ < window_.first_identifier() - first_identifier_;
}

void BinaryLane::on_packet(const binary::ErrorPacket& packet, TimePoint now) {
  detach(later(now, kLingerLimit));
  settle_by(packet);
  // What is left is not written any more: no silence can settle it before it goes again.
  (void)window_.rewind();
}

void BinaryLane::settle_by(const binary::ErrorPacket& packet) {
  const bool is_shutdown = packet.status == static_cast<std::uint8_t>(BinaryStatus::Shutdown);
  const auto index = window_.find(packet.identifier);
  if (index && *index < 0) {
    take_back(*index + 1, is_shutdown);
  } else if (index && static_cast<std::size_t>(*index) < window_.num_begun()) {
    for (std::ptrdiff_t i = 0; i < *index; ++i) {
      pop_front(OutcomeKind::Sent, OutcomeReason::None);
    }
    if (is_shutdown) {
      pop_front(OutcomeKind::Sent, OutcomeReason::None);
    } else {
      pop_front(OutcomeKind::Rejected, OutcomeReason::Status, packet.status);
    }  // what is left was discarded, and goes again
  } else if (!index && was_on_this_connection(packet.identifier)) {
    take_back(-static_cast<std::ptrdiff_t>(window_.num_remembered()), is_shutdown);
  } else if (!is_shutdown || packet.identifier != 0 || !nothing_was_settled()) {
    leave_in_doubt(OutcomeReason::UnknownIdentifier);
  }  // else the last that was accepted is none: all goes again
}

bool BinaryLane::nothing_was_settled() const {
  return window_.num_remembered() == 0 && window_.first_identifier() == first_identifier_;
}

/// The packet is late: it names one that was settled by silence, and all from `index` on was
/// discarded behind it, whatever was reported. It goes again.
void BinaryLane::take_back(std::ptrdiff_t index, bool is_shutdown) {
  window_.reopen_from(index);
  ++shared_.stats.late_packets;
  made_progress();
  if (!is_shutdown) {
    ++shared_.stats.misreported;
    shared_.last_error =
        "an error packet came later than settle_after, for a notification that had been reported "
        "sent. What came behind it goes again; settle_after is too short for this gateway.";
  }
}

void BinaryLane::on_lost(TimePoint now) {
  detach(later(now, kLingerLimit));
  leave_in_doubt(OutcomeReason::ConnectionLost);
  (void)window_.rewind();
}

void BinaryLane::leave_in_doubt(OutcomeReason reason) {
  if (options_.resend_unknown) {
    window_.doubt_written();
    return;
  }
  while (window_.num_written() > 0) {
    pop_front(OutcomeKind::Unknown, reason);
  }
}

void BinaryLane::detach(TimePoint drop_at) {
  if (dialled_ != 0) {
    lingering_.push_back(Lingering{dialled_, drop_at});
  }
  dialled_ = 0;
  connection_ = nullptr;
  stalled_since_ = kNever;
  silence_from_ = TimePoint();
  settle_again_at_ = TimePoint();
  stuck_since_ = kNever;
  idle_since_ = kNever;
  state_ = State::Idle;
}

void BinaryLane::report_front(OutcomeKind kind, OutcomeReason reason, std::uint8_t status) {
  const SentWindow::Entry& entry = window_.front();
  if (!entry.is_reported) {
    shared_.outcomes.push_back(Outcome{entry.ticket, kind, reason, status});
  } else if (kind != OutcomeKind::Sent) {
    ++shared_.stats.misreported;
  }
  if (kind != OutcomeKind::Unknown && reason != OutcomeReason::Unsent) {
    made_progress();
  }
}

void BinaryLane::pop_front(OutcomeKind kind, OutcomeReason reason, std::uint8_t status) {
  report_front(kind, reason, status);
  window_.pop_front();
}

void BinaryLane::made_progress() {
  plan_.made_progress();
}

Duration BinaryLane::deaf_after() const {
  return std::max<Duration>(options_.settle_after / 4, std::chrono::milliseconds(1));
}

bool BinaryLane::is_deaf(TimePoint now) const {
  return later(stalled_since_, deaf_after()) < now;
}

TimePoint BinaryLane::settles_at() const {
  return later(std::max(window_.front().written_at, silence_from_), options_.settle_after);
}

void BinaryLane::settle(TimePoint now) {
  if (window_.num_written() == 0 || settles_at() > now) {
    return;
  }
  const std::size_t unacknowledged = shared_.dialer->unacknowledged(dialled_).value_or(0);
  const auto has_arrived = [this, unacknowledged] {
    return window_.written_bytes() - window_.front().len >= unacknowledged;
  };
  if (is_deaf(now) || !has_arrived()) {
    // The silence of who has not heard anything counts from later on.
    note_stuck(unacknowledged, now);
    settle_again_at_ = later(now, deaf_after());
    return;
  }
  stuck_since_ = kNever;
  while (window_.num_written() > 0 && settles_at() <= now && has_arrived()) {
    report_front(OutcomeKind::Sent, OutcomeReason::None);
    window_.settle_front();
  }
  if (window_.num_remembered() > 0 && now.time_since_epoch() > options_.remember_for) {
    window_.forget_written_before(now - options_.remember_for);
  }
}

void BinaryLane::note_stuck(std::size_t unacknowledged, TimePoint now) {
  silence_from_ = now;
  const auto arrived =
      static_cast<std::int64_t>(taken_bytes_ - unacknowledged);  // overhead: below 0
  if (stuck_since_ == kNever || arrived > arrived_bytes_) {
    stuck_since_ = now;
  }
  arrived_bytes_ = arrived;
}

void BinaryLane::report_all(OutcomeReason written_reason) {
  while (!window_.empty()) {
    // Written on an earlier connection and discarded there counts as never left: nobody has it.
    if (window_.num_written() > 0 || window_.front().in_doubt) {
      pop_front(OutcomeKind::Unknown, written_reason);
    } else {
      pop_front(OutcomeKind::Rejected, OutcomeReason::Unsent);
    }
  }
  made_progress();  // what comes next begins anew
  if (connection_ != nullptr) {
    close_connection(Close::CloseNotify, shared_.dialer->now());
  }
}

void BinaryLane::close_connection(Close how, TimePoint now) {
  connection_->finish(how);
  connection_->wake();
  detach(later(now, kLingerLimit));
}

void BinaryLane::stop_waiting() {
  if (state_ == State::Waiting) {
    state_ = State::Idle;
    dial_at_ = kNever;
  }
}

void BinaryLane::abandon() {
  stop_waiting();
  if (state_ == State::Dialling) {
    detach(TimePoint());
  }
  for (Lingering& one : lingering_) {
    one.drop_at = TimePoint();
  }
}

void BinaryLane::gone(std::uint64_t connection, Gone why, const std::string& detail,
                      TimePoint now) {
  std::erase_if(lingering_,
                [connection](const Lingering& one) { return one.connection == connection; });
  if (connection != dialled_) {
    return;
  }
  dialled_ = 0;
  if (state_ == State::Up) {
    on_lost(now);
  } else if (state_ == State::Dialling && !shared_.stopped && !is_failure_told_) {
    shared_.last_error = options_.gateway.to_string() + " " + to_string(why) +
                         (detail.empty() ? "" : " (" + detail + ")");
  }
  state_ = State::Idle;
}

void BinaryLane::connect_again(TimePoint now) {
  if (window_.empty() || shared_.stopped || state_ != State::Idle) {
    return;
  }
  if (plan_.is_over(now)) {
    report_all(OutcomeReason::ConnectionLost);
    return;
  }
  dial_or_wait(now);
}

void BinaryLane::dial_or_wait(TimePoint now) {
  if (plan_.is_fresh()) {
    dial(now);
    return;
  }
  dial_at_ = now + plan_.pause(options_.seed, shared_.stats.connections, index_);
  state_ = State::Waiting;
}

void BinaryLane::dial(TimePoint now) {
  plan_.began(now);
  is_failure_told_ = false;
  dial_at_ = kNever;
  state_ = State::Dialling;
  dialled_ = shared_.dialer->dial(options_.gateway, options_.connect_limit);
}

void BinaryLane::look(TimePoint now) {
  if (window_.empty() && shared_.draining) {
    if (connection_ != nullptr) {
      close_connection(Close::CloseNotifyThenDrain, now);
    } else if (state_ == State::Dialling || state_ == State::Waiting) {
      abandon();
    }
  }
  if (window_.empty() && connection_ != nullptr && idle_since_ == kNever) {
    idle_since_ = now;
  }
  connect_again(now);
}

void BinaryLane::on_alarm(TimePoint now) {
  settle(now);
  if (later(std::min(stalled_since_, stuck_since_), options_.write_limit) <= now) {
    lose_stalled(now);
  }
  if (later(idle_since_, options_.idle_limit) <= now) {
    close_connection(Close::CloseNotifyThenDrain, now);
  }
  if ((state_ == State::Dialling || state_ == State::Waiting) && plan_.give_up_at() <= now) {
    report_all(OutcomeReason::ConnectionLost);
    abandon();
  }
  if (state_ == State::Waiting && now >= dial_at_) {
    dial(now);
  }
  for (Lingering& one : lingering_) {
    if (one.drop_at <= now) {
      one.drop_at = kNever;  // gone() follows
      shared_.dialer->drop(one.connection);
    }
  }
}

void BinaryLane::lose_stalled(TimePoint now) {
  shared_.last_error =
      options_.gateway.to_string() + " takes nothing any more, though the connection is up";
  connection_->finish(Close::Reset);
  on_lost(now);
  lingering_.back().drop_at = now;
}

TimePoint BinaryLane::alarm() const {
  TimePoint when = dial_at_;
  if (window_.num_written() > 0) {
    when = std::min(when, std::max(settles_at(), settle_again_at_));
  }
  when = std::min(
      {when, later(stalled_since_, options_.write_limit), later(idle_since_, options_.idle_limit)});
  if (state_ == State::Dialling || state_ == State::Waiting) {
    when = std::min(when, plan_.give_up_at());
  }
  for (const Lingering& one : lingering_) {
    when = std::min(when, one.drop_at);
  }
  return when;
}

}  // namespace apns::provider
