#include "mock_apns/latency.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <utility>

#include <fmt/format.h>

#include "apns/base/random.h"
#include "apns/json/document.h"
#include "mock_apns/fault_text.h"

namespace apns::mock {

namespace {

std::optional<Duration> parse_time(std::string_view text) {
  const auto ns = json::parse_duration_ns(text);
  if (!ns || *ns == 0 || Duration(*ns) > Latency::kMax) {
    return std::nullopt;
  }
  return Duration(*ns);
}

std::optional<double> parse_share(std::string_view percent) {
  double value = 0;
  const auto [end, error] = std::from_chars(percent.data(), percent.data() + percent.size(), value,
                                            std::chars_format::fixed);
  const bool fits =
      error == std::errc{} && end == percent.data() + percent.size() && value > 0 && value < 100;
  return fits ? std::optional(value / 100) : std::nullopt;
}

double nanoseconds(Duration time) {
  return static_cast<double>(time.count());
}

Duration to_time(double ns) {
  return Duration(static_cast<Duration::rep>(std::min(ns, nanoseconds(Latency::kMax))));
}

/// How many standard deviations from the middle a share of a normal distribution ends. Halved until
/// nothing is left to halve: asked when a text is read, not per sample.
double deviations_of(double share) {
  double low = -10;
  double high = 10;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    const double below = std::erfc(-middle / std::numbers::sqrt2) / 2;
    (below < share ? low : high) = middle;
  }
  return (low + high) / 2;
}

/// Box and Muller's way from two numbers of equal chance to one of a normal distribution.
double normal(std::uint64_t random) {
  const double first = random_unit(random_u64(random, 1));
  const double second = random_unit(random_u64(random, 2));
  return std::sqrt(-2 * std::log(1 - first)) * std::cos(2 * std::numbers::pi * second);
}

}  // namespace

std::optional<Latency> Latency::parse(std::string_view text) {
  if (text.starts_with('p')) {
    return parse_points(text);
  }
  Latency made;
  const std::size_t dash = text.find('-');
  const auto first = parse_time(text.substr(0, dash));
  if (!first) {
    return std::nullopt;
  }
  if (dash == std::string_view::npos) {
    made.points_ = {Point{.share = 1, .time = *first}};
    return made;
  }
  const auto last = parse_time(text.substr(dash + 1));
  if (!last || *last <= *first) {
    return std::nullopt;
  }
  made.kind_ = Kind::Uniform;
  made.points_ = {Point{.share = 0, .time = *first}, Point{.share = 1, .time = *last}};
  return made;
}

std::optional<Latency> Latency::parse_points(std::string_view text) {
  Latency made;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    const std::string_view part = text.substr(0, blank);
    text.remove_prefix(std::min(blank + 1, text.size()));
    const std::size_t equals = part.find('=');
    if (!part.starts_with('p') || equals == std::string_view::npos) {
      return std::nullopt;
    }
    const auto share = parse_share(part.substr(1, equals - 1));
    const auto time = parse_time(part.substr(equals + 1));
    if (!share || !time) {
      return std::nullopt;
    }
    if (!made.points_.empty() &&
        (*share <= made.points_.back().share || *time <= made.points_.back().time)) {
      return std::nullopt;
    }
    made.points_.push_back(Point{.share = *share, .time = *time});
  }
  if (made.points_.size() < 2) {
    return std::nullopt;
  }
  made.kind_ = made.points_.size() == 2 ? Kind::LogNormal : Kind::Table;
  if (made.kind_ == Kind::LogNormal) {
    made.fit();
  }
  return made;
}

void Latency::fit() {
  const double low = std::log(nanoseconds(points_.front().time));
  const double high = std::log(nanoseconds(points_.back().time));
  const double low_at = deviations_of(points_.front().share);
  sigma_ = (high - low) / (deviations_of(points_.back().share) - low_at);
  mu_ = low - sigma_ * low_at;
}

Duration Latency::at_normal(double deviations) const {
  return to_time(std::exp(mu_ + sigma_ * deviations));
}

Duration Latency::at(double share) const {
  const auto above = std::ranges::lower_bound(points_, share, {}, &Point::share);
  if (above == points_.begin()) {
    return above->time;
  }
  if (above == points_.end()) {
    return points_.back().time;
  }
  const Point& below = *std::prev(above);
  const double part = (share - below.share) / (above->share - below.share);
  const double from = nanoseconds(below.time);
  return to_time(from + part * (nanoseconds(above->time) - from));
}

Duration Latency::draw(std::uint64_t random) const {
  return kind_ == Kind::LogNormal ? at_normal(normal(random)) : at(random_unit(random));
}

Duration Latency::quantile(double share) const {
  return kind_ == Kind::LogNormal ? at_normal(deviations_of(share)) : at(share);
}

std::string Latency::text() const {
  if (kind_ == Kind::Constant) {
    return duration_text(points_.front().time);
  }
  if (kind_ == Kind::Uniform) {
    return duration_text(points_.front().time) + "-" + duration_text(points_.back().time);
  }
  std::string text;
  for (const Point& point : points_) {
    // As few digits as name the same share: 100 x 0.999 is not quite 99.9.
    text += fmt::format("{}p{:.10g}={}", text.empty() ? "" : " ", point.share * 100,
                        duration_text(point.time));
  }
  return text;
}

}  // namespace apns::mock
