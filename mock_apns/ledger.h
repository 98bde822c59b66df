#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "apns/base/bytes.h"
#include "mock_apns/ledger_event.h"
#include "mock_apns/ledger_record.h"
#include "mock_apns/ledger_ring.h"
#include "mock_apns/ledger_store.h"

namespace apns::mock {

/// When the listener is told.
enum class Listening : std::uint8_t {
  OnCollect,  // by whoever calls collect(), some time after
  AtOnce,     // inside of add(), as soon as all events before it are there
};

/// What the service did, as events with stable keys (docs/ledger.md), in the order of seq and
/// bounded by count and bytes: the oldest fall out and are counted.
///
///   a run        connection opened, notification accepted, connection closed
///   a rejection  ... notification rejected, notification discarded, connection closed
///   a fault      ... notification rejected, fault fired, connection closed
///   no TLS       connection refused
///
/// Each thread of the host writes to a ring of its own, without a lock. collect() brings the rings
/// together:
///
///   add(0, ..) = 1, add(1, ..) = 2, add(0, ..) = 3   ->   collect(): listener(1), (2), (3)
///
/// Nothing waits for collect(): a thread whose ring is full calls it itself. Without a Ticker
/// that calls it the events are merely told and kept later.
class Ledger {
 public:
  struct Options {
    std::size_t keep = 100'000;  // events
    std::size_t keep_bytes = std::size_t{128} * 1024 * 1024;
    unsigned threads = 1;  // of the host
    std::size_t ring_bytes = std::size_t{1024} * 1024;
    Listening listening = Listening::OnCollect;
  };

  using Listener = std::function<void(const LedgerEvent&)>;

  explicit Ledger(const Options& options);

  /// Gives the event its seq, from 1, and returns it: later events may refer to it at once. `ring`
  /// is the calling thread's of the host (PeerInfo::thread), of which only this one writes there;
  /// or outside_ring(), to which any thread may write.
  std::uint64_t add(unsigned ring, const LedgerRecord& record);

  /// For who is not on a thread of the host. The last one.
  [[nodiscard]] unsigned outside_ring() const { return num_rings() - 1; }

  [[nodiscard]] unsigned num_rings() const { return static_cast<unsigned>(rings_.size()); }

  /// Tells the listener what was added before this call, and keeps it, in the order of seq. An
  /// event waits for one with a lower seq that another thread is just adding. Any thread.
  void collect() const;

  /// Called under the ledger's lock for each event that is added from now on: be quick, do not
  /// throw, do not call the ledger. An empty function: nobody listens any more.
  void set_listener(Listener listener);

  /// Copies of what is kept, oldest first. Collects before.
  [[nodiscard]] std::vector<LedgerEvent> snapshot() const;

  /// A part of what is kept.
  struct Page {
    std::vector<LedgerEvent> events;  // in the order of seq
    std::uint64_t next = 0;     // read(next) goes on: the seq of the last one that was looked at
    std::uint64_t dropped = 0;  // events behind `after` that are no longer kept
    bool is_last = true;        // nothing is behind it yet
  };

  /// Looks at the events behind the seq `after`, at most `max` of them, and gives those of `kind`
  /// (absent: all). Collects before. Cheap enough to be called often: the lock is held for looking
  /// and for copying bytes. Of an `after` that is still to come it gives nothing, and goes on from
  /// the end.
  [[nodiscard]] Page read(std::uint64_t after, std::size_t max,
                          std::optional<EventKind> kind = std::nullopt) const;

  /// Of the event that was added last; 0: none was.
  [[nodiscard]] std::uint64_t last_seq() const { return next_seq_.load() - 1; }

  /// Lets go of what is kept, as if it had never been: it counts as dropped for nobody. seq goes on
  /// counting. Returns the last seq that is gone.
  std::uint64_t clear();

  /// Events that are no longer kept. Collects before.
  [[nodiscard]] std::uint64_t num_dropped() const;

 private:
  /// What the collecting side has. Reading a ledger collects, so it is mutable.
  struct Collected {
    std::mutex mutex;  // over all below, and the readers' side of the rings
    LedgerStore store;
    Listener listener;
    std::uint64_t next_seq = 1;
    std::uint64_t cleared = 0;  // up to this seq
    // By seq: those that do not fit into a ring.
    std::map<std::uint64_t, Bytes> beside_the_rings;
  };

  std::uint64_t append(LedgerRing& ring, const LedgerRecord& record);
  std::uint64_t append_to_full(LedgerRing& ring, const LedgerRecord& record, std::size_t len);
  std::uint64_t append_to(std::byte* room, LedgerRing& ring, const LedgerRecord& record,
                          std::size_t len);
  // Under Collected::mutex.
  void collect_locked() const;
  /// Takes the event that is next, and what follows it in the same place. False: it is not there.
  [[nodiscard]] bool take_next() const;
  [[nodiscard]] bool take_from(LedgerRing& ring) const;
  void take(ByteView record) const;

  const Listening listening_;
  std::vector<std::unique_ptr<LedgerRing>> rings_;
  std::mutex outside_mutex_;  // over the writer's side of the last ring; taken before the other
  mutable Collected collected_;
  alignas(64) std::atomic<std::uint64_t> next_seq_{1};
};

}  // namespace apns::mock
