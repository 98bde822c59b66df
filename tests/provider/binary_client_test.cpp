// What the client makes of what a gateway says, and of its silence. Connecting, draining and
// stopping: binary_client_life_test.cpp.
#include "provider/binary_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/provider/binary_client_fixture.h"

namespace apns::provider {
namespace {

using test::BinaryClientTest;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr const char* kLost = "unknown: the connection was lost without an error packet";
constexpr const char* kNoneOfOurs = "unknown: the error packet named none of ours";

std::string line(int ticket, const std::string& what) {
  return std::to_string(ticket) + " " + what;
}

/// Five notifications on connection 1, the last of which makes the gateway say something and close.
struct Case {
  const char* name;
  std::vector<std::string> said;
  Close close;
  std::vector<std::string> outcomes;  // of those that connection 1 decides
  std::vector<std::string> again;     // what connection 2 takes
};

class BinaryClientTold : public BinaryClientTest, public testing::WithParamInterface<Case> {};

TEST_P(BinaryClientTold, SettlesWhatIsNamedAndSendsTheRestAgain) {
  const Case& row = GetParam();
  script(1, 5, row.said, row.close);
  send(5);
  host.run_for(100ms);
  EXPECT_EQ(sink.lines, row.outcomes);
  EXPECT_THAT(gateway.payloads(1), ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_EQ(gateway.payloads(2), row.again);
  EXPECT_EQ(gateway.num_accepted, row.again.empty() ? 1U : 2U);
  EXPECT_EQ(client().stats().resent, row.again.size());

  drain(10s);
  run_until_drained();
  EXPECT_EQ(sink.by_ticket.size(), 5U);
  for (const std::string& payload : row.again) {
    EXPECT_EQ(sink.by_ticket.at(std::stoull(payload)).kind, OutcomeKind::Sent) << payload;
  }
}

const std::vector<std::string> kThirdIsBad = {"1 sent", "2 sent", "3 rejected: 8 (invalid token)"};
const std::vector<std::string> kAllLost = {line(1, kLost), line(2, kLost), line(3, kLost),
                                           line(4, kLost), line(5, kLost)};
const std::vector<std::string> kAllUnnamed = {line(1, kNoneOfOurs), line(2, kNoneOfOurs),
                                              line(3, kNoneOfOurs), line(4, kNoneOfOurs),
                                              line(5, kNoneOfOurs)};
constexpr Close kDrain = Close::CloseNotifyThenDrain;

const Case kCases[] = {
    {"FirstIsBad",
     {"080800000001"},
     kDrain,
     {"1 rejected: 8 (invalid token)"},
     {"2", "3", "4", "5"}},
    {"MiddleIsBad", {"080800000003"}, kDrain, kThirdIsBad, {"4", "5"}},
    {"LastIsBad",
     {"080200000005"},
     kDrain,
     {"1 sent", "2 sent", "3 sent", "4 sent", "5 rejected: 2 (missing device token)"},
     {}},
    {"ShutdownInTheMiddle", {"080a00000003"}, kDrain, {"1 sent", "2 sent", "3 sent"}, {"4", "5"}},
    {"ShutdownAtTheEnd",
     {"080a00000005"},
     kDrain,
     {"1 sent", "2 sent", "3 sent", "4 sent", "5 sent"},
     {}},
    {"ShutdownNamingNone", {"080a00000000"}, kDrain, {}, {"1", "2", "3", "4", "5"}},
    {"StatusZero", {"080000000001"}, kDrain, {"1 rejected: 0 (no errors)"}, {"2", "3", "4", "5"}},
    {"UnlistedStatus",
     {"084d00000001"},
     kDrain,
     {"1 rejected: 77 (not in Apple's table)"},
     {"2", "3", "4", "5"}},
    {"UnknownStatus",
     {"08ff00000001"},
     kDrain,
     {"1 rejected: 255 (unknown)"},
     {"2", "3", "4", "5"}},
    {"IdentifierZero", {"080800000000"}, kDrain, kAllUnnamed, {}},
    {"IdentifierOfTheFuture", {"080800000006"}, kDrain, kAllUnnamed, {}},
    {"HighestIdentifier", {"0808ffffffff"}, kDrain, kAllUnnamed, {}},
    {"ByteByByte", {"08", "08", "00", "00", "00", "03"}, kDrain, kThirdIsBad, {"4", "5"}},
    {"InHalves", {"080800", "000003"}, kDrain, kThirdIsBad, {"4", "5"}},
    {"PacketAndMore", {"080800000003", "0808"}, kDrain, kThirdIsBad, {"4", "5"}},
    {"PacketTwice", {"080800000003", "080800000005"}, kDrain, kThirdIsBad, {"4", "5"}},
    {"PacketAndMoreAtOnce", {"080800000003080a00000000ff"}, kDrain, kThirdIsBad, {"4", "5"}},
    {"PacketThenReset", {"080800000003"}, Close::Reset, kThirdIsBad, {"4", "5"}},
    {"PacketAndNoClose", {"080800000003"}, Close::None, kThirdIsBad, {"4", "5"}},
    {"PacketThenSilence", {"080800000003"}, Close::Vanish, kThirdIsBad, {"4", "5"}},
    {"EndWithoutPacket", {}, kDrain, kAllLost, {}},
    {"ResetWithoutPacket", {}, Close::Reset, kAllLost, {}},
    {"HalfAPacket", {"0808"}, kDrain, kAllLost, {}},
    {"FiveBytesOfAPacketThenReset", {"0808000000"}, Close::Reset, kAllLost, {}},
    {"NoPacket", {"48"}, kDrain, kAllLost, {}},
};

INSTANTIATE_TEST_SUITE_P(Gateway, BinaryClientTold, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST_F(BinaryClientTest, SaysWhatBytesWereNoErrorPacket) {
  script(1, 1, {"485454502f"});
  send(1);
  host.run_for(100ms);
  EXPECT_EQ(client().last_error(), "the gateway sent bytes that are no error packet: 485454502f");
}

TEST_F(BinaryClientTest, SilenceForExactlySettleAfterMeansSent) {
  options.settle_after = 700ms;
  send(1);
  host.run_for(2 * kOneWay);  // up, and written
  const TimePoint written = host.now();
  send(1);
  host.run_for(100ms);
  EXPECT_THAT(gateway.payloads(1), ElementsAre("1", "2"));
  host.run_for(600ms - 1ns);
  EXPECT_THAT(sink.lines, IsEmpty());
  host.run_for(1ns);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent"));
  EXPECT_EQ(host.now(), written + 700ms);
}

TEST_F(BinaryClientTest, EachIsSettledByItsOwnTime) {
  send(1);
  host.run_for(400ms);
  send(1);
  host.run_for(600ms + 2 * kOneWay);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent"));
  host.run_for(400ms);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent"));
}

TEST_F(BinaryClientTest, ALatePacketAboutASettledOneSendsTheRestAgain) {
  send(2);
  host.run_for(1100ms);
  ASSERT_THAT(sink.lines, ElementsAre("1 sent", "2 sent"));
  gateway.on_notification = [](auto& connection, std::size_t nth) {
    if (connection.number == 1 && nth == 4) {
      connection.say("080800000001").close(Close::CloseNotifyThenDrain);
    }
  };
  send(2);
  host.run_for(100ms);
  EXPECT_THAT(gateway.payloads(2), ElementsAre("2", "3", "4")) << "2 was discarded, too";
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent"));
  EXPECT_EQ(client().stats().misreported, 1U);
  EXPECT_THAT(client().last_error(), testing::HasSubstr("settle_after is too short"));
  host.run_for(2s);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent", "3 sent", "4 sent"))
      << "one outcome each";
}

TEST_F(BinaryClientTest, ALateShutdownSendsAgainWhatCameBehindIt) {
  send(3);
  host.run_for(1100ms);
  ASSERT_EQ(sink.lines.size(), 3U);
  gateway.connection(1)->say("080a00000002").close(Close::CloseNotifyThenDrain);
  host.run_for(2s);
  EXPECT_THAT(gateway.payloads(2), ElementsAre("3"));
  EXPECT_EQ(client().stats().misreported, 0U) << "2 was sent, and so is 3 in the end";
  EXPECT_EQ(client().stats().late_packets, 1U);
  EXPECT_EQ(sink.lines.size(), 3U);
}

TEST_F(BinaryClientTest, WhatWasForgottenIsNotSentAgain) {
  options.remember_for = 2s;
  send(2);
  host.run_for(3s);
  send(1);
  host.run_for(1100ms);
  ASSERT_EQ(sink.lines.size(), 3U);
  gateway.connection(1)->say("080800000001").close(Close::CloseNotifyThenDrain);
  host.run_for(2s);
  EXPECT_THAT(gateway.payloads(2), ElementsAre("3")) << "2 was discarded, and is forgotten";
  EXPECT_EQ(client().stats().misreported, 1U);
}

TEST_F(BinaryClientTest, ARejectionOfOneThatWasReportedSentIsCountedOnce) {
  send(2);
  host.run_for(1100ms);
  gateway.connection(1)->say("080800000001").close(Close::CloseNotifyThenDrain);
  script(2, 1, {"080800000002"});
  host.run_for(2s);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent"));
  EXPECT_EQ(client().stats().misreported, 2U);
  EXPECT_EQ(gateway.num_accepted, 2U);
}

TEST_F(BinaryClientTest, APacketAboutAnEarlierConnectionIsNoInstruction) {
  script(1, 2, {"080800000002"});
  send(2);
  host.run_for(100ms);
  ASSERT_THAT(sink.lines, ElementsAre("1 sent", "2 rejected: 8 (invalid token)"));
  script(2, 1, {"080800000001"});
  send(1);
  host.run_for(100ms);
  EXPECT_EQ(sink.lines.back(), line(3, kNoneOfOurs));
  EXPECT_EQ(gateway.num_accepted, 2U);
}

TEST_F(BinaryClientTest, PacketsWithoutEndAfterTheFirstAreIgnored) {
  // Shutdown, and six seconds later on the same connection one that names nobody.
  send(3);
  host.run_for(10ms);
  gateway.never_closes = true;
  gateway.connection(1)->say("080a00000002");
  host.run_for(10ms);
  if (auto* old = gateway.connection(1)) {
    old->say("080a00000000");
  }
  host.run_for(2s);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent", "3 sent"));
  EXPECT_THAT(gateway.payloads(2), ElementsAre("3"));
}

TEST_F(BinaryClientTest, OneNamedBeforeItsLastByteWasWrittenIsStillOurs) {
  // A gateway may know enough from the first bytes. A window of the link holds the rest back.
  links = [](std::uint64_t connection) {
    LinkOptions link;
    link.window = connection == 1 ? 100 : 65536;
    link.stalled_server = connection == 1;
    return link;
  };
  send(5);
  host.run_for(10ms);
  ASSERT_THAT(sink.lines, IsEmpty());
  // Four are written, the fifth is begun.
  const std::size_t frame_len = 5 + (3 + 2) + (3 + 1) + (3 + 4);
  ASSERT_EQ(100 / frame_len, 4U);
  ASSERT_NE(100 % frame_len, 0U);
  gateway.connection(1)->say("080800000005");  // an end would make room for the rest
  host.run_for(10ms);
  EXPECT_THAT(sink.lines,
              ElementsAre("1 sent", "2 sent", "3 sent", "4 sent", "5 rejected: 8 (invalid token)"));
}

TEST_F(BinaryClientTest, WhatWasNotWhollyWrittenGoesAgainWhenTheConnectionIsLost) {
  links = [](std::uint64_t connection) {
    LinkOptions link;
    link.window = connection == 1 ? 50 : 65536;
    link.stalled_server = connection == 1;
    return link;
  };
  send(5);
  host.run_for(10ms);
  gateway.connection(1)->close(Close::Reset);
  host.run_for(500ms);
  EXPECT_THAT(sink.lines, ElementsAre(line(1, kLost), line(2, kLost)));
  EXPECT_THAT(gateway.payloads(2), ElementsAre("3", "4", "5"));
  EXPECT_EQ(client().stats().resent, 0U) << "none of them had been wholly written";
}

TEST_F(BinaryClientTest, ResendsTheUnknownWhenTold) {
  options.resend_unknown = true;
  script(1, 3, {}, Close::Reset);
  send(3);
  host.run_for(500ms);
  EXPECT_THAT(sink.lines, IsEmpty());
  EXPECT_THAT(gateway.payloads(2), ElementsAre("1", "2", "3"));
  EXPECT_EQ(client().stats().resent, 3U);
  host.run_for(1s);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent", "3 sent"));
}

TEST_F(BinaryClientTest, AnUnknownIdentifierIsResentWhenToldAndNotForEver) {
  options.resend_unknown = true;
  options.max_attempts = 4;
  gateway.on_notification = [](auto& connection, std::size_t nth) {
    if (nth == 2) {
      connection.say("080800000000").close(Close::CloseNotifyThenDrain);
    }
  };
  send(2);
  host.run_for(1min);
  EXPECT_EQ(gateway.num_accepted, 4U);
  EXPECT_THAT(sink.lines, ElementsAre(line(1, kLost), line(2, kLost)));
}

TEST_F(BinaryClientTest, FollowersOfManyBadOnesAreNotCharged) {
  options.max_attempts = 3;
  gateway.on_notification = [](auto& connection, std::size_t nth) {
    if (nth == 1 && connection.identifiers.front() <= 20) {
      connection
          .say("0808" + to_hex(Bytes{std::byte{0}, std::byte{0}, std::byte{0},
                                     static_cast<std::byte>(connection.identifiers.front())}))
          .close(Close::CloseNotifyThenDrain);
    }
  };
  send(21);
  host.run_for(5s);
  EXPECT_EQ(gateway.num_accepted, 21U);
  EXPECT_EQ(sink.lines.size(), 21U);
  EXPECT_EQ(sink.by_ticket.at(20).kind, OutcomeKind::Rejected);
  EXPECT_EQ(sink.lines.back(), "21 sent");
}

TEST_F(BinaryClientTest, WhatIsRefusedLocallyUsesNoIdentifier) {
  options.payload_limit = 10;
  EXPECT_EQ(client().try_send(notification("1"), 1), SendResult::Queued);
  EXPECT_EQ(client().try_send(notification(""), 2), SendResult::PayloadEmpty);
  EXPECT_EQ(client().try_send(notification("12345678901"), 3), SendResult::PayloadTooLong);
  EXPECT_EQ(client().try_send(notification("1234567890"), 4), SendResult::Queued);
  host.run_for(2s);
  ASSERT_EQ(gateway.taken.size(), 2U);
  EXPECT_EQ(gateway.taken[0].identifier, 1U);
  EXPECT_EQ(gateway.taken[1].identifier, 2U);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "4 sent"));
}

TEST_F(BinaryClientTest, AShutdownThatNamesNoneSaysNothingOnceSomeWereSettled) {
  send(1);
  host.run_for(1100ms);
  ASSERT_THAT(sink.lines, ElementsAre("1 sent"));
  script(1, 2, {"080a00000000"});
  send(1);
  host.run_for(100ms);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", line(2, kNoneOfOurs)));
}

TEST_F(BinaryClientTest, ShutdownsThatNameNoneEndInTheBoundOnAttempts) {
  options.max_attempts = 3;
  gateway.on_notification = [](auto& connection, std::size_t nth) {
    if (nth == 1) {
      connection.say("080a00000000").close(Close::CloseNotifyThenDrain);
    }
  };
  send(1);
  host.run_for(1min);
  EXPECT_EQ(gateway.num_accepted, 3U);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left"));
}

TEST_F(BinaryClientTest, EvictsTheOldestWrittenOneWhenToldTo) {
  options.window_len = 3;
  options.on_full = OnFull::Evict;
  send(3);
  EXPECT_EQ(send_one(), SendResult::Full) << "nothing was written yet";
  host.run_for(100ms);
  send(2);
  EXPECT_THAT(sink.lines, IsEmpty()) << "never from inside a call";
  host.run_for(100ms);
  const std::string evicted = "unknown: its place in the window was needed";
  EXPECT_THAT(sink.lines, ElementsAre(line(1, evicted), line(2, evicted)));
  host.run_for(2s);
  EXPECT_THAT(sink.lines,
              ElementsAre(line(1, evicted), line(2, evicted), "3 sent", "4 sent", "5 sent"));
  EXPECT_THAT(gateway.payloads(1), ElementsAre("1", "2", "3", "4", "5"));
}

TEST_F(BinaryClientTest, APacketAboutAnEvictedOneSendsTheRestAgain) {
  options.window_len = 3;
  options.on_full = OnFull::Evict;
  send(3);
  host.run_for(100ms);
  script(1, 5, {"080800000001"});
  send(2);
  host.run_for(100ms);
  EXPECT_THAT(gateway.payloads(2), ElementsAre("3", "4", "5")) << "1 and 2 are reported unknown";
}

TEST_F(BinaryClientTest, SaysFullAtTheBoundAndWritableOnceWhenThereIsRoom) {
  options.window_len = 3;
  send(3);
  EXPECT_EQ(send_one(), SendResult::Full);
  EXPECT_EQ(send_one(), SendResult::Full);
  host.run_for(900ms);
  EXPECT_EQ(sink.num_writable, 0);
  host.run_for(200ms);
  EXPECT_EQ(sink.num_writable, 1);
  EXPECT_EQ(sink.lines.size(), 3U);
  send(3);
  host.run_for(2s);
  EXPECT_EQ(sink.num_writable, 1) << "nobody was told Full since";
  EXPECT_EQ(sink.lines.size(), 6U);
}

TEST_F(BinaryClientTest, BoundsItsWindowByBytesToo) {
  options.window_bytes = 25;  // one frame of a small payload has 21
  send(2);
  EXPECT_EQ(send_one(), SendResult::Full);
}

TEST_F(BinaryClientTest, MayBeFilledFromWritable) {
  options.window_len = 2;
  sink.on_writable = [this] {
    while (last_ticket < 7 && send_one() == SendResult::Queued) {
    }
  };
  send(2);
  EXPECT_EQ(send_one(), SendResult::Full);
  host.run_for(10s);
  EXPECT_THAT(sink.lines,
              ElementsAre("1 sent", "2 sent", "3 sent", "4 sent", "5 sent", "6 sent", "7 sent"));
}

TEST_F(BinaryClientTest, MaySendFromOutcomes) {
  script(1, 1, {"080800000001"});
  sink.on_outcomes = [this] {
    if (last_ticket < 3) {
      send(1);
    }
  };
  send(1);
  host.run_for(5s);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: 8 (invalid token)", "2 sent", "3 sent"));
}

}  // namespace
}  // namespace apns::provider
