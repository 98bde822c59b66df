#include "provider/outcome_batch.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/provider/recording_sink.h"

namespace apns::provider {
namespace {

using testing::ElementsAre;

TEST(OutcomeBatch, KeepsTheTextsUntilTheSinkHasSeenThem) {
  OutcomeBatch batch;
  for (std::uint64_t ticket = 1; ticket <= 100; ++ticket) {
    const std::string id = "id-" + std::to_string(ticket);
    const std::string reason = "Strange" + std::to_string(ticket);
    HttpAnswer answer;
    answer.apns_id = id;
    answer.reason_text = reason;
    batch.add(Outcome{ticket, OutcomeKind::Rejected, OutcomeReason::Status, 400, &answer});
  }
  test::RecordingSink sink;
  batch.hand_to(sink);
  ASSERT_EQ(sink.answers.size(), 100U);
  for (const auto& [ticket, answer] : sink.answers) {
    EXPECT_EQ(answer.apns_id, "id-" + std::to_string(ticket));
    EXPECT_EQ(answer.reason_text, "Strange" + std::to_string(ticket));
  }
  EXPECT_TRUE(batch.empty());
}

TEST(OutcomeBatch, TellsAKnownReasonByItsName) {
  OutcomeBatch batch;
  HttpAnswer answer;
  answer.reason = Reason::Unregistered;
  batch.add(Outcome{1, OutcomeKind::Rejected, OutcomeReason::Status, 410, &answer});
  test::RecordingSink sink;
  batch.hand_to(sink);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: 410 Unregistered"));
}

TEST(OutcomeBatch, GivesAllAnAnswer) {
  OutcomeBatch batch;
  batch.add(Outcome{1, OutcomeKind::Unknown, OutcomeReason::ConnectionLost, 0, nullptr});
  test::RecordingSink sink;
  batch.hand_to(sink);
  EXPECT_THAT(sink.lines, ElementsAre("1 unknown: the connection was lost without an answer"));
}

TEST(OutcomeBatch, WhatIsAddedMeanwhileWaits) {
  OutcomeBatch batch;
  const HttpAnswer answer;
  batch.add(Outcome{1, OutcomeKind::Sent, OutcomeReason::None, 200, &answer});
  test::RecordingSink sink;
  sink.on_outcomes = [&batch, &answer] {
    batch.add(Outcome{2, OutcomeKind::Sent, OutcomeReason::None, 200, &answer});
  };
  batch.hand_to(sink);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent"));
  EXPECT_FALSE(batch.empty());
  sink.on_outcomes = nullptr;
  batch.hand_to(sink);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent"));
}

}  // namespace
}  // namespace apns::provider
