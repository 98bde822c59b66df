#include "mock_apns/control/team_routes.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "apns/auth/public_key_file.h"
#include "certs/certificate_factory.h"
#include "certs/credential.h"
#include "mock_apns/control/json_answer.h"
#include "mock_apns/control/problem.h"
#include "mock_apns/world/team_file.h"
#include "mock_apns/world/team_json.h"

namespace apns::mock::control {

namespace {

using Json = nlohmann::ordered_json;
using auth::TenCharacterId;

[[noreturn]] void fail_missing(const std::string& what, const std::string& id,
                               const std::vector<std::string>& known) {
  const std::string_view near = json::nearest(id, known);
  throw Problem(404, "not-found",
                "There is no " + what + " \"" + id + "\"" +
                    (near.empty() ? "." : "; did you mean \"" + std::string(near) + "\"?"));
}

/// Of a path that is to name something which may not be there yet.
TenCharacterId id_in_path(const std::string& text) {
  const auto id = TenCharacterId::parse(text);
  if (!id) {
    throw Problem(400, "bad-value", "\"" + text + "\" is no team id. It is 10 letters and digits.");
  }
  return *id;
}

/// With whose it is in front.
Json key_json(const TeamKey& key) {
  Json json = {{"team_id", key.team_id.text()}};
  json.update(to_json(plan_of(key)));
  return json;
}

/// What the routes work on.
class Teams {
 public:
  explicit Teams(TeamKeys& keys) : keys_(keys) {}

  [[nodiscard]] Json list() const {
    Json items = Json::array();
    for (const TeamPlan& team : plans()) {
      items.push_back(team_json(team));
    }
    return {{"items", std::move(items)}};
  }

  [[nodiscard]] Json show(const std::string& id) const {
    const std::vector<TeamPlan> all = plans();
    const auto found =
        std::ranges::find(all, id, [](const TeamPlan& team) { return team.team_id.text(); });
    if (found == all.end()) {
      fail_missing_team(id);
    }
    return team_json(*found);
  }

  [[nodiscard]] Json add(const json::Value& body) const {
    const TeamPlan team = read_bare_team(body);
    const std::string id(team.team_id.text());
    if (keys_.table()->find_team(team.team_id) != nullptr) {
      throw Problem(
          409, "conflict",
          "Team " + id + " is registered already. Change it with PUT /v1/teams/" + id + ".");
    }
    return set(team);
  }

  [[nodiscard]] Json put(const std::string& id, const json::Value& body) const {
    return set(read_apps(body, id_in_path(id)));
  }

  void remove(const std::string& id) const {
    const auto team_id = TenCharacterId::parse(id);
    if (!team_id || !keys_.remove_team(*team_id)) {
      fail_missing_team(id);
    }
  }

  [[nodiscard]] Json list_keys() const {
    Json items = Json::array();
    for (const auto& key : keys_.table()->keys()) {
      items.push_back(key_json(*key));
    }
    return {{"items", std::move(items)}};
  }

  [[nodiscard]] Json show_key(const std::string& id) const {
    const auto key_id = TenCharacterId::parse(id);
    const auto key = key_id ? keys_.table()->find(*key_id) : nullptr;
    if (key == nullptr) {
      fail_missing_key(id);
    }
    return key_json(*key);
  }

  /// One whose private half nobody has brought is made here, and told once.
  [[nodiscard]] Json add_key(const json::Value& body) const {
    KeyPlan plan = read_key(body);
    std::string p8;
    if (plan.public_key.empty()) {
      const auth::KeyPtr made = certs::make_p256_key();
      plan.public_key = auth::public_key_pem(made.get());
      p8 = certs::to_pem(made.get());
    }
    carry_out(plan, keys_);
    Json json = show_key(std::string(plan.key_id.text()));
    if (!p8.empty()) {
      json["p8"] = p8;
    }
    return json;
  }

  void remove_key(const std::string& id) const {
    const auto key_id = TenCharacterId::parse(id);
    if (!key_id || !keys_.remove(*key_id)) {
      fail_missing_key(id);
    }
  }

 private:
  [[nodiscard]] std::vector<TeamPlan> plans() const { return make_team_plans(*keys_.table()); }

  /// Keys by their ids alone: /keys has them whole.
  [[nodiscard]] static Json team_json(const TeamPlan& team) {
    Json ids = Json::array();
    for (const KeyPlan& key : team.keys) {
      ids.push_back(key.key_id.text());
    }
    return {{"team_id", team.team_id.text()},
            {"apps", team.apps.value_or(std::vector<std::string>())},
            {"keys", std::move(ids)}};
  }

  [[nodiscard]] Json set(const TeamPlan& team) const {
    carry_out(std::vector{team}, keys_);
    return show(std::string(team.team_id.text()));
  }

  [[noreturn]] void fail_missing_team(const std::string& id) const {
    std::vector<std::string> known;
    for (const TeamPlan& team : plans()) {
      known.emplace_back(team.team_id.text());
    }
    fail_missing("team called", id, known);
  }

  [[noreturn]] void fail_missing_key(const std::string& id) const {
    std::vector<std::string> known;
    for (const auto& key : keys_.table()->keys()) {
      known.emplace_back(key->key_id.text());
    }
    fail_missing("key called", id, known);
  }

  TeamKeys& keys_;
};

void add_routes_of_teams(Router& router, const Teams& teams) {
  router.add({Method::Get, "/v1/teams", "the teams, with their apps and the ids of their keys",
              [teams](Call& /*call*/) -> Answer { return answer(teams.list()); }});
  router.add({Method::Post, "/v1/teams", "register one: what is its own",
              [teams](Call& call) -> Answer { return answer(teams.add(call.body()), 201); }});
  const std::string path = "/v1/teams/{team_id}";
  router.add({Method::Get, path, "one team",
              [teams](Call& call) -> Answer { return answer(teams.show(call.part("team_id"))); }});
  router.add({Method::Put, path, "{\"apps\": [\"com.example.app\"]}, instead of what it had",
              [teams](Call& call) -> Answer {
                return answer(teams.put(call.part("team_id"), call.body()));
              }});
  router.add({Method::Delete, path, "take it away, with its keys", [teams](Call& call) -> Answer {
                teams.remove(call.part("team_id"));
                return Response{.status = 204};
              }});
}

void add_routes_of_keys(Router& router, const Teams& teams) {
  router.add({Method::Get, "/v1/keys", "the keys that provider tokens are verified with",
              [teams](Call& /*call*/) -> Answer { return answer(teams.list_keys()); }});
  router.add({Method::Post, "/v1/keys",
              "one more; without public_key and p8 it is made, and the answer has its p8",
              [teams](Call& call) -> Answer { return answer(teams.add_key(call.body()), 201); }});
  const std::string path = "/v1/keys/{key_id}";
  router.add({Method::Get, path, "one key", [teams](Call& call) -> Answer {
                return answer(teams.show_key(call.part("key_id")));
              }});
  router.add({Method::Delete, path, "revoke it: what it has signed is refused at once",
              [teams](Call& call) -> Answer {
                teams.remove_key(call.part("key_id"));
                return Response{.status = 204};
              }});
}

}  // namespace

void add_team_routes(Router& router, TeamKeys& keys) {
  const Teams teams(keys);
  add_routes_of_teams(router, teams);
  add_routes_of_keys(router, teams);
}

}  // namespace apns::mock::control
