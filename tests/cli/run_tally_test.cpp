#include "cli/run_tally.h"

#include <gtest/gtest.h>

namespace apns::cli {
namespace {

using mock::EventKind;
using mock::EventOutcome;
using mock::LedgerEvent;

LedgerEvent event(EventKind kind, EventOutcome outcome) {
  LedgerEvent made;
  made.kind = kind;
  made.outcome = outcome;
  return made;
}

LedgerEvent notification(EventOutcome outcome) {
  return event(EventKind::Notification, outcome);
}

LedgerEvent rejected(std::optional<std::uint8_t> status) {
  LedgerEvent made = notification(EventOutcome::Rejected);
  made.status = status;
  return made;
}

LedgerEvent violation(EventOutcome level, std::string rule) {
  LedgerEvent made = event(EventKind::Violation, level);
  made.rule = std::move(rule);
  return made;
}

LedgerEvent refused(std::string why) {
  LedgerEvent made = event(EventKind::Connection, EventOutcome::Refused);
  made.detail = std::move(why);
  return made;
}

RunTally tally_of(const std::vector<LedgerEvent>& events) {
  RunTally tally;
  for (const LedgerEvent& one : events) {
    tally.count(one);
  }
  return tally;
}

TEST(RunTally, SaysWhatBecameOfTheNotifications) {
  const std::vector<LedgerEvent> opened = {event(EventKind::Connection, EventOutcome::Opened)};
  EXPECT_EQ(tally_of({}).summary(""), "0 notifications: no provider connected");
  EXPECT_EQ(tally_of(opened).summary(""), "0 notifications over 1 connection");
  EXPECT_EQ(tally_of({notification(EventOutcome::Accepted)}).summary(""),
            "1 notification: 1 accepted");
  EXPECT_EQ(tally_of({notification(EventOutcome::Accepted), rejected(8),
                      notification(EventOutcome::Discarded)})
                .summary(""),
            "3 notifications: 1 accepted, 1 rejected (8 invalid token), 1 discarded");
  EXPECT_EQ(
      tally_of({rejected(8), rejected(8), rejected(7), rejected(99), rejected({})}).summary(""),
      "5 notifications: 5 rejected (1 x 7 invalid payload size, 2 x 8 invalid token, 1 x 99, "
      "1 x without a word)");
}

TEST(RunTally, CountsAsDiscardedOnlyNotifications) {
  EXPECT_EQ(tally_of({notification(EventOutcome::Accepted),
                      event(EventKind::Delivery, EventOutcome::Discarded)})
                .summary(""),
            "1 notification: 1 accepted");
}

TEST(RunTally, SaysWhyNobodyCameIn) {
  EXPECT_EQ(tally_of({refused("the provider does not trust our CA"), refused("")}).summary(""),
            "0 notifications; 2 connections refused (the provider does not trust our CA)");
  EXPECT_EQ(tally_of({refused("")}).summary(""), "0 notifications; 1 connection refused");
}

TEST(RunTally, CountsTuplesThatWereRead) {
  LedgerEvent read = event(EventKind::Feedback, EventOutcome::Read);
  read.tuples = 2;
  EXPECT_EQ(tally_of({notification(EventOutcome::Accepted), read}).summary(""),
            "1 notification: 1 accepted; 2 feedback tuples read");
}

TEST(RunTally, CountsViolationsByLevel) {
  const LedgerEvent must = violation(EventOutcome::Must, "binary/one");
  const LedgerEvent should = violation(EventOutcome::Should, "payload/two");
  EXPECT_EQ(tally_of({notification(EventOutcome::Accepted), must}).summary(""),
            "1 notification: 1 accepted; 1 violation (must), see --ledger");
  EXPECT_EQ(tally_of({notification(EventOutcome::Accepted), must, should, should})
                .summary("ledger.jsonl"),
            "1 notification: 1 accepted; 3 violations (1 must, 2 should), see ledger.jsonl");
}

TEST(RunTally, FailsByTheLevelThatWasAskedFor) {
  const RunTally tally = tally_of({violation(EventOutcome::Should, "payload/two"),
                                   violation(EventOutcome::Must, "binary/one"),
                                   violation(EventOutcome::Must, "binary/one")});
  EXPECT_EQ(tally.failure(FailOn::Nothing), std::nullopt);
  EXPECT_EQ(tally.failure(FailOn::Must), "the provider broke binary/one (must)");
  EXPECT_EQ(tally.failure(FailOn::Should),
            "the provider broke binary/one (must), payload/two (should)");

  const RunTally mild = tally_of({violation(EventOutcome::Should, "payload/two")});
  EXPECT_EQ(mild.failure(FailOn::Must), std::nullopt);
  EXPECT_EQ(mild.failure(FailOn::Should), "the provider broke payload/two (should)");
  EXPECT_EQ(tally_of({}).failure(FailOn::Should), std::nullopt);
}

}  // namespace
}  // namespace apns::cli
