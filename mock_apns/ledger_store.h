#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>

#include "apns/base/bytes.h"

namespace apns::mock {

/// Encoded records, oldest first, bounded by count and bytes: the oldest fall out and are counted.
/// Takes no memory any more once a bound is reached.
class LedgerStore {
 public:
  LedgerStore(std::size_t keep, std::size_t keep_bytes) : keep_(keep), keep_bytes_(keep_bytes) {}

  /// Keeps a copy. A record that is larger than the bound falls out with all that came before.
  void append(ByteView record);

  /// Calls visit(ByteView) for each record that is kept.
  template <class Visitor>
  void for_each(const Visitor& visit) const {
    for_each_from(0, [&visit](ByteView record) {
      visit(record);
      return true;
    });
  }

  /// The same behind the `skip` oldest, until `visit` returns false.
  template <class Visitor>
  void for_each_from(std::size_t skip, const Visitor& visit) const;

  /// All fall out, uncounted.
  void clear();

  [[nodiscard]] std::size_t num_kept() const { return num_kept_; }

  [[nodiscard]] std::uint64_t num_dropped() const { return num_dropped_; }

 private:
  /// Whole records one behind the other, in [begin, end).
  struct Chunk {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t len = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t num_records = 0;
    // Less than num_records: the first of them are dropped. Their memory is long out of the caches,
    // so it is not looked at as long as their count is all that matters.
    std::size_t num_dropped = 0;
  };

  void drop_oldest();
  /// Lets go of the bytes of what is dropped.
  void trim_oldest();
  [[nodiscard]] Chunk& chunk_with_room(std::size_t len);
  static ByteView record_at(const Chunk& chunk, std::size_t at);

  const std::size_t keep_;
  const std::size_t keep_bytes_;
  std::list<Chunk> chunks_;  // in each a record is kept
  std::list<Chunk> spare_;   // at most one, of the usual length
  // At most keep_ records of at most keep_bytes_ together.
  std::size_t num_kept_ = 0;
  std::size_t bytes_ = 0;  // of the chunks: with what is dropped and not yet let go
  std::uint64_t num_dropped_ = 0;
};

template <class Visitor>
void LedgerStore::for_each_from(std::size_t skip, const Visitor& visit) const {
  for (const Chunk& chunk : chunks_) {
    const std::size_t num_kept = chunk.num_records - chunk.num_dropped;
    if (skip >= num_kept) {
      skip -= num_kept;
      continue;
    }
    const std::size_t first = chunk.num_dropped + skip;
    skip = 0;
    std::size_t at = chunk.begin;
    for (std::size_t i = 0; i < chunk.num_records; ++i) {
      const ByteView record = record_at(chunk, at);
      if (i >= first && !visit(record)) {
        return;
      }
      at += record.size();
    }
  }
}

}  // namespace apns::mock
