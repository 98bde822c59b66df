#pragma once

#include <optional>
#include <vector>

#include "apns/json/document.h"
#include "mock_apns/fault_keys.h"
#include "mock_apns/fault_rule.h"

/// Inside of fault_syntax.h: what the keys of a rule mean together.
namespace apns::mock::syntax {

/// `rule` is what `entries` say. Throws Refusal: nothing that the rule asks for exists in the
/// protocol that it is for; keys that exclude each other; no action. `then` and `whole` are as in
/// compile().
void check_rule(const FaultRule& rule, const std::vector<Entry>& entries,
                std::optional<json::Position> then, json::Position whole);

}  // namespace apns::mock::syntax
