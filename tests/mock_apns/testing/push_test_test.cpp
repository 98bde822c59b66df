#include "mock_apns/testing/push_test.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace apns::mock {
namespace {

using namespace std::chrono_literals;

class PushTestTest : public PushTest {
 protected:
  static void go_offline() { change(R"({"device": "phone", "set": {"online": false}})"); }
};

TEST_F(PushTestTest, TellsWhereTheServiceIsAndWhatToShow) {
  EXPECT_NE(info().gateway_port, 0);
  EXPECT_NE(info().feedback_port, 0);
  EXPECT_EQ(info().device_token, phone_device_token());
  for (const char* name : {"ca.pem", "cert.pem", "key.pem"}) {
    EXPECT_TRUE(std::filesystem::is_regular_file(file(name))) << name;
  }
}

TEST_F(PushTestTest, FindsWhatHasHappened) {
  go_offline();
  EXPECT_TRUE(expect(R"({"event": "device", "outcome": "offline", "device": "phone"})"));
  EXPECT_TRUE(expect(R"({"event": "device"})", {.count = 1}));
  ASSERT_EQ(events(R"({"event": "device"})").size(), 1U);
  EXPECT_EQ(events(R"({"event": "device"})").front().device, "phone");
  EXPECT_TRUE(events(R"({"event": "notification"})").empty());
}

TEST_F(PushTestTest, SaysWhatCameNearest) {
  go_offline();
  const testing::AssertionResult result =
      expect(R"({"event": "device", "device": "tablet"})", {.within = 1ms});
  ASSERT_FALSE(result);
  const std::string text = result.message();
  EXPECT_EQ(text.find("Expected at least 1, found 0 within 1ms: "), 0U) << text;
  EXPECT_NE(text.find("/device is \"phone\", expected \"tablet\""), std::string::npos) << text;
}

TEST_F(PushTestTest, SaysThatNothingOfTheKindCame) {
  const testing::AssertionResult result =
      expect(R"({"event": "notification"})", {.count = 1, .within = 1ms});
  ASSERT_FALSE(result);
  EXPECT_STREQ(result.message(),
               "Expected 1, found 0 within 1ms: {\"event\": \"notification\"}\n"
               "  The ledger has nothing of the kind.");
}

TEST_F(PushTestTest, ShowsWhatIsTooMuch) {
  go_offline();
  const testing::AssertionResult result =
      expect(R"({"event": "device"})", {.count = 0, .within = 1ms});
  ASSERT_FALSE(result);
  EXPECT_NE(std::string(result.message()).find("\n  found: {\"seq\":"), std::string::npos)
      << result.message();
}

TEST_F(PushTestTest, WaitsForWhatIsStillToCome) {
  service().clock().freeze();
  std::jthread owner([] { go_offline(); });
  EXPECT_TRUE(expect(R"({"event": "device", "outcome": "offline"})", {.within = 10s}));
}

TEST_F(PushTestTest, StartsEachTestAsNew) {
  arm(": reject=8");
  go_offline();
  service().clock().freeze();
  SetUp();
  EXPECT_TRUE(service().faults().empty());
  EXPECT_FALSE(service().clock().state().is_frozen);
  EXPECT_TRUE(events("{}").empty());
  EXPECT_TRUE(world().phone_info("phone").options.is_online);
}

TEST_F(PushTestTest, RefusesWhatCannotBe) {
  EXPECT_THROW(arm("nth=1: rejct=8"), FaultError);
  EXPECT_THROW((void)expect(R"({"evnt": "device"})"), json::Error);
  EXPECT_THROW(change(R"({"device": "fone", "set": {"online": false}})"), WorldError);
}

}  // namespace
}  // namespace apns::mock
