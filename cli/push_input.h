#pragma once

#include <cstdint>
#include <string>

#include "cli/push_session.h"

namespace apns::cli {

/// One line of `push --input`, with what only HTTP/2 can say as well:
///
///   {"device_token": "a1…", "payload": {…} or text, "priority": 10, "expiration": 0, "n": 7,
///    "topic": "com.example.app", "push_type": "alert", "apns_id": "…", "collapse_id": "score"}
///
/// The first two are needed; `n` is the line's number else. Other keys are ignored, so that a
/// driver's `send` lines can be fed as they are. Throws json::Error with `file`, line and column.
[[nodiscard]] PushItem parse_push_line(const std::string& line, std::uint64_t number,
                                       const std::string& file);

}  // namespace apns::cli
