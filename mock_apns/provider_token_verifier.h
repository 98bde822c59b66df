#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "apns/auth/provider_token.h"
#include "mock_apns/counter.h"
#include "mock_apns/token_update_limiter.h"
#include "mock_apns/world/team_keys.h"

namespace apns::mock {

/// What a provider token is, whatever the time and the connection.
enum class TokenStanding : std::uint8_t {
  Malformed,     // ProviderTokenError
  Unverified,    // its signature has not been looked at
  KeyUnknown,    // to a strict world, or revoked
  TeamMismatch,  // the key is another team's
  BadSignature,  // not by its key
  Valid,         // signed by its key
  OnTrust,       // of an unknown key, in an open world
};

/// A text and what was found out about it. Immutable once it is shared.
struct ExaminedToken {
  ExaminedToken() = default;
  ExaminedToken(const ExaminedToken&) = delete;
  ExaminedToken& operator=(const ExaminedToken&) = delete;

  std::string text;
  TokenDigest digest{};  // of the text
  TokenStanding standing = TokenStanding::Malformed;
  std::optional<auth::ProviderTokenError> error;  // of Malformed
  auth::ProviderToken claims;                     // of all others; views `text`
  std::shared_ptr<const TeamKey> key;             // null: not known

  [[nodiscard]] bool is_good() const {
    return standing == TokenStanding::Valid || standing == TokenStanding::OnTrust;
  }
};

[[nodiscard]] TokenDigest digest_of(std::string_view text);

/// Examines provider tokens for the connections of one thread, and keeps the last kNumKept
/// results, bad ones too, so that a signature is verified once (about 50 us).
///
///   find(text)                         seen before
///   finish(parse(text, digest))        else; what is in between decides whether it is worth it
///
/// `keys` outlives it. What was found with other keys, or another syntax, is not found again.
class ProviderTokenVerifier {
 public:
  static constexpr std::size_t kNumKept = 512;

  ProviderTokenVerifier(const TeamKeys& keys, bool is_open);

  /// Null: not seen, or fallen out.
  [[nodiscard]] std::shared_ptr<const ExaminedToken> find(std::string_view text,
                                                          const auth::ProviderTokenSyntax& syntax);

  /// Malformed or Unverified. `digest` is the text's.
  [[nodiscard]] std::unique_ptr<ExaminedToken> parse(std::string_view text,
                                                     const TokenDigest& digest,
                                                     const auth::ProviderTokenSyntax& syntax);

  /// Verifies it if it is Unverified, and keeps it.
  [[nodiscard]] std::shared_ptr<const ExaminedToken> finish(
      std::unique_ptr<ExaminedToken> token, const auth::ProviderTokenSyntax& syntax);

  [[nodiscard]] const TeamKeys& keys() const { return keys_; }

  [[nodiscard]] bool is_open() const { return is_open_; }

  /// Signatures so far, of good tokens and bad ones; any thread may ask.
  [[nodiscard]] std::uint64_t num_verified() const { return num_verified_.get(); }

 private:
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kNumSets = kNumKept / kWays;

  struct Kept {
    std::shared_ptr<const ExaminedToken> token;  // null: free
    std::size_t hash = 0;
    auth::ProviderTokenSyntax syntax;
  };

  /// Where a text may be kept: by its hash, so that the search ends soon whatever is sent.
  struct Set {
    std::array<Kept, kWays> ways;
    std::size_t next = 0;  // to be replaced
  };

  void follow_keys();
  void verify(ExaminedToken& token);

  const TeamKeys& keys_;
  bool is_open_;
  auth::ProviderTokenParser parser_;
  std::shared_ptr<const TeamKeyTable> table_;
  std::uint64_t version_ = 0;  // of table_
  Counter num_verified_;
  std::unique_ptr<std::array<Set, kNumSets>> sets_;
};

}  // namespace apns::mock
