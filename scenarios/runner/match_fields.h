#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "apns/json/document.h"
#include "apns/json/field_table.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// A match of ledger events as a file has it: an entry of expect.ledger, or a wait_for.
struct MatchDraft {
  EventMatch match;
  std::optional<std::uint64_t> each;
  std::optional<std::uint64_t> min_count;
  std::optional<std::uint64_t> max_count;
  bool in_order = false;
  bool distinct_identifiers = false;
};

/// An entry of expect.ledger.
[[nodiscard]] std::span<const json::Field<ShownMatch>> shown_fields();
[[nodiscard]] std::span<const json::Field<MatchDraft>> ledger_fields();

/// A wait_for: the keys of a match, and `count`.
[[nodiscard]] std::span<const json::Field<MatchDraft>> wait_fields();

/// {"min": 1, "max": 3}.
[[nodiscard]] std::span<const json::Field<MatchDraft>> count_fields();

/// Throws json::Error when `value`, which was read into `draft`, has keys or an outcome that its
/// event never has.
void check_match(const MatchDraft& draft, const json::Value& value);

/// A set of numbers: 4, "4", "1-3,5-47". Throws json::Error.
[[nodiscard]] NumberSet read_numbers(const json::Value& value, std::string_view what);

}  // namespace apns::scenarios
