#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "apns/auth/es256.h"
#include "apns/auth/openssl_ptr.h"
#include "mock_apns/world/team_keys.h"

namespace apns::scenarios {

/// A key with which providers of scenarios sign their tokens. All of them are the same in each run,
/// and so are the tokens: one seed gives one run, to the byte.
struct SigningKey {
  std::string_view key_id;
  std::string_view team_id;
  std::uint64_t number;  // what it is made of
};

/// Of the team, for both environments: what a provider has unless told otherwise.
inline constexpr SigningKey kTeamKey{"KEY0000001", "TEAM000001", 1};
/// Of the same team, for the development environment.
inline constexpr SigningKey kDevelopmentKey{"KEY0000002", "TEAM000001", 2};
/// Of the same team, for com.example.other in production.
inline constexpr SigningKey kTopicKey{"KEY0000003", "TEAM000001", 3};
/// Of another team.
inline constexpr SigningKey kOtherTeamKey{"KEY0000004", "TEAM000002", 4};
/// Of nobody.
inline constexpr SigningKey kUnknownKey{"KEY0000009", "TEAM000001", 9};

/// Throws std::runtime_error with OpenSSL's text.
[[nodiscard]] std::unique_ptr<const auth::Es256Signer> make_signer(const SigningKey& key);

/// The service knows all but kUnknownKey. Throws std::runtime_error.
void add_signing_keys(mock::TeamKeys& keys);

}  // namespace apns::scenarios
