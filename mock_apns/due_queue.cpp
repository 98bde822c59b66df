#include "mock_apns/due_queue.h"

#include <cassert>

namespace apns::mock {

void DueQueue::add(std::uint32_t place, TimePoint due) {
  if (place >= at_.size()) {
    at_.resize(place + std::size_t{1}, kNowhere);
  }
  assert(at_[place] == kNowhere);
  heap_.push_back(Entry{due, num_added_++, place});
  at_[place] = heap_.size() - 1;
  move_up(heap_.size() - 1);
}

bool DueQueue::remove(std::uint32_t place) {
  if (place >= at_.size() || at_[place] == kNowhere) {
    return false;
  }
  remove_at(at_[place]);
  return true;
}

std::optional<std::uint32_t> DueQueue::take_due(TimePoint now) {
  if (next() > now || heap_.empty()) {
    return std::nullopt;
  }
  const std::uint32_t place = heap_.front().place;
  remove_at(0);
  return place;
}

void DueQueue::remove_at(std::size_t at) {
  at_[heap_[at].place] = kNowhere;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (at == heap_.size()) {
    return;
  }
  put(at, last);
  move_up(at);
  move_down(at_[last.place]);
}

void DueQueue::put(std::size_t at, const Entry& entry) {
  heap_[at] = entry;
  at_[entry.place] = at;
}

void DueQueue::move_up(std::size_t at) {
  const Entry moved = heap_[at];
  while (at > 0 && moved.is_before(heap_[(at - 1) / 2])) {
    put(at, heap_[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  put(at, moved);
}

void DueQueue::move_down(std::size_t at) {
  const Entry moved = heap_[at];
  for (std::size_t child = 2 * at + 1; child < heap_.size(); child = 2 * at + 1) {
    if (child + 1 < heap_.size() && heap_[child + 1].is_before(heap_[child])) {
      ++child;
    }
    if (!heap_[child].is_before(moved)) {
      break;
    }
    put(at, heap_[child]);
    at = child;
  }
  put(at, moved);
}

}  // namespace apns::mock
