#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "apns/auth/ten_character_id.h"
#include "apns/base/time.h"
#include "apns/model/environment.h"
#include "apns/model/http2_profile.h"
#include "apns/model/reason.h"
#include "mock_apns/ledger_event.h"
#include "mock_apns/provider_token_memory.h"
#include "mock_apns/provider_token_verifier.h"
#include "mock_apns/token_update_limiter.h"

namespace apns::mock {

/// What becomes of the provider token of a request, in the order of looking: the first that applies
/// decides. The order is that of docs/wire/provider_token.md#order, our choice.
enum class TokenOutcome : std::uint8_t {
  ConnectionExpired,  // one that was too old has been here
  Missing,
  TooManyUpdates,
  Malformed,
  KeyUnknown,
  TeamMismatch,  // the key is another team's
  BadSignature,
  TooOld,
  TooFarAhead,
  OtherTeam,         // than the connection's first
  UnrelatedKey,      // to the connection's first
  OtherEnvironment,  // the key is bound to it
  Accepted,
};

/// What the service says to an outcome.
struct TokenRule {
  TokenOutcome outcome;
  std::string_view rule;  // id in the rule catalogue
  Reason reason;          // of OtherEnvironment: in most profiles
  Confidence confidence;
  std::string_view source;
};

/// All but Accepted, in the order of looking.
[[nodiscard]] std::span<const TokenRule> token_rules();

/// Nullopt: Accepted.
[[nodiscard]] std::optional<Reason> reason_of(TokenOutcome outcome, const Http2Profile& profile);

/// The id in the rule catalogue; empty: Accepted.
[[nodiscard]] std::string_view rule_of(TokenOutcome outcome);

/// The moment of a request by the world's clock.
struct TokenTime {
  WorldTime now{};
  WorldTime::duration offset{};  // WorldClock::offset()

  [[nodiscard]] static TokenTime of(const WorldClock& clock) {
    return TokenTime{.now = clock.now(), .offset = clock.offset()};
  }
};

/// What a check looks at besides its connection.
struct TokenContext {
  const ProviderTokenPolicy& policy;  // of a profile, which outlives all checks
  Environment environment;
  ProviderTokenVerifier& verifier;  // the thread's
  ProviderTokenMemory& memory;
};

/// A decision, and what is to be remembered of it.
struct TokenVerdict {
  TokenOutcome outcome = TokenOutcome::Accepted;
  bool is_repeat = false;        // the same text as before: nothing is to be remembered
  bool is_other_scheme = false;  // of Missing: there was something else than "bearer" and a token
  bool is_counted = false;       // as an update: the next two mean something
  TokenUpdateLimiter::Decision update = TokenUpdateLimiter::Decision::Known;
  TokenDigest counted{};
  std::optional<auth::TenCharacterId> team = std::nullopt;  // whose updates; nullopt: connection's
  std::shared_ptr<const ExaminedToken> token = nullptr;     // null: not looked at
  WorldTime issued_at{};                                    // by the world's clock

  [[nodiscard]] bool accepted() const { return outcome == TokenOutcome::Accepted; }
};

/// What one connection carries of provider tokens. Pure: no clock, no socket; what connections
/// share is in the context. check() changes nothing that another check() would see (results of
/// verification are kept), commit() does:
///
///   const auto verdict = tokens.check(authorization, TokenTime::of(clock), context);
///   tokens.commit(verdict, time, context);
///
///   A, A, A                          Accepted; from the second on a comparison and no allocation
///   A, B                             Accepted, TooManyUpdates
///   A, 61 minutes, A                 Accepted, TooOld; ConnectionExpired from then on
///   A, B of another team 30 min on   Accepted, OtherTeam
class ProviderTokenCheck {
 public:
  /// `authorization` is the value of the field, empty where there is none. The scheme is taken in
  /// any case: "Bearer" is what some clients send.
  [[nodiscard]] TokenVerdict check(std::string_view authorization, TokenTime time,
                                   const TokenContext& context) const;

  /// Of a verdict of check(), with the same time and context, before the next one.
  void commit(const TokenVerdict& verdict, TokenTime time, const TokenContext& context);

  /// What was found and what would pass. Of a verdict that is not Accepted, before it is committed.
  /// Tokens are not shown.
  [[nodiscard]] Why explain(const TokenVerdict& verdict, TokenTime time,
                            const TokenContext& context) const;

  /// The team that the connection is bound to; nullopt: none yet.
  [[nodiscard]] const std::optional<auth::TenCharacterId>& team() const { return team_; }

  /// The key of the last token that was accepted; null: none yet, or it was taken on trust.
  [[nodiscard]] const TeamKey* key() const { return last_ ? last_->key.get() : nullptr; }

  /// The teams as they were when the connection was bound to its own: what is given to a team later
  /// counts for connections that begin later (documented). Null: it is not bound yet.
  [[nodiscard]] const TeamKeyTable* teams() const { return teams_.get(); }

  /// As it was at first.
  void reset() { *this = ProviderTokenCheck(); }

 private:
  [[nodiscard]] bool is_last(std::string_view text, TokenTime time,
                             const TokenContext& context) const;
  /// False: TooMany.
  [[nodiscard]] bool count(TokenVerdict& verdict, const TokenDigest& digest, TokenTime time,
                           const TokenContext& context) const;
  [[nodiscard]] TokenOutcome judge(const ExaminedToken& token, WorldTime issued_at, TokenTime time,
                                   const TokenContext& context) const;

  bool is_expired_ = false;
  std::optional<auth::TenCharacterId> team_;
  std::shared_ptr<const TeamKey> first_key_;  // null: none yet, or taken on trust
  std::shared_ptr<const TeamKeyTable> teams_;
  TokenUpdateLimiter updates_;

  // The last token that was accepted, and while what it is still judged by is the same.
  std::shared_ptr<const ExaminedToken> last_;  // null: none
  bool is_last_current_ = false;
  WorldTime last_issued_at_{};
  std::uint64_t last_version_ = 0;  // of the keys
  const ProviderTokenPolicy* last_policy_ = nullptr;
};

}  // namespace apns::mock
