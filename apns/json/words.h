#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Words that people write, in JSON and on the command line.
namespace apns::json {

/// The candidate nearest to `word` by edit distance (a swap of neighbours is one edit), if it is
/// near enough to be meant: a third of the word's letters, at least one, at most three. Of equals
/// the first. Empty: none is. The view is into `candidates`.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string> candidates);

/// A duration as people write it: a whole number and its unit, "30us", "200ms", "5s", "61m", "2h".
/// Nullopt: not one (a bare number, a sign, a blank, another unit), or above 292 years.
[[nodiscard]] std::optional<std::int64_t> parse_duration_ns(std::string_view text);

}  // namespace apns::json
