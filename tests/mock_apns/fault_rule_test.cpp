#include "mock_apns/fault_rule.h"

#include <atomic>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/random.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using Trigger = FaultRule::Trigger;
using Subject = FaultRules::Subject;

constexpr std::uint64_t kSeed = 4711;

// A rule that rejects, changed by `change`.
template <class F>
FaultRule rejecting(const F& change) {
  FaultRule rule;
  rule.then.reject = 8;
  change(rule);
  return rule;
}

template <class F>
FaultRule closing(const F& change) {
  FaultRule rule;
  rule.then.close = FaultClose::Rst;
  change(rule);
  return rule;
}

bool fires(const FaultRule& rule, Trigger trigger, const Subject& subject) {
  FaultRules rules({rule}, kSeed);
  return rules.fire(trigger, subject) != nullptr;
}

TEST(NumberMatch, MatchesNumbersFromOne) {
  struct Case {
    NumberMatch match;
    std::vector<std::uint64_t> matching;  // of 1 to 10
  };

  const Case cases[] = {
      {{}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
      {{.first = 4, .last = 4}, {4}},
      {{.first = 2, .last = 5}, {2, 3, 4, 5}},
      {{.first = 6}, {6, 7, 8, 9, 10}},
      {{.every = 3}, {3, 6, 9}},
  };
  for (const Case& c : cases) {
    std::vector<std::uint64_t> matching;
    for (std::uint64_t n = 1; n <= 10; ++n) {
      if (c.match.matches(n)) {
        matching.push_back(n);
      }
    }
    EXPECT_EQ(matching, c.matching);
    EXPECT_FALSE(c.match.matches(0)) << "numbers begin with 1";
  }
}

TEST(FaultRule, IsLookedAtWhenItsKeysCanBeKnown) {
  struct Case {
    const char* name;
    FaultRule rule;
    Trigger expected;
  };

  const Case cases[] = {
      {"close", closing([](FaultRule&) {}), Trigger::Open},
      {"close of a connection", closing([](FaultRule& r) { r.connection = {.first = 2}; }),
       Trigger::Open},
      {"close by topic", closing([](FaultRule& r) { r.topic = "com.example.app"; }), Trigger::Open},
      {"stop_reading", closing([](FaultRule& r) {
         r.then.close.reset();
         r.then.stop_reading = true;
       }),
       Trigger::Open},
      {"close at nth", closing([](FaultRule& r) { r.nth = NumberMatch{.first = 4}; }),
       Trigger::Notification},
      {"close at device_token", closing([](FaultRule& r) { r.device_token_prefix = "a1"; }),
       Trigger::Notification},
      {"close with delay", closing([](FaultRule& r) { r.then.delay = 1ms; }),
       Trigger::Notification},
      {"close with error_packet", closing([](FaultRule& r) { r.then.error_packet.emplace(); }),
       Trigger::Notification},
      {"reject", rejecting([](FaultRule&) {}), Trigger::Notification},
      {"reject on a connection", rejecting([](FaultRule& r) { r.connection = {.first = 2}; }),
       Trigger::Notification},
      {"idle", closing([](FaultRule& r) { r.idle = 5s; }), Trigger::Idle},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(c.rule.trigger(), c.expected) << c.name;
  }
}

TEST(FaultRules, FireWhenAllOfWhenHolds) {
  const Subject subject{.environment = Environment::Development,
                        .connection = 3,
                        .nth = 4,
                        .topic = "com.example.app",
                        .device_token_hex = "a1b2c3"};

  struct Case {
    const char* name;
    FaultRule rule;
    bool expected;
  };

  const Case cases[] = {
      {"always", rejecting([](FaultRule&) {}), true},
      {"environment", rejecting([](FaultRule& r) { r.environment = Environment::Development; }),
       true},
      {"other environment",
       rejecting([](FaultRule& r) { r.environment = Environment::Production; }), false},
      {"connection", rejecting([](FaultRule& r) { r.connection = {.first = 3, .last = 3}; }), true},
      {"other connection", rejecting([](FaultRule& r) { r.connection = {.first = 4}; }), false},
      {"nth", rejecting([](FaultRule& r) { r.nth = NumberMatch{.first = 4, .last = 4}; }), true},
      {"other nth", rejecting([](FaultRule& r) { r.nth = NumberMatch{.first = 5}; }), false},
      {"topic", rejecting([](FaultRule& r) { r.topic = "com.example.app"; }), true},
      {"part of the topic", rejecting([](FaultRule& r) { r.topic = "com.example"; }), false},
      {"device_token", rejecting([](FaultRule& r) { r.device_token_prefix = "a1b2c3"; }), true},
      {"prefix", rejecting([](FaultRule& r) { r.device_token_prefix = "a1b"; }), true},
      {"other prefix", rejecting([](FaultRule& r) { r.device_token_prefix = "b2"; }), false},
      {"longer prefix", rejecting([](FaultRule& r) { r.device_token_prefix = "a1b2c3d4"; }), false},
      {"never", rejecting([](FaultRule& r) { r.probability = 0; }), false},
      {"one of two fails", rejecting([](FaultRule& r) {
         r.topic = "com.example.app";
         r.nth = NumberMatch{.first = 5};
       }),
       false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(fires(c.rule, Trigger::Notification, subject), c.expected) << c.name;
    EXPECT_FALSE(fires(c.rule, Trigger::Open, subject)) << c.name;
    EXPECT_FALSE(fires(c.rule, Trigger::Idle, subject)) << c.name;
  }
}

TEST(FaultRules, TheFirstThatMatchesAndHasFiringsLeftWins) {
  FaultRules rules({rejecting([](FaultRule& r) { r.times = 1; }),
                    rejecting([](FaultRule& r) { r.connection = {.first = 9}; }),
                    rejecting([](FaultRule& r) { r.times = 2; })},
                   kSeed);
  const Subject subject{.connection = 1, .nth = 1};
  const auto name_of_next = [&rules, &subject]() -> std::string {
    const auto rule = rules.fire(Trigger::Notification, subject);
    return rule == nullptr ? "none" : rule->name;
  };
  EXPECT_EQ(name_of_next(), "fault-1");
  EXPECT_EQ(name_of_next(), "fault-3");
  EXPECT_EQ(name_of_next(), "fault-3");
  EXPECT_EQ(name_of_next(), "none");
  EXPECT_EQ(rules.num_fired(0), 1U);
  EXPECT_EQ(rules.num_fired(1), 0U);
  EXPECT_EQ(rules.num_fired(2), 2U);
}

TEST(FaultRules, NameThoseWithoutAName) {
  const FaultRules rules({rejecting([](FaultRule& r) { r.name = "fault-2"; }),
                          rejecting([](FaultRule&) {}), rejecting([](FaultRule&) {})},
                         kSeed);
  EXPECT_EQ(rules.armed()[0].rule->name, "fault-2");
  EXPECT_EQ(rules.armed()[1].rule->name, "fault-3");
  EXPECT_EQ(rules.armed()[2].rule->name, "fault-4");
}

TEST(FaultRules, KnowWhetherDeviceTokensMatter) {
  EXPECT_FALSE(FaultRules({rejecting([](FaultRule&) {})}, kSeed).has_token_rules());
  const FaultRules rules({rejecting([](FaultRule& r) { r.device_token_prefix = "a1"; })}, kSeed);
  EXPECT_TRUE(rules.has_token_rules());
  EXPECT_TRUE(rules.has(Trigger::Notification));
}

TEST(FaultRules, WhatElseIsDrawnDoesNotDependOnWhetherItFires) {
  FaultRules always({rejecting([](FaultRule& /*r*/) {})}, kSeed);
  FaultRules seldom({rejecting([](FaultRule& r) { r.probability = 0.1; })}, kSeed);
  int num_fired = 0;
  double sum = 0;
  for (std::uint64_t nth = 1; nth <= 5000; ++nth) {
    const Subject subject{.connection = 1, .nth = nth};
    const auto firing = seldom.fire_drawing(Trigger::Notification, subject);
    if (firing.rule != nullptr) {
      ++num_fired;
      sum += random_unit(firing.random);
      EXPECT_EQ(firing.random, always.fire_drawing(Trigger::Notification, subject).random);
    }
  }
  ASSERT_GT(num_fired, 400);
  EXPECT_NEAR(sum / num_fired, 0.5, 0.05) << "the draws of those that fire are like all others";
}

TEST(FaultRules, DrawFromSeedConnectionNthAndRule) {
  const FaultRule half = rejecting([](FaultRule& r) { r.probability = 0.5; });
  const FaultRule never = rejecting([](FaultRule& r) { r.connection = {.first = 99}; });
  FaultRules rules({half}, kSeed);
  FaultRules same({half}, kSeed);
  FaultRules other_seed({half}, kSeed + 1);
  FaultRules other_place({never, half}, kSeed);
  int num_fired = 0;
  bool differs_by_seed = false;
  bool differs_by_place = false;
  for (std::uint64_t nth = 1; nth <= 1000; ++nth) {
    const Subject subject{.connection = 1, .nth = nth};
    const bool fired = rules.fire(Trigger::Notification, subject) != nullptr;
    EXPECT_EQ(fired, random_unit(random_u64(kSeed, 1, nth, 0)) < 0.5);
    EXPECT_EQ(fired, same.fire(Trigger::Notification, subject) != nullptr);
    differs_by_seed |= fired != (other_seed.fire(Trigger::Notification, subject) != nullptr);
    differs_by_place |= fired != (other_place.fire(Trigger::Notification, subject) != nullptr);
    num_fired += fired ? 1 : 0;
  }
  EXPECT_NEAR(num_fired, 500, 60);
  EXPECT_TRUE(differs_by_seed);
  EXPECT_TRUE(differs_by_place);
}

TEST(FaultRules, IdleDeadlineIsOfTheFirstThatCanStillFire) {
  constexpr TimePoint kSince(1min);
  FaultRules rules({closing([](FaultRule& r) { r.idle = 10s; }), closing([](FaultRule& r) {
                      r.idle = 5s;
                      r.times = 1;
                    }),
                    closing([](FaultRule& r) {
                      r.idle = 1s;
                      r.connection = {.first = 2, .last = 2};
                    }),
                    rejecting([](FaultRule&) {})},
                   kSeed);
  Subject subject{.connection = 1};
  EXPECT_EQ(rules.idle_deadline(subject, kSince), kSince + 5s);
  EXPECT_EQ(rules.idle_deadline(Subject{.connection = 2}, kSince), kSince + 1s);

  subject.silence = 4s;
  EXPECT_EQ(rules.fire(Trigger::Idle, subject), nullptr);
  subject.silence = 5s;
  const auto rule = rules.fire(Trigger::Idle, subject);
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->idle, std::optional<Duration>(5s)) << "the first one wants more silence";
  EXPECT_EQ(rules.idle_deadline(subject, kSince), kSince + 10s) << "the second is spent";
  EXPECT_EQ(FaultRules({rejecting([](FaultRule&) {})}, kSeed).idle_deadline(subject, kSince),
            kNever);
}

TEST(FaultRules, HoldBetweenAfterAndUntil) {
  constexpr TimePoint kArmed(1h);
  FaultRules rules({rejecting([](FaultRule& r) {
                     r.after = 10s;
                     r.until = 20s;
                   })},
                   kSeed, kArmed);
  const auto fires_at = [&rules](TimePoint now) {
    return rules.fire(Trigger::Notification, Subject{.connection = 1, .nth = 1, .now = now}) !=
           nullptr;
  };
  EXPECT_FALSE(fires_at(kArmed + 9s));
  EXPECT_TRUE(fires_at(kArmed + 10s));
  EXPECT_TRUE(fires_at(kArmed + 19s));
  EXPECT_FALSE(fires_at(kArmed + 20s));
}

TEST(FaultRules, AnIdleRuleIsDueWhenItsTimeHasCome) {
  constexpr TimePoint kArmed(1h);
  FaultRules rules({closing([](FaultRule& r) {
                     r.idle = 1s;
                     r.after = 10s;
                     r.until = 20s;
                   })},
                   kSeed, kArmed);
  const Subject subject{.connection = 1};
  EXPECT_EQ(rules.idle_deadline(subject, kArmed), kArmed + 10s);
  EXPECT_EQ(rules.idle_deadline(subject, kArmed + 12s), kArmed + 13s);
  EXPECT_EQ(rules.idle_deadline(subject, kArmed + 19s), kNever);

  Subject late = subject;  // what was busy when the rule was due, and is asked behind `until`
  late.now = kArmed + 19s;
  EXPECT_EQ(rules.idle_deadline(late, kArmed + 12s), kArmed + 13s) << "it fires now";
  late.now = kArmed + 20s;
  EXPECT_EQ(rules.idle_deadline(late, kArmed + 12s), kNever);
}

TEST(FaultRules, MeantForOneServiceDoNotFireInAnother) {
  FaultRules rules({closing([](FaultRule& r) { r.protocol = FaultProtocol::Feedback; })}, kSeed);
  EXPECT_EQ(rules.fire(Trigger::Open, Subject{.connection = 1}), nullptr);
  EXPECT_NE(
      rules.fire(Trigger::Open, Subject{.protocol = FaultProtocol::Feedback, .connection = 1}),
      nullptr);
}

// Without a protocol, what a rule asks for decides which services it is for.
TEST(FaultRule, IsForTheServicesThatKnowWhatItAsksFor) {
  struct Case {
    const char* name;
    FaultRule rule;
    bool binary;
    bool http2;
    bool feedback;
  };

  const auto doing = [](const auto& change) {
    FaultRule rule;
    change(rule.then);
    return rule;
  };
  FaultRule of_push_type = closing([](FaultRule& r) { r.push_type = "alert"; });
  FaultRule both = rejecting([](FaultRule& r) { r.then.reason = Reason::BadDeviceToken; });
  FaultRule named = both;
  named.protocol = FaultProtocol::Http2;
  const Case cases[] = {
      {"close", closing([](FaultRule&) {}), true, true, true},
      {"status", rejecting([](FaultRule&) {}), true, false, true},
      {"both verdicts", both, true, true, false},
      {"a protocol", named, false, true, false},
      {"a push type", of_push_type, false, true, false},
      {"error packet", doing([](FaultAction& a) { a.error_packet.emplace().status = 8; }), true,
       false, true},
      {"reason", doing([](FaultAction& a) { a.reason = Reason::BadTopic; }), false, true, false},
      {"goaway", doing([](FaultAction& a) { a.goaway.emplace(); }), false, true, false},
      {"settings", doing([](FaultAction& a) { a.settings.emplace(); }), false, true, false},
      {"reset", doing([](FaultAction& a) { a.reset_stream = 8; }), false, true, false},
      {"ping", doing([](FaultAction& a) { a.ignore_ping = true; }), false, true, false},
      {"window", doing([](FaultAction& a) { a.withhold_window = true; }), false, true, false},
      {"latency", doing([](FaultAction& a) { a.latency = Latency::parse("1s"); }), false, true,
       false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(c.rule.is_for(FaultProtocol::Binary), c.binary) << c.name;
    EXPECT_EQ(c.rule.is_for(FaultProtocol::Http2), c.http2) << c.name;
    EXPECT_EQ(c.rule.is_for(FaultProtocol::Feedback), c.feedback) << c.name;
  }
}

// A service that has no use for a rule does not take its firings.
TEST(FaultRules, OfHttp2DoNotFireInTheGateway) {
  FaultRule rule;
  rule.then.reason = Reason::BadTopic;
  const auto subject = [](FaultProtocol protocol) {
    return Subject{.protocol = protocol, .connection = 1, .nth = 1};
  };
  EXPECT_FALSE(fires(rule, Trigger::Notification, subject(FaultProtocol::Binary)));
  EXPECT_TRUE(fires(rule, Trigger::Notification, subject(FaultProtocol::Http2)));
  FaultRule closes = closing([](FaultRule&) {});
  closes.then.goaway.emplace();
  EXPECT_FALSE(fires(closes, Trigger::Open, subject(FaultProtocol::Feedback)));
  EXPECT_TRUE(fires(closes, Trigger::Open, subject(FaultProtocol::Http2)));
}

TEST(FaultRules, LookAtThePushType) {
  const FaultRule rule = closing([](FaultRule& r) { r.push_type = "voip"; });
  const auto subject = [](std::string_view push_type) {
    return Subject{
        .protocol = FaultProtocol::Http2, .connection = 1, .nth = 1, .push_type = push_type};
  };
  EXPECT_TRUE(fires(rule, Trigger::Notification, subject("voip")));
  EXPECT_FALSE(fires(rule, Trigger::Notification, subject("alert")));
  EXPECT_FALSE(fires(rule, Trigger::Notification, subject("")));
  EXPECT_EQ(rule.trigger(), Trigger::Notification);
}

TEST(FaultRule, OfHttp2AboutAnAnswerNeedsANotification) {
  const auto trigger = [](const auto& change) {
    FaultRule rule;
    change(rule.then);
    return rule.trigger();
  };
  EXPECT_EQ(trigger([](FaultAction& a) { a.reason = Reason::Shutdown; }), Trigger::Notification);
  EXPECT_EQ(trigger([](FaultAction& a) { a.status = 500; }), Trigger::Notification);
  EXPECT_EQ(trigger([](FaultAction& a) { a.reset_stream = 7; }), Trigger::Notification);
  EXPECT_EQ(trigger([](FaultAction& a) { a.latency = Latency::parse("1s"); }),
            Trigger::Notification);
  EXPECT_EQ(trigger([](FaultAction& a) { a.goaway.emplace().last_nth = 5; }),
            Trigger::Notification);
  EXPECT_EQ(trigger([](FaultAction& a) { a.goaway.emplace(); }), Trigger::Open);
  EXPECT_EQ(trigger([](FaultAction& a) { a.settings.emplace(); }), Trigger::Open);
  EXPECT_EQ(trigger([](FaultAction& a) { a.ignore_ping = true; }), Trigger::Open);
  EXPECT_EQ(trigger([](FaultAction& a) { a.withhold_window = true; }), Trigger::Open);
}

TEST(FaultRules, NeverFireMoreOftenThanTimes) {
  constexpr std::uint64_t kTimes = 1000;
  constexpr std::uint64_t kTries = 2000;  // of each thread
  FaultRules rules({rejecting([](FaultRule& r) { r.times = kTimes; })}, kSeed);
  std::atomic<std::uint64_t> num_fired = 0;
  const auto hammer = [&rules, &num_fired] {
    for (std::uint64_t nth = 1; nth <= kTries; ++nth) {
      if (rules.fire(Trigger::Notification, Subject{.connection = 1, .nth = nth}) != nullptr) {
        ++num_fired;
      }
    }
  };
  {
    const std::jthread one(hammer);
    const std::jthread two(hammer);
  }
  EXPECT_EQ(num_fired, kTimes);
  EXPECT_EQ(rules.num_fired(0), kTimes);
}

TEST(FaultRules, AreArmedAndDisarmedWhileTheyFire) {
  const Subject subject{.connection = 1, .nth = 1};
  FaultRules rules({}, kSeed);
  EXPECT_FALSE(rules.has(Trigger::Notification));
  EXPECT_EQ(rules.fire(Trigger::Notification, subject), nullptr);
  EXPECT_EQ(rules.arm(rejecting([](FaultRule& r) { r.times = 1; }), {})->name, "fault-1");
  EXPECT_EQ(rules.arm(rejecting([](FaultRule& r) { r.name = "gone"; }), {})->name, "gone");
  EXPECT_EQ(rules.fire(Trigger::Notification, subject)->name, "fault-1");
  const auto held = rules.fire(Trigger::Notification, subject);
  EXPECT_TRUE(rules.disarm("gone"));
  EXPECT_FALSE(rules.disarm("gone"));
  EXPECT_EQ(held->name, "gone");  // whoever carries it out still has it
  EXPECT_EQ(rules.fire(Trigger::Notification, subject), nullptr);
  EXPECT_TRUE(rules.disarm("fault-1"));
  EXPECT_FALSE(rules.has(Trigger::Notification));
}

TEST(FaultRules, ANewOneOfTheSameNameTakesThePlaceAndCountsAnew) {
  const Subject subject{.connection = 1, .nth = 1};
  FaultRules rules({rejecting([](FaultRule& r) {
                      r.name = "a";
                      r.times = 1;
                    }),
                    rejecting([](FaultRule& r) { r.name = "b"; })},
                   kSeed);
  (void)rules.fire(Trigger::Notification, subject);
  EXPECT_EQ(rules.num_fired(0), 1U);
  (void)rules.arm(rejecting([](FaultRule& r) {
                    r.name = "a";
                    r.times = 1;
                  }),
                  {});
  EXPECT_EQ(rules.num_fired(0), 0U);
  EXPECT_EQ(rules.fire(Trigger::Notification, subject)->name, "a");
}

TEST(FaultRules, ArmedLaterCountAfterAndUntilFromThen) {
  const TimePoint armed{100s};
  FaultRules rules({}, kSeed);
  (void)rules.arm(rejecting([](FaultRule& r) { r.until = 10s; }), armed);
  EXPECT_NE(
      rules.fire(Trigger::Notification, Subject{.connection = 1, .nth = 1, .now = armed + 9s}),
      nullptr);
  EXPECT_EQ(
      rules.fire(Trigger::Notification, Subject{.connection = 1, .nth = 1, .now = armed + 10s}),
      nullptr);
}

TEST(FaultRules, AreSoManyAtMost) {
  FaultRules rules({}, kSeed);
  for (std::size_t i = 0; i < FaultRules::kMaxRules; ++i) {
    ASSERT_NE(rules.arm(rejecting([](FaultRule&) {}), {}), nullptr);
  }
  EXPECT_EQ(rules.arm(rejecting([](FaultRule&) {}), {}), nullptr);
}

TEST(FaultRules, AfterAResetDrawAsIfMadeNow) {
  const FaultRule half = rejecting([](FaultRule& r) { r.probability = 0.5; });
  FaultRules rules({half}, kSeed);
  FaultRules fresh({half}, kSeed);
  (void)rules.arm(half, {});
  rules.reset({half}, {});
  for (std::uint64_t nth = 1; nth <= 100; ++nth) {
    const Subject subject{.connection = 1, .nth = nth};
    EXPECT_EQ(rules.fire(Trigger::Notification, subject) != nullptr,
              fresh.fire(Trigger::Notification, subject) != nullptr);
  }
}

}  // namespace
}  // namespace apns::mock
