#include "provider/kept_notifications.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace apns::provider {
namespace {

Notification notification(std::string payload) {
  return Notification{.device_token = *DeviceToken::parse("a1"), .payload = std::move(payload)};
}

TEST(KeptNotifications, AreFoundByATicketThatNoLaterOneHas) {
  KeptNotifications kept(10, 1000);
  const std::uint32_t first = kept.add(notification("one"), 7, TimePoint());
  const std::uint64_t old = kept.inner_ticket(first);
  EXPECT_EQ(kept.find(old), first);
  EXPECT_EQ(kept[first].ticket, 7U);
  kept.remove(first);
  EXPECT_EQ(kept.find(old), std::nullopt);
  const std::uint32_t second = kept.add(notification("two"), 8, TimePoint());
  EXPECT_EQ(second, first) << "a place is used again";
  EXPECT_EQ(kept.find(old), std::nullopt);
  EXPECT_EQ(kept.find(kept.inner_ticket(second)), second);
  EXPECT_EQ(kept.find(1000), std::nullopt);
  EXPECT_EQ(kept[second].notification.payload, "two");
}

TEST(KeptNotifications, ArePutBackToTheBeginningInAPlaceThatIsUsedAgain) {
  KeptNotifications kept(10, 1000);
  const std::uint32_t place = kept.add(notification("one"), 7, TimePoint());
  kept[place].attempts = 3;
  kept[place].refusals = 2;
  kept[place].is_token_renewed = true;
  kept[place].last.keep(Outcome{7, OutcomeKind::Unknown, OutcomeReason::NoAnswer, 0, nullptr});
  kept.remove(place);
  KeptNotification& next = kept[kept.add(notification("two"), 8, TimePoint())];
  EXPECT_EQ(next.attempts, 0U);
  EXPECT_EQ(next.refusals, 0U);
  EXPECT_FALSE(next.is_token_renewed);
  EXPECT_EQ(next.last.outcome().reason, OutcomeReason::Unsent);
}

TEST(KeptNotifications, HaveRoomForSoManyAndSoMuch) {
  KeptNotifications kept(2, 10);
  (void)kept.add(notification("1"), 1, TimePoint());
  EXPECT_TRUE(kept.has_room());
  const std::uint32_t second = kept.add(notification("2"), 2, TimePoint());
  EXPECT_FALSE(kept.has_room());
  kept.remove(second);
  EXPECT_TRUE(kept.has_room());
  const std::uint32_t large = kept.add(notification(std::string(9, 'x')), 3, TimePoint());
  EXPECT_FALSE(kept.has_room());
  kept.remove(large);
  (void)kept.add(notification(std::string(8, 'x')), 4, TimePoint());
  EXPECT_EQ(kept.size(), 2U);
}

TEST(KeptNotifications, GiveBackTheMemoryOfLargePayloads) {
  KeptNotifications kept(100, 10'000);
  for (std::uint64_t round = 0; round < 50; ++round) {
    const std::uint32_t place = kept.add(notification(std::string(9000, 'x')), round, TimePoint());
    (void)kept.add(notification("small"), round, TimePoint());
    kept.remove(place);
    EXPECT_TRUE(kept[place].notification.payload.capacity() <= 10'000U);
  }
  const std::uint32_t first = kept.add(notification(std::string(6000, 'x')), 1, TimePoint());
  const std::uint32_t second = kept.add(notification(std::string(6000, 'x')), 2, TimePoint());
  kept.remove(first);
  kept.remove(second);
  EXPECT_LT(
      kept[first].notification.payload.capacity() + kept[second].notification.payload.capacity(),
      10'000U);
}

TEST(KeptOutcome, HasItsTextsWhereverItIsMoved) {
  KeptOutcome kept;
  {
    const std::string id = "4084a6e4-9ea8-6d2a-ca49-9a344a152da7";
    const std::string reason = "New";
    HttpAnswer answer;
    answer.reason_text = reason;
    answer.apns_id = id;
    answer.timestamp_ms = 5;
    kept.keep(Outcome{3, OutcomeKind::Rejected, OutcomeReason::Status, 418, &answer});
  }
  KeptOutcome moved = std::move(kept);
  const Outcome outcome = moved.outcome();
  EXPECT_EQ(outcome.status, 418);
  ASSERT_NE(outcome.answer, nullptr);
  EXPECT_EQ(outcome.answer->reason_text, "New");
  EXPECT_EQ(outcome.answer->apns_id, "4084a6e4-9ea8-6d2a-ca49-9a344a152da7");
  EXPECT_EQ(outcome.answer->timestamp_ms, 5U);
  moved.keep(Outcome{3, OutcomeKind::Rejected, OutcomeReason::Status, 8, nullptr});
  EXPECT_EQ(moved.outcome().answer, nullptr);
}

}  // namespace
}  // namespace apns::provider
