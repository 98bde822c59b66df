#include "mock_apns/world/team_json.h"

#include <utility>

namespace apns::mock {

using Json = nlohmann::ordered_json;

Json to_json(const TeamPlan& team) {
  Json made{{"team_id", team.team_id.text()}};
  if (team.apps) {
    made["apps"] = *team.apps;
  }
  Json& keys = made["keys"] = Json::array();
  for (const KeyPlan& key : team.keys) {
    keys.push_back(to_json(key));
  }
  return made;
}

Json to_json(const KeyPlan& key) {
  Json made{{"key_id", key.key_id.text()},
            {"scope", to_string(key.scope)},
            {"environment", to_string(key.environment)}};
  if (!key.topics.empty()) {
    made["topics"] = key.topics;
  }
  if (key.related) {
    made["related"] = key.related->text();
  }
  made["public_key"] = key.public_key;
  return made;
}

}  // namespace apns::mock
