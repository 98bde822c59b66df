#pragma once

#include <cstdint>

namespace apns {

/// Counter-based random: a pure function of its keys, so that the order of arrival does not matter
/// and one seed gives one run. `a`, `b`, `c` are whatever names the draw: connection number,
/// notification number, rule. The mixer is the finaliser of SplitMix64, applied once per key.
[[nodiscard]] constexpr std::uint64_t random_u64(std::uint64_t seed, std::uint64_t a,
                                                 std::uint64_t b = 0, std::uint64_t c = 0) {
  const auto mix = [](std::uint64_t x) {
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31U);
  };
  return mix(mix(mix(mix(seed) ^ a) ^ b) ^ c);
}

/// Uniform in [low, high], both included. The bias of the modulo is below 2^-32 for ranges under
/// 2^32.
[[nodiscard]] constexpr std::uint64_t random_between(std::uint64_t draw, std::uint64_t low,
                                                     std::uint64_t high) {
  return low + draw % (high - low + 1);
}

/// Uniform in [0, 1).
[[nodiscard]] constexpr double random_unit(std::uint64_t draw) {
  return static_cast<double>(draw >> 11U) * 0x1.0p-53;
}

/// Names one family of draws; two streams with one seed and different ids are independent.
class RandomStream {
 public:
  constexpr RandomStream(std::uint64_t seed, std::uint64_t id) : seed_(seed), id_(id) {}

  [[nodiscard]] constexpr std::uint64_t next() { return random_u64(seed_, id_, counter_++); }

 private:
  std::uint64_t seed_;
  std::uint64_t id_;
  std::uint64_t counter_ = 0;
};

}  // namespace apns
