#include "mock_apns/ledger_event.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::mock {
namespace {

using testing::ElementsAre;

TEST(LedgerEvent, EveryKindAndOutcomeHasItsWord) {
  std::vector<std::string> words;
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(EventKind::Fault); ++i) {
    words.emplace_back(to_string(static_cast<EventKind>(i)));
  }
  EXPECT_THAT(words, ElementsAre("connection", "notification", "delivery", "feedback", "device",
                                 "violation", "fault"));
  words.clear();
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(EventOutcome::Fired); ++i) {
    words.emplace_back(to_string(static_cast<EventOutcome>(i)));
  }
  EXPECT_THAT(words, ElementsAre("opened", "closed", "refused", "accepted", "rejected", "discarded",
                                 "delivered", "stored", "replaced", "expired", "read", "added",
                                 "removed", "registered", "reregistered", "uninstalled", "online",
                                 "offline", "changed", "must", "should", "fired"));
}

TEST(LedgerEvent, EveryProtocolButNoneHasItsWord) {
  std::vector<std::string> words;
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(Protocol::None); ++i) {
    words.emplace_back(to_string(static_cast<Protocol>(i)));
  }
  EXPECT_THAT(words, ElementsAre("binary", "http2", "feedback", ""));
}

}  // namespace
}  // namespace apns::mock
