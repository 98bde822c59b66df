#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "apns/base/time.h"

namespace apns::mock {

/// What waits for its time, by small numbers (places in a table), each of which waits once at most.
/// A binary heap that knows where each place is: adding, removing and taking cost the logarithm of
/// what waits, and memory is kept for as much as has waited at once.
///
///   add(7, 2s), add(3, 1s), add(5, 2s)   next() = 1s; take_due(2s) = 3, 7, 5, nullopt
class DueQueue {
 public:
  /// `place` is not in it.
  void add(std::uint32_t place, TimePoint due);

  /// False: it is not in it.
  bool remove(std::uint32_t place);

  /// When the first is due; kNever: nothing waits.
  [[nodiscard]] TimePoint next() const { return heap_.empty() ? kNever : heap_.front().due; }

  /// Takes out the first that is due by `now`; those of one time in the order of adding.
  [[nodiscard]] std::optional<std::uint32_t> take_due(TimePoint now);

  [[nodiscard]] std::size_t size() const { return heap_.size(); }

 private:
  static constexpr std::size_t kNowhere = SIZE_MAX;

  struct Entry {
    TimePoint due;
    std::uint64_t order;
    std::uint32_t place;

    [[nodiscard]] bool is_before(const Entry& other) const {
      return due != other.due ? due < other.due : order < other.order;
    }
  };

  void put(std::size_t at, const Entry& entry);
  void move_up(std::size_t at);
  void move_down(std::size_t at);
  void remove_at(std::size_t at);

  std::vector<Entry> heap_;      // no entry is before its parent
  std::vector<std::size_t> at_;  // by place: where in heap_; kNowhere
  std::uint64_t num_added_ = 0;
};

}  // namespace apns::mock
