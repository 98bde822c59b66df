#include "mock_apns/world/team_keys.h"

#include <algorithm>
#include <utility>

#include "apns/auth/private_key_file.h"
#include "mock_apns/world/world.h"

namespace apns::mock {

namespace {

using auth::TenCharacterId;
using Keys = std::vector<std::shared_ptr<const TeamKey>>;
using Teams = std::vector<std::shared_ptr<const Team>>;

Keys::const_iterator place_of(const Keys& keys, const TenCharacterId& key_id) {
  return std::lower_bound(keys.begin(), keys.end(), key_id,
                          [](const std::shared_ptr<const TeamKey>& key, const TenCharacterId& id) {
                            return key->key_id < id;
                          });
}

Teams::const_iterator place_of(const Teams& teams, const TenCharacterId& team_id) {
  return std::lower_bound(teams.begin(), teams.end(), team_id,
                          [](const std::shared_ptr<const Team>& team, const TenCharacterId& id) {
                            return team->team_id < id;
                          });
}

[[noreturn]] void fail(const Team& team, const std::string& found, const std::string& fix) {
  throw WorldError("Team " + std::string(team.team_id.text()) + " " + found + ". " + fix + ".");
}

void check_apps(const Team& team, const TeamKeyTable& table) {
  if (team.apps.size() > TeamKeys::kMaxAppsPerTeam) {
    fail(team, "has " + std::to_string(team.apps.size()) + " apps",
         "Give it at most " + std::to_string(TeamKeys::kMaxAppsPerTeam));
  }
  for (std::size_t i = 0; i < team.apps.size(); ++i) {
    const std::string& app = team.apps[i];
    if (app.empty() || (i > 0 && team.apps[i - 1] == app)) {
      fail(team, app.empty() ? "has an app without a bundle id" : "has the app " + app + " twice",
           "Name each app once");
    }
    const Team* owner = table.owner_of(app);
    if (owner != nullptr && owner->team_id != team.team_id) {
      fail(team, "cannot have the app " + app,
           "Take it from team " + std::string(owner->team_id.text()) + " first");
    }
  }
}

[[noreturn]] void fail(const TeamKey& key, const std::string& found, const std::string& fix) {
  throw WorldError("Key " + std::string(key.key_id.text()) + " " + found + ". " + fix + ".");
}

void check_scope(const TeamKey& key) {
  if (key.scope == KeyScope::Team) {
    if (!key.topics.empty() || key.related) {
      fail(key, "is the team's and has topics or a related key",
           "Make it a key for topics, or leave them out");
    }
    return;
  }
  if (key.topics.empty() || key.topics.size() > TeamKeys::kMaxTopicsPerKey) {
    fail(key, "has " + std::to_string(key.topics.size()) + " topics",
         "Give it 1 to " + std::to_string(TeamKeys::kMaxTopicsPerKey));
  }
  if (key.environment == KeyEnvironment::Both) {
    fail(key, "is for topics and for both environments", "Give it one environment");
  }
}

void check_related(const TeamKey& key, const TeamKeyTable& table) {
  if (!key.related) {
    return;
  }
  const auto other = table.find(*key.related);
  if (!other || other->team_id != key.team_id || other->scope != key.scope ||
      other->environment != key.environment) {
    fail(key, "is to replace " + std::string(key.related->text()) + ", which it cannot",
         "Name a key for topics of the same team and environment");
  }
}

void check_bounds(const TeamKey& key, const Keys& keys) {
  if (keys.size() >= TeamKeys::kMaxKeys) {
    fail(key, "is one too many: there are " + std::to_string(keys.size()), "Remove one");
  }
  const auto alike = static_cast<std::size_t>(
      std::count_if(keys.begin(), keys.end(), [&key](const std::shared_ptr<const TeamKey>& other) {
        return other->team_id == key.team_id && other->scope == key.scope &&
               other->environment == key.environment;
      }));
  const std::size_t limit =
      key.scope == KeyScope::Team ? TeamKeys::kMaxTeamKeys : TeamKeys::kMaxTopicKeys;
  if (alike >= limit) {
    fail(
        key,
        "is one too many: its team has " + std::to_string(alike) + " of this scope and environment",
        "Remove one of them");
  }
}

}  // namespace

bool TeamKey::serves(Environment where) const {
  switch (environment) {
    case KeyEnvironment::Both:
      return true;
    case KeyEnvironment::Production:
      return where == Environment::Production;
    case KeyEnvironment::Development:
      return where == Environment::Development;
  }
  return false;
}

bool TeamKey::signs_for(std::string_view topic) const {
  return scope == KeyScope::Team || std::find(topics.begin(), topics.end(), topic) != topics.end();
}

bool are_related(const TeamKey* first, const TeamKey* next) {
  const auto is_team_key = [](const TeamKey* key) {
    return key == nullptr || key->scope == KeyScope::Team;
  };
  if (is_team_key(first) || is_team_key(next)) {
    return is_team_key(first) && is_team_key(next);
  }
  return first->key_id == next->key_id || first->related == next->key_id ||
         next->related == first->key_id;
}

std::shared_ptr<const TeamKey> TeamKeyTable::find(const TenCharacterId& key_id) const {
  const auto place = place_of(keys_, key_id);
  return place != keys_.end() && (*place)->key_id == key_id ? *place : nullptr;
}

bool TeamKeyTable::has_team(const TenCharacterId& team_id) const {
  return find_team(team_id) != nullptr ||
         std::any_of(keys_.begin(), keys_.end(),
                     [&team_id](const std::shared_ptr<const TeamKey>& key) {
                       return key->team_id == team_id;
                     });
}

const Team* TeamKeyTable::find_team(const TenCharacterId& team_id) const {
  const auto place = place_of(teams_, team_id);
  return place != teams_.end() && (*place)->team_id == team_id ? place->get() : nullptr;
}

const Team* TeamKeyTable::owner_of(std::string_view bundle_id) const {
  const auto place =
      std::lower_bound(apps_.begin(), apps_.end(), bundle_id,
                       [](const auto& app, std::string_view id) { return app.first < id; });
  return place != apps_.end() && place->first == bundle_id ? place->second : nullptr;
}

bool TeamKeyTable::is_revoked(const TenCharacterId& key_id) const {
  return std::binary_search(revoked_.begin(), revoked_.end(), key_id);
}

void TeamKeys::add(TeamKey key) {
  if (!key.public_key || !auth::is_p256(key.public_key.get())) {
    fail(key, "has no public key on P-256", "Give it that of its .p8 file");
  }
  check_scope(key);
  const std::lock_guard lock(mutex_);
  if (table_->find(key.key_id)) {
    fail(key, "is there already", "Remove it first, or give it another id");
  }
  check_related(key, *table_);
  check_bounds(key, table_->keys_);
  auto changed = std::make_shared<TeamKeyTable>(*table_);
  std::erase(changed->revoked_, key.key_id);
  const auto place = place_of(changed->keys_, key.key_id);
  changed->keys_.insert(place, std::make_shared<const TeamKey>(std::move(key)));
  swap_in(std::move(changed));
}

bool TeamKeys::remove(const TenCharacterId& key_id) {
  const std::lock_guard lock(mutex_);
  auto changed = std::make_shared<TeamKeyTable>(*table_);
  const auto place = place_of(changed->keys_, key_id);
  if (place == changed->keys_.end() || (*place)->key_id != key_id) {
    return false;
  }
  changed->keys_.erase(place);
  revoke(*changed, key_id);
  swap_in(std::move(changed));
  return true;
}

void TeamKeys::set_team(Team team) {
  std::sort(team.apps.begin(), team.apps.end());
  const std::lock_guard lock(mutex_);
  check_apps(team, *table_);
  auto changed = std::make_shared<TeamKeyTable>(*table_);
  const auto place = place_of(changed->teams_, team.team_id);
  if (place != changed->teams_.end() && (*place)->team_id == team.team_id) {
    const auto at = static_cast<std::size_t>(place - changed->teams_.begin());
    changed->teams_[at] = std::make_shared<const Team>(std::move(team));
  } else if (changed->teams_.size() >= kMaxTeams) {
    fail(team, "is one too many: there are " + std::to_string(kMaxTeams), "Remove one");
  } else {
    changed->teams_.insert(place, std::make_shared<const Team>(std::move(team)));
  }
  list_apps(*changed);
  swap_in(std::move(changed));
}

bool TeamKeys::remove_team(const TenCharacterId& team_id) {
  const std::lock_guard lock(mutex_);
  if (!table_->has_team(team_id)) {
    return false;
  }
  auto changed = std::make_shared<TeamKeyTable>(*table_);
  std::erase_if(changed->keys_, [&](const auto& key) {
    const bool is_its = key->team_id == team_id;
    if (is_its) {
      revoke(*changed, key->key_id);
    }
    return is_its;
  });
  std::erase_if(changed->teams_, [&team_id](const auto& team) { return team->team_id == team_id; });
  list_apps(*changed);
  swap_in(std::move(changed));
  return true;
}

void TeamKeys::clear() {
  const std::lock_guard lock(mutex_);
  swap_in(std::make_shared<const TeamKeyTable>());
}

std::shared_ptr<const TeamKeyTable> TeamKeys::table() const {
  const std::lock_guard lock(mutex_);
  return table_;
}

void TeamKeys::revoke(TeamKeyTable& table, const TenCharacterId& key_id) {
  if (table.revoked_.size() < kMaxKeys) {
    table.revoked_.insert(std::lower_bound(table.revoked_.begin(), table.revoked_.end(), key_id),
                          key_id);
  }
}

void TeamKeys::list_apps(TeamKeyTable& table) {
  table.apps_.clear();
  for (const auto& team : table.teams_) {
    for (const std::string& app : team->apps) {
      table.apps_.emplace_back(app, team.get());
    }
  }
  std::sort(table.apps_.begin(), table.apps_.end());
}

void TeamKeys::swap_in(std::shared_ptr<const TeamKeyTable> table) {
  table_ = std::move(table);
  version_.fetch_add(1, std::memory_order_release);
}

}  // namespace apns::mock
