#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/time.h"
#include "provider/provider_token_source.h"

namespace apns::scenarios {

/// What a scenario's provider shows instead of good provider tokens, by the name that its
/// `provider_token` has.
struct ShownProviderToken {
  std::string_view name;
  std::string_view what;  // in words
};

[[nodiscard]] std::span<const ShownProviderToken> shown_provider_tokens();
[[nodiscard]] std::vector<std::string> shown_provider_token_names();

/// `name` is one of them; `clock` is the provider's, and outlives the source. Throws
/// std::runtime_error with OpenSSL's text.
[[nodiscard]] std::unique_ptr<provider::ProviderTokenSource> make_shown_source(
    std::string_view name, const WorldClock& clock);

}  // namespace apns::scenarios
