#include "scenarios/runner/invariant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::scenarios {
namespace {

using mock::EventOutcome;
using provider::OutcomeKind;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

NumberedEvent offered(std::uint64_t n, EventOutcome outcome) {
  NumberedEvent numbered{n, {}};
  numbered.event.kind = mock::EventKind::Notification;
  numbered.event.outcome = outcome;
  return numbered;
}

NotificationOutcome sent(std::uint64_t n) {
  return {n, OutcomeKind::Sent, ""};
}

NotificationOutcome rejected(std::uint64_t n) {
  return {n, OutcomeKind::Rejected, "8"};
}

NotificationOutcome unknown(std::uint64_t n) {
  return {n, OutcomeKind::Unknown, "connection-lost"};
}

std::vector<std::string> check(std::uint64_t num, const std::vector<NotificationOutcome>& outcomes,
                               const std::vector<NumberedEvent>& events,
                               bool doubles_allowed = false) {
  return check_invariant(Account{num, outcomes, events, doubles_allowed}).sentences;
}

TEST(Invariant, HoldsForAnHonestConversation) {
  EXPECT_THAT(check(5, {sent(1), rejected(2), sent(3), unknown(4), unknown(5)},
                    {offered(1, EventOutcome::Accepted), offered(2, EventOutcome::Rejected),
                     offered(3, EventOutcome::Discarded), offered(4, EventOutcome::Discarded),
                     offered(3, EventOutcome::Accepted), offered(4, EventOutcome::Accepted)}),
              IsEmpty());
}

TEST(Invariant, HoldsForNothingAtAll) {
  EXPECT_THAT(check(0, {}, {}), IsEmpty());
}

TEST(Invariant, FindsAMissingOutcome) {
  EXPECT_THAT(check(3, {sent(1)}, {offered(1, EventOutcome::Accepted)}),
              ElementsAre("2-3 without an outcome"));
}

TEST(Invariant, FindsASecondOutcome) {
  EXPECT_THAT(check(1, {sent(1), sent(1)}, {offered(1, EventOutcome::Accepted)}),
              ElementsAre("1 with 2 outcomes"));
}

TEST(Invariant, FindsAnOutcomeOfWhatWasNeverHandedOver) {
  EXPECT_THAT(check(1, {sent(1), sent(7)}, {offered(1, EventOutcome::Accepted)}),
              ElementsAre("7 has an outcome, but was never handed over"));
}

TEST(Invariant, FindsWhatIsReportedSentAndWasNeverAccepted) {
  EXPECT_THAT(check(1, {sent(1)}, {}), ElementsAre("1 reported sent, never accepted"));
}

TEST(Invariant, FindsWhatIsReportedRejectedAndWasAccepted) {
  EXPECT_THAT(check(1, {rejected(1)}, {offered(1, EventOutcome::Accepted)}),
              ElementsAre("1 reported rejected, but accepted"));
}

TEST(Invariant, FindsADouble) {
  const std::vector<NumberedEvent> twice = {offered(1, EventOutcome::Accepted),
                                            offered(1, EventOutcome::Accepted)};
  EXPECT_THAT(check(1, {sent(1)}, twice), ElementsAre("1 accepted 2 times"));
  EXPECT_THAT(check(1, {unknown(1)}, twice), ElementsAre("1 accepted 2 times"));
  EXPECT_THAT(check(1, {sent(1)}, twice, true), IsEmpty());
}

TEST(Invariant, FindsWhatIsOfferedAgainThoughItWasAccepted) {
  EXPECT_THAT(
      check(1, {sent(1)},
            {offered(1, EventOutcome::Accepted), offered(1, EventOutcome::Discarded),
             offered(1, EventOutcome::Discarded)}),
      ElementsAre("1 discarded and never offered again", "1 offered again after being accepted"));
}

TEST(Invariant, FindsWhatWasDiscardedAndGivenUpAsSent) {
  EXPECT_THAT(
      check(2, {sent(1), unknown(2)},
            {offered(1, EventOutcome::Discarded), offered(2, EventOutcome::Discarded)}),
      ElementsAre("1 discarded and never offered again", "1 reported sent, never accepted"));
}

TEST(Invariant, LeavesEventsOfOtherKindsAlone) {
  NumberedEvent connection{0, {}};
  connection.event.kind = mock::EventKind::Connection;
  EXPECT_THAT(check(1, {sent(1)}, {connection, offered(1, EventOutcome::Accepted)}), IsEmpty());
}

/// A conversation of which everything is known.
struct Known {
  std::vector<Notification> notifications;
  std::vector<NotificationOutcome> outcomes;
  std::vector<NumberedEvent> events;
  std::vector<std::size_t> events_before;
  std::vector<Attempt> attempts;
  provider::BinaryClientOptions client;
  LiesByConnection lies;
  std::size_t most_open = 0;
  std::size_t most_open_bytes = 0;
  std::set<std::uint64_t> told;
  bool gives_up_late = false;

  explicit Known(std::uint32_t num_notifications) {
    for (std::uint32_t n = 1; n <= num_notifications; ++n) {
      notifications.push_back(Notification{device_token_of(n), "payload"});
    }
  }

  void open(std::uint64_t connection) {
    NumberedEvent opened{0, {}};
    opened.event.connection = connection;
    events.push_back(opened);
  }

  mock::LedgerEvent& offer(std::uint64_t n, EventOutcome outcome, std::uint64_t connection = 1) {
    NumberedEvent numbered = offered(n, outcome);
    numbered.event.connection = connection;
    numbered.event.identifier = static_cast<std::uint32_t>(n);
    numbered.event.payload = "payload";
    events.push_back(numbered);
    return events.back().event;
  }

  void report(NotificationOutcome outcome) {
    outcomes.push_back(std::move(outcome));
    events_before.push_back(events.size());
  }

  void attempt(std::size_t num_outcomes) {
    Attempt made;
    made.num_outcomes = num_outcomes;
    attempts.push_back(made);
  }

  [[nodiscard]] InvariantReport check() const {
    Account account{notifications.size(), outcomes, events, client.resend_unknown};
    account.notifications = notifications;
    account.events_before = events_before;
    account.attempts = attempts;
    account.client = &client;
    account.lies = lies;
    account.most_open = most_open;
    account.most_open_bytes = most_open_bytes;
    account.told = told;
    account.gives_up_late = gives_up_late;
    return check_invariant(account);
  }
};

TEST(WholeInvariant, HoldsForAResend) {
  Known known(3);
  known.open(1);
  known.offer(1, EventOutcome::Rejected).status = 8;
  known.offer(2, EventOutcome::Discarded);
  known.report(rejected(1));
  known.open(2);
  known.offer(2, EventOutcome::Accepted, 2);
  known.offer(3, EventOutcome::Accepted, 2);
  known.report(sent(2));
  known.report(sent(3));
  EXPECT_THAT(known.check().sentences, IsEmpty());
  EXPECT_EQ(known.check().num_excused, 0U);
}

TEST(WholeInvariant, FindsASecondOfferBehindTheOutcome) {
  Known known(1);
  known.open(1);
  known.offer(1, EventOutcome::Discarded);
  known.report(unknown(1));
  known.open(2);
  known.offer(1, EventOutcome::Accepted, 2);
  EXPECT_THAT(known.check().sentences, ElementsAre("1 offered again after its outcome"));
}

TEST(WholeInvariant, LetsALateArrivalFollowItsOutcome) {
  Known known(1);
  known.open(1);
  known.report(unknown(1));
  known.offer(1, EventOutcome::Accepted);
  EXPECT_THAT(known.check().sentences, IsEmpty());
}

TEST(WholeInvariant, FindsARejectionThatTheServiceDidNotGive) {
  Known known(3);
  known.offer(1, EventOutcome::Discarded);
  known.offer(2, EventOutcome::Rejected).status = 7;
  known.offer(3, EventOutcome::Rejected).status = 8;
  known.report(rejected(1));
  known.report(rejected(2));
  known.report(rejected(3));
  EXPECT_THAT(known.check().sentences,
              ElementsAre("1-2 reported rejected with a status that the service did not give it"));
}

TEST(WholeInvariant, FindsTheOrderOfADeviceUpsideDown) {
  Known known(3);
  known.notifications[2].device_token = known.notifications[0].device_token;
  known.offer(2, EventOutcome::Accepted);
  known.offer(3, EventOutcome::Accepted);
  known.offer(1, EventOutcome::Accepted);
  for (std::uint64_t n = 1; n <= 3; ++n) {
    known.report(sent(n));
  }
  EXPECT_THAT(known.check().sentences,
              ElementsAre("1 accepted behind a later one to the same device"));
  known.lies[1].goes_on = true;
  EXPECT_THAT(known.check().sentences, IsEmpty());
  EXPECT_EQ(known.check().num_excused, 1U);
}

TEST(WholeInvariant, FindsBadIdentifiers) {
  Known known(3);
  known.offer(1, EventOutcome::Accepted).identifier = 0;
  known.offer(2, EventOutcome::Accepted).identifier = 5;
  known.offer(3, EventOutcome::Accepted).identifier = 5;
  for (std::uint64_t n = 1; n <= 3; ++n) {
    known.report(sent(n));
  }
  EXPECT_THAT(known.check().sentences, ElementsAre("1 written with identifier 0",
                                                   "3 written with the identifier of another one"));
}

TEST(WholeInvariant, FindsASecondWriteOnOneConnection) {
  Known known(1);
  known.client.resend_unknown = true;  // which allows doubles, elsewhere
  known.offer(1, EventOutcome::Accepted);
  known.offer(1, EventOutcome::Accepted);
  known.report(sent(1));
  EXPECT_THAT(known.check().sentences, ElementsAre("1 written twice on one connection"));
}

TEST(WholeInvariant, FindsWhatArrivesChangedOrFromNowhere) {
  Known known(2);
  known.offer(1, EventOutcome::Accepted).payload = "paylod";
  known.offer(2, EventOutcome::Accepted).priority = 5;
  known.offer(0, EventOutcome::Rejected);
  known.report(sent(1));
  known.report(sent(2));
  EXPECT_THAT(
      known.check().sentences,
      ElementsAre("1-2 arrived changed", "connection 1 carried what was never handed over"));
}

TEST(WholeInvariant, FindsAProviderThatHoldsTooMuch) {
  Known known(0);
  known.client.window_len = 3;
  known.client.window_bytes = 100;
  known.client.payload_limit = 50;
  known.most_open = 3;
  known.most_open_bytes = 300;
  EXPECT_THAT(known.check().sentences, IsEmpty());
  known.most_open = 4;
  known.most_open_bytes = 1000;
  EXPECT_THAT(known.check().sentences,
              ElementsAre("the provider held 4 notifications, its window is 3",
                          "the provider held 1000 bytes, its window is 100"));
}

TEST(WholeInvariant, FindsAProviderThatConnectsForNothing) {
  Known known(0);
  known.client.max_attempts = 2;
  for (const std::size_t num_outcomes : {0U, 0U, 0U, 1U, 1U, 1U}) {
    known.attempt(num_outcomes);
  }
  EXPECT_THAT(known.check().sentences, IsEmpty());
  known.attempt(1);
  EXPECT_THAT(known.check().sentences,
              ElementsAre("the provider connected more than 2 times in a row for nothing"));
  known.attempts.back().of_feedback = true;
  EXPECT_THAT(known.check().sentences, IsEmpty());
}

TEST(WholeInvariant, FindsAnUnknownThatCouldBeKnown) {
  Known known(3);
  known.open(1);
  known.offer(1, EventOutcome::Discarded);
  known.offer(2, EventOutcome::Discarded);
  known.report({1, OutcomeKind::Unknown, "unknown-identifier"});
  known.report({2, OutcomeKind::Unknown, "connection-lost"});
  known.report({3, OutcomeKind::Unknown, "drain-limit"});
  EXPECT_THAT(
      known.check().sentences,
      ElementsAre("1 reported unknown, though the error packet named one of the provider's"));
  known.told = {1};
  EXPECT_THAT(known.check().sentences,
              UnorderedElementsAre(
                  "1 reported unknown, though the error packet named one of the provider's",
                  "2 reported unknown, though an error packet told"));
  known.lies[1].names_nobody = true;
  EXPECT_THAT(known.check().sentences,
              ElementsAre("2 reported unknown, though an error packet told"));
  known.lies[1].goes_on = true;  // and was given up for that
  EXPECT_THAT(known.check().sentences, IsEmpty());
}

TEST(WholeInvariant, FindsWhatWasGivenUpTooEarly) {
  Known known(2);
  known.client.max_attempts = 2;
  known.gives_up_late = true;
  known.attempt(0);
  known.attempt(0);
  known.offer(1, EventOutcome::Accepted);
  known.report(sent(1));
  known.attempt(1);
  known.open(1);  // between the two outcomes
  known.report({2, OutcomeKind::Rejected, "unsent"});
  EXPECT_THAT(known.check().sentences, IsEmpty()) << "the attempts may be the sent one's";
  known.attempts.erase(known.attempts.begin(), known.attempts.begin() + 2);
  EXPECT_THAT(known.check().sentences,
              ElementsAre("2 given up before max_attempts attempts came to nothing"));
  known.gives_up_late = false;
  EXPECT_THAT(known.check().sentences, IsEmpty());
}

TEST(WholeInvariant, LetsNobodyHaveWhatWasNeverSent) {
  Known known(2);
  known.client.resend_unknown = true;
  known.offer(1, EventOutcome::Accepted);
  known.offer(2, EventOutcome::Accepted);
  known.offer(2, EventOutcome::Rejected, 2).status = 8;
  known.report({1, OutcomeKind::Rejected, "unsent"});
  known.report(rejected(2));  // the second one of a double
  EXPECT_THAT(known.check().sentences, ElementsAre("1 reported rejected, but accepted"));
}

struct LieCase {
  const char* name;
  Lies lies;
  std::vector<std::string> left;  // sentences

  friend void PrintTo(const LieCase& row, std::ostream* out) { *out << row.name; }
};

class Excuses : public testing::TestWithParam<LieCase> {};

// 1 was lost, 2 accepted and rejected, 3 accepted twice; all on connection 1, which may have lied.
TEST_P(Excuses, CoverWhatCannotBeKnownAndNoMore) {
  Known known(4);
  known.lies[1] = GetParam().lies;
  known.open(1);
  known.offer(2, EventOutcome::Accepted);
  known.offer(3, EventOutcome::Accepted);
  known.report(sent(1));
  known.report(rejected(2));
  known.open(2);
  known.offer(3, EventOutcome::Accepted, 2);
  known.report(sent(3));
  known.report(sent(4));  // on connection 2, which is honest
  EXPECT_EQ(known.check().sentences, GetParam().left);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Excuses,
    testing::Values(
        LieCase{"None",
                Lies{},
                {"3 accepted 2 times",
                 "2 reported rejected with a status that the service did not "
                 "give it",
                 "2 reported rejected, but accepted", "1,4 reported sent, never accepted"}},
        LieCase{"Silent",
                Lies{.is_silent = true},
                {"3 accepted 2 times",
                 "2 reported rejected with a status that the service did not "
                 "give it",
                 "2 reported rejected, but accepted", "4 reported sent, never accepted"}},
        LieCase{"False", Lies{.is_false = true}, {"4 reported sent, never accepted"}},
        LieCase{"GoesOn",
                Lies{.goes_on = true},
                {"3 accepted 2 times",
                 "2 reported rejected with a status that the service did not "
                 "give it",
                 "2 reported rejected, but accepted", "1,4 reported sent, never accepted"}}),
    [](const testing::TestParamInfo<LieCase>& row) { return std::string(row.param.name); });

TEST(WholeInvariant, ExcusesOneThatWasLostWithoutAWord) {
  Known known(2);
  known.open(1);
  known.offer(1, EventOutcome::Discarded).answered = false;
  known.offer(2, EventOutcome::Discarded);
  known.report(sent(1));
  known.report(sent(2));
  EXPECT_THAT(known.check().sentences, ElementsAre("2 discarded and never offered again",
                                                   "2 reported sent, never accepted"));
}

}  // namespace
}  // namespace apns::scenarios
