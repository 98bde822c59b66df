// What fault rules do to a connection, its engine driven by hand.
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"
#include "tests/support/binary_frames.h"
#include "tests/support/gateway_by_hand.h"

namespace apns::mock {
namespace {

using binary::test::join;
using binary::test::simple;
using test::copy_of;
using test::device_token;
using test::framed;
using test::framed_bad;
using test::GatewayByHand;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

using Lines = std::vector<std::string>;

GatewayByHand::Setup with(std::initializer_list<std::string_view> rules) {
  GatewayByHand::Setup setup;
  for (const std::string_view rule : rules) {
    setup.rules.push_back(parse_fault(rule));
  }
  return setup;
}

struct Case {
  const char* name;
  const char* rule;  // notifications 1 to 3 arrive, good ones; identifiers 11 to 13
  Lines said;
  Close close;
  Lines story;  // without the opening
};

class GatewayUnder : public testing::TestWithParam<Case> {};

TEST_P(GatewayUnder, DoesWhatTheRuleSays) {
  const Case& row = GetParam();
  GatewayByHand gateway(with({row.rule}));
  gateway.open();
  gateway.feed(join({framed(11), framed(12), framed(13)}));
  EXPECT_EQ(gateway.said(), row.said);
  EXPECT_EQ(gateway.engine().close(), row.close);
  Lines story = gateway.story();
  story.erase(story.begin());
  EXPECT_EQ(story, row.story);
}

const Lines kRejectedSecond = {"1 accepted 11", "1 rejected 12 status 8 fault:fault-1",
                               "1 fired fault-1 of 3", "1 discarded 13"};
const Lines kLostSecond = {"1 accepted 11", "1 rejected 12 status 8 fault:fault-1 unanswered",
                           "1 fired fault-1 of 3", "1 discarded 13"};
const Lines kEndedBehindSecond = {"1 accepted 11", "1 accepted 12", "1 fired fault-1 of 3",
                                  "1 discarded 13"};

const Case kCases[] = {
    {"Reject", "nth=2: reject=8", {"08080000000c"}, Close::CloseNotifyThenDrain, kRejectedSecond},
    {"RejectByToken",
     "device_token=A1A1: reject=8",
     {"08080000000b"},
     Close::CloseNotifyThenDrain,
     {"1 rejected 11 status 8 fault:fault-1", "1 fired fault-1 of 2", "1 discarded 12",
      "1 discarded 13"}},
    {"OtherToken",
     "device_token=a1a2: reject=8",
     {},
     Close::None,
     {"1 accepted 11", "1 accepted 12", "1 accepted 13"}},
    {"OtherTopic",
     "topic=com.example.other: reject=8",
     {},
     Close::None,
     {"1 accepted 11", "1 accepted 12", "1 accepted 13"}},
    {"OtherEnvironment",
     "environment=development: reject=8",
     {},
     Close::None,
     {"1 accepted 11", "1 accepted 12", "1 accepted 13"}},
    {"OtherConnection",
     "connection=2: reject=8",
     {},
     Close::None,
     {"1 accepted 11", "1 accepted 12", "1 accepted 13"}},
    {"StatusOfThePacket",
     "nth=2: reject=8 error_packet.status=77",
     {"084d0000000c"},
     Close::CloseNotifyThenDrain,
     kRejectedSecond},
    {"StatusOfThePacketAlone",
     "nth=2: error_packet.status=77",
     {"084d0000000c"},
     Close::CloseNotifyThenDrain,
     {"1 accepted 11", "1 rejected 12 status 77 fault:fault-1", "1 fired fault-1 of 3",
      "1 discarded 13"}},
    {"PreviousIdentifier",
     "nth=2: reject=8 error_packet.identifier=previous",
     {"08080000000b"},
     Close::CloseNotifyThenDrain,
     kRejectedSecond},
    {"OwnIdentifier",
     "nth=2: reject=8 error_packet.identifier=own",
     {"08080000000c"},
     Close::CloseNotifyThenDrain,
     kRejectedSecond},
    {"NumberedIdentifier",
     "nth=2: reject=8 error_packet.identifier=4294967295",
     {"0808ffffffff"},
     Close::CloseNotifyThenDrain,
     kRejectedSecond},
    {"PacketByteByByte",
     "nth=2: reject=8 error_packet.split=1",
     {"08", "08", "00", "00", "00", "0c"},
     Close::CloseNotifyThenDrain,
     kRejectedSecond},
    {"PacketInPiecesOfFour",
     "nth=2: reject=8 error_packet.split=4",
     {"08080000", "000c"},
     Close::CloseNotifyThenDrain,
     kRejectedSecond},
    {"PacketLost",
     "nth=2: reject=8 error_packet.count=0",
     {},
     Close::CloseNotifyThenDrain,
     kLostSecond},
    {"PacketOnce",
     "nth=2: reject=8 error_packet.count=1",
     {"08080000000c"},
     Close::CloseNotifyThenDrain,
     kRejectedSecond},
    {"PacketTwice",
     "nth=2: reject=8 error_packet.count=2",
     {"08080000000c", "08080000000c"},
     Close::CloseNotifyThenDrain,
     kRejectedSecond},
    {"ShutdownNamesTheOneBefore",
     "nth=2: reject=10",
     {"080a0000000b"},
     Close::CloseNotifyThenDrain,
     {"1 accepted 11", "1 discarded 12 status 10 fault:fault-1", "1 fired fault-1 of 3",
      "1 discarded 13"}},
    {"ShutdownBeforeAnythingWasAccepted",
     "nth=1: reject=10",
     {"080a00000000"},
     Close::CloseNotifyThenDrain,
     {"1 discarded 11 status 10 fault:fault-1", "1 fired fault-1 of 2", "1 discarded 12",
      "1 discarded 13"}},
    {"RejectAndReset",
     "nth=2: reject=8 close=rst",
     {"08080000000c"},
     Close::Reset,
     kRejectedSecond},
    {"RejectAndHalfOpen",
     "nth=2: reject=8 close=half-open",
     {"08080000000c"},
     Close::Vanish,
     kRejectedSecond},
    {"RejectAndTruncate",
     "nth=2: reject=8 close=fin-without-close-notify",
     {"08080000000c"},
     Close::FinOnly,
     kRejectedSecond},
    {"Close", "nth=2: close=fin", {}, Close::CloseNotifyThenDrain, kEndedBehindSecond},
    {"Truncate", "nth=2: close=fin-without-close-notify", {}, Close::FinOnly, kEndedBehindSecond},
    {"Reset", "nth=2: close=rst", {}, Close::Reset, kEndedBehindSecond},
    {"HalfOpen", "nth=2: close=half-open", {}, Close::Vanish, kEndedBehindSecond},
};

INSTANTIATE_TEST_SUITE_P(Rule, GatewayUnder, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST(GatewayFault, ADelayedPacketGoesAtExactlyItsTimeAndWhatComesMeanwhileIsDiscarded) {
  GatewayByHand gateway(with({"nth=2: reject=8 delay=200ms"}));
  gateway.open();
  gateway.feed(join({framed(1), framed(2), framed(3)}));
  EXPECT_EQ(gateway.engine().deadline(), gateway.now() + 200ms);
  gateway.advance(199ms);
  gateway.feed(framed(4));
  gateway.advance(1ms - 1ns);
  EXPECT_THAT(gateway.said(), IsEmpty());
  EXPECT_EQ(gateway.engine().close(), Close::None);
  gateway.advance(1ns);
  EXPECT_THAT(gateway.said(), ElementsAre("080800000002"));
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
  EXPECT_THAT(gateway.story(),
              ElementsAre("1 opened", "1 accepted 1", "1 rejected 2 status 8 fault:fault-1",
                          "1 fired fault-1 of 3", "1 discarded 3", "1 discarded 4"));
}

TEST(GatewayFault, AnEarlyCallOfOnTimeDoesNothing) {
  GatewayByHand gateway(with({"nth=1: reject=8 delay=200ms"}));
  gateway.open();
  gateway.feed(framed(1));
  gateway.engine().on_time(gateway.now() + 199ms);
  EXPECT_THAT(gateway.said(), IsEmpty());
}

TEST(GatewayFault, ADelayAloneHoldsBackTheGatewaysOwnRejection) {
  GatewayByHand gateway(with({": delay=50ms"}));
  gateway.open();
  gateway.feed(framed_bad(2));
  EXPECT_THAT(gateway.said(), IsEmpty());
  gateway.advance(50ms);
  EXPECT_THAT(gateway.said(), ElementsAre("080200000002"));
}

TEST(GatewayFault, ADelayAloneHoldsBackWhatIsAcceptedAndWhatIsBehindIt) {
  GatewayByHand gateway(with({"nth=1: delay=50ms"}));
  gateway.open();
  const Bytes both = join({framed(1), framed_bad(2)});
  const std::size_t taken = gateway.feed(both);
  EXPECT_EQ(taken, framed(1).size());
  EXPECT_FALSE(gateway.engine().wants_read());
  gateway.advance(49ms);
  EXPECT_FALSE(gateway.engine().wants_read());
  gateway.advance(1ms);
  ASSERT_TRUE(gateway.engine().wants_read());
  gateway.feed(ByteView(both).subspan(taken));
  EXPECT_THAT(gateway.said(), ElementsAre("080200000002"));
}

TEST(GatewayFault, NoAnswerLosesTheNotificationAndGoesOn) {
  GatewayByHand gateway(with({"nth=2: no_answer=true"}));
  gateway.open();
  gateway.feed(join({framed(1), framed_bad(2), framed(3)}));
  EXPECT_THAT(gateway.said(), IsEmpty());
  EXPECT_EQ(gateway.engine().close(), Close::None);
  EXPECT_THAT(gateway.story(),
              ElementsAre("1 opened", "1 accepted 1", "1 discarded 2 fault:fault-1 unanswered",
                          "1 fired fault-1 of 3", "1 accepted 3"));
}

TEST(GatewayFault, RawIsSaidInsteadOfTheErrorPacket) {
  GatewayByHand gateway(with({"nth=1: reject=8 raw=0808000000"}));
  gateway.open();
  gateway.feed(framed(1));
  EXPECT_THAT(gateway.said(), ElementsAre("0808000000"));
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
}

TEST(GatewayFault, RawAloneIsSaidAtOnceAndTheConnectionGoesOn) {
  GatewayByHand gateway(with({"connection=1: raw=ff"}));
  gateway.open();
  EXPECT_THAT(gateway.said(), ElementsAre("ff"));
  gateway.feed(framed(1));
  EXPECT_THAT(gateway.story(), ElementsAre("1 opened", "1 fired fault-1", "1 accepted 1"));
}

TEST(GatewayFault, BandwidthLetsInATenthOfItEachTenthOfASecond) {
  GatewayByHand gateway(with({"connection=1: bandwidth=1000"}));
  gateway.open();
  const Bytes bytes = join({framed(1), framed(2), framed(3), framed(4), framed(5)});
  std::size_t taken = gateway.feed(bytes);
  EXPECT_EQ(taken, 100U);
  for (std::size_t tenths = 1; taken < bytes.size(); ++tenths) {
    EXPECT_FALSE(gateway.engine().wants_read());
    gateway.advance(100ms);
    ASSERT_TRUE(gateway.engine().wants_read());
    taken += gateway.feed(ByteView(bytes).subspan(taken));
    EXPECT_EQ(taken, std::min<std::size_t>(bytes.size(), 100 * (tenths + 1)));
  }
  EXPECT_EQ(gateway.gateway().counters().accepted, 5U);
}

TEST(GatewayFault, ARuleThatRejectsNothingIsNotTheCauseOfTheGatewaysOwnRejection) {
  GatewayByHand gateway(with({"nth=1: close=rst"}));
  gateway.open();
  gateway.feed(framed_bad(1));
  EXPECT_THAT(gateway.said(), ElementsAre("080200000001"));
  EXPECT_EQ(gateway.engine().close(), Close::Reset);
  EXPECT_THAT(gateway.story(),
              ElementsAre("1 opened", "1 rejected 1 status 2 rule", "1 fired fault-1 of 2"));
  const std::vector<LedgerEvent> events = gateway.events();
  ASSERT_TRUE(events[1].why.has_value());
  EXPECT_EQ(events[1].why->rule, "binary/device-token-is-present");
}

TEST(GatewayFault, APacketThatIsStillDueGoesOutThoughTheProviderHasFinished) {
  GatewayByHand gateway(with({"nth=2: reject=8 delay=200ms"}));
  gateway.open();
  gateway.feed(join({framed(1), framed(2)}));
  gateway.engine().ended(End::CloseNotify, gateway.now());
  EXPECT_EQ(gateway.engine().close(), Close::None);
  gateway.advance(200ms);
  EXPECT_THAT(gateway.said(), ElementsAre("080800000002"));
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
}

TEST(GatewayFault, APacketThatIsStillDueIsForgottenWhenTheProviderResets) {
  GatewayByHand gateway(with({"nth=1: reject=8 delay=200ms"}));
  gateway.open();
  gateway.feed(framed(1));
  gateway.engine().ended(End::Reset, gateway.now());
  EXPECT_EQ(gateway.engine().close(), Close::Reset);
  EXPECT_EQ(gateway.engine().deadline(), kNever);
}

TEST(GatewayFault, ASimpleNotificationGetsAPacketOnlyWhenTheRuleAsksForOne) {
  const Bytes bytes = simple(device_token(), copy_of(as_bytes("{}")));
  GatewayByHand silent(with({": reject=8"}));
  silent.open();
  silent.feed(bytes);
  EXPECT_THAT(silent.said(), IsEmpty());
  EXPECT_EQ(silent.story()[1], "1 rejected status 8 fault:fault-1 unanswered");

  GatewayByHand told(with({": reject=8 error_packet.identifier=own"}));
  told.open();
  told.feed(bytes);
  EXPECT_THAT(told.said(), ElementsAre("080800000000"));
  EXPECT_EQ(told.story()[1], "1 rejected status 8 fault:fault-1");
}

TEST(GatewayFault, StopsReadingInTheMiddleOfWhatArrived) {
  GatewayByHand gateway(with({"nth=2: stop_reading=true"}));
  gateway.open();
  const Bytes two = join({framed(1), framed(2)});
  const Bytes three = join({two, framed(3)});
  EXPECT_EQ(gateway.feed(three), two.size());
  EXPECT_FALSE(gateway.engine().wants_read());
  EXPECT_EQ(gateway.engine().close(), Close::None);
  EXPECT_THAT(gateway.story(),
              ElementsAre("1 opened", "1 accepted 1", "1 accepted 2", "1 fired fault-1 of 3"));
  // A shutdown reaches it all the same.
  gateway.gateway().shut_down(0, gateway.now());
  EXPECT_THAT(gateway.said(), ElementsAre("080a00000002"));
}

TEST(GatewayFault, StopsReadingUntilADelayedPacketGoes) {
  GatewayByHand gateway(with({"nth=1: reject=8 delay=500ms stop_reading=true"}));
  gateway.open();
  gateway.feed(framed(1));
  EXPECT_FALSE(gateway.engine().wants_read());
  gateway.advance(500ms);
  EXPECT_THAT(gateway.said(), ElementsAre("080800000001"));
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
}

TEST(GatewayFault, ARuleWithoutNotificationIsForTheOpening) {
  GatewayByHand closing(with({"connection=2: close=rst"}));
  closing.open();
  EXPECT_EQ(closing.engine().close(), Close::None);
  closing.open();
  EXPECT_EQ(closing.engine().close(), Close::Reset);
  closing.open();
  EXPECT_EQ(closing.engine().close(), Close::None);
  closing.hang_up();
  EXPECT_THAT(closing.story(),
              ElementsAre("1 opened", "1 closed service", "2 opened", "2 fired fault-1",
                          "2 closed service rst", "3 opened", "3 closed service"));

  GatewayByHand deaf(with({": stop_reading=true"}));
  deaf.open();
  EXPECT_FALSE(deaf.engine().wants_read());
  EXPECT_EQ(deaf.feed(framed(1)), 0U);
}

TEST(GatewayFault, TimesAreCountedForTheWholeGateway) {
  GatewayByHand gateway(with({"nth=1: reject=8 times=2"}));
  for (int connection = 0; connection < 2; ++connection) {
    gateway.open();
    gateway.feed(framed(1));
    EXPECT_THAT(gateway.said(), ElementsAre("080800000001"));
  }
  gateway.open();
  gateway.feed(framed(1));
  EXPECT_THAT(gateway.said(), IsEmpty());
  EXPECT_EQ(gateway.rules().num_fired(0), 2U);
}

TEST(GatewayFault, ProbabilityIsDrawnFromTheSeed) {
  const auto rejected_connections = [](std::uint64_t seed) {
    GatewayByHand::Setup setup = with({"probability=0.3: reject=8"});
    setup.seed = seed;
    setup.with_ledger = false;
    GatewayByHand gateway(setup);
    std::string drawn;
    for (int connection = 0; connection < 400; ++connection) {
      gateway.open();
      gateway.feed(framed(1));
      drawn += gateway.said().empty() ? '.' : 'x';
    }
    return drawn;
  };
  const std::string one = rejected_connections(1);
  EXPECT_EQ(one, rejected_connections(1));
  EXPECT_NE(one, rejected_connections(2));
  const auto share = std::count(one.begin(), one.end(), 'x');
  EXPECT_GT(share, 80);
  EXPECT_LT(share, 160);
}

TEST(GatewayFault, IdleCountsFromTheLastByteOfTheProvider) {
  GatewayByHand gateway(with({"idle=5s: close=fin"}));
  gateway.open();
  gateway.advance(4s);
  gateway.feed(framed(1));
  gateway.advance(5s - 1ns);
  EXPECT_EQ(gateway.engine().close(), Close::None);
  gateway.advance(1ns);
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
  EXPECT_THAT(gateway.said(), IsEmpty());
  gateway.hang_up();
  EXPECT_THAT(gateway.story(),
              ElementsAre("1 opened", "1 accepted 1", "1 fired fault-1", "1 closed service fin"));
}

TEST(GatewayFault, IdleCountsFromTheOpeningWhereNothingWasSent) {
  GatewayByHand gateway(with({"idle=5s: close=rst"}));
  gateway.open();
  gateway.advance(5s);
  EXPECT_EQ(gateway.engine().close(), Close::Reset);
}

TEST(GatewayFault, TheShorterIdleFiresFirstWhateverTheOrderOfTheRules) {
  GatewayByHand gateway(with({"idle=10s: close=rst", "idle=5s: close=fin"}));
  gateway.open();
  gateway.advance(5s);
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
  EXPECT_EQ(gateway.story().back(), "1 fired fault-2");
}

TEST(GatewayFault, AnIdleRuleThatIsSpentLeavesTheNext) {
  GatewayByHand gateway(with({"idle=5s: stop_reading=true times=1", "idle=10s: close=rst"}));
  gateway.open();
  gateway.advance(5s);
  EXPECT_FALSE(gateway.engine().wants_read());
  EXPECT_EQ(gateway.engine().close(), Close::None);
  // The silence is counted anew from the last firing.
  gateway.advance(10s - 1ns);
  EXPECT_EQ(gateway.engine().close(), Close::None);
  gateway.advance(1ns);
  EXPECT_EQ(gateway.engine().close(), Close::Reset);
}

TEST(GatewayFault, AnIdleRuleIsDrawnAnewBehindEachNotification) {
  // One draw for each number of notifications: with half a chance each, one of 64 says yes.
  GatewayByHand gateway(with({"idle=5s probability=0.5: close=fin"}));
  bool was_idle_at_once = false;
  bool was_idle_later = false;
  for (int connection = 0; connection < 64; ++connection) {
    gateway.open();
    gateway.advance(5s);
    if (gateway.engine().close() != Close::None) {
      was_idle_at_once = true;
      continue;
    }
    gateway.feed(framed(1));
    gateway.advance(5s);
    was_idle_later = was_idle_later || gateway.engine().close() != Close::None;
  }
  EXPECT_TRUE(was_idle_at_once);
  EXPECT_TRUE(was_idle_later);
}

TEST(GatewayFault, IdleIsOverOnceAnEndIsDecided) {
  GatewayByHand gateway(with({"nth=1: reject=8 delay=20s", "idle=5s: close=rst"}));
  gateway.open();
  gateway.feed(framed(1));
  gateway.advance(20s);
  EXPECT_THAT(gateway.said(), ElementsAre("080800000001"));
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
  EXPECT_EQ(gateway.rules().num_fired(1), 0U);
}

TEST(GatewayFault, DecidesTheSameWithoutALedger) {
  for (const char* rule : {"nth=2: reject=8 error_packet.split=2", "nth=2: reject=10",
                           "nth=2: close=rst", "nth=2: stop_reading=true"}) {
    GatewayByHand::Setup setup = with({rule});
    GatewayByHand written(setup);
    setup.with_ledger = false;
    GatewayByHand unwritten(setup);
    for (GatewayByHand* gateway : {&written, &unwritten}) {
      gateway->open();
      gateway->feed(join({framed(1), framed(2), framed(3)}));
    }
    EXPECT_EQ(written.said(), unwritten.said()) << rule;
    EXPECT_EQ(written.engine().close(), unwritten.engine().close()) << rule;
    EXPECT_EQ(written.engine().wants_read(), unwritten.engine().wants_read()) << rule;
    EXPECT_EQ(written.gateway().counters().discarded, unwritten.gateway().counters().discarded);
    EXPECT_EQ(written.rules().num_fired(0), unwritten.rules().num_fired(0)) << rule;
  }
}

}  // namespace
}  // namespace apns::mock
