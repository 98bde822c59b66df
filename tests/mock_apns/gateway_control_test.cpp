// What people do to a connection that is open, its engine driven by hand.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"
#include "mock_apns/open_connection.h"
#include "tests/support/binary_frames.h"
#include "tests/support/gateway_by_hand.h"

namespace apns::mock {
namespace {

using binary::test::join;
using test::framed;
using test::framed_bad;
using test::GatewayByHand;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

using Lines = std::vector<std::string>;

/// What is behind the colon.
FaultAction action(std::string_view then) {
  return parse_fault("protocol=binary: " + std::string(then)).then;
}

class GatewayControl : public testing::Test {
 protected:
  GatewayControl() {
    by_hand.open();
    (void)by_hand.said();
  }

  Applied apply(std::string_view then, std::optional<std::uint64_t> connection = std::nullopt) {
    return gateway.apply(0, connection, action(then), by_hand.now());
  }

  void reset(bool hang_up = false) { gateway.reset_connections(0, hang_up, by_hand.now()); }

  void arm(std::string_view rule) { by_hand.rules().arm(parse_fault(rule), by_hand.now()); }

  void disarm_all() { by_hand.rules().reset({}, by_hand.now()); }

  [[nodiscard]] ConnectionInfo info() const { return gateway.connections(0).at(0); }

  [[nodiscard]] std::string_view state() const { return to_string(info().state); }

  GatewayByHand by_hand;
  Gateway& gateway = by_hand.gateway();
};

struct Case {
  const char* name;
  const char* then;
  Lines said;
  Close close;
};

class AppliedToAnIdleConnection : public GatewayControl,
                                  public testing::WithParamInterface<Case> {};

TEST_P(AppliedToAnIdleConnection, DoesWhatItSaysAtOnce) {
  by_hand.feed(join({framed(11), framed(12)}));
  const std::size_t wakes = by_hand.num_wakes();
  EXPECT_EQ(apply(GetParam().then), (Applied{.found = 1, .done = 1}));
  EXPECT_EQ(by_hand.num_wakes(), wakes + 1) << "the host looks at the engine again";
  EXPECT_EQ(by_hand.said(), GetParam().said);
  EXPECT_EQ(by_hand.engine().close(), GetParam().close);
  EXPECT_EQ(by_hand.story(),
            Lines({"1 opened", "1 accepted 11", "1 accepted 12", "1 fired apply"}));
}

const Case kCases[] = {
    {"Shutdown", "reject=10", {"080a0000000c"}, Close::CloseNotifyThenDrain},
    {"Rejection", "reject=8", {"08080000000c"}, Close::CloseNotifyThenDrain},
    {"StatusOfThePacket", "error_packet.status=77", {"084d0000000c"}, Close::CloseNotifyThenDrain},
    {"Numbered",
     "reject=8 error_packet.identifier=7",
     {"080800000007"},
     Close::CloseNotifyThenDrain},
    {"OwnIsTheLastAccepted",
     "reject=8 error_packet.identifier=own",
     {"08080000000c"},
     Close::CloseNotifyThenDrain},
    {"Split", "reject=8 error_packet.split=4", {"08080000", "000c"}, Close::CloseNotifyThenDrain},
    {"Lost", "reject=8 error_packet.count=0", {}, Close::CloseNotifyThenDrain},
    {"PacketAndReset", "reject=8 close=rst", {"08080000000c"}, Close::Reset},
    {"Fin", "close=fin", {}, Close::CloseNotifyThenDrain},
    {"FinWithoutCloseNotify", "close=fin-without-close-notify", {}, Close::FinOnly},
    {"Reset", "close=rst", {}, Close::Reset},
    {"HalfOpen", "close=half-open", {}, Close::Vanish},
    {"Raw", "raw=0807", {"0807"}, Close::None},
    {"RawAndFin", "raw=0807 close=fin", {"0807"}, Close::CloseNotifyThenDrain},
    {"StopReading", "stop_reading=true", {}, Close::None},
};

INSTANTIATE_TEST_SUITE_P(All, AppliedToAnIdleConnection, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST_F(GatewayControl, AnActionWaitsForItsDelay) {
  by_hand.feed(framed(11));
  apply("reject=8 delay=2s");
  EXPECT_EQ(state(), "ending");
  by_hand.feed(framed(12));
  by_hand.advance(2s - 1ns);
  EXPECT_THAT(by_hand.said(), IsEmpty());
  by_hand.advance(1ns);
  EXPECT_THAT(by_hand.said(), ElementsAre("08080000000b"));
  EXPECT_THAT(by_hand.story(),
              ElementsAre("1 opened", "1 accepted 11", "1 fired apply", "1 discarded 12"));
}

TEST_F(GatewayControl, ADelayAloneStopsReadingForSoLong) {
  apply("delay=2s raw=0807");
  EXPECT_EQ(state(), "paused");
  EXPECT_FALSE(by_hand.engine().wants_read());
  EXPECT_THAT(by_hand.said(), IsEmpty());
  by_hand.advance(2s);
  EXPECT_TRUE(by_hand.engine().wants_read());
  EXPECT_THAT(by_hand.said(), ElementsAre("0807")) << "behind the delay";
  by_hand.advance(2s);
  EXPECT_THAT(by_hand.said(), IsEmpty()) << "once";
}

TEST_F(GatewayControl, WhatWasDecidedFirstHolds) {
  arm("nth=2: reject=8 delay=2s");
  by_hand.feed(join({framed(11), framed(12)}));
  EXPECT_EQ(apply("reject=10"), (Applied{.found = 1, .done = 0}));
  by_hand.advance(2s);
  EXPECT_THAT(by_hand.said(), ElementsAre("08080000000c"));
  EXPECT_EQ(apply("close=rst"), (Applied{.found = 1, .done = 0})) << "it is closing";
  EXPECT_EQ(by_hand.engine().close(), Close::CloseNotifyThenDrain);
}

TEST_F(GatewayControl, AConnectionIsKnownByItsNumber) {
  EXPECT_EQ(apply("close=fin", 2), Applied{});
  EXPECT_EQ(by_hand.engine().close(), Close::None);
  EXPECT_EQ(apply("close=fin", 1), (Applied{.found = 1, .done = 1}));
}

TEST_F(GatewayControl, WhatMeansNothingToAnOpenConnectionChangesNothing) {
  for (const char* then : {"no_answer=true", "tls_alert=46"}) {
    EXPECT_EQ(apply(then), (Applied{.found = 1, .done = 0})) << then;
  }
  EXPECT_THAT(by_hand.story(), ElementsAre("1 opened"));
}

TEST(WhyNotApplicable, SaysWhatWouldBeRight) {
  const auto why = [](const FaultAction& wanted, Protocol protocol = Protocol::Binary) {
    return why_not_applicable(wanted, protocol);
  };
  EXPECT_THAT(why({}), HasSubstr("does nothing"));
  EXPECT_THAT(why({}, Protocol::Feedback), HasSubstr("Give it delay, close or tuples."));
  EXPECT_THAT(why(action("no_answer=true")), HasSubstr("use stop_reading"));
  EXPECT_THAT(why(action("tls_alert=46")), HasSubstr("refuses a handshake"));
  EXPECT_THAT(why(action("reject=8"), Protocol::Feedback), HasSubstr("is for the gateway"));
  EXPECT_EQ(why(action("close=fin"), Protocol::Feedback), "");
  EXPECT_EQ(why(action("delay=1s")), "");
  FaultAction tuples;
  tuples.tuples.split = 3;
  EXPECT_THAT(why(tuples), HasSubstr("are the feedback service's"));
  EXPECT_EQ(why(tuples, Protocol::Feedback), "");
}

TEST_F(GatewayControl, AfterAResetWhatWasLeftIsTaken) {
  arm("nth=2: stop_reading=true");
  const Bytes three = join({framed(11), framed(12), framed(13)});
  const std::size_t taken = by_hand.feed(three);
  EXPECT_EQ(taken, framed(11).size() * 2) << "the host keeps the rest";
  EXPECT_EQ(state(), "stopped-reading");
  disarm_all();
  const std::size_t wakes = by_hand.num_wakes();
  reset();
  EXPECT_EQ(by_hand.num_wakes(), wakes + 1);
  EXPECT_TRUE(by_hand.engine().wants_read());
  EXPECT_EQ(by_hand.feed(ByteView(three).subspan(taken)), framed(13).size());
  EXPECT_EQ(by_hand.events().back().identifier, 13U);
  EXPECT_EQ(by_hand.events().back().nth, 1U) << "counted anew";
}

TEST_F(GatewayControl, AResetEndsPausesAndTheBandwidth) {
  apply("bandwidth=10");
  EXPECT_LT(by_hand.feed(framed(11)), framed(11).size());
  EXPECT_EQ(state(), "paused");
  reset();
  EXPECT_EQ(state(), "reading");
  apply("delay=1h raw=0807");
  reset();
  by_hand.advance(1h + 1s);
  EXPECT_THAT(by_hand.said(), IsEmpty()) << "nothing is left of it";
}

TEST_F(GatewayControl, AResetTakesBackAnEndThatWaits) {
  arm("nth=2: reject=8 delay=2s");
  by_hand.feed(join({framed(11), framed(12)}));
  EXPECT_EQ(state(), "ending");
  reset();
  disarm_all();
  EXPECT_EQ(state(), "reading");
  by_hand.feed(framed(13));
  EXPECT_EQ(by_hand.story().back(), "1 accepted 13");
  by_hand.advance(2s);
  EXPECT_THAT(by_hand.said(), IsEmpty());
  apply("reject=10");
  EXPECT_THAT(by_hand.said(), ElementsAre("080a0000000d"));
}

TEST_F(GatewayControl, AResetForgetsTheLastAcceptedOne) {
  by_hand.feed(framed(11));
  reset();
  apply("reject=10");
  EXPECT_THAT(by_hand.said(), ElementsAre("080a00000000"));
}

TEST_F(GatewayControl, AResetDoesNotTakeBackAnEndBehindLostFraming) {
  arm("nth=1: reject=8 delay=2s");
  by_hand.feed(framed(11));
  by_hand.feed(Bytes(4, std::byte{0x77}));
  reset();
  EXPECT_EQ(state(), "ending") << "where the next notification begins is not known";
  by_hand.advance(2s);
  EXPECT_THAT(by_hand.said(), ElementsAre("08080000000b"));
}

TEST_F(GatewayControl, AResetEndsAConnectionWhoseProviderOnlyWaitedForThePacket) {
  arm("nth=1: reject=8 delay=2s");
  by_hand.feed(framed(11));
  by_hand.engine().ended(End::Fin, by_hand.now());
  EXPECT_EQ(by_hand.engine().close(), Close::None);
  reset();
  EXPECT_EQ(by_hand.engine().close(), Close::CloseNotifyThenDrain);
  EXPECT_THAT(by_hand.said(), IsEmpty());
}

TEST_F(GatewayControl, AResetLeavesWhatHasBeenToldToTheProvider) {
  by_hand.feed(framed_bad(11));
  reset();
  EXPECT_EQ(state(), "closing");
  EXPECT_THAT(by_hand.said(), ElementsAre("08020000000b"));
  by_hand.open();
  apply("close=half-open");
  reset();
  EXPECT_EQ(state(), "half-open");
}

TEST_F(GatewayControl, SilenceIsCountedAnewFromAReset) {
  arm("idle=10s: close=fin");
  gateway.rules_changed(0, by_hand.now());
  by_hand.advance(9s);
  reset();
  by_hand.advance(9s);
  EXPECT_EQ(by_hand.engine().close(), Close::None);
  by_hand.advance(1s);
  EXPECT_EQ(by_hand.engine().close(), Close::CloseNotifyThenDrain);
}

TEST_F(GatewayControl, HangingUpEndsEvenWhatWaits) {
  apply("reject=8 delay=1h");
  const std::size_t wakes = by_hand.num_wakes();
  reset(true);
  EXPECT_EQ(by_hand.num_wakes(), wakes + 1);
  EXPECT_THAT(by_hand.said(), IsEmpty());
  EXPECT_EQ(by_hand.engine().close(), Close::CloseNotifyThenDrain);
}

TEST_F(GatewayControl, AnIdleConnectionHearsOfARuleThatIsArmed) {
  const TimePoint before = by_hand.engine().deadline();
  arm("idle=5s: close=rst");
  EXPECT_EQ(by_hand.engine().deadline(), before) << "it does not know yet";
  const std::size_t wakes = by_hand.num_wakes();
  gateway.rules_changed(0, by_hand.now());
  EXPECT_EQ(by_hand.num_wakes(), wakes + 1);
  by_hand.advance(5s);
  EXPECT_THAT(by_hand.story(), testing::Contains("1 fired fault-1"));
  disarm_all();
  gateway.rules_changed(0, by_hand.now());
  EXPECT_GT(by_hand.engine().deadline(), by_hand.now() + 1h);
}

TEST_F(GatewayControl, TellsWhatAConnectionIs) {
  by_hand.feed(join({framed(11), framed(12)}));
  const ConnectionInfo told = info();
  EXPECT_EQ(told.connection, 1U);
  EXPECT_EQ(told.protocol, Protocol::Binary);
  EXPECT_EQ(told.environment, Environment::Production);
  EXPECT_EQ(told.opened_at, kManualStart);
  EXPECT_EQ(told.topic, "com.example.app");
  EXPECT_EQ(to_string(told.state), "reading");
  EXPECT_EQ(told.notifications, 2U);
  EXPECT_EQ(told.accepted, 2U);
  by_hand.hang_up();
  EXPECT_THAT(gateway.connections(0), IsEmpty());
}

TEST_F(GatewayControl, AnotherProfileHoldsOnOpenConnections) {
  const std::string payload = "{\"aps\":{\"alert\":\"" + std::string(300, 'x') + "\"}}";
  by_hand.feed(framed(11, payload));
  gateway.set_profile(*find_profile("2013"), by_hand.now());
  by_hand.feed(framed(12, payload));
  EXPECT_THAT(by_hand.said(), ElementsAre("08070000000c"));

  by_hand.open();
  gateway.set_profile(default_profile(), by_hand.now());
  by_hand.feed(framed(13, payload));
  EXPECT_EQ(by_hand.events().back().outcome, EventOutcome::Accepted);
  EXPECT_EQ(by_hand.events().back().payload, payload) << "none of it was skipped";
}

TEST_F(GatewayControl, RejectionsAreCountedByTheirStatus) {
  by_hand.feed(framed_bad(11));
  by_hand.open();
  by_hand.feed(Bytes(1, std::byte{0x77}));
  by_hand.open();
  arm("nth=1: reject=255");
  by_hand.feed(framed(12));
  by_hand.open();
  disarm_all();
  arm("nth=1: reject=10");
  by_hand.feed(framed(13));
  const GatewayCounters counters = gateway.counters();
  EXPECT_EQ(counters.rejected_with.at(2), 1U);
  EXPECT_EQ(counters.rejected_with.at(128), 1U);
  EXPECT_EQ(counters.rejected_with.at(255), 1U);
  EXPECT_EQ(counters.rejected_with.at(10), 0U) << "a shutdown discards";
  EXPECT_EQ(counters.discarded, 1U);
  EXPECT_EQ(counters.rejected, 3U);
}

}  // namespace
}  // namespace apns::mock
