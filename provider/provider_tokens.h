#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "apns/auth/ten_character_id.h"
#include "provider/provider_token_source.h"
#include "provider/shared_provider_token.h"

namespace apns::provider {

/// The provider tokens of a program: one for each team and key, however many clients, topics and
/// services there are (Pr0Ger/PyAPNs2#76 had one for each topic). Thread safe.
class ProviderTokens {
 public:
  /// `clock` is the provider's, and outlives it.
  explicit ProviderTokens(const WorldClock& clock, ProviderTokenAges ages = {})
      : clock_(clock), ages_(ages) {}

  /// For one client, on whose thread it is used. Outlived by this object. Of several signers with
  /// the same two ids the first one signs for all.
  [[nodiscard]] std::unique_ptr<ProviderTokenSource> source(auth::ProviderTokenSigner signer);

 private:
  using Ids = std::pair<auth::TenCharacterId, auth::TenCharacterId>;  // of team and key

  const WorldClock& clock_;
  ProviderTokenAges ages_;
  std::mutex mutex_;  // over tokens_
  std::map<Ids, SharedProviderToken> tokens_;
};

}  // namespace apns::provider
