#include "mock_apns/control/snapshots.h"

#include <array>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "apns/json/field_table.h"
#include "mock_apns/control/json_answer.h"
#include "mock_apns/control/problem.h"
#include "mock_apns/world/snapshot.h"
#include "mock_apns/world/world_file.h"
#include "mock_apns/world/world_writer.h"

namespace apns::mock::control {

namespace {

using Json = nlohmann::ordered_json;

/// {"connections": "close"}; without it they stay open.
bool wants_close(const json::Value* body) {
  if (body == nullptr) {
    return false;
  }
  static const std::array<std::string, 2> kWords = {"keep", "close"};
  json::ObjectReader in(*body, "reset");
  const json::Value* connections = in.find("connections");
  in.finish();
  if (connections == nullptr) {
    return false;
  }
  const std::string& word = connections->text("connections");
  json::require_word(*connections, "way with connections", word, kWords);
  return word == "close";
}

Response reset(Service& service, const json::Value* body) {
  const std::optional<std::uint64_t> seq = service.reset(nullptr, wants_close(body));
  if (!seq) {
    throw busy();
  }
  return answer(Json{{"after", *seq}});
}

/// Without a body the world as it is now, else the world file of the body.
Response put(Service& service, Snapshots& snapshots, const std::string& name, Call& call) {
  if (call.body_if_any() != nullptr) {
    (void)read_world(call.body());
    snapshots.put(name, call.request().body);
  } else {
    WorldPlan plan = make_plan(service.world());
    for (const ArmedFault& armed : service.faults()) {
      plan.faults.push_back(*armed.rule);
    }
    plan.teams = make_team_plans(*service.team_keys().table());
    snapshots.put(name, write_world(plan));
  }
  return Response{.body = snapshots.get(name)};
}

Response list(const Snapshots& snapshots) {
  Json items = Json::array();
  for (const auto& [name, text] : snapshots.all()) {
    items.push_back({{"name", name}, {"bytes", text.size()}});
  }
  return answer(Json{{"items", std::move(items)}});
}

}  // namespace

void Snapshots::put(const std::string& name, std::string text) {
  std::size_t bytes = text.size();
  for (const auto& [other, its_text] : texts_) {
    bytes += other == name ? 0 : its_text.size();
  }
  if (bytes > kMaxBytes || (texts_.size() >= kMaxSnapshots && !texts_.contains(name))) {
    throw Problem(409, "limit",
                  "There are " + std::to_string(kMaxSnapshots) + " snapshots or " +
                      std::to_string(kMaxBytes) +
                      " bytes of them, which is the limit. Delete some.");
  }
  texts_.insert_or_assign(name, std::move(text));
}

const std::string& Snapshots::get(const std::string& name) const {
  const auto found = texts_.find(name);
  if (found == texts_.end()) {
    std::vector<std::string> names;
    for (const auto& [other, text] : texts_) {
      names.push_back(other);
    }
    const std::string_view near = json::nearest(name, names);
    throw Problem(404, "not-found",
                  "There is no snapshot called \"" + name + "\"" +
                      (near.empty() ? "." : "; did you mean \"" + std::string(near) + "\"?"));
  }
  return found->second;
}

void Snapshots::erase(const std::string& name) {
  (void)get(name);
  texts_.erase(name);
}

void add_reset_routes(Router& router, Service& service, Snapshots& snapshots) {
  router.add({Method::Post, "/v1/reset",
              "world, faults, ledger, clock and what connections carry, as at the start",
              [&service](Call& call) -> Answer { return reset(service, call.body_if_any()); }});
  router.add({Method::Get, "/v1/snapshots", "names of worlds that were taken down",
              [&snapshots](Call& /*call*/) -> Answer { return list(snapshots); }});
  const std::string path = "/v1/snapshots/{name}";
  router.add({Method::Put, path, "take the world down, or bring a world file",
              [&service, &snapshots](Call& call) -> Answer {
                return put(service, snapshots, call.part("name"), call);
              }});
  router.add({Method::Get, path, "it, as --world reads it", [&snapshots](Call& call) -> Answer {
                return Response{.body = snapshots.get(call.part("name"))};
              }});
  router.add({Method::Delete, path, "forget it", [&snapshots](Call& call) -> Answer {
                snapshots.erase(call.part("name"));
                return Response{.status = 204};
              }});
  router.add({Method::Post, path + "/restore", "as reset, with this world instead",
              [&service, &snapshots](Call& call) -> Answer {
                const std::string& text = snapshots.get(call.part("name"));
                const WorldPlan plan = read_world(json::parse(text, ""));
                if (!service.reset(&plan)) {
                  throw busy();
                }
                return Response{.status = 204};
              }});
}

}  // namespace apns::mock::control
