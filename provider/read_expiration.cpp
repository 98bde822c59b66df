#include "provider/read_expiration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace apns::provider {

namespace {

/// How late a date may be that someone means: the end of 2099.
constexpr std::uint64_t kLatestMeant = 4'102'444'799;

struct Unit {
  const char* name;
  std::uint64_t in_a_second;
};

constexpr std::array<Unit, 3> kUnits{
    {{"milliseconds", 1000}, {"microseconds", 1'000'000}, {"nanoseconds", 1'000'000'000}}};

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

ReadExpiration wrong(std::string found, std::string fix) {
  return ReadExpiration{std::nullopt, std::move(found), std::move(fix)};
}

ReadExpiration wrong_size(std::string_view text, std::uint64_t value) {
  for (const Unit& unit : kUnits) {
    const std::uint64_t seconds = value / unit.in_a_second;
    if (seconds <= kLatestMeant) {
      return wrong("expiration " + std::string(text) + " is in " + unit.name,
                   "send seconds: " + std::to_string(seconds));
    }
  }
  return wrong("expiration " + std::string(text) + " is beyond what 32 bits hold",
               "send at most 4294967295, which is in 2106");
}

}  // namespace

ReadExpiration read_expiration(std::string_view text) {
  constexpr std::string_view kWhole = "send whole seconds since 1970, or 0 for one attempt";
  if (!is_digits(text)) {
    const std::string_view whole = text.substr(0, text.find('.'));
    const bool is_fraction = is_digits(whole) && whole.size() < text.size();
    return wrong("expiration " + std::string(text) +
                     (is_fraction ? " has a fraction" : " is no number of seconds since 1970"),
                 is_fraction ? "send whole seconds: " + std::string(whole) : std::string(kWhole));
  }
  std::uint64_t value = std::numeric_limits<std::uint64_t>::max();  // where it does not fit
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || value > std::numeric_limits<std::uint32_t>::max()) {
    return wrong_size(text, value);
  }
  return ReadExpiration{static_cast<std::uint32_t>(value), {}, {}};
}

}  // namespace apns::provider
