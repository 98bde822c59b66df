#include "apns/base/rfc3339.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace apns {

namespace {

using std::chrono::microseconds;

/// Reads a text from its front. Once something did not fit, nothing does.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : left_(text) {}

  /// Exactly so many digits, from `low` to `high`.
  int number(std::size_t num_digits, int low, int high) {
    int value = 0;
    for (std::size_t i = 0; i < num_digits; ++i) {
      value = value * 10 + digit();
    }
    fits_ = fits_ && low <= value && value <= high;
    return value;
  }

  /// One of `wanted`, which is returned; 0: none of them is next.
  char one_of(std::string_view wanted) {
    if (left_.empty() || wanted.find(left_.front()) == std::string_view::npos) {
      fits_ = false;
      return 0;
    }
    const char found = left_.front();
    left_.remove_prefix(1);
    return found;
  }

  [[nodiscard]] bool has(char next) const { return !left_.empty() && left_.front() == next; }

  /// The digits behind a point, at least one.
  microseconds fraction() {
    int value = digit();
    int num_digits = 1;
    while (fits_ && !left_.empty() && is_digit(left_.front())) {
      const int next = digit();
      value = num_digits < 6 ? value * 10 + next : value;
      ++num_digits;
    }
    for (; num_digits < 6; ++num_digits) {
      value *= 10;
    }
    return microseconds(value);
  }

  [[nodiscard]] bool is_done() const { return fits_ && left_.empty(); }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  int digit() {
    if (left_.empty() || !is_digit(left_.front())) {
      fits_ = false;
      return 0;
    }
    const int value = left_.front() - '0';
    left_.remove_prefix(1);
    return value;
  }

  std::string_view left_;
  bool fits_ = true;
};

std::chrono::minutes read_offset(Cursor& in) {
  const char sign = in.one_of("Zz+-");
  if (sign != '+' && sign != '-') {
    return {};
  }
  const std::chrono::hours hours(in.number(2, 0, 23));
  (void)in.one_of(":");
  const std::chrono::minutes offset = hours + std::chrono::minutes(in.number(2, 0, 59));
  return sign == '+' ? offset : -offset;
}

}  // namespace

std::optional<WorldTime> parse_rfc3339(std::string_view text) {
  Cursor in(text);
  const std::chrono::year year(in.number(4, 0, 9999));
  (void)in.one_of("-");
  const std::chrono::month month(static_cast<unsigned>(in.number(2, 1, 12)));
  (void)in.one_of("-");
  const std::chrono::day day(static_cast<unsigned>(in.number(2, 1, 31)));
  (void)in.one_of("Tt ");
  const std::chrono::hours hours(in.number(2, 0, 23));
  (void)in.one_of(":");
  const std::chrono::minutes minutes(in.number(2, 0, 59));
  (void)in.one_of(":");
  const std::chrono::seconds seconds(in.number(2, 0, 60));
  microseconds fraction{};
  if (in.has('.')) {
    (void)in.one_of(".");
    fraction = in.fraction();
  }
  const std::chrono::minutes offset = read_offset(in);
  const std::chrono::year_month_day date(year, month, day);
  if (!in.is_done() || !date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + hours + minutes + seconds + fraction - offset;
}

std::string to_rfc3339(WorldTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<microseconds> clock(time - day);
  std::array<char, 64> text{};
  int len = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  std::string whole(text.data(), static_cast<std::size_t>(len));
  if (clock.subseconds().count() != 0) {
    len = std::snprintf(text.data(), text.size(), ".%06d",
                        static_cast<int>(clock.subseconds().count()));
    whole.append(text.data(), static_cast<std::size_t>(len));
  }
  return whole + "Z";
}

}  // namespace apns
