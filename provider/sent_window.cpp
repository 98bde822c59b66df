#include "provider/sent_window.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "apns/binary/notification_codec.h"

namespace apns::provider {

namespace {

constexpr std::size_t kFirstSlots = 64;
constexpr std::size_t kFirstBytes = 16384;

}  // namespace

void SentWindow::push(const Notification& notification, std::uint64_t ticket) {
  assert(has_room());
  const std::size_t len = binary::framed_len(notification);
  // What is remembered and what is open share the room, so that all may be open again.
  while (first_ < front_ &&
         (end_ - first_ >= max_len_ || open_bytes_ + remembered_bytes_ >= max_bytes_)) {
    forget_oldest();
  }
  reserve_slot();
  const std::size_t at = reserve_bytes(len);
  binary::encode_framed(notification, next_identifier_, std::span(ring_).subspan(at, len));
  tail_ = at + len;
  Entry& entry = slot(end_++);
  entry = Entry();
  entry.ticket = ticket;
  entry.at = at;
  entry.len = static_cast<std::uint32_t>(len);
  entry.identifier = next_identifier_;
  open_bytes_ += len;
  if (++next_identifier_ == 0) {
    next_identifier_ = 1;  // a gateway that cannot name a notification says 0
  }
}

void SentWindow::forget_oldest() {
  remembered_bytes_ -= slot(first_++).len;
}

void SentWindow::reserve_slot() {
  if (end_ - first_ < slots_.size()) {
    return;
  }
  std::vector<Entry> larger(std::max(kFirstSlots, 2 * slots_.size()));
  for (std::uint64_t i = first_; i < end_; ++i) {
    larger[i & (larger.size() - 1)] = slot(i);
  }
  slots_ = std::move(larger);
}

std::size_t SentWindow::reserve_bytes(std::size_t len) {
  for (;;) {
    if (first_ == end_) {
      tail_ = 0;
      if (ring_.size() >= len) {
        return 0;
      }
    } else if (is_wrapped()) {
      if (slot(first_).at - tail_ >= len) {
        return tail_;
      }
    } else if (ring_.size() - tail_ >= len) {
      return tail_;
    } else if (slot(first_).at >= len) {
      upper_end_ = tail_;
      return 0;
    }
    if (first_ < front_ && ring_.size() >= max_bytes_) {
      forget_oldest();
    } else {
      grow_ring(len);
    }
  }
}

void SentWindow::grow_ring(std::size_t len) {
  std::vector<std::byte> larger(std::max({kFirstBytes, 2 * ring_.size(), std::bit_ceil(len)}));
  std::size_t at = 0;
  for (std::uint64_t i = first_; i < end_; ++i) {
    Entry& entry = slot(i);
    const auto frame = ring_.begin() + static_cast<std::ptrdiff_t>(entry.at);
    std::copy(frame, frame + static_cast<std::ptrdiff_t>(entry.len),
              larger.begin() + static_cast<std::ptrdiff_t>(at));
    entry.at = at;
    at += entry.len;
  }
  ring_ = std::move(larger);
  tail_ = at;
}

ByteView SentWindow::unwritten() const {
  if (written_ == end_) {
    return {};
  }
  const std::size_t begin = slot(written_).at + partial_;
  return ByteView(ring_).subspan(begin, (begin < tail_ ? tail_ : upper_end_) - begin);
}

void SentWindow::mark_written(std::size_t n, TimePoint now) {
  partial_ += n;
  written_bytes_ += n;
  while (written_ != end_ && partial_ >= slot(written_).len) {
    Entry& entry = slot(written_++);
    partial_ -= entry.len;
    entry.written_at = now;
    entry.was_written = true;
  }
  assert(written_ != end_ || partial_ == 0);
}

std::size_t SentWindow::rewind() {
  first_ = front_;
  remembered_bytes_ = 0;
  written_ = front_;
  partial_ = 0;
  written_bytes_ = 0;
  std::size_t again = 0;
  for (std::uint64_t i = front_; i < end_; ++i) {
    Entry& entry = slot(i);
    again += entry.was_written ? 1 : 0;
    entry.written_at = kNever;
  }
  return again;
}

void SentWindow::doubt_written() {
  for (std::uint64_t i = front_; i < written_; ++i) {
    slot(i).in_doubt = true;
  }
}

std::optional<std::ptrdiff_t> SentWindow::find(std::uint32_t identifier) const {
  if (first_ == end_ || identifier == 0) {
    return std::nullopt;
  }
  const std::uint32_t oldest = slot(first_).identifier;
  std::uint64_t distance = static_cast<std::uint32_t>(identifier - oldest);
  if (identifier < oldest) {
    --distance;  // the numbers between wrapped, and 0 was left out
  }
  if (distance >= end_ - first_ || slot(first_ + distance).identifier != identifier) {
    return std::nullopt;
  }
  return static_cast<std::ptrdiff_t>(distance) - static_cast<std::ptrdiff_t>(front_ - first_);
}

void SentWindow::settle_front() {
  assert(front_ < written_);
  Entry& entry = slot(front_++);
  entry.is_reported = true;
  open_bytes_ -= entry.len;
  written_bytes_ -= entry.len;
  remembered_bytes_ += entry.len;
}

void SentWindow::pop_front() {
  assert(!empty());
  open_bytes_ -= slot(front_).len;
  if (front_ == written_) {
    ++written_;
    written_bytes_ -= partial_;
    partial_ = 0;  // what was partly written goes with it
  } else {
    written_bytes_ -= slot(front_).len;
  }
  first_ = ++front_;
  remembered_bytes_ = 0;
}

void SentWindow::reopen_from(std::ptrdiff_t index) {
  assert(index <= 0 && static_cast<std::uint64_t>(-index) <= num_remembered());
  first_ = front_ - static_cast<std::uint64_t>(-index);
  remembered_bytes_ = 0;
  while (front_ != first_) {
    const std::size_t len = slot(--front_).len;
    open_bytes_ += len;
    written_bytes_ += len;
  }
}

void SentWindow::forget_written_before(TimePoint when) {
  while (first_ < front_ && slot(first_).written_at < when) {
    forget_oldest();
  }
}

}  // namespace apns::provider
