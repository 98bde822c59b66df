#include "mock_apns/ledger.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace apns::mock {

Ledger::Ledger(const Options& options)
    : listening_(options.listening),
      collected_{.mutex = {},
                 .store = LedgerStore(options.keep, options.keep_bytes),
                 .listener = {},
                 .beside_the_rings = {}} {
  for (unsigned i = 0; i <= options.threads; ++i) {
    rings_.push_back(std::make_unique<LedgerRing>(options.ring_bytes));
  }
}

std::uint64_t Ledger::add(unsigned ring, const LedgerRecord& record) {
  assert(ring < num_rings());
  std::uint64_t seq = 0;
  if (ring == outside_ring()) {
    const std::lock_guard lock(outside_mutex_);
    seq = append(*rings_[ring], record);
  } else {
    seq = append(*rings_[ring], record);
  }
  if (listening_ == Listening::AtOnce) {
    collect();
  }
  return seq;
}

std::uint64_t Ledger::append(LedgerRing& ring, const LedgerRecord& record) {
  const std::size_t len = encoded_len(record);
  std::byte* const room = ring.reserve(len);
  return room != nullptr ? append_to(room, ring, record, len) : append_to_full(ring, record, len);
}

// The seq is taken as late as can be: until publish() all later events wait for this one.
std::uint64_t Ledger::append_to(std::byte* room, LedgerRing& ring, const LedgerRecord& record,
                                std::size_t len) {
  const std::uint64_t seq = next_seq_.fetch_add(1, std::memory_order_relaxed);
  encode(record, seq, len, room);
  ring.publish();
  return seq;
}

std::uint64_t Ledger::append_to_full(LedgerRing& ring, const LedgerRecord& record,
                                     std::size_t len) {
  const std::lock_guard lock(collected_.mutex);
  collect_locked();
  std::byte* const room = ring.reserve(len);
  if (room != nullptr) {
    return append_to(room, ring, record, len);
  }
  // Too long, or the ring's records wait for an event that another thread is just adding.
  Bytes bytes(len);
  const std::uint64_t seq = next_seq_.fetch_add(1, std::memory_order_relaxed);
  encode(record, seq, len, bytes.data());
  collected_.beside_the_rings.emplace(seq, std::move(bytes));
  collect_locked();
  return seq;
}

void Ledger::collect() const {
  const std::lock_guard lock(collected_.mutex);
  collect_locked();
}

// One look at each ring, so that writers who never pause do not keep the caller for ever.
void Ledger::collect_locked() const {
  for (const auto& ring : rings_) {
    ring->look();
  }
  while (take_next()) {
  }
}

bool Ledger::take_from(LedgerRing& ring) const {
  const std::uint64_t first = collected_.next_seq;
  for (ByteView record = ring.front();
       !record.empty() && record_seq(record.data()) == collected_.next_seq; record = ring.front()) {
    take(record);
    ring.pop();
  }
  return collected_.next_seq != first;
}

bool Ledger::take_next() const {
  for (const auto& ring : rings_) {
    if (take_from(*ring)) {
      return true;
    }
  }
  auto& beside = collected_.beside_the_rings;
  if (!beside.empty() && beside.begin()->first == collected_.next_seq) {
    take(beside.begin()->second);
    beside.erase(beside.begin());
    return true;
  }
  return false;
}

void Ledger::take(ByteView record) const {
  ++collected_.next_seq;
  if (collected_.listener) {
    collected_.listener(decode(record));
  }
  collected_.store.append(record);
}

void Ledger::set_listener(Listener listener) {
  const std::lock_guard lock(collected_.mutex);
  collect_locked();
  collected_.listener = std::move(listener);
}

std::vector<LedgerEvent> Ledger::snapshot() const {
  const std::lock_guard lock(collected_.mutex);
  collect_locked();
  std::vector<LedgerEvent> events;
  events.reserve(collected_.store.num_kept());
  collected_.store.for_each([&events](ByteView record) { events.push_back(decode(record)); });
  return events;
}

Ledger::Page Ledger::read(std::uint64_t after, std::size_t max,
                          std::optional<EventKind> kind) const {
  Page page;
  std::vector<Bytes> records;
  {
    const std::lock_guard lock(collected_.mutex);
    collect_locked();
    const std::uint64_t first_kept = collected_.next_seq - collected_.store.num_kept();
    const std::uint64_t from = std::max(after, collected_.cleared) + 1;
    page.dropped = first_kept > from ? first_kept - from : 0;
    page.next = collected_.next_seq - 1;
    std::size_t num_seen = 0;
    const auto copy = [&](ByteView record) {
      if (num_seen++ == max) {
        page.is_last = false;
        page.next = record_seq(record.data()) - 1;
        return false;
      }
      if (!kind || record_kind(record.data()) == *kind) {
        records.emplace_back(record.begin(), record.end());
      }
      return true;
    };
    if (from < collected_.next_seq) {
      collected_.store.for_each_from(from > first_kept ? from - first_kept : 0, copy);
    }
  }
  page.events.reserve(records.size());
  for (const Bytes& record : records) {
    page.events.push_back(decode(record));
  }
  return page;
}

std::uint64_t Ledger::clear() {
  const std::lock_guard lock(collected_.mutex);
  collect_locked();
  collected_.store.clear();
  collected_.cleared = collected_.next_seq - 1;
  return collected_.cleared;
}

std::uint64_t Ledger::num_dropped() const {
  const std::lock_guard lock(collected_.mutex);
  collect_locked();
  return collected_.store.num_dropped();
}

}  // namespace apns::mock
