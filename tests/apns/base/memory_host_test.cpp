// Bytes and ends. Dialling and time: memory_host_dial_test.cpp.
#include "apns/base/memory_host.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apns/base/memory_host_fixture.h"
#include "tests/support/probe_network.h"

namespace apns {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::MemoryHostTest;
using test::Probe;
using test::ProbeCaller;
using test::ProbeService;
using test::text_of;
using testing::ElementsAre;

TEST_F(MemoryHostTest, TellsBothEnginesWhoTheirPeerIs) {
  connect();
  EXPECT_EQ(client().peer.connection, 1U);
  EXPECT_EQ(server().peer.connection, 1U);
  EXPECT_EQ(client().peer.local_address, server().peer.peer_address);
  EXPECT_EQ(client().peer.peer_address, server().peer.local_address);
  EXPECT_EQ(server().peer.local_address, "memory:" + gateway.to_string());
}

TEST_F(MemoryHostTest, CarriesBytesBothWays) {
  connect();
  client().say("ping");
  server().say("pong!");
  run();
  EXPECT_EQ(server().received, "ping");
  EXPECT_EQ(client().received, "pong!");
}

TEST_F(MemoryHostTest, TakesTheLatencyEachWay) {
  LinkOptions link;
  link.latency = milliseconds(3);
  use_link(link);
  const TimePoint start = host.now();
  dial();
  host.run_for(seconds(1));
  EXPECT_EQ(caller.connected_at[1], start + 2 * link.latency);
  const TimePoint sent_at = host.now();
  client().say("x");
  host.run_for(seconds(1));
  EXPECT_THAT(server().feed_times, ElementsAre(sent_at + link.latency));
}

// ---- splits

/// Sizes of all deliveries, with their times, of a conversation both ways.
std::vector<std::pair<std::size_t, TimePoint>> schedule_of(std::uint64_t seed) {
  ManualClock clock;
  ProbeService service;
  ProbeCaller caller;
  MemoryHost host(clock, seed);
  host.set_links([](std::uint64_t /*connection*/) {
    LinkOptions link;
    link.split_min = 3;
    link.split_max = 40;
    link.window = 300;
    return link;
  });
  const Endpoint at = host.listen(Endpoint{"gateway", 0}, service);
  const auto dialer = host.make_dialer(caller);
  for (std::uint64_t connection = 1; connection <= 3; ++connection) {
    dialer->dial(at, seconds(1));
    caller.probes[connection].out.append(as_bytes(text_of(5'000)));
    service.probes[connection].out.append(as_bytes(text_of(4'000)));
  }
  host.run_for(seconds(1));
  std::vector<std::pair<std::size_t, TimePoint>> schedule;
  for (std::uint64_t connection = 1; connection <= 3; ++connection) {
    EXPECT_EQ(service.probes[connection].received, text_of(5'000));
    EXPECT_EQ(caller.probes[connection].received, text_of(4'000));
    for (const Probe* probe : {&service.probes[connection], &caller.probes[connection]}) {
      for (std::size_t i = 0; i < probe->feeds.size(); ++i) {
        schedule.emplace_back(probe->feeds[i], probe->feed_times[i]);
      }
    }
  }
  return schedule;
}

TEST(MemoryHostSeed, GivesTheSameScheduleEachTime) {
  EXPECT_EQ(schedule_of(1), schedule_of(1));
  EXPECT_NE(schedule_of(1), schedule_of(2));
}

TEST_F(MemoryHostTest, SplitsWithinTheLimits) {
  LinkOptions link;
  link.split_min = 5;
  link.split_max = 9;
  use_link(link);
  connect();
  client().say(text_of(1'000));
  // Each delivery is an event of its own, and is fed before the next.
  run();
  EXPECT_EQ(server().received, text_of(1'000));
  ASSERT_GT(server().feeds.size(), 100U);
  const std::vector<std::size_t> all_but_last(server().feeds.begin(), server().feeds.end() - 1);
  EXPECT_THAT(all_but_last, testing::Each(testing::AllOf(testing::Ge(5U), testing::Le(9U))));
  EXPECT_THAT(all_but_last, testing::Contains(5U));
  EXPECT_THAT(all_but_last, testing::Contains(9U));
}

TEST_F(MemoryHostTest, DeliversByteByByte) {
  LinkOptions link;
  link.split_max = 1;
  use_link(link);
  connect();
  client().say("abc");
  run();
  EXPECT_EQ(server().received, "abc");
  EXPECT_THAT(server().feeds, ElementsAre(1U, 1U, 1U));
}

TEST_F(MemoryHostTest, KeepsRunsApart) {
  connect();
  client().out.append(as_bytes("ab"));
  client().out.add_break();
  client().say("cd");
  run();
  EXPECT_EQ(server().received, "abcd");
  EXPECT_THAT(server().feeds, ElementsAre(2U, 2U));
}

// ---- back-pressure

TEST_F(MemoryHostTest, ReaderThatDoesNotReadStopsTheWriterAtTheWindow) {
  LinkOptions link;
  link.window = 1'000;
  use_link(link);
  connect();
  server().reads = false;
  client().say(text_of(5'000));
  host.run_for(seconds(60));
  EXPECT_EQ(client().num_sent, 1'000U);
  EXPECT_TRUE(server().feeds.empty());

  server().reads = true;
  server().wake();
  run();
  EXPECT_EQ(server().received, text_of(5'000));
  EXPECT_EQ(client().num_sent, 5'000U);
}

TEST_F(MemoryHostTest, StalledServerNeverReads) {
  LinkOptions link;
  link.window = 1'000;
  link.stalled_server = true;
  use_link(link);
  connect();
  client().say(text_of(5'000));
  server().say("hello");
  host.run_for(seconds(60));
  EXPECT_EQ(client().num_sent, 1'000U);
  EXPECT_EQ(client().received, "hello");
  EXPECT_EQ(server().received, "");
  client().out.clear();
  client().end_with(Close::FinOnly);
  host.run_for(seconds(60));
  EXPECT_EQ(server().end, End::Reset) << "the client gave up at its drain limit";
  EXPECT_EQ(host.num_open(), 0U);
}

// ---- what is not acknowledged

TEST_F(MemoryHostTest, CountsAsUnacknowledgedWhatThePeerHasNotTaken) {
  LinkOptions link;
  link.latency = milliseconds(1);
  link.window = 100;
  use_link(link);
  connect();
  EXPECT_EQ(dialer->unacknowledged(1), 0U);
  server().stop_reading_at = 70;
  client().say(text_of(250));
  EXPECT_EQ(dialer->unacknowledged(1), 250U) << "pending";
  host.run_for(Duration::zero());
  EXPECT_EQ(client().num_sent, 100U);
  EXPECT_EQ(dialer->unacknowledged(1), 250U) << "on its way, and pending";
  run();
  EXPECT_EQ(server().received.size(), 70U);
  EXPECT_EQ(client().num_sent, 170U);
  EXPECT_EQ(dialer->unacknowledged(1), 180U) << "unread in the window, and pending";
  server().stop_reading_at = SIZE_MAX;
  server().reads = true;
  server().wake();
  run();
  EXPECT_EQ(dialer->unacknowledged(1), 0U);
}

TEST_F(MemoryHostTest, NothingIsAcknowledgedByAStalledServer) {
  LinkOptions link;
  link.stalled_server = true;
  use_link(link);
  connect();
  client().say("never read");
  run();
  EXPECT_EQ(client().num_sent, 10U);
  EXPECT_EQ(dialer->unacknowledged(1), 10U);
}

TEST_F(MemoryHostTest, ADrainingServerAcknowledgesAndADeadOneDoesNot) {
  connect();
  server().reads = false;
  client().close_at_end = Close::None;  // goes on after the server's FIN
  client().say("unread");
  run();
  EXPECT_EQ(dialer->unacknowledged(1), 6U);
  server().end_with(Close::CloseNotifyThenDrain);
  run();
  client().say("dropped");
  run();
  EXPECT_EQ(dialer->unacknowledged(1), 0U);

  LinkOptions link;
  link.latency = milliseconds(1);
  use_link(link);
  const std::uint64_t second = dial();
  run();
  caller.probes[second].say("lost");
  service.probes[second].end_with(Close::Reset);
  host.run_for(Duration::zero());
  EXPECT_EQ(dialer->unacknowledged(second), 4U) << "the reset is on its way";
  run();
  EXPECT_EQ(dialer->unacknowledged(second), std::nullopt);
}

TEST_F(MemoryHostTest, SaysNothingOfAConnectionThatIsNotUpOrNotItsOwn) {
  EXPECT_EQ(dialer->unacknowledged(1), std::nullopt);
  dial();
  EXPECT_EQ(dialer->unacknowledged(1), std::nullopt);
  run();
  EXPECT_EQ(dialer->unacknowledged(1), 0U);
  ProbeCaller other_caller;
  const auto other = host.make_dialer(other_caller);
  EXPECT_EQ(other->unacknowledged(1), std::nullopt);
  dialer->drop(1);
  run();
  EXPECT_EQ(dialer->unacknowledged(1), std::nullopt);
}

TEST_F(MemoryHostTest, OffersWhatWasNotTakenBeforeAnythingNew) {
  connect();
  server().stop_reading_at = 3;
  client().say("abcdef");
  run();
  client().say("ghi");
  run();
  EXPECT_EQ(server().received, "abc");
  server().stop_reading_at = SIZE_MAX;
  server().reads = true;
  server().wake();
  run();
  EXPECT_EQ(server().received, "abcdefghi");
}

TEST_F(MemoryHostTest, FeedsAnEngineThatTakesOneByteAtATime) {
  connect();
  Probe& slow = server();
  slow.stop_reading_at = 1;
  slow.deadline = host.now() + milliseconds(1);
  slow.on_time = [&slow](TimePoint now) {
    slow.reads = true;
    slow.stop_reading_at = slow.received.size() + 1;
    slow.deadline = now + milliseconds(1);
  };
  client().say("one byte a millisecond");
  host.run_for(milliseconds(100));
  EXPECT_EQ(slow.received, "one byte a millisecond");
  EXPECT_THAT(slow.feeds, testing::Each(testing::Le(1U)));
}

// ---- ends

struct CloseCase {
  const char* name;
  Close how;
  std::optional<End> seen;  // by the other side
  Gone own;                 // why, on the side that closed
};

class MemoryHostCloses : public MemoryHostTest, public testing::WithParamInterface<CloseCase> {};

TEST_P(MemoryHostCloses, AsTheOtherSideSeesIt) {
  connect();
  server().out.append(as_bytes("last words"));
  server().end_with(GetParam().how);
  run();
  EXPECT_EQ(client().received, "last words") << "first what is pending, then the end";
  EXPECT_EQ(client().end, GetParam().seen);
  EXPECT_TRUE(server().is_destroyed);
  if (GetParam().seen) {
    EXPECT_EQ(service.over.at(1), GetParam().own);
    EXPECT_EQ(host.num_open(), 0U);
  } else {
    EXPECT_TRUE(service.over.empty());
    EXPECT_EQ(host.num_open(), 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, MemoryHostCloses,
    testing::Values(CloseCase{"CloseNotifyThenDrain", Close::CloseNotifyThenDrain, End::Fin,
                              Gone::Closed},
                    CloseCase{"CloseNotify", Close::CloseNotify, End::Fin, Gone::Closed},
                    CloseCase{"FinOnly", Close::FinOnly, End::Fin, Gone::Closed},
                    CloseCase{"Reset", Close::Reset, End::Reset, Gone::Reset},
                    CloseCase{"Vanish", Close::Vanish, std::nullopt, Gone::Closed}),
    [](const auto& row) { return row.param.name; });

TEST_F(MemoryHostTest, ClosingAtOnceWithUnreadInputIsAReset) {
  connect();
  server().reads = false;
  client().say("unread");
  run();
  server().end_with(Close::CloseNotify);
  run();
  EXPECT_EQ(client().end, End::Reset);
}

TEST_F(MemoryHostTest, BytesForAClosedSideDrawAResetThatComesAfterItsLastWords) {
  connect();
  client().close_at_end = Close::None;
  server().out.append(as_bytes("error"));
  server().end_with(Close::CloseNotify);
  client().say("still writing");
  run();
  EXPECT_EQ(client().received, "error");
  EXPECT_EQ(client().end, End::Fin);
  EXPECT_EQ(caller.over.at(1), Gone::Reset);
  EXPECT_TRUE(client().is_destroyed);
}

TEST_F(MemoryHostTest, HalfClosedConnectionStillCarriesTheOtherDirection) {
  LinkOptions link;
  link.window = 1'000;
  use_link(link);
  connect();
  server().close_at_end = Close::None;
  client().end_with(Close::FinOnly);
  run();
  EXPECT_EQ(server().end, End::Fin);
  server().say(text_of(50'000));
  run();
  EXPECT_EQ(server().num_sent, 50'000U)
      << "the draining side reads and drops, so the window moves on";
  server().end_with(Close::FinOnly);
  run();
  EXPECT_EQ(caller.over.at(1), Gone::Closed);
  EXPECT_EQ(service.over.at(1), Gone::Closed);
  EXPECT_EQ(host.num_open(), 0U);
}

TEST_F(MemoryHostTest, EngineThatIsDoneIsToldNothingMore) {
  connect();
  server().reads = false;
  server().close_at = 1;
  client().say("last");
  client().end_with(Close::FinOnly);
  run();
  server().reads = true;
  server().wake();
  run();
  EXPECT_EQ(server().received, "last");
  EXPECT_FALSE(server().end) << "it was done before it could hear of the end that waited behind";
  EXPECT_EQ(service.over.at(1), Gone::Closed);
  EXPECT_EQ(host.num_open(), 0U);
}

TEST_F(MemoryHostTest, DrainingEndsAtItsLimit) {
  connect();
  server().close_at_end = Close::None;
  const TimePoint start = host.now();
  client().end_with(Close::CloseNotifyThenDrain);
  host.run_for(seconds(60));
  EXPECT_EQ(caller.over.at(1), Gone::Closed);
  EXPECT_EQ(caller.over_at.at(1), start + MemoryHost::kDrainLimit);
  EXPECT_EQ(service.over.at(1), Gone::Reset);
}

TEST_F(MemoryHostTest, VanishedSideReadsNothingAndSaysNothing) {
  LinkOptions link;
  link.window = 100;
  use_link(link);
  connect();
  server().end_with(Close::Vanish);
  run();
  client().say(text_of(500));
  host.run_for(hours(1));
  EXPECT_EQ(client().num_sent, 100U);
  EXPECT_FALSE(client().end);
  client().end_with(Close::Reset);
  client().out.clear();
  client().wake();
  run();
  EXPECT_EQ(service.over.at(1), Gone::Reset);
  EXPECT_EQ(host.num_open(), 0U);
}

TEST_F(MemoryHostTest, ResetReachesAnEngineThatDoesNotRead) {
  connect();
  server().reads = false;
  client().say("never read");
  run();
  client().end_with(Close::Reset);
  run();
  EXPECT_EQ(server().end, End::Reset);
  EXPECT_EQ(server().received, "");
  EXPECT_EQ(host.num_open(), 0U);
}

TEST_F(MemoryHostTest, EndOfStreamWaitsBehindUnreadBytes) {
  connect();
  server().reads = false;
  client().say("read later");
  client().end_with(Close::FinOnly);
  run();
  EXPECT_FALSE(server().end);
  server().reads = true;
  server().wake();
  run();
  EXPECT_EQ(server().received, "read later");
  EXPECT_EQ(server().end, End::Fin);
}

struct ResetCase {
  const char* name;
  bool to_server;
  std::uint64_t after;
};

class MemoryHostResets : public MemoryHostTest, public testing::WithParamInterface<ResetCase> {};

TEST_P(MemoryHostResets, BothEndsAfterExactlySoManyBytes) {
  LinkOptions link;
  link.split_max = 7;
  (GetParam().to_server ? link.reset_after_to_server : link.reset_after_to_client) =
      GetParam().after;
  use_link(link);
  connect();
  Probe& writer = GetParam().to_server ? client() : server();
  Probe& reader = GetParam().to_server ? server() : client();
  writer.say(text_of(1'000));
  run();
  EXPECT_EQ(reader.received, text_of(GetParam().after));
  EXPECT_EQ(reader.end, End::Reset);
  EXPECT_EQ(writer.end, End::Reset);
  EXPECT_EQ(caller.over.at(1), Gone::Reset);
  EXPECT_EQ(service.over.at(1), Gone::Reset);
  EXPECT_EQ(host.num_open(), 0U);
}

INSTANTIATE_TEST_SUITE_P(All, MemoryHostResets,
                         testing::Values(ResetCase{"ToServerAtTheFirstByte", true, 0},
                                         ResetCase{"ToServer", true, 100},
                                         ResetCase{"ToClient", false, 101},
                                         ResetCase{"ToClientAtTheFirstByte", false, 0}),
                         [](const auto& row) { return row.param.name; });

}  // namespace

}  // namespace apns
