#include "mock_apns/topic_scope.h"

#include <algorithm>
#include <string>

#include "mock_apns/world/team_keys.h"

namespace apns::mock {

namespace {

PushVerdict reject(const PushVerdictRow& row, Why* why, const std::string& found,
                   const std::string& fix) {
  if (why != nullptr) {
    *why = Why{std::string(row.rule), found, fix};
  }
  return PushVerdict{.reason = row.reason, .rule = row.rule};
}

/// A bundle id may end as if it had the suffix of a push type.
const Team* owner_of(const TeamKeyTable& teams, std::string_view topic) {
  const Team* owner = teams.owner_of(topic);
  return owner != nullptr ? owner : teams.owner_of(bundle_id_of(topic));
}

}  // namespace

PushVerdict judge_scope(std::string_view topic, const ProviderTokenCheck& tokens, Why* why) {
  const TeamKeyTable* teams = tokens.teams();
  if (teams != nullptr && !teams->teams().empty()) {
    const auth::TenCharacterId& team_id = *tokens.team();
    const Team* owner = owner_of(*teams, topic);
    const Team* team = teams->find_team(team_id);
    const bool has_others = team != nullptr && !team->apps.empty();
    if (owner != nullptr ? owner->team_id != team_id : has_others) {
      const std::string found = "the topic " + std::string(topic) +
                                " with a provider token of team " + std::string(team_id.text()) +
                                ", which does not have it";
      return owner != nullptr
                 ? reject(kTopicScopeRows[0], why, found,
                          "use a provider token of team " + std::string(owner->team_id.text()))
                 : reject(kTopicScopeRows[0], why, found,
                          "register the app with the team, and connect anew");
    }
  }
  const TeamKey* key = tokens.key();
  if (key == nullptr || key->signs_for(topic)) {
    return PushVerdict{};
  }
  return reject(kTopicScopeRows[1], why,
                "the topic " + std::string(topic) + " with a provider token of a key for others",
                "sign with a key of the team, or with one for this topic");
}

}  // namespace apns::mock
