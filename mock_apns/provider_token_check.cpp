#include "mock_apns/provider_token_check.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>
#include <utility>

namespace apns::mock {

namespace {

using Decision = TokenUpdateLimiter::Decision;
using Policy = ProviderTokenPolicy;

constexpr std::string_view kDocument = "\"Establishing a token-based connection to APNs\"";
constexpr std::string_view kReasons = "\"Handling notification responses from APNs\"";

constexpr std::array kRules{
    TokenRule{TokenOutcome::ConnectionExpired, "http2/expired-provider-token-ends-the-connection",
              Reason::ExpiredProviderToken, Confidence::Observed,
              "jchambers/pushy: TokenAuthenticationApnsClientHandler"},
    TokenRule{TokenOutcome::Missing, "http2/provider-token-is-there", Reason::MissingProviderToken,
              Confidence::Documented, kReasons},
    TokenRule{TokenOutcome::TooManyUpdates, "http2/provider-token-is-kept-20-minutes",
              Reason::TooManyProviderTokenUpdates, Confidence::Documented, kDocument},
    TokenRule{TokenOutcome::Malformed, "http2/provider-token-is-an-es256-jwt",
              Reason::InvalidProviderToken, Confidence::Documented, kDocument},
    TokenRule{TokenOutcome::KeyUnknown, "http2/provider-token-key-is-known",
              Reason::InvalidProviderToken, Confidence::Documented, kReasons},
    TokenRule{TokenOutcome::TeamMismatch, "http2/provider-token-key-is-of-its-team",
              Reason::InvalidProviderToken, Confidence::Inferred, kReasons},
    TokenRule{TokenOutcome::BadSignature, "http2/provider-token-signature",
              Reason::InvalidProviderToken, Confidence::Documented, kReasons},
    TokenRule{TokenOutcome::TooOld, "http2/provider-token-is-not-older-than-an-hour",
              Reason::ExpiredProviderToken, Confidence::Documented, kDocument},
    TokenRule{TokenOutcome::TooFarAhead, "http2/provider-token-is-not-an-hour-ahead",
              Reason::InvalidProviderToken, Confidence::Inferred, kDocument},
    TokenRule{TokenOutcome::OtherTeam, "http2/one-team-on-a-connection",
              Reason::InvalidProviderToken, Confidence::Observed, "Apple's forums, 687789"},
    TokenRule{TokenOutcome::UnrelatedKey, "http2/related-keys-on-a-connection",
              Reason::UnrelatedKeyIdInToken, Confidence::Documented, kDocument},
    TokenRule{TokenOutcome::OtherEnvironment, "http2/provider-token-key-of-this-environment",
              Reason::BadEnvironmentKeyInToken, Confidence::Observed,
              "swift-server-community/APNSwift#229"},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    if (static_cast<std::size_t>(kRules[i].outcome) != i) {
      return false;
    }
  }
  return kRules.size() == static_cast<std::size_t>(TokenOutcome::Accepted);
}

static_assert(is_in_order());

constexpr std::string_view kScheme = "bearer";

bool is_letter(char c, char lower) {
  return c == lower || c == static_cast<char>(lower - 'a' + 'A');
}

/// What stands behind the scheme; empty: another scheme, or nothing (RFC 9110 section 11.4).
std::string_view bearer_token(std::string_view authorization) {
  if (authorization.size() <= kScheme.size() || authorization[kScheme.size()] != ' ' ||
      !std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                  [](char lower, char c) { return is_letter(c, lower); })) {
    return {};
  }
  const std::size_t begin = authorization.find_first_not_of(' ', kScheme.size());
  return begin == std::string_view::npos ? std::string_view() : authorization.substr(begin);
}

auth::ProviderTokenSyntax syntax_of(const Policy& policy) {
  return {.text_issued_at = policy.text_issued_at, .der_signature = policy.der_signature};
}

/// Only what can be read has a team and claims: where they count, the token is read first.
bool counts_by_claims(const Policy& policy) {
  return policy.accounting == Policy::Accounting::Team ||
         policy.distinct == Policy::Distinct::Claims;
}

TokenDigest counted_digest(const ExaminedToken& token, const Policy& policy) {
  if (policy.distinct == Policy::Distinct::Texts) {
    return token.digest;
  }
  std::string claims(token.claims.team_id.text());
  claims.append(token.claims.key_id.text());
  claims.append(std::to_string(token.claims.issued_at.time_since_epoch().count()));
  return digest_of(claims);
}

bool is_too_old(WorldTime issued_at, WorldTime now, const Policy& policy) {
  return now - issued_at > policy.max_age;
}

/// By the clocks of those who talk to the world: moving the world's own makes no token wrong that
/// was right.
bool is_too_far_ahead(const ExaminedToken& token, TokenTime time, const Policy& policy) {
  return token.claims.issued_at - (time.now - time.offset) > policy.max_ahead;
}

}  // namespace

std::span<const TokenRule> token_rules() {
  return kRules;
}

std::optional<Reason> reason_of(TokenOutcome outcome, const Http2Profile& profile) {
  if (outcome == TokenOutcome::Accepted) {
    return std::nullopt;
  }
  return outcome == TokenOutcome::OtherEnvironment
             ? profile.key_of_other_environment
             : kRules[static_cast<std::size_t>(outcome)].reason;
}

std::string_view rule_of(TokenOutcome outcome) {
  return outcome == TokenOutcome::Accepted ? std::string_view()
                                           : kRules[static_cast<std::size_t>(outcome)].rule;
}

TokenVerdict ProviderTokenCheck::check(std::string_view authorization, TokenTime time,
                                       const TokenContext& context) const {
  if (is_expired_) {
    return TokenVerdict{.outcome = TokenOutcome::ConnectionExpired};
  }
  const std::string_view text = bearer_token(authorization);
  if (text.empty()) {
    return TokenVerdict{.outcome = TokenOutcome::Missing,
                        .is_other_scheme = !authorization.empty()};
  }
  if (is_last(text, time, context)) {
    return TokenVerdict{.is_repeat = true};
  }
  const auth::ProviderTokenSyntax syntax = syntax_of(context.policy);
  TokenVerdict verdict;
  std::shared_ptr<const ExaminedToken> known = context.verifier.find(text, syntax);
  const TokenDigest digest = known ? known->digest : digest_of(text);
  if (!counts_by_claims(context.policy) && !count(verdict, digest, time, context)) {
    return verdict;
  }
  std::unique_ptr<ExaminedToken> fresh;
  if (!known) {
    fresh = context.verifier.parse(text, digest, syntax);
  }
  const ExaminedToken& token = known ? *known : *fresh;
  if (counts_by_claims(context.policy) && token.standing != TokenStanding::Malformed) {
    if (context.policy.accounting == Policy::Accounting::Team) {
      verdict.team = token.claims.team_id;
    }
    if (!count(verdict, counted_digest(token, context.policy), time, context)) {
      return verdict;
    }
  }
  verdict.token = known ? std::move(known) : context.verifier.finish(std::move(fresh), syntax);
  if (verdict.token->is_good()) {
    verdict.issued_at =
        verdict.token->claims.issued_at + context.memory.first_offset(digest, time.offset);
  }
  verdict.outcome = judge(*verdict.token, verdict.issued_at, time, context);
  return verdict;
}

bool ProviderTokenCheck::is_last(std::string_view text, TokenTime time,
                                 const TokenContext& context) const {
  return is_last_current_ && last_->text == text && last_policy_ == &context.policy &&
         last_version_ == context.verifier.keys().version() &&
         !is_too_old(last_issued_at_, time.now, context.policy) &&
         !is_too_far_ahead(*last_, time, context.policy);
}

bool ProviderTokenCheck::count(TokenVerdict& verdict, const TokenDigest& digest, TokenTime time,
                               const TokenContext& context) const {
  verdict.is_counted = true;
  verdict.counted = digest;
  verdict.update = verdict.team
                       ? context.memory.decide(*verdict.team, digest, time.now, context.policy)
                       : updates_.decide(digest, time.now, context.policy);
  if (verdict.update == Decision::TooMany) {
    verdict.outcome = TokenOutcome::TooManyUpdates;
    return false;
  }
  return true;
}

TokenOutcome ProviderTokenCheck::judge(const ExaminedToken& token, WorldTime issued_at,
                                       TokenTime time, const TokenContext& context) const {
  switch (token.standing) {
    case TokenStanding::Malformed:
    case TokenStanding::Unverified:
      return TokenOutcome::Malformed;
    case TokenStanding::KeyUnknown:
      return TokenOutcome::KeyUnknown;
    case TokenStanding::TeamMismatch:
      return TokenOutcome::TeamMismatch;
    case TokenStanding::BadSignature:
      return TokenOutcome::BadSignature;
    case TokenStanding::Valid:
    case TokenStanding::OnTrust:
      break;
  }
  if (is_too_old(issued_at, time.now, context.policy)) {
    return TokenOutcome::TooOld;
  }
  if (is_too_far_ahead(token, time, context.policy)) {
    return TokenOutcome::TooFarAhead;
  }
  if (team_ && *team_ != token.claims.team_id) {
    return TokenOutcome::OtherTeam;
  }
  if (team_ && !are_related(first_key_.get(), token.key.get())) {
    return TokenOutcome::UnrelatedKey;
  }
  if (token.key && !token.key->serves(context.environment)) {
    return TokenOutcome::OtherEnvironment;
  }
  return TokenOutcome::Accepted;
}

void ProviderTokenCheck::commit(const TokenVerdict& verdict, TokenTime time,
                                const TokenContext& context) {
  if (verdict.is_repeat) {
    return;
  }
  const bool is_good = verdict.token && verdict.token->is_good();
  if (verdict.is_counted && verdict.team) {
    context.memory.note(*verdict.team, verdict.update, verdict.counted, is_good, time.now,
                        context.policy);
  } else if (verdict.is_counted) {
    updates_.note(verdict.update, verdict.counted, is_good, time.now, context.policy);
  }
  if (is_good) {
    context.memory.note_sight(verdict.token->digest, time.offset);
  }
  switch (verdict.outcome) {
    case TokenOutcome::TooManyUpdates:
      is_last_current_ = is_last_current_ && !context.policy.update_limit_blocks_all;
      break;
    case TokenOutcome::TooOld:
      is_expired_ = context.policy.expired_ends_connection;
      break;
    case TokenOutcome::Accepted:
      if (!team_) {
        team_ = verdict.token->claims.team_id;
        first_key_ = verdict.token->key;
        teams_ = context.verifier.keys().table();
      }
      last_ = verdict.token;
      // What one connection of a team may do can depend on what another did.
      is_last_current_ = !verdict.team || !context.policy.update_limit_blocks_all;
      last_issued_at_ = verdict.issued_at;
      last_version_ = context.verifier.keys().version();
      last_policy_ = &context.policy;
      break;
    default:
      break;
  }
}

}  // namespace apns::mock
