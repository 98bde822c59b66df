#include "mock_apns/control/fault_routes.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "mock_apns/control/json_answer.h"
#include "mock_apns/control/problem.h"
#include "mock_apns/fault_rule.h"
#include "mock_apns/fault_syntax.h"
#include "mock_apns/fault_text.h"

namespace apns::mock::control {

namespace {

using Json = nlohmann::ordered_json;

/// The rule as it would be written, its name first, with how often it has fired.
Json to_json(const ArmedFault& armed) {
  Json json = {{"name", armed.rule->name}};
  json.update(Json::parse(write_fault(*armed.rule)));
  json["fired"] = armed.fired;
  return json;
}

Json list(const Service& service) {
  Json items = Json::array();
  for (const ArmedFault& armed : service.faults()) {
    items.push_back(to_json(armed));
  }
  return Json{{"items", std::move(items)}};
}

[[noreturn]] void fail_unknown(const Service& service, const std::string& name) {
  std::vector<std::string> names;
  for (const ArmedFault& armed : service.faults()) {
    names.push_back(armed.rule->name);
  }
  const std::string_view near = json::nearest(name, names);
  throw Problem(404, "not-found",
                "There is no fault rule called \"" + name + "\"" +
                    (near.empty() ? "." : "; did you mean \"" + std::string(near) + "\"?"));
}

Json one(const Service& service, const std::string& name) {
  const std::vector<ArmedFault> all = service.faults();
  const auto found = std::ranges::find_if(
      all, [&name](const ArmedFault& armed) { return armed.rule->name == name; });
  if (found == all.end()) {
    fail_unknown(service, name);
  }
  return to_json(*found);
}

Json arm(Service& service, FaultRule rule) {
  const auto armed = service.arm(std::move(rule));
  if (armed == nullptr) {
    throw Problem(409, "limit",
                  "There are " + std::to_string(FaultRules::kMaxRules) +
                      " fault rules, which is the limit. Delete some.");
  }
  return to_json(ArmedFault{.rule = armed});
}

/// One rule or an array of them, all of which are good before the first is armed.
Response post(Service& service, const json::Value& body) {
  if (body.kind() != json::Value::Kind::Array) {
    return answer(arm(service, read_fault(body)), 201);
  }
  Json items = Json::array();
  for (FaultRule& rule : read_faults(body)) {
    items.push_back(arm(service, std::move(rule)));
  }
  return answer(Json{{"items", std::move(items)}}, 201);
}

Response put(Service& service, const std::string& name, const json::Value& body) {
  require_fault_name(name, body);
  FaultRule rule = read_fault(body);
  if (!rule.name.empty() && rule.name != name) {
    throw Problem(422, "bad-value",
                  "The body names the rule \"" + rule.name + "\" and the path \"" + name +
                      "\". Leave the name out of the body.");
  }
  rule.name = name;
  return answer(arm(service, std::move(rule)));
}

}  // namespace

void add_fault_routes(Router& router, Service& service) {
  router.add({Method::Get, "/v1/faults", "the fault rules, each with how often it fired",
              [&service](Call& /*call*/) -> Answer { return answer(list(service)); }});
  router.add({Method::Post, "/v1/faults", "arm one more, or an array of them",
              [&service](Call& call) -> Answer { return post(service, call.body()); }});
  router.add({Method::Delete, "/v1/faults", "disarm all", [&service](Call& /*call*/) -> Answer {
                service.disarm_all();
                return Response{.status = 204};
              }});
  router.add({Method::Get, "/v1/faults/{name}", "one fault rule", [&service](Call& call) -> Answer {
                return answer(one(service, call.part("name")));
              }});
  router.add(
      {Method::Put, "/v1/faults/{name}", "arm this one, instead of the one of that name",
       [&service](Call& call) -> Answer { return put(service, call.part("name"), call.body()); }});
  router.add({Method::Delete, "/v1/faults/{name}", "disarm it", [&service](Call& call) -> Answer {
                if (!service.disarm(call.part("name"))) {
                  fail_unknown(service, call.part("name"));
                }
                return Response{.status = 204};
              }});
}

}  // namespace apns::mock::control
