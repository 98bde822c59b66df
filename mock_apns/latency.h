#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/time.h"

namespace apns::mock {

/// How long answers take, as people write it:
///
///   40ms                      always so long
///   20ms-80ms                 anything from the one to the other, all as likely
///   p50=40ms p99=200ms        log-normal: half of them up to 40 ms, 99 of 100 up to 200 ms
///   p50=40ms p90=90ms p99=1s  a table: straight lines between the points, and nothing outside
///
/// Times are whole numbers with a unit (us, ms, s, m, h), above 0 and up to kMax, and grow with the
/// percentage, which is above 0 and below 100 and may have a fraction ("p99.9").
class Latency {
 public:
  static constexpr Duration kMax = std::chrono::hours(24);

  /// Nullopt: none of the above.
  [[nodiscard]] static std::optional<Latency> parse(std::string_view text);

  /// A sample: the same for the same number (random_u64), never above kMax.
  [[nodiscard]] Duration draw(std::uint64_t random) const;

  /// What `share` of all samples do not pass, from 0 to 1, both excluded.
  [[nodiscard]] Duration quantile(double share) const;

  /// As it is written, so that parse() makes the same of it.
  [[nodiscard]] std::string text() const;

  [[nodiscard]] bool operator==(const Latency&) const = default;

 private:
  enum class Kind : std::uint8_t { Constant, Uniform, LogNormal, Table };

  struct Point {
    double share = 0;  // of all samples
    Duration time{};   // that they do not pass

    [[nodiscard]] bool operator==(const Point&) const = default;
  };

  [[nodiscard]] static std::optional<Latency> parse_points(std::string_view text);

  void fit();  // LogNormal

  [[nodiscard]] Duration at(double share) const;              // all but LogNormal
  [[nodiscard]] Duration at_normal(double deviations) const;  // LogNormal

  Kind kind_ = Kind::Constant;
  std::vector<Point> points_;  // at least one; share and time ascend
  double mu_ = 0;              // of the logarithm of nanoseconds
  double sigma_ = 0;
};

}  // namespace apns::mock
