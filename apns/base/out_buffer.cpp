#include "apns/base/out_buffer.h"

#include <algorithm>
#include <cassert>

namespace apns {

void OutBuffer::add_break() {
  if (!empty() && (breaks_.empty() || breaks_.back() != bytes_.size())) {
    breaks_.push_back(bytes_.size());
  }
}

ByteView OutBuffer::pending() const {
  const std::size_t end = breaks_.empty() ? bytes_.size() : breaks_.front();
  return ByteView(bytes_).subspan(at_, end - at_);
}

void OutBuffer::consume(std::size_t n) {
  assert(n <= pending().size());
  at_ += n;
  if (!breaks_.empty() && breaks_.front() == at_) {
    breaks_.erase(breaks_.begin());
  }
  if (at_ == bytes_.size()) {
    clear();
  } else if (at_ >= bytes_.size() - at_) {
    // The gone part is cut off once it is the larger one, so that each byte is moved once at most.
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(at_));
    for (std::size_t& end : breaks_) {
      end -= at_;
    }
    at_ = 0;
  }
}

void OutBuffer::clear() {
  at_ = 0;
  breaks_.clear();
  if (bytes_.capacity() > kKeepCapacity) {
    Bytes().swap(bytes_);
  } else {
    bytes_.clear();
  }
}

}  // namespace apns
