// Dialling, listening, alarms, timers, wakes. Bytes and ends: memory_host_test.cpp.
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apns/base/memory_host_fixture.h"
#include "tests/support/probe_network.h"

namespace apns {

namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::MemoryHostTest;
using test::ProbeCaller;
using test::ProbeService;
using testing::ElementsAre;

constexpr Duration kLatency = microseconds(100);

// ---- dialling

TEST_F(MemoryHostTest, RefusesWhereNobodyListens) {
  dialer->dial(Endpoint{"nowhere", 1}, seconds(10));
  run();
  EXPECT_EQ(caller.over.at(1), Gone::Refused);
  EXPECT_TRUE(caller.connected_at.empty());
  EXPECT_EQ(host.num_open(), 0U);
}

TEST_F(MemoryHostTest, RefusesWhenTheLinkSaysSo) {
  host.set_links([](std::uint64_t connection) {
    LinkOptions link;
    link.refuse = connection == 2;
    return link;
  });
  dial();
  dial();
  run();
  EXPECT_EQ(service.num_accepted, 1U);
  EXPECT_THAT(caller.over, ElementsAre(testing::Pair(2, Gone::Refused)));
}

TEST_F(MemoryHostTest, AcceptorThatRefusesResetsWhatIsConnectedAlready) {
  service.refuses = true;
  dial();
  run();
  EXPECT_EQ(client().end, End::Reset);
  EXPECT_EQ(caller.over.at(1), Gone::Reset);
  EXPECT_EQ(host.num_open(), 0U);
}

struct UnansweredCase {
  const char* name;
  bool hang;
  Duration latency;
};

class MemoryHostUnanswered : public MemoryHostTest,
                             public testing::WithParamInterface<UnansweredCase> {};

TEST_P(MemoryHostUnanswered, TimesOutAtTheConnectLimit) {
  LinkOptions link;
  link.hang = GetParam().hang;
  link.latency = GetParam().latency;
  use_link(link);
  const TimePoint start = host.now();
  dial(seconds(3));
  host.run_for(hours(1));
  EXPECT_EQ(caller.over.at(1), Gone::TimedOut);
  EXPECT_EQ(caller.over_at.at(1), start + seconds(3));
  EXPECT_TRUE(caller.connected_at.empty());
  EXPECT_EQ(host.num_open(), 0U);
}

INSTANTIATE_TEST_SUITE_P(All, MemoryHostUnanswered,
                         testing::Values(UnansweredCase{"Hang", true, kLatency},
                                         UnansweredCase{"AnswerIsTooLate", false, seconds(2)},
                                         UnansweredCase{"RequestIsTooLate", false, seconds(20)}),
                         [](const auto& row) { return row.param.name; });

TEST_F(MemoryHostTest, AnswerAtTheLimitIsInTime) {
  LinkOptions link;
  link.latency = seconds(2);
  use_link(link);
  dial(seconds(4));
  host.run_for(seconds(5));
  EXPECT_TRUE(client().is_built);
  EXPECT_TRUE(caller.over.empty());
}

TEST_F(MemoryHostTest, UnlistenRefusesLaterDialsOnly) {
  connect();
  host.unlisten(gateway);
  dial();
  run();
  EXPECT_EQ(caller.over.at(2), Gone::Refused);
  client().say("still here");
  run();
  EXPECT_EQ(server().received, "still here");
}

TEST_F(MemoryHostTest, GivesFreePortsAndRefusesTakenOnes) {
  ProbeService other;
  EXPECT_EQ(gateway, (Endpoint{"gateway", 40'000}));
  host.listen(Endpoint{"gateway", 40'001}, other);
  EXPECT_EQ(host.listen(Endpoint{"gateway", 0}, other), (Endpoint{"gateway", 40'002}));
  EXPECT_EQ(host.listen(Endpoint{"elsewhere", 40'000}, other), (Endpoint{"elsewhere", 40'000}));
  EXPECT_THROW(host.listen(gateway, other), std::runtime_error);
  host.unlisten(gateway);
  EXPECT_NO_THROW(host.listen(gateway, other));
}

TEST_F(MemoryHostTest, DropEndsAConnectionWithAReset) {
  connect();
  dialer->drop(1);
  EXPECT_TRUE(caller.over.empty()) << "events never come from inside a call";
  run();
  EXPECT_EQ(caller.over.at(1), Gone::Dropped);
  EXPECT_FALSE(client().end) << "its own wish is not told to the engine";
  EXPECT_TRUE(client().is_destroyed);
  EXPECT_EQ(server().end, End::Reset);
  EXPECT_EQ(host.num_open(), 0U);
}

TEST_F(MemoryHostTest, DropEndsAnAttemptAtAnyStage) {
  for (int step = 0; step <= 4; ++step) {
    SCOPED_TRACE(step);
    const std::uint64_t number = dial();
    host.run_for(kLatency * step / 2);
    dialer->drop(number);
    run();
    EXPECT_EQ(caller.over.at(number), Gone::Dropped);
    EXPECT_EQ(host.num_open(), 0U);
  }
}

TEST_F(MemoryHostTest, DropOfUnknownNumbersIsIgnored) {
  connect();
  dialer->drop(0);
  dialer->drop(99);
  run();
  EXPECT_TRUE(caller.over.empty());
  client().end_with(Close::Reset);
  run();
  dialer->drop(1);
  run();
  EXPECT_EQ(caller.over.at(1), Gone::Reset);
}

TEST_F(MemoryHostTest, DestroyedDialerDropsItsConnectionsWithoutEvents) {
  connect();
  ProbeCaller other_caller;
  const auto other = host.make_dialer(other_caller);
  other->dial(gateway, seconds(1));
  run();
  dial();  // an attempt
  dialer.reset();
  run();
  EXPECT_TRUE(caller.over.empty());
  EXPECT_TRUE(client().is_destroyed);
  EXPECT_FALSE(caller.probes[3].is_built);
  EXPECT_EQ(server().end, End::Reset);
  EXPECT_FALSE(service.probes[2].end) << "another dialer's";
  EXPECT_EQ(host.num_open(), 1U);
}

TEST_F(MemoryHostTest, DialerMayBeDestroyedByItsLastEvent) {
  struct Once final : public DialEvents {
    std::unique_ptr<Engine> connected(const PeerInfo& /*peer*/, EngineHost& /*host*/,
                                      TimePoint /*now*/) override {
      return nullptr;
    }

    void gone(std::uint64_t /*connection*/, Gone why, const std::string& /*detail*/,
              TimePoint /*now*/) override {
      seen = why;
      dialer.reset();
    }

    void on_alarm(TimePoint /*now*/) override {}

    std::unique_ptr<Dialer> dialer;
    std::optional<Gone> seen;
  };

  Once once;
  once.dialer = host.make_dialer(once);
  once.dialer->dial(gateway, seconds(1));
  run();
  EXPECT_EQ(once.seen, Gone::Reset) << "no engine, no connection";
  EXPECT_EQ(server().end, End::Reset);
  EXPECT_EQ(host.num_open(), 0U);
}

// ---- alarms, timers, wakes

TEST_F(MemoryHostTest, LaterAlarmReplacesTheEarlier) {
  const TimePoint start = host.now();
  dialer->set_alarm(start + seconds(1));
  dialer->set_alarm(start + seconds(2));
  host.run_for(seconds(10));
  EXPECT_THAT(caller.alarms, ElementsAre(start + seconds(2)));
  dialer->set_alarm(start + seconds(20));
  dialer->set_alarm(start + seconds(15));
  host.run_for(seconds(20));
  EXPECT_THAT(caller.alarms, ElementsAre(start + seconds(2), start + seconds(15)));
}

TEST_F(MemoryHostTest, AlarmOfThePastComesAtOnce) {
  host.run_for(seconds(1));
  const TimePoint start = host.now();
  dialer->set_alarm(start - seconds(1));
  EXPECT_TRUE(caller.alarms.empty()) << "events never come from inside a call";
  host.run_for(seconds(1));
  EXPECT_THAT(caller.alarms, ElementsAre(start));
}

TEST_F(MemoryHostTest, AlarmCanBeTakenBack) {
  dialer->set_alarm(host.now() + seconds(1));
  dialer->set_alarm(kNever);
  host.run_for(seconds(10));
  EXPECT_TRUE(caller.alarms.empty());
}

TEST_F(MemoryHostTest, AlarmDiesWithItsDialer) {
  dialer->set_alarm(host.now() + seconds(1));
  dialer.reset();
  host.run_for(seconds(10));
  EXPECT_TRUE(caller.alarms.empty());
}

TEST_F(MemoryHostTest, CallsAnEngineAtItsDeadline) {
  connect();
  const TimePoint start = host.now();
  std::vector<TimePoint> times;
  client().on_time = [this, &times](TimePoint now) {
    times.push_back(now);
    if (times.size() < 3) {
      client().deadline = now + seconds(1);
    } else {
      client().out.append(as_bytes("done"));
    }
  };
  client().deadline = start + seconds(1);
  client().wake();  // the host is to look
  host.run_for(seconds(10));
  EXPECT_THAT(times, ElementsAre(start + seconds(1), start + seconds(2), start + seconds(3)));
  EXPECT_EQ(server().received, "done") << "what a timer writes goes out";
}

TEST_F(MemoryHostTest, DeadlineThatMovedIsKept) {
  connect();
  const TimePoint start = host.now();
  std::vector<TimePoint> times;
  client().on_time = [&times](TimePoint now) { times.push_back(now); };
  for (const seconds s : {seconds(5), seconds(2), seconds(9), seconds(4)}) {
    client().deadline = start + s;
    client().wake();
    run();
  }
  host.run_for(seconds(20));
  EXPECT_THAT(times, ElementsAre(start + seconds(4)));
}

TEST_F(MemoryHostTest, WakeIsNeverAnsweredInsideTheCall) {
  connect();
  const std::size_t before = client().num_on_time;
  client().wake();
  client().wake();
  EXPECT_EQ(client().num_on_time, before);
  run();
  EXPECT_EQ(client().num_on_time, before + 1) << "two wakes before the answer are one";
}

TEST_F(MemoryHostTest, RunsTasksInOrderOfTimeThenOfCause) {
  std::string order;
  const TimePoint start = host.now();
  host.at(start + seconds(2), [&order] { order += "c"; });
  host.at(start + seconds(1), [&order] { order += "a"; });
  host.at(start + seconds(1), [this, &order, start] {
    order += "b";
    host.at(start, [&order] { order += "B"; });  // long past: at once
  });
  host.run_for(seconds(1));
  EXPECT_EQ(order, "abB");
  host.run_for(seconds(1));
  EXPECT_EQ(order, "abBc");
  EXPECT_EQ(host.now(), start + seconds(2));
}

TEST_F(MemoryHostTest, RunUntilStopsBehindTheEventThatDidIt) {
  const TimePoint start = host.now();
  int n = 0;
  for (int i = 1; i <= 5; ++i) {
    host.at(start + seconds(i), [&n] { ++n; });
  }
  EXPECT_TRUE(host.run_until([&n] { return n == 3; }, start + hours(1)));
  EXPECT_EQ(host.now(), start + seconds(3));
  EXPECT_FALSE(host.run_until([&n] { return n == 6; }, start + hours(1)));
  EXPECT_EQ(host.now(), start + hours(1));
  EXPECT_FALSE(host.run_until([] { return false; }, kNever)) << "nothing will ever happen";
}

TEST_F(MemoryHostTest, EngineThatWakesItselfForEverEndsTheRun) {
  connect();
  client().on_time = [this](TimePoint now) { client().deadline = now; };
  client().deadline = host.now();
  client().wake();
  const TimePoint start = host.now();
  const std::uint64_t before = host.num_events();
  EXPECT_FALSE(host.run_until([] { return false; }, start + seconds(1)));
  EXPECT_EQ(host.now(), start) << "time stands still";
  EXPECT_LE(host.num_events() - before, 10'002U);
}

TEST_F(MemoryHostTest, ManyEventsAtDifferentInstantsAreNoCircle) {
  for (int i = 1; i <= 30'000; ++i) {
    host.at(host.now() + microseconds(i), [] {});
  }
  bool last = false;
  host.at(host.now() + microseconds(30'001), [&last] { last = true; });
  EXPECT_TRUE(host.run_until([&last] { return last; }, kNever));
}

TEST(MemoryHostDestruction, TakesOpenConnectionsAndEventsAlong) {
  ManualClock clock;
  ProbeService service;
  ProbeCaller caller;
  {
    MemoryHost host(clock, 7);
    const Endpoint at = host.listen(Endpoint{"gateway", 0}, service);
    const auto dialer = host.make_dialer(caller);
    dialer->dial(at, seconds(1));
    host.run_for(milliseconds(10));
    caller.probes[1].deadline = host.now() + seconds(1);
    caller.probes[1].say("on its way");
    dialer->dial(at, seconds(1));
    dialer->set_alarm(host.now() + seconds(1));
    host.run_for(kLatency / 2);
  }
  EXPECT_TRUE(caller.probes[1].is_destroyed);
  EXPECT_TRUE(service.probes[1].is_destroyed);
  EXPECT_TRUE(caller.over.empty());
  EXPECT_TRUE(caller.alarms.empty());
}

}  // namespace

}  // namespace apns
