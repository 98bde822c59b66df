#pragma once

#include <string_view>

#include "provider/outcome.h"

namespace apns::provider {

/// What a person is to do when the service answers nothing but this, as the end of a sentence:
/// "check the key id and ...". For outcomes of RetryRule::Configuration.
[[nodiscard]] std::string_view configuration_advice(const Outcome& outcome);

}  // namespace apns::provider
