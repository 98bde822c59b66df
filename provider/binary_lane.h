#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apns/base/network.h"
#include "apns/binary/error_packet.h"
#include "apns/model/notification.h"
#include "provider/binary_client_options.h"
#include "provider/client.h"
#include "provider/dial_plan.h"
#include "provider/sent_window.h"

namespace apns::provider {

/// What a lane asks of the client that it is a part of.
class LaneOwner {
 public:
  virtual ~LaneOwner() = default;
  /// An engine of the lane had an event: outcomes may wait, and what comes next may be due.
  virtual void after_event(TimePoint now) = 0;
  /// BinaryLane::alarm() may be another.
  virtual void set_alarm() = 0;
};

/// What the lanes of one client have in common.
struct LaneShared {
  BinaryClientOptions options;
  LaneOwner& owner;
  std::unique_ptr<Dialer> dialer;
  std::vector<Outcome> outcomes;  // to be handed to the sink when the current event is over
  ClientStats stats;
  std::string last_error;
  bool stopped = false;
  bool draining = false;
};

/// One connection of a binary client at a time, with the window of what goes by it: dials, writes,
/// settles, resends.
///
///   Idle -> Dialling -> Up -> Idle       -> Dialling ...   lost, or an error packet
///   Idle -> Dialling -> Waiting          -> Dialling ...   an attempt without progress
///
/// Events on the dialer's thread. Only on_alarm() drops connections, so that no engine is destroyed
/// by what it called itself.
class BinaryLane {
 public:
  /// `shared` outlives the lane, and the lane its engines. `index` is the lane's of its client.
  BinaryLane(LaneShared& shared, std::uint64_t index);
  ~BinaryLane();
  BinaryLane(const BinaryLane&) = delete;
  BinaryLane& operator=(const BinaryLane&) = delete;

  /// Queued or Full.
  [[nodiscard]] SendResult try_send(const Notification& notification, std::uint64_t ticket);

  /// After Full there is room again; true once.
  [[nodiscard]] bool take_writable();

  /// The connection, or the attempt, is this lane's.
  [[nodiscard]] bool owns(std::uint64_t connection) const;

  /// The engine of a connection of this lane.
  [[nodiscard]] std::unique_ptr<Engine> make_connection(EngineHost& host, TimePoint now);

  /// last_error says why the attempt will have failed.
  void failure_was_told() { is_failure_told_ = true; }

  void gone(std::uint64_t connection, Gone why, const std::string& detail, TimePoint now);

  [[nodiscard]] TimePoint alarm() const;
  void on_alarm(TimePoint now);

  /// At the end of each event: dials again, or gives up; closes when draining and nothing is open.
  void look(TimePoint now);

  /// Reports all that is open and ends the connection.
  void report_all(OutcomeReason written_reason);

  /// No attempt follows the one that is under way, if any.
  void stop_waiting();

  /// Nothing is dialled any more; what is on its way or ending is dropped by the next on_alarm().
  void abandon();

  /// Nothing is open and no connection is left.
  [[nodiscard]] bool is_over() const;

  [[nodiscard]] const SentWindow& window() const { return window_; }

 private:
  class Connection;

  enum class State : std::uint8_t { Idle, Waiting, Dialling, Up };

  /// A connection that is not written to any more and goes on ending by itself.
  struct Lingering {
    std::uint64_t connection = 0;
    TimePoint drop_at = kNever;
  };

  void on_packet(const binary::ErrorPacket& packet, TimePoint now);
  void settle_by(const binary::ErrorPacket& packet);
  void take_back(std::ptrdiff_t index, bool is_shutdown);
  void on_lost(TimePoint now);
  /// The gateway has taken nothing for so long that its silence is no sign of anything.
  /// So many bytes have not arrived, among them the front.
  void note_stuck(std::size_t unacknowledged, TimePoint now);
  [[nodiscard]] Duration deaf_after() const;
  [[nodiscard]] bool is_deaf(TimePoint now) const;
  /// When the front, which is written, has been met with silence for long enough.
  [[nodiscard]] TimePoint settles_at() const;
  void settle(TimePoint now);
  void report_front(OutcomeKind kind, OutcomeReason reason, std::uint8_t status = 0);
  void pop_front(OutcomeKind kind, OutcomeReason reason, std::uint8_t status = 0);
  /// The written ones: reported Unknown, or by policy kept to go again.
  void leave_in_doubt(OutcomeReason reason);
  void evict();
  void made_progress();
  void detach(TimePoint drop_at);
  void lose_stalled(TimePoint now);
  void close_connection(Close how, TimePoint now);
  void dial(TimePoint now);
  /// At once after progress, else after a pause that grows with each attempt.
  void dial_or_wait(TimePoint now);
  void connect_again(TimePoint now);
  /// On this connection.
  [[nodiscard]] bool nothing_was_settled() const;
  [[nodiscard]] bool was_on_this_connection(std::uint32_t identifier) const;

  LaneShared& shared_;
  const BinaryClientOptions& options_;
  const std::uint64_t index_;
  SentWindow window_;
  const DialLimits dial_limits_;
  DialPlan plan_;
  State state_ = State::Idle;
  std::uint64_t dialled_ = 0;  // the connection's number while Dialling or Up
  std::vector<Lingering> lingering_;
  Connection* connection_ = nullptr;    // while Up
  std::uint32_t first_identifier_ = 0;  // the first that this connection could have carried
  TimePoint stalled_since_ = kNever;    // Up: something is to be written and nothing is taken
  TimePoint silence_from_{};            // Up: silence before it proves nothing, for nobody read
  TimePoint stuck_since_ = kNever;      // Up: what was written does not arrive
  std::uint64_t taken_bytes_ = 0;       // by this connection
  std::int64_t arrived_bytes_ = 0;      // of them, when it was looked at last
  TimePoint settle_again_at_{};         // Up: when to look again whether silence proves something
  TimePoint idle_since_ = kNever;       // Up: nothing is open
  TimePoint dial_at_ = kNever;          // while Waiting
  bool is_failure_told_ = false;
  bool said_full_ = false;
};

}  // namespace apns::provider
