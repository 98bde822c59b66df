#pragma once

#include <cstddef>
#include <vector>

#include "apns/base/bytes.h"

namespace apns {

/// Bytes that wait for the layer below, with explicit breaks between runs (see Engine::pending).
/// What was consumed is cut off once it is the larger part, so a buffer that never runs empty stays
/// bounded. Gives its memory back when it runs empty and was large: an idle connection keeps none.
class OutBuffer {
 public:
  [[nodiscard]] Bytes& bytes() { return bytes_; }

  void append(ByteView run) { bytes_.insert(bytes_.end(), run.begin(), run.end()); }

  /// What follows is not merged with what was appended so far. Two breaks in a row are one.
  void add_break();

  [[nodiscard]] ByteView pending() const;

  [[nodiscard]] std::size_t size() const { return bytes_.size() - at_; }

  [[nodiscard]] bool empty() const { return size() == 0; }

  void consume(std::size_t n);
  void clear();

 private:
  static constexpr std::size_t kKeepCapacity = 512;

  Bytes bytes_;
  std::size_t at_ = 0;               // first byte not yet consumed
  std::vector<std::size_t> breaks_;  // ascending offsets into bytes_, all > at_
};

}  // namespace apns
