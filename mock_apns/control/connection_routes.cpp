#include "mock_apns/control/connection_routes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "apns/base/rfc3339.h"
#include "apns/json/field_table.h"
#include "mock_apns/control/json_answer.h"
#include "mock_apns/control/problem.h"
#include "mock_apns/fault_syntax.h"

namespace apns::mock::control {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const ConnectionInfo& connection) {
  Json json = {{"connection", connection.connection},
               {"protocol", to_string(connection.protocol)},
               {"environment", to_string(connection.environment)},
               {"opened_at", to_rfc3339(connection.opened_at)},
               {"peer", connection.peer},
               {"state", to_string(connection.state)}};
  for (const auto& [key, value] :
       {std::pair("tls", connection.tls), std::pair("auth", connection.auth),
        std::pair("topic", connection.topic)}) {
    if (!value.empty()) {
      json[key] = value;
    }
  }
  if (connection.protocol == Protocol::Feedback) {
    json["tuples"] = connection.tuples;
  } else {
    json["notifications"] = connection.notifications;
    json["accepted"] = connection.accepted;
  }
  return json;
}

Response list(const Service& service) {
  Json items = Json::array();
  for (const ConnectionInfo& connection : service.connections()) {
    items.push_back(to_json(connection));
  }
  return answer(Json{{"items", std::move(items)}});
}

/// Throws Problem: one connection was meant, and it is not open, or the action means nothing to it.
void check_one(const Service& service, std::uint64_t number, const FaultAction& action) {
  const std::vector<ConnectionInfo> open = service.connections();
  const auto found = std::ranges::find(open, number, &ConnectionInfo::connection);
  if (found == open.end()) {
    std::string numbers;
    for (const ConnectionInfo& connection : open) {
      numbers += (numbers.empty() ? "" : ", ") + std::to_string(connection.connection);
    }
    throw Problem(404, "not-found",
                  "Connection " + std::to_string(number) + " is not open. " +
                      (numbers.empty() ? "No connection is." : "Open are: " + numbers + "."));
  }
  const std::string why_not = why_not_applicable(action, found->protocol);
  if (!why_not.empty()) {
    throw Problem(422, "bad-value", why_not);
  }
}

Response apply(Service& service, const std::string& which, const json::Value& body) {
  const FaultAction action = read_action(body);
  std::optional<std::uint64_t> number;
  if (which != "all") {
    number = parse_number("The connection", which, 1, UINT64_MAX);
    check_one(service, *number, action);
  }
  const Applied applied = service.apply(number, action);
  return answer(Json{{"found", applied.found}, {"done", applied.done}});
}

}  // namespace

void add_connection_routes(Router& router, Service& service) {
  router.add({Method::Get, "/v1/connections", "open connections, in the order of opening",
              [&service](Call& /*call*/) -> Answer { return list(service); }});
  router.add({Method::Post, "/v1/connections/{number}/apply",
              "do a `then` of docs/faults.md now; the number, or all",
              [&service](Call& call) -> Answer {
                return apply(service, call.part("number"), call.body());
              }});
}

}  // namespace apns::mock::control
