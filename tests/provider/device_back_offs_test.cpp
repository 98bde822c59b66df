#include "provider/device_back_offs.h"

#include <string>

#include <gtest/gtest.h>

namespace apns::provider {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow{1h};

DeviceToken token(int n) {
  return *DeviceToken::parse(std::to_string(10 + n));
}

class DeviceBackOffsTest : public testing::Test {
 public:
  const RetryLimits limits{.backoff_first = 2s, .backoff_max = 10s};
  DeviceBackOffs devices{limits, 3};
};

TEST_F(DeviceBackOffsTest, GrowWithEachRefusalBehindThePause) {
  EXPECT_EQ(devices.until(token(1)), TimePoint());
  EXPECT_EQ(devices.refused(token(1), 0, kNow), kNow + 1s);
  EXPECT_EQ(devices.refused(token(1), 0, kNow + 500ms), kNow + 1s) << "of the same wave";
  EXPECT_EQ(devices.refused(token(1), 0, kNow + 1s), kNow + 3s);
  EXPECT_EQ(devices.until(token(1)), kNow + 3s);
  EXPECT_EQ(devices.until(token(2)), TimePoint());
}

TEST_F(DeviceBackOffsTest, LetOneGoAfterTheOther) {
  devices.refused(token(1), 0, kNow);
  devices.went(token(1), kNow + 1s);
  EXPECT_EQ(devices.until(token(1)), kNow + 3s);
  EXPECT_EQ(devices.refused(token(1), 0, kNow + 1100ms), kNow + 3100ms) << "it is another wave";
  devices.went(token(2), kNow);
  EXPECT_EQ(devices.until(token(2)), TimePoint());
}

TEST_F(DeviceBackOffsTest, ForgetWhatIsAccepted) {
  devices.refused(token(1), 0, kNow);
  devices.accepted(token(1));
  EXPECT_EQ(devices.until(token(1)), TimePoint());
  EXPECT_EQ(devices.size(), 0U);
}

TEST_F(DeviceBackOffsTest, AreBounded) {
  for (int n = 1; n <= 3; ++n) {
    devices.refused(token(n), 0, kNow + n * 1s);
  }
  EXPECT_EQ(devices.refused(token(4), 0, kNow + 4s), kNow + 5s);
  EXPECT_EQ(devices.until(token(4)), TimePoint()) << "there was no place for it";
  // The first one ended at 2 s, and is forgotten 10 s later.
  devices.refused(token(4), 0, kNow + 11999ms);
  EXPECT_EQ(devices.until(token(4)), TimePoint());
  devices.refused(token(4), 0, kNow + 12s);
  EXPECT_EQ(devices.until(token(4)), kNow + 13s);
  EXPECT_EQ(devices.until(token(1)), TimePoint());
  EXPECT_EQ(devices.size(), 3U);
}

}  // namespace
}  // namespace apns::provider
