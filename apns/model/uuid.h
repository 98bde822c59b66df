#pragma once

#include <string_view>

namespace apns {

/// Of an apns-id: 8-4-4-4-12 hex digits, in either case: Apple's own are upper case, its text asks
/// for lower case. Source: "Sending notification requests to APNs", apns-id.
[[nodiscard]] bool is_uuid(std::string_view text);

}  // namespace apns
