#pragma once

#include <charconv>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/bytes.h"
#include "apns/base/network.h"

namespace apns {

/// How one connection of the memory host treats its bytes. Zero values are a perfect, instant link.
struct LinkOptions {
  Duration latency = std::chrono::microseconds(100);  // each way
  // Bytes per delivery, drawn from the host's seed; fewer only where fewer are left, or fit the
  // window. split_max 0: as written.
  std::size_t split_min = 0;
  std::size_t split_max = 0;
  std::size_t window = 65536;  // bytes that may be on their way or unread, per direction
  // Exactly that many bytes get there, then both ends see a reset. 0: at the first byte.
  std::optional<std::uint64_t> reset_after_to_server;
  std::optional<std::uint64_t> reset_after_to_client;
  bool refuse = false;          // the connect attempt is refused
  bool hang = false;            // the connect attempt is never answered
  bool stalled_server = false;  // the server's side never reads; of ends it hears a reset only

  [[nodiscard]] bool operator==(const LinkOptions&) const = default;
};

/// A network in memory under a manual clock: connections, splits, latency, resets and time itself
/// are functions of the seed, so that one seed gives one run. Implements both sides: Acceptor here,
/// Dialer by make_dialer(). One thread. Events at one instant happen in the order in which they
/// were caused.
///
/// An end of stream waits behind bytes that were not read; a reset does so only while the engine
/// reads, and else takes them with it. A side that vanished is over when the peer ends.
class MemoryHost final : public Acceptor {
 public:
  /// So many events at one instant mean that engines keep each other busy for ever.
  static constexpr std::uint64_t kMaxEvents = 10'000'000;

  /// `clock` outlives the host and is moved by it alone.
  MemoryHost(ManualClock& clock, std::uint64_t seed, std::uint64_t max_events = kMaxEvents);
  ~MemoryHost() override;
  MemoryHost(const MemoryHost&) = delete;
  MemoryHost& operator=(const MemoryHost&) = delete;

  /// Any host name goes; port 0 gives the next free one from 40000. Throws when the endpoint is
  /// taken.
  /// What the engines of `events` refer to outlives the host, which destroys those that are left.
  Endpoint listen(const Endpoint& at, AcceptEvents& events) override;

  /// Stops listening: later dials are refused. Open connections go on.
  void unlisten(const Endpoint& at);

  /// `events` outlives the dialer; the host outlives both.
  [[nodiscard]] std::unique_ptr<Dialer> make_dialer(DialEvents& events);

  /// What each connection's link is like, by the dialled connection's number. Asked once, at
  /// dial().
  void set_links(std::function<LinkOptions(std::uint64_t connection)> links);

  /// The number under which a peer of one of this host's services was dialled; 0: it was not.
  [[nodiscard]] static std::uint64_t dialled_number(const PeerInfo& peer) {
    const std::string_view address = peer.peer_address;
    std::uint64_t number = 0;
    if (address.starts_with(kClientAddress)) {
      (void)std::from_chars(address.data() + kClientAddress.size(), address.data() + address.size(),
                            number);
    }
    return number;
  }

  /// Calls `task` when the clock stands at `when` (or at once, if that is past).
  void at(TimePoint when, std::function<void()> task);

  /// Runs events until `done` says true, asked after each event. False: the clock reached `limit`
  /// (it stands there then), or more than max_events happened at one instant.
  [[nodiscard]] bool run_until(const std::function<bool()>& done, TimePoint limit);

  /// Runs all that happens within `span` of now.
  void run_for(Duration span);

  [[nodiscard]] std::size_t num_open() const { return links_.size(); }

  [[nodiscard]] std::uint64_t num_events() const { return num_events_; }

  [[nodiscard]] TimePoint now() const { return clock_.io_now(); }

  /// How long a side that shut its write side waits for the peer's end.
  static constexpr Duration kDrainLimit = std::chrono::seconds(5);

 private:
  static constexpr std::string_view kClientAddress = "memory:client-";

  class MemoryDialer;
  struct Side;
  struct Link;

  struct Event {
    TimePoint when;
    std::uint64_t order;
    std::function<void()> task;
  };

  struct Later {
    bool operator()(const Event& a, const Event& b) const {
      return a.when != b.when ? a.when > b.when : a.order > b.order;
    }
  };

  struct Listener {
    Endpoint at;
    AcceptEvents* events;
  };

  void dialled(const std::shared_ptr<Link>& link, const Endpoint& to, Duration connect_limit);
  void accept(const std::shared_ptr<Link>& link, AcceptEvents& events);
  void connect(const std::shared_ptr<Link>& link);
  void drop_link(const std::shared_ptr<Link>& link);
  void schedule_service(Side& side);
  void wake_side(Side& side);
  void service(Side& side);
  bool feed_inbox(Side& side);
  bool take_pending(Side& side);
  void deliver(Side& to, Bytes chunk);
  void perform_close(Side& side, Close how);
  void send_end(Side& from, bool reset);
  void end_arrived(Side& to, bool reset);
  void finish(Side& side, Gone why);
  [[nodiscard]] bool run_one(TimePoint limit);

  ManualClock& clock_;
  std::uint64_t seed_;
  std::uint64_t max_events_;
  std::uint64_t next_order_ = 0;
  std::uint64_t num_events_ = 0;
  std::uint64_t num_dialled_ = 0;
  std::uint64_t num_accepted_ = 0;
  std::uint16_t next_port_ = 40000;
  std::function<LinkOptions(std::uint64_t)> link_options_;
  std::vector<Listener> listeners_;
  std::map<std::uint64_t, std::shared_ptr<Link>> links_;  // by dialled number
  std::priority_queue<Event, std::vector<Event>, Later> events_;
};

}  // namespace apns
