#pragma once

#include <string>

#include "apns/json/document.h"

namespace apns::json {

/// The JSON Pointer (RFC 6901) of the key or value that stands at `position`: "/then/rejct". That
/// of the whole, "", if none does.
[[nodiscard]] std::string pointer_at(const Value& root, Position position);

}  // namespace apns::json
