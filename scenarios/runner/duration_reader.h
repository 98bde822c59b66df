#pragma once

#include <string_view>

#include "apns/base/time.h"
#include "apns/json/document.h"

namespace apns::scenarios {

/// A text with a unit: "200ms", "5s", "61m". Throws json::Error.
[[nodiscard]] Duration read_duration(const json::Value& value, std::string_view what);

}  // namespace apns::scenarios
