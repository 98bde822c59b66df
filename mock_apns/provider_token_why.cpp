#include <array>
#include <chrono>
#include <string>

#include "mock_apns/provider_token_check.h"

namespace apns::mock {

namespace {

using namespace std::chrono_literals;

/// "61 minutes", "90 seconds"; rounded down.
std::string time_text(WorldTime::duration time) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(time);
  if (minutes >= 2min) {
    return std::to_string(minutes.count()) + " minutes";
  }
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) +
         " seconds";
}

std::string id_text(const auth::TenCharacterId& id) {
  return std::string(id.text());
}

std::string key_text(const ExaminedToken& token) {
  return "key " + id_text(token.claims.key_id);
}

std::string scope_text(const TeamKey* key) {
  return key == nullptr || key->scope == KeyScope::Team ? "one of the team" : "one for topics";
}

struct Sentences {
  std::string found;
  std::string fix;
};

Sentences unknown_key(const ExaminedToken& token, const TeamKeys& keys) {
  const auto table = keys.table();
  if (table->is_revoked(token.claims.key_id)) {
    return {key_text(token) + ", which was revoked", "sign with another key of the team"};
  }
  const auto other = table->find(token.claims.team_id);
  if (other || table->has_team(token.claims.key_id)) {
    return {"a key id and a team id in each other's place",
            "put the key id into the header as \"kid\", the team id into the claims as \"iss\""};
  }
  return {key_text(token) + " of team " + id_text(token.claims.team_id) +
              ", which was never registered",
          "register it with the world, use the key of the state folder, or use an open world"};
}

Sentences other_environment(const ExaminedToken& token) {
  const bool is_for_production = token.key->environment == KeyEnvironment::Production;
  const std::string environment = is_for_production ? "production" : "development";
  return {key_text(token) + ", which is for the " + environment + " environment",
          "send to the " + environment + " port, or use a key of this environment"};
}

Sentences missing(bool is_other_scheme) {
  return {is_other_scheme ? "an authorization that is not \"bearer\" and a provider token"
                          : "neither a certificate nor a provider token",
          "connect with a client certificate, or send authorization: bearer and a provider token"};
}

Sentences too_many(WorldTime::duration left, const ProviderTokenPolicy& policy) {
  return {"another provider token before " + time_text(policy.update_interval) + " were over; " +
              time_text(left) + " are left",
          "keep one provider token per team for 20 to 60 minutes, on all connections"};
}

}  // namespace

Why ProviderTokenCheck::explain(const TokenVerdict& verdict, TokenTime time,
                                const TokenContext& context) const {
  const ExaminedToken* token = verdict.token.get();
  const Sentences sentences = [&]() -> Sentences {
    switch (verdict.outcome) {
      case TokenOutcome::ConnectionExpired:
        return {"a request on a connection that has shown a provider token that was too old",
                "connect anew, with a new provider token"};
      case TokenOutcome::Missing:
        return missing(verdict.is_other_scheme);
      case TokenOutcome::TooManyUpdates: {
        const WorldTime free_at = verdict.team
                                      ? context.memory.free_at(*verdict.team, context.policy)
                                      : updates_.free_at(context.policy);
        return too_many(free_at - time.now, context.policy);
      }
      case TokenOutcome::Malformed: {
        const auth::Words words = words_of(*token->error);
        return {std::string(words.found), std::string(words.fix)};
      }
      case TokenOutcome::KeyUnknown:
        return unknown_key(*token, context.verifier.keys());
      case TokenOutcome::TeamMismatch:
        return {key_text(*token) + " with team " + id_text(token->claims.team_id) +
                    ", but it is of team " + id_text(token->key->team_id),
                "send that team as \"iss\", or use a key of " + id_text(token->claims.team_id)};
      case TokenOutcome::BadSignature:
        return {"a signature that is not by " + key_text(*token),
                "sign header and claims, as they are sent, with AuthKey_" +
                    id_text(token->claims.key_id) + ".p8"};
      case TokenOutcome::TooOld:
        return {
            "a provider token that was issued " + time_text(time.now - verdict.issued_at) + " ago",
            "make a new one every 20 to 60 minutes, and connect anew; or set the provider's "
            "clock"};
      case TokenOutcome::TooFarAhead:
        return {"a provider token that is issued " +
                    time_text(token->claims.issued_at - (time.now - time.offset)) + " from now",
                "set the provider's clock, or send \"iat\" in seconds since 1970"};
      case TokenOutcome::OtherTeam:
        return {"a provider token of team " + id_text(token->claims.team_id) +
                    " on a connection that began with team " + id_text(*team_),
                "use a connection for each team"};
      case TokenOutcome::UnrelatedKey:
        return {key_text(*token) + ", " + scope_text(token->key.get()) +
                    ", on a connection that began with " + scope_text(first_key_.get()),
                "use a connection for each key"};
      case TokenOutcome::OtherEnvironment:
        return other_environment(*token);
      case TokenOutcome::Accepted:
        break;
    }
    return {};
  }();
  return Why{std::string(rule_of(verdict.outcome)), sentences.found, sentences.fix};
}

}  // namespace apns::mock
