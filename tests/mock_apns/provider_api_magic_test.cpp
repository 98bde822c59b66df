// What magic device tokens draw over HTTP/2.
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/model/reason.h"
#include "mock_apns/fault_syntax.h"
#include "tests/support/provider_api_by_hand.h"

namespace apns::mock {
namespace {

using test::ProviderApiByHand;
using testing::ElementsAre;
using namespace std::chrono_literals;

std::string digits(unsigned number, std::size_t len) {
  std::string text = std::to_string(number);
  text.insert(0, len - std::min(len, text.size()), '0');
  return text;
}

class ProviderApiMagic : public testing::Test {
 protected:
  ProviderApiMagic() { api.open_quietly(); }

  std::string push_to(std::string_view prefix) { return api.push_to(prefix).text(); }

  ProviderApiByHand api;
};

TEST_F(ProviderApiMagic, EveryReasonIsDrawnByItsNumber) {
  for (const std::uint16_t status : reason_statuses()) {
    const std::string what = "fa11" + digits(status, 4);
    for (unsigned number = 0; const ReasonRow* row = find_reason(status, number); ++number) {
      const std::string body =
          row->status == 410 ? reason_body(row->reason, 1'735'689'600'000) : std::string(row->body);
      EXPECT_EQ(push_to(what + digits(number, 2)), std::to_string(status) + " " + body);
      const LedgerEvent event = api.events().back();
      EXPECT_EQ(event.cause, "magic");
      EXPECT_EQ(event.reason, row->name);
      EXPECT_FALSE(event.why);
    }
  }
}

TEST_F(ProviderApiMagic, AsOftenAsItSays) {
  EXPECT_EQ(push_to("fa1105030002"), "503 {\"reason\":\"ServiceUnavailable\"}");
  EXPECT_EQ(push_to("fa1105030002"), "503 {\"reason\":\"ServiceUnavailable\"}");
  EXPECT_EQ(push_to("fa1105030002"), "200");
  EXPECT_EQ(push_to("fa11050300021"), "503 {\"reason\":\"ServiceUnavailable\"}") << "another one";
}

TEST_F(ProviderApiMagic, ABinaryStatusDrawsTheNearestReason) {
  EXPECT_EQ(push_to("fa11b008"), "400 {\"reason\":\"BadDeviceToken\"}");
  EXPECT_EQ(push_to("fa11b007"), "413 {\"reason\":\"PayloadTooLarge\"}");
  EXPECT_EQ(push_to("fa11b0100001"), "503 {\"reason\":\"Shutdown\"}");
  EXPECT_EQ(push_to("fa11b0100001"), "200");
}

TEST_F(ProviderApiMagic, ADelayHoldsBackItsOwnAnswer) {
  EXPECT_EQ(push_to("fa11de1a0500"), "");
  EXPECT_EQ(push_to("a1a1"), "200");
  EXPECT_EQ(api.frames(), "HEADERS 3 200 END_STREAM");
  api.advance(500ms - 1ns);
  EXPECT_EQ(api.frames(), "");
  api.advance(1ns);
  EXPECT_EQ(api.frames(), "HEADERS 1 200 END_STREAM");
  EXPECT_THAT(api.story(), ElementsAre("1 opened", "1 accepted nth 1 200 500000us magic",
                                       "1 accepted nth 2 200"));
}

TEST_F(ProviderApiMagic, DeadIsNeverAnswered) {
  EXPECT_EQ(push_to("fa11dead"), "");
  EXPECT_EQ(push_to("a1a1"), "200");
  api.advance(24h);
  EXPECT_EQ(api.frames(), "HEADERS 3 200 END_STREAM");
  EXPECT_EQ(api.story()[1], "1 discarded nth 1 magic unanswered");
}

TEST_F(ProviderApiMagic, ClosesInThreeWaysAndAsOftenAsItSays) {
  struct Case {
    const char* token;
    Close close;
  };

  for (const Case& row : {Case{"fa11c105", Close::CloseNotifyThenDrain},
                          Case{"fa11c1050101", Close::Reset}, Case{"fa11c10502", Close::Vanish}}) {
    api.open_quietly();
    EXPECT_EQ(push_to(row.token), "");
    EXPECT_EQ(api.frames(), "");
    EXPECT_EQ(api.how_closed(), row.close) << row.token;
  }
  api.open_quietly();
  EXPECT_EQ(push_to("fa11c1050101"), "200") << "once only";
}

TEST_F(ProviderApiMagic, GoawayFollowsTheAnswer) {
  EXPECT_EQ(push_to("fa1160a0"), "200");
  EXPECT_EQ(api.frames(),
            "HEADERS 1 200 END_STREAM, GOAWAY 1 NO_ERROR \"{\"reason\":\"Shutdown\"}\"");
  EXPECT_EQ(api.how_closed(), Close::CloseNotifyThenDrain);
  api.open_quietly();
  EXPECT_EQ(push_to("fa1160a00101"), "200");
  EXPECT_EQ(api.frames(), "HEADERS 1 200 END_STREAM, GOAWAY 1 NO_ERROR");
  api.open_quietly();
  EXPECT_EQ(push_to("fa1160a00101"), "200");
  EXPECT_EQ(api.frames(), "HEADERS 1 200 END_STREAM") << "once only";
}

TEST_F(ProviderApiMagic, OfflineIsAcceptedAndStored) {
  EXPECT_EQ(push_to("fa110ff1"), "200");
  EXPECT_EQ(api.events().back().outcome, EventOutcome::Stored);
}

TEST_F(ProviderApiMagic, UninstalledIsAcceptedOnceAndGoneFromThenOn) {
  EXPECT_EQ(push_to("fa11feed"), "200");
  EXPECT_EQ(push_to("fa11feed"), "410 {\"reason\":\"Unregistered\",\"timestamp\":1735689600000}");
  EXPECT_EQ(api.world().take_feedback(Environment::Production, ProviderApiByHand::kApp, 10).size(),
            1U);
}

TEST_F(ProviderApiMagic, WhatIsWrongWithARequestComesFirst) {
  EXPECT_EQ(
      api.push({{":path", "/3/device/fa110410" + std::string(56, '0')}, {"apns-priority", "7"}})
          .text(),
      "400 {\"reason\":\"BadPriority\"}");
}

TEST_F(ProviderApiMagic, ARuleComesFirst) {
  api.arm(parse_fault("protocol=http2: reject=BadTopic times=1"));
  EXPECT_EQ(push_to("fa1105030001"), "400 {\"reason\":\"BadTopic\"}");
  EXPECT_EQ(push_to("fa1105030001"), "503 {\"reason\":\"ServiceUnavailable\"}")
      << "it has not drawn yet";
  EXPECT_EQ(push_to("fa1105030001"), "200");
}

TEST(ProviderApiMagicOff, TheyAreOrdinaryDeviceTokens) {
  ProviderApiByHand::Setup setup;
  setup.world.magic = false;
  ProviderApiByHand api(std::move(setup));
  api.open_quietly();
  EXPECT_EQ(api.push_to("fa110410").text(), "200");
}

}  // namespace
}  // namespace apns::mock
