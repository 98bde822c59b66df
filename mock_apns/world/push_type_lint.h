#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "mock_apns/world/payload_request.h"

namespace apns::mock {

/// A rule for a payload together with its request. Ids are those of the rule catalogue.
struct PushTypeRule {
  std::string_view rule;  // "push-type/background-is-alone"
  bool is_must = false;
  std::string_view fix;  // what would be right
};

/// What PayloadReader::examine checks beyond payload_rules(), in its order.
[[nodiscard]] std::span<const PushTypeRule> push_type_rules();

}  // namespace apns::mock
