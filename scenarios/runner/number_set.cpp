#include "scenarios/runner/number_set.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace apns::scenarios {
namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number == 0) {
    return std::nullopt;
  }
  return number;
}

std::optional<NumberSet::Range> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<std::uint64_t> first = parse_number(text.substr(0, dash));
  if (!first) {
    return std::nullopt;
  }
  if (dash == std::string_view::npos) {
    return NumberSet::Range{*first, *first};
  }
  if (dash + 1 == text.size()) {
    return NumberSet::Range{*first, UINT64_MAX};
  }
  const std::optional<std::uint64_t> last = parse_number(text.substr(dash + 1));
  if (!last || *last < *first) {
    return std::nullopt;
  }
  return NumberSet::Range{*first, *last};
}

}  // namespace

std::optional<NumberSet> NumberSet::parse(std::string_view text) {
  NumberSet set;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::optional<Range> range = parse_range(text.substr(0, comma));
    if (!range) {
      return std::nullopt;
    }
    set.add(range->first, range->last);
    if (comma == std::string_view::npos) {
      return set;
    }
    text.remove_prefix(comma + 1);
  }
}

void NumberSet::add(std::uint64_t first, std::uint64_t last) {
  Range merged{first, last};
  std::vector<Range> ranges;
  for (const Range& range : ranges_) {
    const bool before = range.last < merged.first && merged.first - range.last > 1;
    const bool behind = range.first > merged.last && range.first - merged.last > 1;
    if (before || behind) {
      ranges.push_back(range);
    } else {
      merged.first = std::min(merged.first, range.first);
      merged.last = std::max(merged.last, range.last);
    }
  }
  const auto at = std::find_if(ranges.begin(), ranges.end(),
                               [&](const Range& range) { return range.first > merged.first; });
  ranges.insert(at, merged);
  ranges_ = std::move(ranges);
}

bool NumberSet::contains(std::uint64_t number) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [number](const Range& range) {
    return number >= range.first && number <= range.last;
  });
}

std::string NumberSet::to_string() const {
  std::string text;
  for (const Range& range : ranges_) {
    text += text.empty() ? "" : ",";
    text += std::to_string(range.first);
    if (range.last == UINT64_MAX) {
      text += "-";
    } else if (range.last != range.first) {
      text += "-" + std::to_string(range.last);
    }
  }
  return text;
}

}  // namespace apns::scenarios
