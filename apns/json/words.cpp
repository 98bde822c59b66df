#include "apns/json/words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <vector>

namespace apns::json {

namespace {

// Optimal string alignment: insert, delete, replace, swap neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

struct Unit {
  std::string_view name;
  std::int64_t ns;
};

constexpr std::array kUnits{
    Unit{"us", 1'000},         Unit{"ms", 1'000'000},        Unit{"s", 1'000'000'000},
    Unit{"m", 60'000'000'000}, Unit{"h", 3'600'000'000'000},
};

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string> candidates) {
  // At least one letter must be right.
  const std::size_t limit = word.size() < 2 ? 0 : std::clamp<std::size_t>(word.size() / 3, 1, 3);
  std::size_t best = limit + 1;
  std::string_view found;
  for (const std::string_view candidate : candidates) {
    // The distance is at least the difference in length; a long word is not worth the table.
    if (std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size()) > limit) {
      continue;
    }
    if (const std::size_t distance = edit_distance(word, candidate); distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::optional<std::int64_t> parse_duration_ns(std::string_view text) {
  std::uint64_t count = 0;  // unsigned: from_chars takes no sign then
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{}) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const auto* const unit = std::ranges::find(kUnits, text, &Unit::name);
  if (unit == kUnits.end()) {
    return std::nullopt;
  }
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (count > kMax / static_cast<std::uint64_t>(unit->ns)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(count) * unit->ns;
}

}  // namespace apns::json
