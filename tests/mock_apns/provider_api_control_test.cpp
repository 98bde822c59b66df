// What people do to a connection of the provider API that is open, its engine driven by hand.
#include <chrono>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"
#include "mock_apns/open_connection.h"
#include "tests/support/provider_api_by_hand.h"
#include "tests/support/provider_tokens.h"

namespace apns::mock {
namespace {

using http2::StreamId;
using test::ProviderApiByHand;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr Applied kDone{.found = 1, .done = 1};
constexpr Applied kNotDone{.found = 1, .done = 0};

/// What is behind the colon.
FaultAction action(std::string_view then) {
  return parse_fault("protocol=http2: " + std::string(then)).then;
}

class ProviderApiControl : public testing::Test {
 protected:
  ProviderApiControl() { api.open_quietly(); }

  Applied apply(std::string_view then) { return api.apply(action(then)); }

  void arm(std::string_view rule) { api.arm(parse_fault(rule)); }

  [[nodiscard]] ConnectionInfo info() const { return api.api().connections(0).at(0); }

  [[nodiscard]] std::string_view state() const { return to_string(info().state); }

  mutable ProviderApiByHand api;
};

// ---- Applying ----

struct Case {
  const char* name;
  const char* then;
  const char* frames;
  Close close;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class AppliedOverHttp2 : public ProviderApiControl, public testing::WithParamInterface<Case> {};

TEST_P(AppliedOverHttp2, DoesWhatItSaysAtOnce) {
  (void)api.push({});
  (void)api.push({});
  (void)api.frames();
  EXPECT_EQ(apply(GetParam().then), kDone);
  EXPECT_EQ(api.frames(), GetParam().frames);
  EXPECT_EQ(api.how_closed(), GetParam().close);
  EXPECT_THAT(api.story(), ElementsAre("1 opened", "1 accepted nth 1 200", "1 accepted nth 2 200",
                                       "1 fired apply"));
}

const Case kApplied[] = {
    {"Goaway", "goaway.reason=Shutdown", "GOAWAY 3 NO_ERROR \"{\"reason\":\"Shutdown\"}\"",
     Close::CloseNotifyThenDrain},
    {"GoawayForTheFirst", "goaway.last_nth=1 close=rst", "GOAWAY 1 NO_ERROR", Close::Reset},
    {"GoawayKeptOpen", "goaway.keep_open=true", "GOAWAY 3 NO_ERROR", Close::None},
    {"Settings", "settings.max_concurrent_streams=5", "SETTINGS MAX_CONCURRENT_STREAMS=5",
     Close::None},
    {"Raw", "raw=00000403000000000300000002", "RST_STREAM 3 INTERNAL_ERROR", Close::None},
    {"Fin", "close=fin", "", Close::CloseNotifyThenDrain},
    {"FinWithoutCloseNotify", "close=fin-without-close-notify", "", Close::FinOnly},
    {"Rst", "close=rst", "", Close::Reset},
    {"HalfOpen", "close=half-open", "", Close::Vanish},
    {"StopReading", "stop_reading=true", "", Close::None},
    {"IgnorePing", "ignore_ping=true", "", Close::None},
    {"WithholdWindow", "withhold_window=true", "", Close::None},
};

INSTANTIATE_TEST_SUITE_P(All, AppliedOverHttp2, testing::ValuesIn(kApplied),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(ProviderApiControl, AnActionWaitsForItsDelayAndAllElseGoesOn) {
  EXPECT_EQ(apply("goaway.code=0 close=rst delay=2s"), kDone);
  EXPECT_EQ(apply("close=fin"), kNotDone) << "what was decided first holds";
  api.advance(2s - 1ns);
  EXPECT_EQ(api.push({}).text(), "200");
  (void)api.frames();
  api.advance(1ns);
  EXPECT_EQ(api.frames(), "GOAWAY 1 NO_ERROR");
  EXPECT_EQ(api.how_closed(), Close::Reset);
}

TEST_F(ProviderApiControl, ADelayAloneStopsReadingForSoLong) {
  EXPECT_EQ(apply("delay=2s"), kDone);
  EXPECT_EQ(state(), "paused");
  EXPECT_FALSE(api.engine().wants_read());
  const StreamId stream = api.send({});
  api.run();
  api.advance(2s - 1ns);
  EXPECT_EQ(api.answer(stream).text(), "");
  api.advance(1ns);
  EXPECT_EQ(api.answer(stream).text(), "200");
  EXPECT_EQ(state(), "reading");
}

TEST_F(ProviderApiControl, WhatIsEndingIsLeftAlone) {
  arm("protocol=http2 nth=1: delay=1s");
  (void)api.push({});
  EXPECT_EQ(apply("goaway.reason=Shutdown"), kDone);
  EXPECT_EQ(state(), "ending");
  EXPECT_EQ(apply("close=rst"), kNotDone);
  api.advance(1s);
  EXPECT_EQ(state(), "closing");
  EXPECT_EQ(apply("close=rst"), kNotDone);
  EXPECT_EQ(api.how_closed(), Close::CloseNotifyThenDrain);
}

TEST_F(ProviderApiControl, AConnectionIsKnownByItsNumber) {
  const TimePoint now = api.clock().io_now();
  EXPECT_EQ(api.api().apply(0, 2, action("close=fin"), now), Applied{});
  EXPECT_EQ(api.how_closed(), Close::None);
  EXPECT_EQ(api.api().apply(0, 1, action("close=fin"), now), kDone);
}

TEST_F(ProviderApiControl, WhatMeansNothingToAnOpenConnectionChangesNothing) {
  for (const char* then : {"no_answer=true", "tls_alert=46", "reject=BadTopic", "status=500",
                           "reset_stream=CANCEL", "latency=1s"}) {
    EXPECT_EQ(apply(then), kNotDone) << then;
  }
  EXPECT_THAT(api.story(), ElementsAre("1 opened"));
  EXPECT_THAT(why_not_applicable(action("reject=BadTopic"), Protocol::Http2),
              HasSubstr("an answer belongs to a request"));
  EXPECT_EQ(why_not_applicable(action("goaway.code=0"), Protocol::Http2), "");
}

// ---- Resetting ----

TEST_F(ProviderApiControl, AResetCancelsWhatWaitsForItsAnswer) {
  arm("protocol=http2 nth=1: delay=1h");
  arm("protocol=http2 nth=2: no_answer=true");
  const StreamId late = api.send({});
  const StreamId lost = api.send({});
  api.run();
  api.reset();
  EXPECT_EQ(api.answer(late).text(), "reset CANCEL");
  EXPECT_EQ(api.answer(lost).text(), "reset CANCEL");
  EXPECT_EQ(api.push({}).text(), "200");
  EXPECT_EQ(api.events().back().nth, 1U) << "counted anew";
  (void)api.frames();
  api.advance(1h);
  EXPECT_EQ(api.frames(), "");
}

TEST_F(ProviderApiControl, AResetLeavesARequestThatIsOnItsWay) {
  const StreamId stream = api.begin({});
  api.reset();
  EXPECT_TRUE(api.client().send_data(stream, as_bytes("{}"), true));
  api.run();
  EXPECT_EQ(api.answer(stream).text(), "200");
}

TEST_F(ProviderApiControl, AResetTakesBackWhatRulesHaveDone) {
  apply(
      "settings.max_concurrent_streams=2 settings.initial_window_size=100 ignore_ping=true "
      "withhold_window=true");
  const StreamId stalled = api.send({}, std::string(200, ' '));
  api.run();
  EXPECT_TRUE(api.client().has_queued(stalled));
  (void)api.frames();
  api.reset();
  EXPECT_THAT(api.frames(), HasSubstr("SETTINGS HEADER_TABLE_SIZE=4096 MAX_CONCURRENT_STREAMS=1000 "
                                      "INITIAL_WINDOW_SIZE=65535 MAX_FRAME_SIZE=16384 "
                                      "MAX_HEADER_LIST_SIZE=8000"));
  EXPECT_EQ(api.answer(stalled).text(), "reset REFUSED_STREAM") << "it belongs to what was before";
  EXPECT_EQ(api.client().num_openable(), 1000U);
  const std::string_view eight = "12345678";
  api.client().ping(std::span<const std::byte, 8>(as_bytes(eight)));
  api.run();
  EXPECT_EQ(api.frames(), "PING ACK \"12345678\"");
  EXPECT_EQ(api.push({}, std::string(4000, ' ')).text(), "200");
}

TEST_F(ProviderApiControl, AResetSaysSettingsOnceOnly) {
  apply("settings.max_frame_size=20000");
  api.reset();
  (void)api.frames();
  api.reset();
  EXPECT_EQ(api.frames(), "");
}

TEST_F(ProviderApiControl, AResetSaysTheWindowThatAProfileLeavesOut) {
  ProviderApiByHand::Setup setup;
  setup.options.profile = find_profile("2016");
  ProviderApiByHand old(std::move(setup));
  old.open_quietly();
  old.apply(action("settings.initial_window_size=5"));
  (void)old.frames();
  old.reset();
  EXPECT_EQ(old.frames(),
            "SETTINGS HEADER_TABLE_SIZE=4096 MAX_CONCURRENT_STREAMS=500 "
            "MAX_FRAME_SIZE=16384 MAX_HEADER_LIST_SIZE=8000 "
            "INITIAL_WINDOW_SIZE=65535");
}

TEST_F(ProviderApiControl, AResetRefusesWhatCameWhileNobodyRead) {
  apply("stop_reading=true");
  const StreamId before = api.send({});
  api.run();
  EXPECT_EQ(api.answer(before).text(), "");
  api.reset();
  EXPECT_EQ(api.answer(before).text(), "reset REFUSED_STREAM");
  EXPECT_EQ(api.push({}).text(), "200");
  EXPECT_EQ(api.api().counters().accepted, 1U);
  EXPECT_EQ(api.api().counters().discarded, 1U);
}

TEST_F(ProviderApiControl, NothingIsABacklogWhereReadingWentOn) {
  const TimePoint now = api.clock().io_now();
  EXPECT_EQ(api.api().discard_backlogs(0, now), 0U);
  apply("bandwidth=1000000");
  EXPECT_EQ(api.api().discard_backlogs(0, now), 0U) << "all is read";
  apply("delay=1h");
  EXPECT_EQ(api.api().discard_backlogs(0, now), 1U);
}

TEST_F(ProviderApiControl, AResetForgetsAnActionThatWaits) {
  apply("close=rst delay=1h");
  api.reset();
  api.advance(1h);
  EXPECT_EQ(api.how_closed(), Close::None);
  EXPECT_EQ(apply("settings.max_concurrent_streams=3"), kDone);
}

TEST_F(ProviderApiControl, AResetLeavesWhatHasBeenToldToTheProvider) {
  apply("close=half-open");
  api.reset();
  EXPECT_EQ(state(), "half-open");
  api.open_quietly();
  apply("close=rst");
  api.reset();
  EXPECT_EQ(api.how_closed(), Close::Reset);
}

TEST_F(ProviderApiControl, AResetEndsAConnectionThatWasToldGoawayAndKeptOpen) {
  apply("goaway.keep_open=true");
  EXPECT_EQ(api.client().num_openable(), 0U) << "the provider knows";
  EXPECT_EQ(api.how_closed(), Close::None);
  api.reset();
  EXPECT_EQ(api.how_closed(), Close::CloseNotifyThenDrain);
}

TEST_F(ProviderApiControl, AResetTakesTheLimitsBackToTheBeginning) {
  const test::TokenSource tokens;
  api.open(nullptr);
  const std::string field = "bearer " + tokens.at(api.clock().now());
  EXPECT_EQ(api.push({{"authorization", field}}).text(), "200");
  (void)api.said();
  api.reset();
  EXPECT_THAT(api.said(), ElementsAre("settings MAX_CONCURRENT_STREAMS=1"));
  EXPECT_EQ(api.push({{"authorization", field}}).text(), "200");
  EXPECT_THAT(api.said(), ElementsAre("settings MAX_CONCURRENT_STREAMS=1000"));
}

TEST_F(ProviderApiControl, NumbersOfGoawayAreThoseSinceTheReset) {
  for (int i = 0; i < 3; ++i) {
    (void)api.push({});
  }
  api.reset();
  (void)api.push({});
  (void)api.push({});
  (void)api.frames();
  apply("goaway.last_nth=1 goaway.keep_open=true");
  EXPECT_EQ(api.frames(), "GOAWAY 7 NO_ERROR");
}

TEST_F(ProviderApiControl, SilenceIsCountedAnewFromAReset) {
  arm("idle=10s protocol=http2: close=fin");
  api.advance(9s);
  api.api().reset_connections(0, false, api.clock().io_now());
  api.advance(9s);
  EXPECT_EQ(api.how_closed(), Close::None);
  api.advance(1s);
  EXPECT_EQ(api.how_closed(), Close::CloseNotifyThenDrain);
}

TEST_F(ProviderApiControl, HangingUpEndsEvenWhatWaits) {
  arm("protocol=http2 nth=1: delay=1h");
  (void)api.push({});
  api.api().reset_connections(0, true, api.clock().io_now());
  EXPECT_EQ(api.frames(), "");
  EXPECT_EQ(api.how_closed(), Close::CloseNotify);
}

// ---- Rules that come and go ----

TEST_F(ProviderApiControl, AnIdleConnectionHearsOfARuleThatIsArmed) {
  EXPECT_GT(api.engine().deadline(), api.clock().io_now() + 1h);
  arm("protocol=http2 idle=5s: close=rst");
  EXPECT_EQ(api.engine().deadline(), api.clock().io_now() + 5s);
  api.rules().reset({}, api.clock().io_now());
  api.api().rules_changed(0, api.clock().io_now());
  EXPECT_GT(api.engine().deadline(), api.clock().io_now() + 1h);
}

TEST_F(ProviderApiControl, SilenceThatBeganBeforeTheRuleCounts) {
  api.advance(4s);
  arm("protocol=http2 idle=5s: close=rst");
  api.advance(1s);
  EXPECT_EQ(api.how_closed(), Close::Reset);
}

// ---- Telling ----

TEST_F(ProviderApiControl, TellsWhatAConnectionIs) {
  (void)api.push({});
  (void)api.push({{"apns-priority", "7"}});
  const ConnectionInfo told = info();
  EXPECT_EQ(told.connection, 1U);
  EXPECT_EQ(told.protocol, Protocol::Http2);
  EXPECT_EQ(told.opened_at, kManualStart);
  EXPECT_EQ(told.topic, "com.example.app");
  EXPECT_EQ(to_string(told.state), "reading");
  EXPECT_EQ(told.notifications, 2U);
  EXPECT_EQ(told.accepted, 1U);
  api.close();
  EXPECT_THAT(api.api().connections(0), IsEmpty());
}

}  // namespace
}  // namespace apns::mock
