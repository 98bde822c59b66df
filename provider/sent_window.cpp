#include "provider/sent_window.h"

#include <cassert>

#include "apns/binary/notification_codec.h"

namespace apns::provider {

void SentWindow::push(const Notification& notification, std::uint64_t ticket) {
  const std::size_t before = bytes_.size();
  binary::encode_notification(notification, next_identifier_, binary::Command::Framed, bytes_);
  entries_.push_back(Entry{.ticket = ticket,
                           .identifier = next_identifier_,
                           .len = static_cast<std::uint32_t>(bytes_.size() - before)});
  if (++next_identifier_ == 0) {
    next_identifier_ = 1;  // a gateway that cannot name a notification says 0
  }
}

void SentWindow::mark_written(std::size_t n, TimePoint now) {
  written_bytes_ += n;
  assert(head_ + written_bytes_ <= bytes_.size());
  while (num_written_ < entries_.size() &&
         written_end_ + entries_[num_written_].len <= written_bytes_) {
    Entry& entry = entries_[num_written_];
    entry.written_at = now;
    entry.was_written = true;
    written_end_ += entry.len;
    ++num_written_;
  }
}

std::size_t SentWindow::rewind() {
  std::size_t again = 0;
  for (Entry& entry : entries_) {
    again += entry.was_written ? 1 : 0;
    entry.written_at = kNever;
  }
  written_bytes_ = 0;
  written_end_ = 0;
  num_written_ = 0;
  return again;
}

void SentWindow::doubt_written() {
  for (std::size_t i = 0; i < num_written_; ++i) {
    entries_[i].in_doubt = true;
  }
}

std::optional<std::size_t> SentWindow::find(std::uint32_t identifier) const {
  if (entries_.empty() || identifier == 0) {
    return std::nullopt;
  }
  const std::uint32_t first = entries_.front().identifier;
  std::size_t index = static_cast<std::uint32_t>(identifier - first);
  if (identifier < first) {
    --index;  // the numbers between wrapped, and 0 was left out
  }
  if (index >= entries_.size() || entries_[index].identifier != identifier) {
    return std::nullopt;
  }
  return index;
}

void SentWindow::pop_front() {
  const std::size_t len = entries_.front().len;
  entries_.pop_front();
  head_ += len;
  if (num_written_ > 0) {
    --num_written_;
    written_bytes_ -= len;
    written_end_ -= len;
  } else {
    written_bytes_ = 0;  // what was partly written goes with it
  }
  // The gone part is cut off once it is the larger one, so that each byte is moved once at most.
  if (head_ >= bytes_.size() - head_) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

}  // namespace apns::provider
