#pragma once

#include <optional>

#include "apns/base/time.h"

namespace apns::provider {

/// Has a device registered since its app was found gone? Then its device token is good, whoever
/// said otherwise: the feedback service or a status 410 (node-apn/node-apn#409). A time of the same
/// instant counts as newer: it is no reason to drop, and a push to a device token that is gone for
/// good brings another.
[[nodiscard]] bool has_registered_since(WorldTime gone_since,
                                        const std::optional<WorldTime>& registered_at);

/// The later of a registration that is known, if any, and another.
[[nodiscard]] WorldTime newest_registration(const std::optional<WorldTime>& known, WorldTime at);

}  // namespace apns::provider
