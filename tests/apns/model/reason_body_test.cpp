#include "apns/model/reason_body.h"

#include <gtest/gtest.h>

namespace apns {
namespace {

TEST(ReasonBody, HasTheTimeInMillisecondsBehindTheReason) {
  const ReasonTime time(std::chrono::milliseconds(1454948015990));
  EXPECT_EQ(ReasonBody(Reason::Unregistered, time).text(),
            R"({"reason":"Unregistered","timestamp":1454948015990})");
  EXPECT_EQ(ReasonBody(Reason::ExpiredToken, ReasonTime()).text(),
            R"({"reason":"ExpiredToken","timestamp":0})");
}

TEST(ReasonBody, HasRoomForTheLongestNameAndTime) {
  EXPECT_EQ(ReasonBody(Reason::TooManyProviderTokenUpdates, ReasonTime::min()).text(),
            R"({"reason":"TooManyProviderTokenUpdates","timestamp":-9223372036854775808})");
}

}  // namespace
}  // namespace apns
