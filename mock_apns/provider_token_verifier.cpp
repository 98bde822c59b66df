#include "mock_apns/provider_token_verifier.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <utility>

#include <openssl/sha.h>

namespace apns::mock {

TokenDigest digest_of(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  const unsigned char* made =
      SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  assert(made != nullptr);
  TokenDigest half{};
  std::copy_n(std::as_bytes(std::span(digest)).begin(), half.size(), half.begin());
  return half;
}

ProviderTokenVerifier::ProviderTokenVerifier(const TeamKeys& keys, bool is_open)
    : keys_(keys),
      is_open_(is_open),
      table_(keys.table()),
      sets_(std::make_unique<std::array<Set, kNumSets>>()) {
  follow_keys();
}

void ProviderTokenVerifier::follow_keys() {
  // The version first: a table that is newer than it says is fetched once more.
  const std::uint64_t version = keys_.version();
  if (version == version_) {
    return;
  }
  version_ = version;
  table_ = keys_.table();
  *sets_ = {};
}

std::shared_ptr<const ExaminedToken> ProviderTokenVerifier::find(
    std::string_view text, const auth::ProviderTokenSyntax& syntax) {
  follow_keys();
  const std::size_t hash = std::hash<std::string_view>()(text);
  for (const Kept& kept : (*sets_)[hash % kNumSets].ways) {
    if (kept.token && kept.hash == hash && kept.syntax == syntax && kept.token->text == text) {
      return kept.token;
    }
  }
  return nullptr;
}

std::unique_ptr<ExaminedToken> ProviderTokenVerifier::parse(
    std::string_view text, const TokenDigest& digest, const auth::ProviderTokenSyntax& syntax) {
  auto token = std::make_unique<ExaminedToken>();
  token->text = text;
  token->digest = digest;
  const auto claims = parser_.parse(token->text, syntax);
  if (claims.has_error()) {
    token->error = claims.error();
    return token;
  }
  token->claims = *claims;
  token->standing = TokenStanding::Unverified;
  return token;
}

std::shared_ptr<const ExaminedToken> ProviderTokenVerifier::finish(
    std::unique_ptr<ExaminedToken> token, const auth::ProviderTokenSyntax& syntax) {
  follow_keys();
  if (token->standing == TokenStanding::Unverified) {
    verify(*token);
  }
  const std::size_t hash = std::hash<std::string_view>()(token->text);
  Set& set = (*sets_)[hash % kNumSets];
  Kept& kept = set.ways[set.next];
  set.next = (set.next + 1) % kWays;
  kept = Kept{.token = std::move(token), .hash = hash, .syntax = syntax};
  return kept.token;
}

void ProviderTokenVerifier::verify(ExaminedToken& token) {
  token.key = table_->find(token.claims.key_id);
  if (!token.key) {
    token.standing = is_open_ && !table_->is_revoked(token.claims.key_id)
                         ? TokenStanding::OnTrust
                         : TokenStanding::KeyUnknown;
    return;
  }
  if (token.key->team_id != token.claims.team_id) {
    token.standing = TokenStanding::TeamMismatch;
    return;
  }
  num_verified_.add(1);
  token.standing = auth::verify_signature(token.claims, token.key->public_key.get())
                       ? TokenStanding::Valid
                       : TokenStanding::BadSignature;
}

}  // namespace apns::mock
