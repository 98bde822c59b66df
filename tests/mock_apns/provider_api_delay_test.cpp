// Answers of the provider API that are late or never come, its engine driven by hand.
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

TEST(ProviderApiDelay, ADelayedAnswerGoesAtExactlyItsTimeAndOtherStreamsGoOn) {
  ProviderApiByHand api(ProviderApiByHand::under({"nth=1: delay=200ms"}));
  api.open_quietly();
  const StreamId late = api.send({});
  EXPECT_EQ(api.push({}).text(), "200");
  EXPECT_EQ(api.frames(), "HEADERS 3 200 END_STREAM");
  api.advance(200ms - 1ns);
  EXPECT_EQ(api.frames(), "");
  api.advance(1ns);
  EXPECT_EQ(api.frames(), "HEADERS 1 200 END_STREAM");
  EXPECT_EQ(api.answer(late).text(), "200");
  // It was decided when it came.
  EXPECT_THAT(api.story(), ElementsAre("1 opened", "1 accepted nth 1 200 200000us fault:fault-1",
                                       "1 fired fault-1 of 2", "1 accepted nth 2 200"));
}

TEST(ProviderApiDelay, AnEarlyCallOfOnTimeSaysNothing) {
  ProviderApiByHand api(ProviderApiByHand::under({"nth=1: delay=200ms"}));
  api.open_quietly();
  (void)api.push({});
  api.engine().on_time(api.clock().io_now() + 199ms);
  EXPECT_TRUE(api.engine().pending().empty());
}

TEST(ProviderApiDelay, ADelayHoldsBackARejectionAndTheLimitThatFollowsIt) {
  ProviderApiByHand api(ProviderApiByHand::under({": delay=50ms"}));
  api.open_quietly();
  (void)api.push({{"apns-priority", "7"}});
  EXPECT_EQ(api.frames(), "");
  api.advance(50ms);
  EXPECT_EQ(api.frames(),
            "HEADERS 1 400, DATA 1 \"{\"reason\":\"BadPriority\"}\" END_STREAM, "
            "SETTINGS MAX_CONCURRENT_STREAMS=1");
  // The service's own rejection: the rule is not its cause.
  const std::vector<LedgerEvent> events = api.events();
  EXPECT_EQ(events[1].cause, "rule");
  EXPECT_EQ(events[1].duration_us, 50'000U);
  ASSERT_TRUE(events[1].why);
  EXPECT_EQ(events[1].why->rule, "http2/priority-is-10-5-or-1");
}

TEST(ProviderApiDelay, ADelayHoldsBackWhateverIsSaid) {
  ProviderApiByHand api(
      ProviderApiByHand::under({"nth=1: reset_stream=CANCEL delay=1s", "nth=2: close=rst delay=2s",
                                "nth=3: goaway.code=0 goaway.keep_open=true delay=500ms"}));
  api.open_quietly();
  for (int i = 0; i < 3; ++i) {
    (void)api.send({});
  }
  api.run();
  EXPECT_EQ(api.frames(), "");
  api.advance(500ms);
  EXPECT_EQ(api.frames(), "HEADERS 5 200 END_STREAM, GOAWAY 5 NO_ERROR");
  api.advance(500ms);
  EXPECT_EQ(api.frames(), "RST_STREAM 1 CANCEL");
  api.advance(1s - 1ns);
  EXPECT_EQ(api.how_closed(), Close::None);
  api.advance(1ns);
  EXPECT_EQ(api.frames(), "");
  EXPECT_EQ(api.how_closed(), Close::Reset);
}

TEST(ProviderApiDelay, AnswersOvertakeOneAnotherAsTheirLatenciesAreDrawn) {
  const auto order = [](const char* rule) {
    ProviderApiByHand api(ProviderApiByHand::under({rule}));
    api.open_quietly();
    for (int i = 0; i < 20; ++i) {
      (void)api.send({});
    }
    api.run();
    EXPECT_EQ(api.frames(), "");
    api.advance(80ms);
    std::vector<std::uint64_t> durations;
    for (const LedgerEvent& event : api.events()) {
      if (event.kind == EventKind::Notification) {
        durations.push_back(*event.duration_us);
      }
    }
    EXPECT_EQ(durations.size(), 20U);
    for (const std::uint64_t us : durations) {
      EXPECT_GE(us, 20'000U);
      EXPECT_LE(us, 80'000U);
    }
    return api.frames();
  };
  const std::string frames = order("protocol=http2: latency=20ms-80ms");
  EXPECT_EQ(std::count(frames.begin(), frames.end(), ','), 19);
  EXPECT_NE(frames.find("HEADERS 1 "), 0U) << "the first is not the fastest, with this seed";
  EXPECT_EQ(frames, order("protocol=http2: latency=20ms-80ms")) << "one seed gives one run";
}

TEST(ProviderApiDelay, ALatencyOfOneValueIsADelay) {
  ProviderApiByHand api(ProviderApiByHand::under({": latency=40ms"}));
  api.open_quietly();
  (void)api.push({});
  EXPECT_EQ(api.engine().deadline(), api.clock().io_now() + 40ms);
}

// ---- What the provider does meanwhile ----

TEST(ProviderApiDelay, AnAnswerThatWaitsIsDroppedWhenTheProviderResetsItsStream) {
  ProviderApiByHand api(ProviderApiByHand::under({"nth=1: delay=1s"}));
  api.open_quietly();
  const StreamId stream = api.send({});
  api.run();
  EXPECT_TRUE(api.client().reset(stream, http2::ErrorCode::Cancel));
  api.run();
  EXPECT_GT(api.engine().deadline(), api.clock().io_now() + 1s) << "nothing waits";
  api.advance(1s);
  EXPECT_EQ(api.frames(), "");
  EXPECT_EQ(api.push({}).text(), "200");
}

TEST(ProviderApiDelay, WhatARuleDoesBesidesHappensThoughTheProviderHasGivenUp) {
  ProviderApiByHand api(ProviderApiByHand::under({"nth=1: reject=BadTopic delay=1s close=rst"}));
  api.open_quietly();
  const StreamId stream = api.send({});
  api.run();
  EXPECT_TRUE(api.client().reset(stream, http2::ErrorCode::Cancel));
  api.run();
  api.advance(1s - 1ns);
  EXPECT_EQ(api.how_closed(), Close::None);
  api.advance(1ns);
  EXPECT_EQ(api.frames(), "");
  EXPECT_EQ(api.how_closed(), Close::Reset);
}

TEST(ProviderApiDelay, WhatWaitsIsAnsweredThoughTheProviderHasFinished) {
  ProviderApiByHand api(ProviderApiByHand::under({"nth=1: delay=200ms"}));
  api.open_quietly();
  (void)api.push({});
  api.end(End::CloseNotify);
  EXPECT_EQ(api.how_closed(), Close::None);
  api.advance(200ms);
  EXPECT_EQ(api.frames(), "HEADERS 1 200 END_STREAM");
  EXPECT_EQ(api.how_closed(), Close::CloseNotify);
}

TEST(ProviderApiDelay, WhatWillNeverBeAnsweredDoesNotHoldUpTheEnd) {
  ProviderApiByHand finished(ProviderApiByHand::under({"nth=1: no_answer=true"}));
  finished.open_quietly();
  (void)finished.push({});
  finished.end(End::Fin);
  EXPECT_EQ(finished.how_closed(), Close::CloseNotify);

  ProviderApiByHand told(ProviderApiByHand::under({"nth=1: no_answer=true"}));
  told.open_quietly();
  (void)told.push({});
  told.api().shut_down(0, told.clock().io_now());
  told.run();
  EXPECT_EQ(told.frames(),
            "GOAWAY 2147483647 NO_ERROR, PING \"goaway 2\", "
            "GOAWAY 1 NO_ERROR \"{\"reason\":\"Shutdown\"}\"");
  EXPECT_EQ(told.how_closed(), Close::CloseNotifyThenDrain);
}

TEST(ProviderApiDelay, ALostRequestTakesOneOfTheProvidersStreamsUntilItIsReset) {
  ProviderApiByHand api(ProviderApiByHand::under(
      {"connection=1: settings.max_concurrent_streams=1", "nth=1: no_answer=true"}));
  api.open_quietly();
  const StreamId stream = api.send({});
  api.run();
  EXPECT_EQ(api.client().num_openable(), 0U);
  EXPECT_TRUE(api.client().reset(stream, http2::ErrorCode::Cancel));
  EXPECT_EQ(api.push({}).text(), "200");
  EXPECT_THAT(api.story(), ElementsAre("1 opened", "1 fired fault-1",
                                       "1 discarded nth 1 fault:fault-2 unanswered",
                                       "1 fired fault-2 of 3", "1 accepted nth 2 200"));
}

}  // namespace
}  // namespace apns::mock
