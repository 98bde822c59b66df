#include "scenarios/runner/invariant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::scenarios {
namespace {

using mock::EventOutcome;
using provider::OutcomeKind;
using testing::ElementsAre;
using testing::IsEmpty;

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
  return check_invariant(Account{num, outcomes, events, doubles_allowed});
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

}  // namespace
}  // namespace apns::scenarios
