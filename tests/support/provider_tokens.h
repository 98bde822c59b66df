#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "apns/auth/private_key_file.h"
#include "apns/auth/provider_token_signer.h"
#include "apns/base/time.h"
#include "certs/certificate_factory.h"
#include "mock_apns/world/team_keys.h"
#include "tests/golden/provider_token_golden.h"

namespace apns::test {

[[nodiscard]] inline auth::TenCharacterId ten(std::string_view text) {
  return *auth::TenCharacterId::parse(text);
}

/// A team's key with both halves: what a provider has, and what the world has. Tokens that it signs
/// are the same each time.
class TokenSource {
 public:
  /// The key of the golden provider tokens.
  TokenSource() : TokenSource("KEY0000001", "TEAM000001", golden_key()) {}

  /// Another one.
  TokenSource(std::string_view key_id, std::string_view team_id)
      : TokenSource(key_id, team_id, certs::make_p256_key()) {}

  [[nodiscard]] std::string at(std::chrono::sys_seconds issued_at) const {
    return *signer_.make(issued_at);
  }

  [[nodiscard]] std::string at(WorldTime issued_at) const {
    return at(std::chrono::floor<std::chrono::seconds>(issued_at));
  }

  /// With all that may be changed set by the caller.
  [[nodiscard]] mock::TeamKey team_key() const {
    return mock::TeamKey{.key_id = signer_.key_id(),
                         .team_id = signer_.team_id(),
                         .public_key = auth::public_half(public_half_.get())};
  }

 private:
  static auth::KeyPtr golden_key() { return *auth::read_private_key(golden::kP8); }

  TokenSource(std::string_view key_id, std::string_view team_id, auth::KeyPtr key)
      : public_half_(auth::public_half(key.get())),
        signer_(ten(key_id), ten(team_id),
                std::make_unique<auth::DeterministicSigner>(std::move(key))) {}

  auth::KeyPtr public_half_;
  auth::ProviderTokenSigner signer_;
};

}  // namespace apns::test
