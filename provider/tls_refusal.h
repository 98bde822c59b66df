#pragma once

#include <optional>
#include <string>

#include "apns/tls/failure.h"

namespace apns::provider {

/// What to tell when a certificate was refused, ours or the service's, which no new connection
/// mends. `service`: "the gateway". Nullopt: the failure was about something else.
[[nodiscard]] std::optional<std::string> certificate_refusal(const tls::Failure& failure,
                                                             const std::string& service);

}  // namespace apns::provider
