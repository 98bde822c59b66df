#include "scenarios/runner/expectation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/runner/scenario_loader.h"

namespace apns::scenarios {
namespace {

using mock::EventKind;
using mock::EventOutcome;
using provider::OutcomeKind;
using testing::IsEmpty;
using testing::SizeIs;

/// A scenario of four notifications with these expectations.
Scenario scenario(const std::string& outcomes, const std::string& ledger) {
  return load_scenario(
      R"({"title": "t", "rules": ["binary/x"], "source": ["s"], "protocol": "binary",
    "workload": [{"send": 4}, {"drain": "5s"}],
    "expect": {"outcomes": )" +
          outcomes + R"(, "ledger": )" + ledger + "}}",
      "scenarios/binary/mine.json");
}

NumberedEvent notification(std::uint64_t n, EventOutcome outcome, std::uint64_t connection = 1) {
  NumberedEvent numbered{n, {}};
  numbered.event.kind = EventKind::Notification;
  numbered.event.outcome = outcome;
  numbered.event.connection = connection;
  numbered.event.identifier = static_cast<std::uint32_t>(n);
  return numbered;
}

/// All four sent and accepted.
struct Conversation {
  std::vector<NotificationOutcome> outcomes;
  std::vector<NumberedEvent> events;

  Conversation() {
    for (std::uint64_t n = 1; n <= 4; ++n) {
      outcomes.push_back({n, OutcomeKind::Sent, ""});
      events.push_back(notification(n, EventOutcome::Accepted));
    }
  }

  [[nodiscard]] std::vector<Finding> compare_with(const std::string& expected_outcomes,
                                                  const std::string& ledger) const {
    return compare(scenario(expected_outcomes, ledger), Account{4, outcomes, events, false})
        .findings;
  }
};

constexpr const char* kAllSent = R"({"sent": "1-4"})";

TEST(Expectation, IsMetByWhatItDescribes) {
  EXPECT_THAT(Conversation().compare_with(
                  kAllSent,
                  R"([{"event": "notification", "outcome": "accepted", "each": 1, "in_order": true},
                                {"event": "notification", "count": 4, "distinct": "identifier"},
                                {"event": "notification", "n": "2-", "count": {"min": 3, "max": 3}},
                                {"event": "notification", "outcome": "rejected", "count": 0}])"),
              IsEmpty());
}

TEST(Expectation, SaysWhichOutcomesWouldHaveBeenRight) {
  const auto findings = Conversation().compare_with(
      R"({"sent": "1", "rejected": {"2-4": 8}, "unknown": "3-4"})", "[]");
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].step, "expect.outcomes");
  EXPECT_EQ(findings[0].expected, "2 rejected (8)");
  EXPECT_EQ(findings[0].actual, "2 sent");
  EXPECT_EQ(findings[1].expected, "3-4 rejected (8) or unknown");
  EXPECT_EQ(findings[1].actual, "3-4 sent");
}

TEST(Expectation, TellsReasonsApart) {
  Conversation conversation;
  conversation.outcomes[3] = {4, OutcomeKind::Rejected, "7"};
  conversation.events.pop_back();
  const auto findings = conversation.compare_with(R"({"sent": "1-3", "rejected": {"4": 8}})", "[]");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].expected, "4 rejected (8)");
  EXPECT_EQ(findings[0].actual, "4 rejected (7)");
}

TEST(Expectation, CountsEachNumber) {
  Conversation conversation;
  conversation.events.push_back(notification(4, EventOutcome::Discarded, 2));
  const auto findings =
      conversation.compare_with(kAllSent, R"([{"event": "notification", "n": "2-4", "each": 1}])");
  ASSERT_GE(findings.size(), 1U);
  EXPECT_EQ(findings[0].step, "expect.ledger[0]");
  EXPECT_EQ(findings[0].position.line, 3U);
  EXPECT_EQ(findings[0].expected, "1 for each: notification events, n 2-4");
  EXPECT_EQ(findings[0].actual, "2 for n 4");
}

TEST(Expectation, ShowsTheFirstEventsOfAWrongCount) {
  const auto findings = Conversation().compare_with(
      kAllSent, R"([{"event": "notification", "connection": "1-2", "count": 3}])");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].expected, "3 in all: notification events, connection 1-2");
  EXPECT_EQ(findings[0].actual,
            "4: #1 accepted n 1; #1 accepted n 2; #1 accepted n 3; #1 accepted n 4");
}

TEST(Expectation, FindsWhatCameOutOfOrder) {
  Conversation conversation;
  std::swap(conversation.events[1], conversation.events[2]);
  const auto findings = conversation.compare_with(
      kAllSent, R"([{"event": "notification", "each": 1, "in_order": true}])");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].actual, "n 2 behind n 3");
}

TEST(Expectation, FindsAnIdentifierThatIsThereTwiceOrMissing) {
  const char* const distinct = R"([{"event": "notification", "distinct": "identifier"}])";
  Conversation conversation;
  conversation.events[2].event.identifier = 1;
  auto findings = conversation.compare_with(kAllSent, distinct);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].actual, "identifier 1 twice, the second time for n 3");
  conversation.events[2].event.identifier.reset();
  findings = conversation.compare_with(kAllSent, distinct);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].actual, "no identifier for n 3");
}

TEST(Expectation, AlwaysIncludesTheInvariant) {
  Conversation conversation;
  conversation.outcomes.pop_back();
  const auto findings = conversation.compare_with(kAllSent, "[]");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].step, "invariant");
  EXPECT_EQ(findings[0].actual, "4 without an outcome");
  EXPECT_TRUE(findings[0].is_invariant);
}

struct MatchCase {
  const char* match;
  bool matches;
};

TEST(Expectation, MatchesByEachKey) {
  NumberedEvent event = notification(3, EventOutcome::Rejected, 2);
  event.event.nth = 7;
  event.event.status = 8;
  event.event.answered = false;
  event.event.payload_bytes = 25;
  event.event.priority = 5;
  event.event.expiration = 0;
  event.event.topic = "com.example.app";
  event.event.cause = "rule";
  event.event.why = mock::Why{"binary/payload-size", "", ""};
  const MatchCase cases[] = {
      {R"("outcome": "rejected")", true},
      {R"("outcome": "accepted")", false},
      {R"("n": 3)", true},
      {R"("n": "1-2,4-")", false},
      {R"("connection": "2-5")", true},
      {R"("connection": 1)", false},
      {R"("nth": 7)", true},
      {R"("nth": 6)", false},
      {R"("identifier": 3)", true},
      {R"("identifier": "4-")", false},
      {R"("status": 8)", true},
      {R"("status": 7)", false},
      {R"("answered": false)", true},
      {R"("answered": true)", false},
      {R"("payload_bytes": 25)", true},
      {R"("payload_bytes": 24)", false},
      {R"("priority": 5)", true},
      {R"("priority": 10)", false},
      {R"("expiration": 0)", true},
      {R"("expiration": 1)", false},
      {R"("topic": "com.example.app")", true},
      {R"("topic": "other")", false},
      {R"("cause": "rule")", true},
      {R"("cause": "fault:fault-1")", false},
      {R"("rule": "binary/payload-size")", true},
      {R"("rule": "binary/payload-is-json")", false},
  };
  for (const MatchCase& row : cases) {
    const Scenario loaded = scenario(
        kAllSent, R"([{"event": "notification", "count": 1, )" + std::string(row.match) + "}]");
    EXPECT_EQ(matches(loaded.ledger.front().match, event), row.matches) << row.match;
  }
}

TEST(Expectation, MatchesConnectionsByHowTheyEnded) {
  NumberedEvent event{0, {}};
  event.event.kind = EventKind::Connection;
  event.event.outcome = EventOutcome::Closed;
  event.event.by = "service";
  event.event.close = "rst";
  const MatchCase cases[] = {{R"("by": "service", "close": "rst")", true},
                             {R"("by": "provider")", false},
                             {R"("close": "fin")", false},
                             {R"("outcome": "opened")", false}};
  for (const MatchCase& row : cases) {
    const Scenario loaded = scenario(
        kAllSent, R"([{"event": "connection", "count": 1, )" + std::string(row.match) + "}]");
    EXPECT_EQ(matches(loaded.ledger.front().match, event), row.matches) << row.match;
  }
}

}  // namespace
}  // namespace apns::scenarios
