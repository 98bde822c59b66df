#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "apns/base/random.h"
#include "apns/base/time.h"

namespace apns::scenarios::search {

/// Draws of one seed, one behind the other. Streams with different ids do not disturb each other.
class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t id) : stream_(seed, id) {}

  [[nodiscard]] std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return random_between(stream_.next(), low, high);
  }

  /// True in so many of a hundred cases.
  [[nodiscard]] bool chance(unsigned percent) { return between(1, 100) <= percent; }

  template <class T, std::size_t N>
  [[nodiscard]] T pick(const std::array<T, N>& choices) {
    return choices.at(between(0, N - 1));
  }

  /// In whole microseconds.
  [[nodiscard]] Duration time(Duration low, Duration high) {
    using std::chrono::microseconds;
    const auto us = [](Duration duration) {
      return static_cast<std::uint64_t>(std::chrono::duration_cast<microseconds>(duration).count());
    };
    return microseconds(between(us(low), us(high)));
  }

 private:
  RandomStream stream_;
};

}  // namespace apns::scenarios::search
