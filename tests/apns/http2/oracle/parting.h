#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "tests/apns/http2/oracle/oracle.h"

/// What the tables of known differences ask of a Parting.
namespace apns::http2::test {

[[nodiscard]] constexpr auto code(ErrorCode of) {
  return static_cast<std::uint32_t>(of);
}

[[nodiscard]] inline bool is_ours(const Parting& at, Rule rule) {
  return at.ours.rule == rule;
}

template <class... Rules>
[[nodiscard]] bool is_one_of(const Parting& at, Rules... rules) {
  return (is_ours(at, rules) || ...);
}

[[nodiscard]] inline bool is_silent(const Step& step) {
  return step.blame() == Blame::None;
}

/// Ours takes a message that the other resets its stream for.
[[nodiscard]] inline bool is_taken(const Parting& at) {
  return is_silent(at.ours) && at.ours.kind && at.theirs.blame() == Blame::Stream;
}

template <class Predicate>
[[nodiscard]] bool has_field(const Parting& at, Predicate predicate) {
  return std::ranges::any_of(at.ours.fields, [&predicate](const auto& field) {
    return predicate(std::string_view(field.first), std::string_view(field.second));
  });
}

[[nodiscard]] inline std::size_t count_fields(const Parting& at, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count(
      at.ours.fields, name, [](const auto& field) { return std::string_view(field.first); }));
}

}  // namespace apns::http2::test
