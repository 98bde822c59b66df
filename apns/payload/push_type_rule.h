#pragma once

#include <span>
#include <string_view>

namespace apns {

/// A rule for a payload together with its request, as people read it. Ids are those of the rule
/// catalogue. The service judges by them what it was sent, a provider what it is about to send.
struct PushTypeRule {
  std::string_view rule;  // "push-type/background-is-alone"
  bool is_must = false;
  std::string_view fix;  // what would be right
};

/// All of them. Sources: "Sending notification requests to APNs"; "Pushing background updates to
/// your App"; "Starting and updating Live Activities"; docs/preview.md.
[[nodiscard]] std::span<const PushTypeRule> push_type_rules();

/// By its id, which must be one of them.
[[nodiscard]] const PushTypeRule& push_type_rule(std::string_view rule);

}  // namespace apns
