// What rules do to connections of the provider API as such, the engine driven by hand.
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"
#include "tests/support/provider_api_by_hand.h"

namespace apns::mock {
namespace {

using http2::StreamId;
using test::ProviderApiByHand;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr const char* kGreeting =
    "SETTINGS HEADER_TABLE_SIZE=4096 MAX_CONCURRENT_STREAMS=1000 INITIAL_WINDOW_SIZE=65535 "
    "MAX_FRAME_SIZE=16384 MAX_HEADER_LIST_SIZE=8000";

std::string ping_text(ProviderApiByHand& api) {
  const std::string_view eight = "12345678";
  api.client().ping(std::span<const std::byte, 8>(as_bytes(eight)));
  api.run();
  return api.frames();
}

// ---- When a connection opens ----

struct Case {
  const char* name;
  const char* rule;
  std::string said;  // behind the first SETTINGS
  Close close;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

const Case kOpening[] = {
    {"Goaway", ": goaway.reason=BadCertificateEnvironment close=fin",
     ", GOAWAY 0 NO_ERROR \"{\"reason\":\"BadCertificateEnvironment\"}\"",
     Close::CloseNotifyThenDrain},
    {"GoawayTwice", ": goaway.reason=Shutdown goaway.count=2",
     ", GOAWAY 0 NO_ERROR \"{\"reason\":\"Shutdown\"}\", GOAWAY 0 NO_ERROR",
     Close::CloseNotifyThenDrain},
    {"Fin", ": close=fin", "", Close::CloseNotifyThenDrain},
    {"Truncate", ": close=fin-without-close-notify", "", Close::FinOnly},
    {"Rst", ": close=rst", "", Close::Reset},
    {"HalfOpen", ": close=half-open", "", Close::Vanish},
    {"Raw", ": raw=00000403000000000300000002 close=rst", ", RST_STREAM 3 INTERNAL_ERROR",
     Close::Reset},
};

class ProviderApiOpening : public testing::TestWithParam<Case> {};

TEST_P(ProviderApiOpening, DoesWhatTheRuleSays) {
  ProviderApiByHand api(ProviderApiByHand::under({GetParam().rule}));
  api.open();
  EXPECT_EQ(api.frames(), kGreeting + GetParam().said);
  EXPECT_EQ(api.how_closed(), GetParam().close);
  EXPECT_THAT(api.story(), ElementsAre("1 opened", "1 fired fault-1"));
}

INSTANTIATE_TEST_SUITE_P(Rule, ProviderApiOpening, testing::ValuesIn(kOpening),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(ProviderApiMood, ARuleForOneConnectionLeavesTheOthers) {
  ProviderApiByHand api(ProviderApiByHand::under({"connection=2: close=rst"}));
  api.open();
  EXPECT_EQ(api.how_closed(), Close::None);
  api.open();
  EXPECT_EQ(api.how_closed(), Close::Reset);
  api.open();
  EXPECT_EQ(api.push({}).text(), "200");
}

TEST(ProviderApiMood, RulesHoldForATime) {
  ProviderApiByHand api(ProviderApiByHand::under({"after=10s until=20s: close=rst"}));
  api.open();
  EXPECT_EQ(api.how_closed(), Close::None);
  api.advance(10s);
  api.open();
  EXPECT_EQ(api.how_closed(), Close::Reset);
  api.clock().advance_to(api.clock().io_now() + 10s);
  api.open();
  EXPECT_EQ(api.how_closed(), Close::None);
}

TEST(ProviderApiMood, ACertificateOfTheOtherEnvironmentComesBehindARuleThatEndsIt) {
  ProviderApiByHand api(ProviderApiByHand::under({": close=rst"}));
  auto identity = std::make_shared<auth::CertificateIdentity>();
  identity->uid = ProviderApiByHand::kApp;
  identity->development = true;
  api.open(identity);
  EXPECT_EQ(api.frames(), kGreeting);
  EXPECT_EQ(api.how_closed(), Close::Reset);
}

// ---- SETTINGS ----

TEST(ProviderApiMood, ARulesLimitIsTheUsualOneFromThenOn) {
  ProviderApiByHand api(
      ProviderApiByHand::under({"connection=1: settings.max_concurrent_streams=7"}));
  api.open_quietly();
  (void)api.push({{"apns-priority", "7"}});
  EXPECT_THAT(api.said(), ElementsAre("settings MAX_CONCURRENT_STREAMS=1"));
  (void)api.push({});
  EXPECT_THAT(api.said(), ElementsAre("settings MAX_CONCURRENT_STREAMS=7"));
}

TEST(ProviderApiMood, NoStreamsAtAllStaysNoStreams) {
  ProviderApiByHand api(
      ProviderApiByHand::under({"nth=1: settings.max_concurrent_streams=0 reject=BadTopic"}));
  api.open_quietly();
  const StreamId other = api.begin({{"apns-priority", "7"}});
  (void)api.push({});
  EXPECT_TRUE(api.client().send_data(other, as_bytes("{}"), true));
  api.run();
  EXPECT_EQ(api.client().num_openable(), 0U);
  EXPECT_THAT(api.said(),
              ElementsAre("settings MAX_CONCURRENT_STREAMS=1", "settings MAX_CONCURRENT_STREAMS=0"))
      << "the second rejection raises nothing";
}

TEST(ProviderApiMood, AWindowOf0HoldsBodiesBack) {
  ProviderApiByHand api(ProviderApiByHand::under({"connection=1: settings.initial_window_size=0"}));
  api.open_quietly();
  const StreamId stream = api.send({});
  api.run();
  EXPECT_TRUE(api.client().has_queued(stream));
  EXPECT_EQ(api.frames(), "");
  EXPECT_EQ(api.api().counters().violations, 0U);
}

// ---- PING, windows ----

TEST(ProviderApiMood, IgnoresPingFromThenOn) {
  ProviderApiByHand api(ProviderApiByHand::under({"nth=1: ignore_ping=true"}));
  api.open_quietly();
  EXPECT_EQ(ping_text(api), "PING ACK \"12345678\"");
  EXPECT_EQ(api.push({}).text(), "200");
  (void)api.frames();
  EXPECT_EQ(ping_text(api), "");
  EXPECT_EQ(api.push({}).text(), "200") << "all else goes on";
}

TEST(ProviderApiMood, WithholdsWindowsFromThenOn) {
  ProviderApiByHand::Setup setup = ProviderApiByHand::under({"nth=1: withhold_window=true"});
  ProviderApiByHand api(std::move(setup));
  api.open_quietly();
  (void)api.push({});
  (void)api.frames();
  const std::string large(4096, ' ');
  for (int i = 0; i < 15; ++i) {
    EXPECT_EQ(api.push({}, large).text(), "200");
  }
  EXPECT_THAT(api.frames(), Not(HasSubstr("WINDOW_UPDATE")));
  const StreamId stalled = api.send({}, large);
  api.run();
  EXPECT_EQ(api.answer(stalled).text(), "") << "65,535 bytes are used up";
  EXPECT_TRUE(api.client().has_queued(stalled));
  api.advance(10min);
  EXPECT_EQ(api.frames(), "") << "nor is the provider to blame for it";
}

// ---- Reading ----

TEST(ProviderApiMood, StopsReadingBehindTheRequestThatDrawsIt) {
  ProviderApiByHand api(ProviderApiByHand::under({"nth=2: stop_reading=true"}));
  api.open_quietly();
  for (int i = 0; i < 3; ++i) {
    (void)api.send({});
  }
  api.run();
  EXPECT_EQ(api.frames(), "HEADERS 1 200 END_STREAM, HEADERS 3 200 END_STREAM");
  EXPECT_FALSE(api.engine().wants_read());
  api.advance(24h);
  EXPECT_EQ(api.frames(), "");
  EXPECT_EQ(api.how_closed(), Close::None);
  EXPECT_EQ(api.api().connections(0).at(0).state, ConnectionState::StoppedReading);
  // A shutdown reaches it all the same.
  api.api().shut_down(0, api.clock().io_now());
  api.run();
  api.advance(1s);
  EXPECT_EQ(api.how_closed(), Close::CloseNotifyThenDrain);
}

TEST(ProviderApiMood, ARequestThatNobodyReadsDoesNotHoldUpTheEnd) {
  ProviderApiByHand api(ProviderApiByHand::under({"nth=2: stop_reading=true delay=2s"}));
  api.open_quietly();
  (void)api.begin({});
  (void)api.push({});
  api.api().shut_down(0, api.clock().io_now());
  api.run();
  api.advance(2s - 1ns);
  EXPECT_EQ(api.how_closed(), Close::None) << "an answer waits";
  api.advance(1ns);
  EXPECT_EQ(api.answer(3).text(), "200");
  EXPECT_EQ(api.how_closed(), Close::CloseNotifyThenDrain);
}

TEST(ProviderApiMood, ReadsNothingFromTheStart) {
  ProviderApiByHand api(ProviderApiByHand::under({": stop_reading=true"}));
  api.open();
  EXPECT_EQ(api.frames(), kGreeting);
  (void)api.send({});
  api.run();
  api.advance(24h);
  EXPECT_EQ(api.frames(), "") << "nobody waits for the preface";
  EXPECT_EQ(api.how_closed(), Close::None);
}

TEST(ProviderApiMood, BandwidthLetsInATenthOfItEachTenthOfASecond) {
  ProviderApiByHand api(ProviderApiByHand::under({"connection=1: bandwidth=1000"}));
  api.open();
  for (int i = 0; i < 5; ++i) {
    (void)api.send({});
  }
  api.run();
  EXPECT_EQ(api.api().counters().accepted, 0U);
  EXPECT_EQ(api.api().connections(0).at(0).state, ConnectionState::Paused);
  std::size_t tenths = 0;
  while (api.api().counters().accepted < 5 && tenths < 100) {
    EXPECT_FALSE(api.engine().wants_read());
    api.advance(100ms);
    ++tenths;
  }
  // The preface, SETTINGS and five requests are between 300 and 1000 bytes.
  EXPECT_GE(tenths, 3U);
  EXPECT_LE(tenths, 10U);
}

// ---- Idle ----

TEST(ProviderApiMood, IdleConnectionsEndInEveryWay) {
  struct Idle {
    const char* rule;
    const char* frames;
    Close close;
  };

  for (const Idle& row :
       {Idle{"idle=5s: close=half-open", "", Close::Vanish},
        Idle{"idle=5s: goaway.reason=IdleTimeout",
             "GOAWAY 1 NO_ERROR \"{\"reason\":\"IdleTimeout\"}\"", Close::CloseNotifyThenDrain},
        Idle{"idle=5s: goaway.reason=Shutdown close=rst",
             "GOAWAY 1 NO_ERROR \"{\"reason\":\"Shutdown\"}\"", Close::Reset},
        Idle{"idle=5s: goaway.code=0 goaway.keep_open=true times=1", "GOAWAY 1 NO_ERROR",
             Close::None},
        Idle{"idle=5s: close=rst", "", Close::Reset},
        Idle{"idle=5s: close=fin", "", Close::CloseNotifyThenDrain}}) {
    ProviderApiByHand api(ProviderApiByHand::under({row.rule}));
    api.open_quietly();
    api.advance(4s);
    EXPECT_EQ(api.push({}).text(), "200");
    (void)api.frames();
    api.advance(5s - 1ns);
    EXPECT_EQ(api.how_closed(), Close::None) << row.rule;
    api.advance(1ns);
    EXPECT_EQ(api.frames(), row.frames) << row.rule;
    EXPECT_EQ(api.how_closed(), row.close) << row.rule;
    EXPECT_THAT(api.story(), Contains("1 fired fault-1"));
  }
}

TEST(ProviderApiMood, AnIdleRuleMayChangeWhatIsPromisedOnly) {
  ProviderApiByHand api(ProviderApiByHand::under({"idle=1m: ignore_ping=true times=1"}));
  api.open_quietly();
  api.advance(59s);
  EXPECT_EQ(ping_text(api), "PING ACK \"12345678\"") << "a PING is no silence";
  api.advance(59s);
  EXPECT_EQ(ping_text(api), "PING ACK \"12345678\"");
  api.advance(1min);
  EXPECT_EQ(ping_text(api), "");
}

TEST(ProviderApiMood, TheShorterIdleFiresFirstWhateverTheOrderOfTheRules) {
  ProviderApiByHand api(
      ProviderApiByHand::under({"idle=10s: close=rst", "idle=5s: close=half-open"}));
  api.open_quietly();
  api.advance(5s);
  EXPECT_EQ(api.how_closed(), Close::Vanish);
  EXPECT_EQ(api.story().back(), "1 fired fault-2");
}

TEST(ProviderApiMood, AnIdleRuleThatIsSpentLeavesTheNext) {
  ProviderApiByHand api(ProviderApiByHand::under(
      {"idle=5s: settings.max_concurrent_streams=3 times=1", "idle=10s: close=rst"}));
  api.open_quietly();
  api.advance(5s);
  EXPECT_EQ(api.frames(), "SETTINGS MAX_CONCURRENT_STREAMS=3");
  // The silence is counted anew from the provider's acknowledgement.
  api.advance(10s - 1ns);
  EXPECT_EQ(api.how_closed(), Close::None);
  api.advance(1ns);
  EXPECT_EQ(api.how_closed(), Close::Reset);
}

TEST(ProviderApiMood, IdleIsOverOnceAnEndIsDecided) {
  ProviderApiByHand api(ProviderApiByHand::under(
      {"nth=1: delay=20s", "nth=2: goaway.code=0 close=fin", "idle=5s: close=rst"}));
  api.open_quietly();
  (void)api.send({});
  (void)api.push({});
  api.advance(20s);
  EXPECT_EQ(api.frames(), "HEADERS 3 200 END_STREAM, GOAWAY 3 NO_ERROR, HEADERS 1 200 END_STREAM");
  EXPECT_EQ(api.how_closed(), Close::CloseNotifyThenDrain);
  EXPECT_EQ(api.rules().num_fired(2), 0U);
}

TEST(ProviderApiMood, WhoIsNotReadIsNotIdle) {
  ProviderApiByHand api(
      ProviderApiByHand::under({"connection=1: bandwidth=100", "idle=5s: close=rst"}));
  api.open();
  for (int i = 0; i < 20; ++i) {
    (void)api.send({});
  }
  api.run();
  api.advance(10s);
  EXPECT_EQ(api.how_closed(), Close::None);
}

}  // namespace
}  // namespace apns::mock
