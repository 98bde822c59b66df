// The routes over a whole service, without HTTP.
#include "mock_apns/control/control_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mock_apns/control/ledger_routes.h"
#include "tests/support/loopback_service.h"

namespace apns::mock::control {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

class ControlApiTest : public testing::Test, protected test::LoopbackService {
 protected:
  ControlApiTest() {
    info.state_dir = credentials().dir.string();
    info.gateway_port = service.gateway_port(Environment::Production);
  }

  Response ask(Method method, const std::string& target, const std::string& body = {}) {
    Request request{.method = method, .target = target, .body = body};
    request.host = "localhost:2199";
    return std::get<Response>(api.handle(request, {}));
  }

  Json get(const std::string& target) { return Json::parse(ask(Method::Get, target).body); }

  void accepted(std::string_view topic) {
    LedgerRecord record;
    record.kind = EventKind::Notification;
    record.outcome = EventOutcome::Accepted;
    record.topic = topic;
    ledger.add(0, record);
  }

  Service service{options(), credentials(), {}};
  Ledger ledger{{}};
  ServiceInfo info;
  ControlApi api{service, info, {}};
};

TEST_F(ControlApiTest, TellsWhereTheServiceIs) {
  EXPECT_EQ(get("/v1/info")["gateway_port"], info.gateway_port);
  EXPECT_THAT(ask(Method::Get, "/v1/env?format=shell").body,
              HasSubstr("export APNSLAB_GATEWAY_PORT='" + std::to_string(info.gateway_port)));
  EXPECT_THAT(ask(Method::Get, "/v1/env?format=dotenv").body,
              testing::StartsWith("APNSLAB_HOST='localhost'\n"));
  EXPECT_EQ(ask(Method::Get, "/v1/env?format=yaml").status, 400U);
}

TEST_F(ControlApiTest, HandsOutCredentialsButNotTheAuthoritysKey) {
  EXPECT_THAT(ask(Method::Get, "/v1/files/ca.pem").body, HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_THAT(ask(Method::Get, "/v1/files/AuthKey_KEY0000001.p8").body, HasSubstr("PRIVATE KEY"));
  for (const char* name : {"ca.key", "server.key", "..%2Fca.pem", "%2E%2E", ".lock"}) {
    EXPECT_EQ(ask(Method::Get, std::string("/v1/files/") + name).status, 404U) << name;
  }
}

TEST_F(ControlApiTest, ArmsAndDisarmsFaultRules) {
  const Response armed = ask(
      Method::Post, "/v1/faults",
      R"({"name":"gone","when":{"topic":"com.example.app","nth":2},"then":{"reject":8},"times":1})");
  EXPECT_EQ(armed.status, 201U);
  EXPECT_EQ(Json::parse(armed.body)["fired"], 0);
  EXPECT_EQ(get("/v1/faults")["items"].size(), 1U);
  EXPECT_EQ(get("/v1/faults/gone")["when"]["nth"], 2);
  EXPECT_EQ(ask(Method::Put, "/v1/faults/gone", R"({"then":{"reject":7}})").status, 200U);
  EXPECT_EQ(get("/v1/faults/gone")["then"]["reject"], 7);
  EXPECT_EQ(ask(Method::Delete, "/v1/faults/gone").status, 204U);
  EXPECT_EQ(ask(Method::Delete, "/v1/faults/gone").status, 404U);
  EXPECT_TRUE(service.faults().empty());
}

TEST_F(ControlApiTest, ArmsAllOfAnArrayOrNone) {
  EXPECT_EQ(
      ask(Method::Post, "/v1/faults", R"([{"then":{"reject":8}},{"then":{"rejct":8}}])").status,
      422U);
  EXPECT_TRUE(service.faults().empty());
  EXPECT_EQ(
      ask(Method::Post, "/v1/faults", R"([{"then":{"reject":8}},{"then":{"reject":7}}])").status,
      201U);
  EXPECT_EQ(service.faults().size(), 2U);
  EXPECT_EQ(ask(Method::Delete, "/v1/faults").status, 204U);
  EXPECT_TRUE(service.faults().empty());
}

TEST_F(ControlApiTest, TwoNamesForOneRuleAreAMistake) {
  EXPECT_EQ(ask(Method::Put, "/v1/faults/a", R"({"name":"b","then":{"reject":8}})").status, 422U);
}

// A rule that is armed while a connection is open is a matter of the engines' tests.

TEST_F(ControlApiTest, ReadsTheLedgerInPages) {
  Router router;
  add_ledger_routes(router, &ledger);
  const auto read = [&router](const std::string& target) {
    return Json::parse(std::get<Response>(router.handle(Request{.target = target}, {})).body);
  };
  accepted("com.example.a");
  accepted("com.example.b");
  accepted("com.example.a");
  EXPECT_EQ(read("/v1/ledger")["items"].size(), 3U);
  EXPECT_EQ(read("/v1/ledger")["next"], 3);
  const Json first = read("/v1/notifications?topic=com.example.a&limit=1");
  EXPECT_EQ(first["items"][0]["seq"], 1);
  EXPECT_EQ(first["next"], 1);
  const Json second = read("/v1/notifications?topic=com.example.a&limit=1&after=1");
  EXPECT_EQ(second["items"][0]["seq"], 3);
  EXPECT_EQ(read("/v1/ledger?after=x")["status"], 400);
  EXPECT_EQ(read("/v1/ledger?limit=0")["status"], 400);
  EXPECT_EQ(read("/v1/ledger?evnt=notification")["status"], 400);
}

TEST_F(ControlApiTest, WithoutALedgerSaysSo) {
  Router router;
  add_ledger_routes(router, nullptr);
  EXPECT_EQ(std::get<Response>(router.handle(Request{.target = "/v1/ledger"}, {})).status, 409U);
}

TEST_F(ControlApiTest, ListsItsRoutes) {
  const std::string list = ask(Method::Get, "/").body;
  for (const Route& route : api.router().routes()) {
    EXPECT_THAT(list, HasSubstr(route.path));
  }
}

TEST_F(ControlApiTest, RefusesPagesOfOtherSites) {
  Request request{.method = Method::Get, .target = "/v1/info"};
  const auto status = [&] { return std::get<Response>(api.handle(request, {})).status; };
  for (const char* host : {"localhost:2199", "127.0.0.1:2199", "[::1]:2199", "localhost"}) {
    request.host = host;
    EXPECT_EQ(status(), 200U) << host;
  }
  for (const char* host : {"", "evil.example", "127.evil.example.", "[::2]:2199", "["}) {
    request.host = host;
    EXPECT_EQ(status(), 403U) << host;
  }
  request.host = "localhost:2199";
  request.origin = "http://evil.example";
  EXPECT_EQ(status(), 403U);
  request.origin = "http://localhost:2199";
  EXPECT_EQ(status(), 200U);
}

TEST_F(ControlApiTest, WithASecretWhoKnowsItMayComeFromAnywhere) {
  const ControlApi guarded{service, info, Access{.secret = "open sesame", .names = {}}};
  Request request{.method = Method::Get, .target = "/v1/info"};
  request.host = "10.0.0.1:2199";
  EXPECT_EQ(std::get<Response>(guarded.handle(request, {})).status, 401U);
  request.authorization = "Bearer open sesam";
  EXPECT_EQ(std::get<Response>(guarded.handle(request, {})).status, 401U);
  request.authorization = "Bearer open sesame";
  EXPECT_EQ(std::get<Response>(guarded.handle(request, {})).status, 200U);
}

}  // namespace
}  // namespace apns::mock::control
