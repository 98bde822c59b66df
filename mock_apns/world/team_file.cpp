#include "mock_apns/world/team_file.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

#include "apns/auth/private_key_file.h"
#include "apns/auth/public_key_file.h"
#include "mock_apns/world/world.h"

namespace apns::mock {

namespace {

constexpr std::array kScopes = {"team", "topics"};
constexpr std::array kKeyEnvironments = {"both", "production", "development"};

template <class Enum, std::size_t kNum>
Enum read_word(const json::Value& value, std::string_view what,
               const std::array<const char*, kNum>& words) {
  const std::vector<std::string> known(words.begin(), words.end());
  const std::string& word = value.text(what);
  json::require_word(value, what, word, known);
  return static_cast<Enum>(std::ranges::find(known, word) - known.begin());
}

auth::TenCharacterId read_id(const json::Value& value, std::string_view what) {
  const auto id = auth::TenCharacterId::parse(value.text(what));
  if (!id) {
    value.fail(std::string(what) + " must be 10 letters and digits.");
  }
  return *id;
}

std::vector<std::string> read_texts(const json::Value& value, std::string_view what) {
  std::vector<std::string> texts;
  for (const json::Value& one : value.array(what)) {
    texts.push_back(one.text(what));
  }
  return texts;
}

void require_one(const json::Value& value, const KeyPlan& key) {
  if (!key.public_key.empty()) {
    value.fail("Give a key its public_key or its p8, not both.");
  }
}

void read_public_key(const json::Value& value, KeyPlan& key) {
  require_one(value, key);
  const auth::KeyPtr read = auth::read_public_key(value.text("public_key"));
  if (!read) {
    value.fail(
        "public_key is no PEM \"PUBLIC KEY\" on P-256. That of a .p8 file: openssl pkey -pubout "
        "-in FILE.");
  }
  key.public_key = auth::public_key_pem(read.get());
}

void read_p8(const json::Value& value, KeyPlan& key) {
  require_one(value, key);
  const auto read = auth::read_private_key(value.text("p8"));
  if (!read) {
    const auth::Words words = words_of(read.error());
    value.fail("p8 is " + std::string(words.found) + ". It would be right to " +
               std::string(words.fix) + ".");
  }
  key.public_key = auth::public_key_pem(read->get());
}

// The last row is for keys that stand alone.
constexpr std::array<json::Field<KeyPlan>, 8> kKeyFields = {{
    {"key_id", json::kRequired<KeyPlan>,
     [](const json::Value& value, KeyPlan& key) { key.key_id = read_id(value, "key_id"); }},
    {"scope", json::kOptional<KeyPlan>,
     [](const json::Value& value, KeyPlan& key) {
       key.scope = read_word<KeyScope>(value, "scope", kScopes);
     }},
    {"environment", json::kOptional<KeyPlan>,
     [](const json::Value& value, KeyPlan& key) {
       key.environment = read_word<KeyEnvironment>(value, "environment", kKeyEnvironments);
     }},
    {"topics", json::kOptional<KeyPlan>,
     [](const json::Value& value, KeyPlan& key) { key.topics = read_texts(value, "topics"); }},
    {"related", json::kOptional<KeyPlan>,
     [](const json::Value& value, KeyPlan& key) { key.related = read_id(value, "related"); }},
    {"public_key", json::kOptional<KeyPlan>, read_public_key},
    {"p8", json::kOptional<KeyPlan>, read_p8},
    {"team_id", json::kRequired<KeyPlan>,
     [](const json::Value& value, KeyPlan& key) { key.team_id = read_id(value, "team_id"); }},
}};

constexpr std::size_t kNumKeyFieldsInTeam = kKeyFields.size() - 1;
static_assert(kKeyFields[kNumKeyFieldsInTeam].key == "team_id");

std::span<const json::Field<KeyPlan>> key_fields_in_team() {
  return std::span(kKeyFields).first(kNumKeyFieldsInTeam);
}

void read_keys(const json::Value& value, TeamPlan& team) {
  for (const json::Value& one : value.array("keys")) {
    KeyPlan& key = team.keys.emplace_back();
    json::read_fields<KeyPlan>(one, "team_key", key_fields_in_team(), key);
    if (key.public_key.empty()) {
      one.fail("team_key needs \"public_key\" or \"p8\"");
    }
  }
}

// A part from the front: apps alone, a team without keys, a team.
constexpr std::array<json::Field<TeamPlan>, 3> kTeamFields = {{
    {"apps", json::kOptional<TeamPlan>,
     [](const json::Value& value, TeamPlan& team) { team.apps = read_texts(value, "apps"); }},
    {"team_id", json::kRequired<TeamPlan>,
     [](const json::Value& value, TeamPlan& team) { team.team_id = read_id(value, "team_id"); }},
    {"keys", json::kOptional<TeamPlan>, read_keys},
}};

std::span<const json::Field<TeamPlan>> first_team_fields(std::size_t count) {
  return std::span(kTeamFields).first(count);
}

/// One that is to replace another comes behind it.
void add_in_order(std::vector<KeyPlan> plans, TeamKeys& keys) {
  while (!plans.empty()) {
    auto next = std::ranges::find_if(plans, [&plans](const KeyPlan& plan) {
      return !plan.related || std::ranges::none_of(plans, [&plan](const KeyPlan& other) {
        return other.key_id == *plan.related;
      });
    });
    if (next == plans.end()) {
      next = plans.begin();  // in a circle: it is refused
    }
    carry_out(*next, keys);
    plans.erase(next);
  }
}

}  // namespace

const char* to_string(KeyScope scope) {
  return kScopes.at(static_cast<std::size_t>(scope));
}

const char* to_string(KeyEnvironment environment) {
  return kKeyEnvironments.at(static_cast<std::size_t>(environment));
}

TeamPlan read_team(const json::Value& value) {
  TeamPlan team;
  json::read_fields<TeamPlan>(value, "team", kTeamFields, team);
  for (KeyPlan& key : team.keys) {
    key.team_id = team.team_id;
  }
  return team;
}

TeamPlan read_bare_team(const json::Value& value) {
  TeamPlan team;
  team.apps.emplace();
  json::read_fields<TeamPlan>(value, "team", first_team_fields(2), team);
  return team;
}

TeamPlan read_apps(const json::Value& value, const auth::TenCharacterId& team_id) {
  TeamPlan team;
  team.team_id = team_id;
  team.apps.emplace();
  json::read_fields<TeamPlan>(value, "team", first_team_fields(1), team);
  return team;
}

KeyPlan read_key(const json::Value& value) {
  KeyPlan key;
  json::read_fields<KeyPlan>(value, "team_key", kKeyFields, key);
  return key;
}

std::vector<json::ObjectKeys> team_format() {
  return {
      json::object_keys<TeamPlan>("team", kTeamFields),
      json::object_keys<KeyPlan>("team_key", key_fields_in_team()),
  };
}

void carry_out(const std::vector<TeamPlan>& plans, TeamKeys& keys) {
  for (const TeamPlan& plan : plans) {
    if (plan.apps) {
      keys.set_team(Team{.team_id = plan.team_id, .apps = *plan.apps});
    }
  }
  for (const TeamPlan& plan : plans) {
    add_in_order(plan.keys, keys);
  }
}

void carry_out(const KeyPlan& plan, TeamKeys& keys) {
  keys.add(TeamKey{.key_id = plan.key_id,
                   .team_id = plan.team_id,
                   .public_key = auth::read_public_key(plan.public_key),
                   .scope = plan.scope,
                   .environment = plan.environment,
                   .topics = plan.topics,
                   .related = plan.related});
}

std::vector<TeamPlan> make_team_plans(const TeamKeyTable& table) {
  std::map<auth::TenCharacterId, TeamPlan> plans;
  for (const auto& team : table.teams()) {
    plans[team->team_id].apps = team->apps;
  }
  for (const auto& key : table.keys()) {
    KeyPlan& plan = plans[key->team_id].keys.emplace_back(plan_of(*key));
    if (plan.related && !table.find(*plan.related)) {
      plan.related.reset();  // it is gone
    }
  }
  std::vector<TeamPlan> list;
  for (auto& [team_id, plan] : plans) {
    plan.team_id = team_id;
    list.push_back(std::move(plan));
  }
  return list;
}

KeyPlan plan_of(const TeamKey& key) {
  return KeyPlan{.team_id = key.team_id,
                 .key_id = key.key_id,
                 .scope = key.scope,
                 .environment = key.environment,
                 .topics = key.topics,
                 .related = key.related,
                 .public_key = auth::public_key_pem(key.public_key.get())};
}

}  // namespace apns::mock
