#pragma once

#include <string>

#include "mock_apns/fault_rule.h"

namespace apns::mock {

/// The rule as one line of JSON, with those keys only that say something:
///
///   {"when":{"connection":1,"nth":3},"then":{"reject":8},"times":1,"name":"fault-1"}
///
/// read_fault(json::parse(write_fault(rule))) is the rule again, if it is one that read_fault could
/// have made.
[[nodiscard]] std::string write_fault(const FaultRule& rule);

/// As write_fault writes times: "250us", "3ms", "5s".
[[nodiscard]] std::string duration_text(Duration duration);

}  // namespace apns::mock
