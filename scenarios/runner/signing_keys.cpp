#include "scenarios/runner/signing_keys.h"

#include <array>
#include <stdexcept>
#include <string>

#include "apns/auth/private_key_file.h"
#include "apns/base/bytes.h"
#include "apns/base/random.h"

namespace apns::scenarios {
namespace {

constexpr std::size_t kScalarLen = 32;

/// ECPrivateKey of RFC 5915 on P-256, without the public half, which follows from it.
constexpr std::array<std::uint8_t, 7> kHead = {0x30, 0x31, 0x02, 0x01, 0x01, 0x04, kScalarLen};
constexpr std::array<std::uint8_t, 12> kTail = {0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                                0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

auth::KeyPtr make_key(const SigningKey& key) {
  std::vector<std::uint8_t> der(kHead.begin(), kHead.end());
  for (std::size_t i = 0; i < kScalarLen; ++i) {
    der.push_back(static_cast<std::uint8_t>(random_u64(0, key.number, i)));
  }
  der[kHead.size()] = 1;  // below the order of the group
  der.insert(der.end(), kTail.begin(), kTail.end());
  const std::uint8_t* at = der.data();
  auth::KeyPtr made(d2i_PrivateKey(EVP_PKEY_EC, nullptr, &at, static_cast<long>(der.size())));
  if (!made) {
    throw std::runtime_error("A signing key could not be made: " + auth::take_openssl_errors());
  }
  return made;
}

mock::TeamKey team_key(const SigningKey& key) {
  return mock::TeamKey{.key_id = *auth::TenCharacterId::parse(key.key_id),
                       .team_id = *auth::TenCharacterId::parse(key.team_id),
                       .public_key = auth::public_half(make_key(key).get())};
}

}  // namespace

std::unique_ptr<const auth::Es256Signer> make_signer(const SigningKey& key) {
  return std::make_unique<auth::DeterministicSigner>(make_key(key));
}

void add_signing_keys(mock::TeamKeys& keys) {
  keys.add(team_key(kTeamKey));
  mock::TeamKey development = team_key(kDevelopmentKey);
  development.environment = mock::KeyEnvironment::Development;
  keys.add(std::move(development));
  mock::TeamKey topic = team_key(kTopicKey);
  topic.scope = mock::KeyScope::Topics;
  topic.environment = mock::KeyEnvironment::Production;
  topic.topics = {"com.example.other"};
  keys.add(std::move(topic));
  keys.add(team_key(kOtherTeamKey));
}

}  // namespace apns::scenarios
