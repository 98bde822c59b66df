// What the routes do to a whole service: phones, clock, connections, snapshots, metrics.
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mock_apns/control/control_api.h"
#include "tests/golden/provider_token_golden.h"
#include "tests/support/binary_frames.h"
#include "tests/support/loopback_service.h"
#include "tests/support/socket_provider.h"

namespace apns::mock::control {
namespace {

using test::framed;
using test::SocketProvider;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

class ControlRoutesTest : public testing::Test, protected test::LoopbackService {
 protected:
  static ServiceOptions with_phone() {
    ServiceOptions made = options();
    PhonePlan phone;
    phone.options.name = "phone";
    phone.apps.emplace_back().bundle_id = "com.example.app";
    phone.apps.back().device_token = DeviceToken::from_bytes(test::device_token());
    made.world.devices.push_back(phone);
    return made;
  }

  struct Answered {
    unsigned status = 0;
    Json body;
  };

  Answered ask(Method method, const std::string& target, const std::string& body = {}) {
    Request request{.method = method, .target = target, .body = body};
    request.host = "localhost";
    const auto response = std::get<Response>(api.handle(request, net::io_now()));
    return {response.status, response.body.empty() ? Json() : Json::parse(response.body)};
  }

  /// An answer that has to be waited for.
  Answered expect(const std::string& body) {
    Request request{.method = Method::Post, .target = "/v1/expect", .body = body};
    request.host = "localhost";
    auto pending = std::get<std::unique_ptr<Pending>>(api.handle(request, net::io_now()));
    for (;;) {
      if (const auto response = pending->poll(net::io_now())) {
        return {response->status, Json::parse(response->body)};
      }
      std::this_thread::yield();
    }
  }

  Service service{with_phone(), credentials(), {}};
  ServiceInfo info;
  ControlApi api{service, info, {}};
};

TEST_F(ControlRoutesTest, PhonesComeChangeAndGo) {
  EXPECT_EQ(ask(Method::Post, "/v1/devices",
                R"({"name":"tablet","online":false,"apps":[{"bundle_id":"com.example.app"}]})")
                .status,
            201U);
  EXPECT_EQ(ask(Method::Get, "/v1/devices").body["items"].size(), 2U);
  EXPECT_EQ(ask(Method::Get, "/v1/devices/tablet").body["online"], false);
  EXPECT_EQ(ask(Method::Patch, "/v1/devices/tablet", R"({"online":true})").body["online"], true);
  EXPECT_EQ(ask(Method::Delete, "/v1/devices/tablet").status, 204U);
  EXPECT_EQ(ask(Method::Get, "/v1/devices/tablet").status, 404U);
}

TEST_F(ControlRoutesTest, WhatIsNotThereIsNamedWithWhatIsNear) {
  EXPECT_EQ(ask(Method::Get, "/v1/devices/phoen").body["title"],
            R"(There is no phone called "phoen"; did you mean "phone"?)");
  EXPECT_EQ(ask(Method::Get, "/v1/devices/phone/apps/com.example.ap").body["title"],
            R"(There is no app on phone called "com.example.ap"; did you mean "com.example.app"?)");
  EXPECT_EQ(ask(Method::Post, "/v1/devices", R"({"name":"phone"})").status, 409U);
  EXPECT_EQ(ask(Method::Patch, "/v1/devices/phone", R"({"onlin":true})").body["pointer"], "/onlin");
}

TEST_F(ControlRoutesTest, AppsAreInstalledChangedLaunchedAndDeleted) {
  const std::string app = "/v1/devices/phone/apps/com.example.other";
  const Answered installed = ask(Method::Put, app);
  EXPECT_EQ(installed.status, 200U);
  const std::string token = installed.body["device_token"];
  EXPECT_EQ(ask(Method::Get, "/v1/device-tokens/" + token).body["device"], "phone");
  EXPECT_EQ(ask(Method::Patch, app, R"({"state":"force-quit","sounds":false})").body["sounds"],
            false);
  EXPECT_EQ(ask(Method::Post, app + "/launch").body["state"], "foreground");
  EXPECT_NE(ask(Method::Post, app + "/register").body["device_token"], token);
  EXPECT_EQ(ask(Method::Get, "/v1/device-tokens/" + token).body["state"], "replaced");
  EXPECT_EQ(ask(Method::Delete, app).status, 204U);
  EXPECT_EQ(ask(Method::Get, app).status, 404U);
  EXPECT_EQ(ask(Method::Put, app, R"({"state":"asleep"})").body["pointer"], "/state");
}

TEST_F(ControlRoutesTest, AppsRegisterForFamiliesAndGiveThemUp) {
  const std::string app = "/v1/devices/phone/apps/com.example.app";
  const Answered voip = ask(Method::Post, app + "/register", R"({"family":"voip"})");
  EXPECT_EQ(voip.status, 200U);
  EXPECT_EQ(voip.body["device_token"], to_hex(test::device_token())) << "the other one stays";
  const Json& family = voip.body["families"][0];
  EXPECT_EQ(family["family"], "voip");
  EXPECT_EQ(family["topic"], "com.example.app.voip");
  const std::string token = family["device_token"];
  EXPECT_EQ(ask(Method::Get, "/v1/device-tokens/" + token).body["family"], "voip");
  EXPECT_EQ(ask(Method::Get, "/v1/devices/phone").body["apps"][0]["families"].size(), 1U);
  EXPECT_FALSE(
      ask(Method::Post, app + "/unregister", R"({"family":"voip"})").body.contains("families"));
  EXPECT_EQ(ask(Method::Get, "/v1/device-tokens/" + token).body["state"], "inactive");
  EXPECT_EQ(ask(Method::Post, app + "/unregister", R"({"family":"voip"})").body["title"],
            "com.example.app on phone is not registered for voip.");
  EXPECT_EQ(ask(Method::Post, app + "/register", R"({"family":"voi"})").body["pointer"], "/family");
  EXPECT_EQ(ask(Method::Post, app + "/register", R"({"family":"voip","activity":"x"})").status,
            422U);
}

TEST_F(ControlRoutesTest, LiveActivitiesStartAndEndAndChannelsAreJoined) {
  const std::string app = "/v1/devices/phone/apps/com.example.app";
  const std::string order = R"({"family":"liveactivity","activity":"order-17"})";
  const std::string token =
      ask(Method::Post, app + "/register", order).body["families"][0]["device_token"];
  EXPECT_EQ(token.size(), 160U);
  EXPECT_EQ(ask(Method::Get, "/v1/device-tokens/" + token).body["activity"], "order-17");
  const Json shown = ask(Method::Get, "/v1/devices/phone/screen").body["apps"][0]["activities"];
  EXPECT_EQ(shown[0]["activity"], "order-17");
  EXPECT_EQ(shown[0]["state"], "active");
  EXPECT_TRUE(shown[0].contains("ends_at"));
  EXPECT_EQ(ask(Method::Post, app + "/unregister", order).status, 200U);
  EXPECT_EQ(ask(Method::Get, "/v1/device-tokens/" + token).body["state"], "expired");
  const Json talk =
      ask(Method::Post, app + "/register", R"({"family":"pushtotalk","channel":"kitchen"})").body;
  EXPECT_EQ(talk["families"][0]["channel"], "kitchen");
}

TEST_F(ControlRoutesTest, DeviceTokensThatAreNone) {
  EXPECT_EQ(ask(Method::Get, "/v1/device-tokens/xyz").status, 400U);
  EXPECT_EQ(ask(Method::Get, "/v1/device-tokens/00ff").status, 404U);
}

TEST_F(ControlRoutesTest, TheClockStandsGoesAndIsSet) {
  EXPECT_EQ(ask(Method::Get, "/v1/clock").body["mode"], "running");
  const Answered frozen =
      ask(Method::Put, "/v1/clock", R"({"mode":"frozen","now":"2031-01-01T00:00:00Z"})");
  EXPECT_EQ(frozen.body["now"], "2031-01-01T00:00:00Z");
  EXPECT_EQ(ask(Method::Post, "/v1/clock/advance", R"({"by":"61m"})").body["now"],
            "2031-01-01T01:01:00Z");
  EXPECT_EQ(ask(Method::Post, "/v1/clock/advance", R"({"by":61})").body["title"],
            R"(by must be a text with its unit, like "90s", "61m" or "24h".)");
  EXPECT_EQ(ask(Method::Put, "/v1/clock", R"({"now":"yesterday"})").status, 422U);
  EXPECT_EQ(ask(Method::Put, "/v1/clock", R"({"now":"2200-01-01T00:00:00Z"})").status, 422U);
  EXPECT_EQ(ask(Method::Put, "/v1/clock", R"({"mode":"running"})").body["mode"], "running");
}

TEST_F(ControlRoutesTest, ConnectionsAreListedAndActedUpon) {
  EXPECT_EQ(ask(Method::Post, "/v1/connections/1/apply", R"({"close":"fin"})").body["detail"],
            "No connection is.");
  SocketProvider provider(client());
  provider.dial(service.gateway_port(Environment::Production), framed(7));
  EXPECT_EQ(
      expect(R"({"match":{"event":"notification","outcome":"accepted"},"within":"10s"})").status,
      200U);
  const Json open = ask(Method::Get, "/v1/connections").body["items"];
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0]["notifications"], 1);
  EXPECT_EQ(open[0]["state"], "reading");
  const std::string path = "/v1/connections/" + open[0]["connection"].dump() + "/apply";
  EXPECT_EQ(ask(Method::Post, path, R"({"tls_alert":42})").status, 422U);
  EXPECT_EQ(ask(Method::Post, path, R"({"error_packet":{"status":10}})").body["done"], 1);
  EXPECT_TRUE(provider.wait_until_gone());
  EXPECT_EQ(provider.received(), "080a00000007");
  EXPECT_EQ(ask(Method::Post, "/v1/connections/x/apply", R"({"close":"fin"})").status, 400U);
}

TEST_F(ControlRoutesTest, AResetMayEndConnections) {
  SocketProvider provider(client());
  provider.dial(service.gateway_port(Environment::Production), framed(1));
  ASSERT_TRUE(provider.wait_until_up());
  (void)expect(R"({"match":{"event":"notification"},"within":"10s"})");
  EXPECT_EQ(ask(Method::Post, "/v1/reset", R"({"connections":"shut"})").body["pointer"],
            "/connections");
  EXPECT_EQ(ask(Method::Post, "/v1/reset", R"({"connections":"close"})").status, 200U);
  EXPECT_TRUE(provider.wait_until_gone());
}

TEST_F(ControlRoutesTest, ASnapshotBringsTheWorldBack) {
  (void)ask(Method::Post, "/v1/faults", R"({"name":"gone","then":{"reject":8}})");
  const Answered taken = ask(Method::Put, "/v1/snapshots/start");
  EXPECT_EQ(taken.body["devices"][0]["name"], "phone");
  EXPECT_EQ(ask(Method::Delete, "/v1/devices/phone").status, 204U);
  EXPECT_EQ(ask(Method::Delete, "/v1/faults").status, 204U);
  EXPECT_EQ(ask(Method::Post, "/v1/snapshots/start/restore").status, 204U);
  EXPECT_EQ(ask(Method::Get, "/v1/devices").body["items"][0]["apps"][0]["device_token"],
            to_hex(test::device_token()));
  EXPECT_EQ(ask(Method::Get, "/v1/faults").body["items"][0]["name"], "gone");
  EXPECT_EQ(ask(Method::Get, "/v1/snapshots").body["items"].size(), 1U);
  EXPECT_EQ(ask(Method::Delete, "/v1/snapshots/start").status, 204U);
  EXPECT_EQ(ask(Method::Post, "/v1/snapshots/start/restore").status, 404U);
}

TEST_F(ControlRoutesTest, ASnapshotMayBeBrought) {
  EXPECT_EQ(ask(Method::Put, "/v1/snapshots/mine", R"({"devices":[{"name":"tablet"}]})").status,
            200U);
  EXPECT_EQ(ask(Method::Post, "/v1/snapshots/mine/restore").status, 204U);
  EXPECT_EQ(ask(Method::Get, "/v1/devices").body["items"][0]["name"], "tablet");
  EXPECT_EQ(ask(Method::Put, "/v1/snapshots/mine", R"({"devics":[]})").body["pointer"], "/devics");
}

// A path may hold any byte.
TEST_F(ControlRoutesTest, NamesThatAreNotUtf8AreTakenAndShownAsFarAsTheyCanBe) {
  EXPECT_EQ(ask(Method::Put, "/v1/snapshots/%ff", "{}").status, 200U);
  EXPECT_EQ(ask(Method::Get, "/v1/snapshots").body["items"][0]["name"], "\xEF\xBF\xBD");
  EXPECT_EQ(ask(Method::Put, "/v1/devices/phone/apps/%ff").status, 200U);
  EXPECT_EQ(ask(Method::Get, "/v1/devices").status, 200U);
}

TEST_F(ControlRoutesTest, ThereAreSoManySnapshots) {
  for (std::size_t i = 0; i < Snapshots::kMaxSnapshots; ++i) {
    ASSERT_EQ(ask(Method::Put, "/v1/snapshots/" + std::to_string(i), "{}").status, 200U);
  }
  EXPECT_EQ(ask(Method::Put, "/v1/snapshots/more", "{}").status, 409U);
  EXPECT_EQ(ask(Method::Put, "/v1/snapshots/7", "{}").status, 200U);
}

TEST_F(ControlRoutesTest, TheProfileIsOneOfThoseThereAre) {
  EXPECT_EQ(ask(Method::Put, "/v1/profile", R"({"name":"2013"})").body["name"], "2013");
  EXPECT_EQ(ask(Method::Put, "/v1/profile", R"({"name":"2031"})").body["pointer"], "/name");
  EXPECT_EQ(ask(Method::Get, "/v1/profile").body["name"], "2013");
}

TEST_F(ControlRoutesTest, AProfilesValuesAreChangedOneByOne) {
  const Answered changed = ask(Method::Patch, "/v1/profile",
                               R"({"http2":{"provider_token":{"expired_ends_connection":false}}})");
  EXPECT_EQ(changed.status, 200U);
  EXPECT_EQ(changed.body["name"], "2025");
  EXPECT_EQ(changed.body["http2"]["provider_token"]["expired_ends_connection"], false);
  EXPECT_EQ(changed.body["http2"]["one_stream_after_rejection"], true);
  // They add up; a profile that is put begins with its own.
  EXPECT_EQ(ask(Method::Patch, "/v1/profile", R"({"http2":{"one_stream_after_rejection":false}})")
                .body["http2"]["provider_token"]["expired_ends_connection"],
            false);
  const Answered put = ask(Method::Put, "/v1/profile",
                           R"({"name":"pedantic","http2":{"topic_fits_push_type":false}})");
  EXPECT_EQ(put.body["http2"]["topic_fits_push_type"], false);
  EXPECT_EQ(put.body["http2"]["provider_token"]["expired_ends_connection"], true);
  EXPECT_EQ(ask(Method::Patch, "/v1/profile", R"({"http2":{"max_frame_size":1}})").body["pointer"],
            "/http2/max_frame_size");
  EXPECT_EQ(ask(Method::Patch, "/v1/profile", R"({"name":"2021"})").body["pointer"], "/name");
  EXPECT_EQ(ask(Method::Post, "/v1/reset").status, 200U);
  EXPECT_EQ(ask(Method::Get, "/v1/profile").body["http2"]["one_stream_after_rejection"], true);
}

TEST_F(ControlRoutesTest, ThereAreSoManyProfiles) {
  Profile profile = default_profile();
  for (std::size_t i = 0; i < Service::kMaxProfiles; ++i) {
    profile.http2.max_header_list_size = static_cast<std::uint32_t>(i);
    ASSERT_TRUE(service.set_profile(profile));
  }
  EXPECT_EQ(ask(Method::Put, "/v1/profile", R"({"name":"pedantic"})").status, 200U);
  EXPECT_EQ(ask(Method::Patch, "/v1/profile", R"({"http2":{"max_header_list_size":3}})").status,
            409U);
  EXPECT_EQ(ask(Method::Put, "/v1/profile", R"({"name":"2025","http2":{"max_header_list_size":7}})")
                .status,
            200U);
}

TEST_F(ControlRoutesTest, ASnapshotHasTheTeams) {
  EXPECT_EQ(ask(Method::Post, "/v1/teams", R"({"team_id":"TEAM000002","apps":["com.example.app"]})")
                .status,
            201U);
  EXPECT_EQ(
      ask(Method::Post, "/v1/keys", R"({"team_id":"TEAM000002","key_id":"KEY0000002"})").status,
      201U);
  const Json teams = ask(Method::Get, "/v1/teams").body;
  const Json keys = ask(Method::Get, "/v1/keys").body;
  EXPECT_EQ(ask(Method::Put, "/v1/snapshots/teams").body["teams"].size(), 2U);
  EXPECT_EQ(ask(Method::Post, "/v1/reset").status, 200U);
  EXPECT_EQ(ask(Method::Get, "/v1/keys").body["items"].size(), 1U);
  EXPECT_EQ(ask(Method::Post, "/v1/snapshots/teams/restore").status, 204U);
  EXPECT_EQ(ask(Method::Get, "/v1/teams").body, teams);
  EXPECT_EQ(ask(Method::Get, "/v1/keys").body, keys);
}

/// A plan whose teams cannot be carried out changes nothing.
TEST_F(ControlRoutesTest, ASnapshotWithImpossibleTeamsIsRefused) {
  const std::string key =
      R"({"key_id":"KEY0000001","public_key":)" + Json(golden::kPublicKey).dump() + "}";
  EXPECT_EQ(
      ask(Method::Put, "/v1/snapshots/bad",
          R"({"devices":[],"teams":[{"team_id":"TEAM000001","keys":[)" + key + "," + key + "]}]}")
          .status,
      200U);
  EXPECT_EQ(ask(Method::Post, "/v1/snapshots/bad/restore").status, 409U);
  EXPECT_EQ(ask(Method::Get, "/v1/devices").body["items"].size(), 1U);
  EXPECT_EQ(ask(Method::Get, "/v1/keys").body["items"].size(), 1U);
}

TEST_F(ControlRoutesTest, MetricsAreInTheFormatOfPrometheus) {
  (void)ask(Method::Post, "/v1/faults", R"({"name":"gone","then":{"reject":8}})");
  SocketProvider provider(client());
  provider.dial(service.gateway_port(Environment::Production), framed(1));
  EXPECT_TRUE(provider.wait_until_gone());
  Request request{.target = "/metrics"};
  request.host = "localhost";
  const std::string text = std::get<Response>(api.handle(request, {})).body;
  EXPECT_THAT(text, HasSubstr("# TYPE apnslab_notifications_total counter\n"));
  EXPECT_THAT(
      text, HasSubstr("apnslab_notifications_total{protocol=\"binary\",environment=\"production\","
                      "outcome=\"rejected\",reason=\"8\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("apnslab_deliveries_total{outcome=\"delivered\"} 0\n"));
  // Every line is a comment or NAME{LABELS} NUMBER, and no series is there twice.
  std::set<std::string> seen;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# ")) {
      EXPECT_TRUE(line.starts_with("apnslab_")) << line;
      EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << line;
    }
  }
}

TEST_F(ControlRoutesTest, TheListIsThereAsOpenApi) {
  const Json document = ask(Method::Get, "/openapi.json").body;
  EXPECT_EQ(document["openapi"], "3.1.0");
  for (const Route& route : api.router().routes()) {
    EXPECT_TRUE(document["paths"].contains(route.path)) << route.path;
  }
}

// docs/control.md has a row for each route, and for no other: | `GET /v1/info` | ... |
TEST_F(ControlRoutesTest, TheDocumentHasEachRoute) {
  std::ifstream file(std::string(APNSLAB_SOURCE_DIR) + "/docs/control.md");
  ASSERT_TRUE(file);
  std::set<std::string> documented;
  for (std::string line; std::getline(file, line);) {
    const std::size_t end = line.find('`', 3);
    const std::string cell = line.starts_with("| `") ? line.substr(3, end - 3) : std::string();
    if (parse_method(cell.substr(0, cell.find(' ')))) {
      EXPECT_TRUE(documented.insert(cell).second) << cell << " is there twice";
    }
  }
  std::set<std::string> routes;
  for (const Route& route : api.router().routes()) {
    routes.insert(std::string(to_string(route.method)) + " " + route.path);
  }
  EXPECT_EQ(documented, routes);
}

}  // namespace
}  // namespace apns::mock::control
