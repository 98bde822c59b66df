// What GOAWAY promises and leaves out when a rule says it, the engine driven by hand.
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/provider_api_by_hand.h"

namespace apns::mock {
namespace {

using http2::StreamId;
using test::ProviderApiByHand;
using testing::ElementsAre;
using namespace std::chrono_literals;

TEST(ProviderApiGoaway, WhatGoawayPromisesIsAnsweredBeforeTheEnd) {
  ProviderApiByHand api(
      ProviderApiByHand::under({"nth=2: goaway.reason=Shutdown", "nth=1: delay=1s"}));
  api.open_quietly();
  (void)api.send({});
  const StreamId slow = api.begin({});
  (void)api.send({});  // the third
  api.run();
  EXPECT_EQ(api.frames(), "HEADERS 5 200 END_STREAM");
  EXPECT_TRUE(api.client().send_data(slow, as_bytes("{}"), false));
  api.run();
  EXPECT_TRUE(api.client().send_data(slow, as_bytes(" "), true));
  api.run();
  EXPECT_EQ(api.frames(),
            "HEADERS 3 200 END_STREAM, GOAWAY 5 NO_ERROR \"{\"reason\":\"Shutdown\"}\"");
  EXPECT_EQ(api.how_closed(), Close::None) << "the first is not answered yet";
  api.advance(1s);
  EXPECT_EQ(api.frames(), "HEADERS 1 200 END_STREAM");
  EXPECT_EQ(api.how_closed(), Close::CloseNotifyThenDrain);
}

TEST(ProviderApiGoaway, RequestsAboveTheLastStreamOfAGoawayAreDropped) {
  ProviderApiByHand api(
      ProviderApiByHand::under({"nth=4: goaway.last_nth=2", "nth=1: delay=1s", "nth=3: delay=1s"}));
  api.open_quietly();
  const StreamId first = api.send({});
  const StreamId second = api.begin({});
  const StreamId third = api.send({});
  const StreamId fourth = api.send({});
  api.run();
  EXPECT_EQ(api.frames(), "GOAWAY 3 NO_ERROR");
  EXPECT_EQ(api.answer(third).ended, "unprocessed");
  EXPECT_EQ(api.answer(fourth).ended, "unprocessed");
  EXPECT_TRUE(api.client().send_data(second, as_bytes("{}"), true));
  api.run();
  api.advance(1s);
  EXPECT_EQ(api.frames(), "HEADERS 3 200 END_STREAM, HEADERS 1 200 END_STREAM");
  EXPECT_EQ(api.answer(first).text(), "200");
  EXPECT_EQ(api.how_closed(), Close::CloseNotifyThenDrain);
}

TEST(ProviderApiGoaway, ARequestThatIsOnItsWayWhenGoawayLeavesItOutIsDiscarded) {
  ProviderApiByHand api(ProviderApiByHand::under({"nth=2: goaway.last_nth=0"}));
  api.open_quietly();
  (void)api.begin({});
  (void)api.push({});
  const std::vector<LedgerEvent> events = api.events();
  EXPECT_THAT(api.story(), ElementsAre("1 opened", "1 discarded nth 2 fault:fault-1 unanswered",
                                       "1 fired fault-1 of 2", "1 discarded nth 1 unanswered"));
  ASSERT_TRUE(events[3].why);
  EXPECT_EQ(events[3].why->found, "the service said GOAWAY for an earlier stream: NO_ERROR");
}

TEST(ProviderApiGoaway, TheLedgerHasTheGoawayThatWasSaid) {
  ProviderApiByHand api(ProviderApiByHand::under({"nth=1: goaway.reason=Shutdown close=rst"}));
  api.open_quietly();
  (void)api.push({});
  api.close();
  EXPECT_EQ(api.story().back(),
            "1 closed service rst (NO_ERROR, last stream 1, {\"reason\":\"Shutdown\"})");
}

}  // namespace
}  // namespace apns::mock
