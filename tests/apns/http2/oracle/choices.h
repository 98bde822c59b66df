#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "apns/base/bytes.h"
#include "apns/base/random.h"

namespace apns::http2::test {

/// Where a generator takes its decisions from: a seed, or bytes that a fuzzer changes. When those
/// are used up, every choice is the first.
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : random_(seed, 0), is_random_(true) {}

  explicit Choices(ByteView bytes) : random_(0, 0), bytes_(bytes) {}

  /// Less than `n`.
  [[nodiscard]] std::uint64_t below(std::uint64_t n) {
    if (is_random_) {
      return random_.next() % n;
    }
    std::uint64_t value = 0;
    for (std::uint64_t range = 1; range < n && bytes_.left() > 0; range <<= 8U) {
      value = value << 8U | bytes_.read<std::uint8_t>();
    }
    return value % n;
  }

  [[nodiscard]] std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }

  /// False when the bytes are used up.
  [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == n - 1; }

  template <class T, std::size_t kSize>
  [[nodiscard]] const T& pick(const std::array<T, kSize>& from) {
    return from[below(kSize)];
  }

  [[nodiscard]] bool has_more() const { return is_random_ || bytes_.left() > 0; }

 private:
  RandomStream random_;
  ByteReader bytes_{ByteView{}};
  bool is_random_ = false;
};

}  // namespace apns::http2::test
