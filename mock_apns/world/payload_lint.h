#pragma once

#include <span>
#include <string_view>

namespace apns::mock {

/// One rule for payloads, as people read it. Ids are those of the rule catalogue.
struct PayloadRule {
  std::string_view rule;  // "payload/badge-is-a-number"
  std::string_view fix;   // what would be right
};

/// What PayloadReader::lint checks, in its order.
[[nodiscard]] std::span<const PayloadRule> payload_rules();

}  // namespace apns::mock
