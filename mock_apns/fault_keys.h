#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apns/json/document.h"
#include "mock_apns/fault_rule.h"
#include "mock_apns/fault_value.h"

/// Inside of fault_syntax.h: the one table of keys, and what they mean together.
namespace apns::mock::syntax {

/// The part of a rule that a key belongs to.
enum class Place : std::uint8_t { Top, When, Then };

/// One key with its value. Both syntaxes are cut into these.
struct Entry {
  Place place = Place::Top;
  std::string key;               // with dots: "error_packet.split"
  json::Position head_position;  // of its first name
  json::Position position;       // of its last name
  Scalar value;
};

/// Is `key` `parent` itself, or below it?
[[nodiscard]] inline bool is_within(std::string_view key, std::string_view parent) {
  return key.starts_with(parent) && (key.size() == parent.size() || key[parent.size()] == '.');
}

/// The names that may follow `group` ("" or "error_packet.").
[[nodiscard]] std::vector<std::string> names_in(Place place, std::string_view group);

/// Makes the rule. `then` is where its actions stand, absent if there is no such part; `whole` is
/// where the rule begins. Throws Refusal: a key that is unknown, in the wrong place or given twice;
/// a value of the wrong type; what check_rule (fault_checks.h) refuses.
[[nodiscard]] FaultRule compile(const std::vector<Entry>& entries,
                                std::optional<json::Position> then, json::Position whole);

}  // namespace apns::mock::syntax
