#include "mock_apns/control/router.h"

#include <stdexcept>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mock_apns/control/problem.h"
#include "mock_apns/world/world.h"

namespace apns::mock::control {
namespace {

Response get(const Router& router, Method method, const std::string& target,
             const std::string& body = {}) {
  return std::get<Response>(
      router.handle(Request{.method = method, .target = target, .body = body}, {}));
}

Router sample() {
  Router router;
  router.add(
      {Method::Get, "/v1/phones/{name}/apps/{bundle_id}", "one app", [](Call& call) -> Answer {
         return Response{.body = call.part("name") + "|" + call.part("bundle_id")};
       }});
  router.add({Method::Delete, "/v1/phones/{name}", "gone", [](Call& call) -> Answer {
                throw WorldError("There is no phone called \"" + call.part("name") + "\". Add it.");
              }});
  router.add({Method::Post, "/v1/times", "a number", [](Call& call) -> Answer {
                json::ObjectReader in(call.body(), "times");
                const std::int64_t times = in.require("times").integer("times", 1, 9);
                in.finish();
                return Response{.body = std::to_string(times)};
              }});
  router.add({Method::Get, "/v1/broken", "throws",
              [](Call& /*call*/) -> Answer { throw std::runtime_error("The disk is full."); }});
  return router;
}

TEST(Router, GivesTheHandlerWhatStandsInThePath) {
  EXPECT_EQ(get(sample(), Method::Get, "/v1/phones/my%20phone/apps/com.example.app").body,
            "my phone|com.example.app");
}

struct Refusal {
  const char* name;
  Method method;
  const char* target;
  const char* body;
  const char* expected;  // of the problem document, its first members
};

class RouterRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(RouterRefuses, WithAProblemDocument) {
  const Refusal& row = GetParam();
  const Response response = get(sample(), row.method, row.target, row.body);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const auto document = nlohmann::ordered_json::parse(response.body);
  EXPECT_EQ(document["status"], response.status);
  const auto expected = nlohmann::ordered_json::parse(row.expected);
  for (const auto& [key, value] : expected.items()) {
    EXPECT_EQ(document[key], value) << key << " of " << response.body;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, RouterRefuses,
    testing::Values(
        Refusal{"UnknownPath", Method::Get, "/v1/brokn", "",
                R"({"type":"/problems/not-found","status":404,
                    "title":"\"/v1/brokn\" is no path of this API; did you mean \"/v1/broken\"?",
                    "detail":"GET / lists them."})"},
        Refusal{
            "FarPath", Method::Get, "/", "",
            R"({"status":404,"title":"\"/\" is no path of this API.","detail":"GET / lists them."})"},
        Refusal{"Method", Method::Put, "/v1/times", "{}",
                R"({"type":"/problems/method","status":405,
                    "title":"PUT is no method of \"/v1/times\".","detail":"It takes POST."})"},
        Refusal{"BadTarget", Method::Get, "/v1/%zz", "",
                R"({"type":"/problems/bad-target","status":400})"},
        Refusal{"NoBody", Method::Post, "/v1/times", "",
                R"({"type":"/problems/bad-json","status":400})"},
        Refusal{"NotJson", Method::Post, "/v1/times", "{\n \"times\": x}",
                R"({"type":"/problems/bad-json","status":400,"line":2,"column":11})"},
        Refusal{"UnknownKey", Method::Post, "/v1/times", R"({"times":1,"tims":2})",
                R"({"type":"/problems/unknown-key","status":422,"pointer":"/tims",
                    "title":"\"tims\" is not a key of times; did you mean \"times\"?"})"},
        Refusal{"BadValue", Method::Post, "/v1/times", R"({"times":10})",
                R"({"type":"/problems/bad-value","status":422,"pointer":"/times",
                    "title":"times must be a whole number from 1 to 9, not 10."})"},
        Refusal{"World", Method::Delete, "/v1/phones/fone", "",
                R"({"type":"/problems/conflict","status":409,
                    "title":"There is no phone called \"fone\".","detail":"Add it."})"},
        Refusal{"Broken", Method::Get, "/v1/broken", "",
                R"({"type":"/problems/internal","status":500,"title":"The disk is full."})"}),
    [](const auto& param) { return param.param.name; });

TEST(Router, SaysWhichMethodsThereAre) {
  EXPECT_EQ(get(sample(), Method::Patch, "/v1/phones/phone").allow, "DELETE");
}

// Bytes that are not UTF-8 come back as such that are.
TEST(Router, ItsProblemsAreJsonWhateverWasAsked) {
  const Response response = get(sample(), Method::Get, "/v1/%ff%fe\"");
  EXPECT_TRUE(nlohmann::json::accept(response.body)) << response.body;
}

}  // namespace
}  // namespace apns::mock::control
