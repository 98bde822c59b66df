// /teams and /keys, over a table of keys alone.
#include "mock_apns/control/team_routes.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "apns/auth/private_key_file.h"
#include "apns/auth/provider_token.h"
#include "apns/auth/public_key_file.h"
#include "mock_apns/control/openapi.h"
#include "tests/golden/provider_token_golden.h"
#include "tests/support/provider_tokens.h"

namespace apns::mock::control {
namespace {

using test::ten;
using testing::ElementsAre;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

class TeamRoutesTest : public testing::Test {
 protected:
  TeamRoutesTest() {
    add_team_routes(router, keys);
    keys.add(test::TokenSource().team_key());
  }

  struct Answered {
    unsigned status = 0;
    Json body;
  };

  Answered ask(Method method, const std::string& target, const Json& body = {}) {
    Request request{.method = method, .target = target};
    if (!body.is_null()) {
      request.body = body.dump();
    }
    const auto response = std::get<Response>(router.handle(request, {}));
    return {response.status, response.body.empty() ? Json() : Json::parse(response.body)};
  }

  TeamKeys keys;
  Router router;
};

TEST_F(TeamRoutesTest, ShowWhatThereIs) {
  EXPECT_EQ(ask(Method::Get, "/v1/teams").body,
            Json::parse(R"({"items":[{"team_id":"TEAM000001","apps":[],"keys":["KEY0000001"]}]})"));
  const Answered key = ask(Method::Get, "/v1/keys/KEY0000001");
  EXPECT_EQ(key.status, 200U);
  EXPECT_EQ(key.body, (Json{{"team_id", "TEAM000001"},
                            {"key_id", "KEY0000001"},
                            {"scope", "team"},
                            {"environment", "both"},
                            {"public_key", golden::kPublicKey}}));
  EXPECT_EQ(ask(Method::Get, "/v1/keys").body["items"], Json::array({key.body}));
}

TEST_F(TeamRoutesTest, TeamsComeChangeAndGo) {
  const Answered added =
      ask(Method::Post, "/v1/teams",
          {{"team_id", "TEAM000002"}, {"apps", {"com.example.b", "com.example.a"}}});
  EXPECT_EQ(added.status, 201U);
  EXPECT_EQ(added.body["apps"], (Json{"com.example.a", "com.example.b"}));
  EXPECT_EQ(ask(Method::Post, "/v1/teams", {{"team_id", "TEAM000002"}}).status, 409U);
  const Answered changed = ask(Method::Put, "/v1/teams/TEAM000002", {{"apps", {"com.example.c"}}});
  EXPECT_EQ(changed.status, 200U);
  EXPECT_EQ(ask(Method::Get, "/v1/teams/TEAM000002").body, changed.body);
  EXPECT_EQ(keys.table()->owner_of("com.example.c")->team_id, ten("TEAM000002"));
  EXPECT_EQ(ask(Method::Put, "/v1/teams/TEAM000003", Json::object()).status, 200U);
  EXPECT_EQ(ask(Method::Get, "/v1/teams").body["items"].size(), 3U);
  EXPECT_EQ(ask(Method::Delete, "/v1/teams/TEAM000002").status, 204U);
  EXPECT_EQ(ask(Method::Get, "/v1/teams/TEAM000002").status, 404U);
  // One that only its keys have told of may be registered, and goes with its keys.
  EXPECT_EQ(ask(Method::Post, "/v1/teams", {{"team_id", "TEAM000001"}}).status, 201U);
  EXPECT_EQ(ask(Method::Delete, "/v1/teams/TEAM000001").status, 204U);
  EXPECT_EQ(ask(Method::Get, "/v1/keys").body["items"].size(), 0U);
}

TEST_F(TeamRoutesTest, AKeyMayBeBrought) {
  const std::string pem = auth::public_key_pem(certs::make_p256_key().get());
  const Answered added = ask(Method::Post, "/v1/keys",
                             {{"team_id", "TEAM000001"},
                              {"key_id", "KEY0000002"},
                              {"scope", "topics"},
                              {"environment", "development"},
                              {"topics", {"com.example.app"}},
                              {"public_key", pem}});
  EXPECT_EQ(added.status, 201U);
  EXPECT_EQ(added.body["public_key"], pem);
  EXPECT_EQ(added.body["topics"], Json{"com.example.app"});
  EXPECT_FALSE(added.body.contains("p8"));
  const auto key = keys.table()->find(ten("KEY0000002"));
  EXPECT_EQ(key->scope, KeyScope::Topics);
  EXPECT_EQ(key->environment, KeyEnvironment::Development);
  Json related = {{"team_id", "TEAM000001"}, {"key_id", "KEY0000003"},
                  {"scope", "topics"},       {"environment", "development"},
                  {"topics", {"a"}},         {"related", "KEY0000002"},
                  {"p8", golden::kP8}};
  const Answered second = ask(Method::Post, "/v1/keys", related);
  EXPECT_EQ(second.body["related"], "KEY0000002");
  EXPECT_EQ(second.body["public_key"], golden::kPublicKey);
  EXPECT_FALSE(second.body.contains("p8")) << "whoever has brought it has it";
}

TEST_F(TeamRoutesTest, AKeyMayBeMadeAndIsToldOnce) {
  const Answered added =
      ask(Method::Post, "/v1/keys", {{"team_id", "TEAM000007"}, {"key_id", "KEY0000007"}});
  EXPECT_EQ(added.status, 201U);
  const auto key = auth::read_private_key(added.body["p8"].get<std::string>());
  ASSERT_TRUE(key);
  EXPECT_EQ(auth::public_key_pem(key->get()), added.body["public_key"]);
  const auth::ProviderTokenSigner signer(
      ten("KEY0000007"), ten("TEAM000007"),
      std::make_unique<auth::DeterministicSigner>(auth::KeyPtr(EVP_PKEY_dup(key->get()))));
  const std::string token = *signer.make(std::chrono::floor<std::chrono::seconds>(kManualStart));
  auth::ProviderTokenParser parser;
  EXPECT_TRUE(auth::verify_signature(*parser.parse(token),
                                     keys.table()->find(ten("KEY0000007"))->public_key.get()));
  EXPECT_FALSE(ask(Method::Get, "/v1/keys/KEY0000007").body.contains("p8"));
  EXPECT_EQ(ask(Method::Get, "/v1/teams/TEAM000007").body["keys"], Json{"KEY0000007"});
}

TEST_F(TeamRoutesTest, AKeyIsRevoked) {
  EXPECT_EQ(ask(Method::Delete, "/v1/keys/KEY0000001").status, 204U);
  EXPECT_EQ(ask(Method::Delete, "/v1/keys/KEY0000001").status, 404U);
  EXPECT_TRUE(keys.table()->is_revoked(ten("KEY0000001")));
}

TEST_F(TeamRoutesTest, RefuseWhatIsWrongAndSayWhatWouldBeRight) {
  const Json key = {{"team_id", "TEAM000001"}, {"key_id", "KEY0000002"}};
  EXPECT_EQ(ask(Method::Get, "/v1/keys/KEY0000009").body["title"],
            R"(There is no key called "KEY0000009"; did you mean "KEY0000001"?)");
  EXPECT_EQ(ask(Method::Get, "/v1/teams/TEAM000009").body["title"],
            R"(There is no team called "TEAM000009"; did you mean "TEAM000001"?)");
  EXPECT_EQ(ask(Method::Get, "/v1/teams/x").status, 404U);
  EXPECT_EQ(ask(Method::Delete, "/v1/keys/x").status, 404U);
  EXPECT_EQ(ask(Method::Put, "/v1/teams/x", Json::object()).status, 400U);
  EXPECT_EQ(ask(Method::Post, "/v1/teams", {{"team_id", "x"}}).body["pointer"], "/team_id");
  EXPECT_EQ(ask(Method::Post, "/v1/teams", {{"team_id", "TEAM000002"}, {"keys", Json::array()}})
                .body["pointer"],
            "/keys");
  EXPECT_EQ(ask(Method::Put, "/v1/teams/TEAM000002", {{"team_id", "TEAM000002"}}).body["pointer"],
            "/team_id");
  EXPECT_EQ(ask(Method::Post, "/v1/keys", {{"team_id", "TEAM000001"}}).status, 422U);
  Json wrong = key;
  wrong["public_key"] = "key";
  EXPECT_EQ(ask(Method::Post, "/v1/keys", wrong).body["pointer"], "/public_key");
  // What Apple would not make.
  EXPECT_EQ(
      ask(Method::Post, "/v1/keys", {{"team_id", "TEAM000001"}, {"key_id", "KEY0000001"}}).status,
      409U);
  Json for_topics = key;
  for_topics["scope"] = "topics";
  EXPECT_THAT(ask(Method::Post, "/v1/keys", for_topics).body["title"].get<std::string>(),
              HasSubstr("has 0 topics"));
  EXPECT_EQ(keys.table()->keys().size(), 1U);
  EXPECT_EQ(
      ask(Method::Post, "/v1/teams", {{"team_id", "TEAM000001"}, {"apps", {"a", "a"}}}).status,
      409U);
}

TEST_F(TeamRoutesTest, AreInTheDescription) {
  const Json paths = Json::parse(openapi_text(router.routes(), "1"))["paths"];
  for (const char* path : {"/v1/teams", "/v1/teams/{team_id}", "/v1/keys", "/v1/keys/{key_id}"}) {
    EXPECT_TRUE(paths.contains(path)) << path;
  }
}

}  // namespace
}  // namespace apns::mock::control
