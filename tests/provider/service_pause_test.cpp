#include "provider/service_pause.h"

#include <gtest/gtest.h>

namespace apns::provider {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow{1h};

class ServicePauseTest : public testing::Test {
 public:
  void refused(std::uint64_t ticket, TimePoint now) { pause.refused(ticket, 20s, 100s, 0, now); }

  ServicePause pause;
};

TEST_F(ServicePauseTest, LetsAllGoUntilOneIsRefused) {
  EXPECT_TRUE(pause.lets_go(kNow));
  EXPECT_EQ(pause.until(), kNever);
  pause.went(1);
  pause.settled(1);
  EXPECT_TRUE(pause.lets_go(kNow));
}

TEST_F(ServicePauseTest, LetsOneGoToSeeAndTheRestBehindIt) {
  refused(7, kNow);
  EXPECT_FALSE(pause.lets_go(kNow + 10s - 1ns));
  EXPECT_EQ(pause.until(), kNow + 10s);
  refused(8, kNow + 1s);
  EXPECT_EQ(pause.until(), kNow + 10s) << "it was under way";
  EXPECT_TRUE(pause.lets_go(kNow + 10s));
  pause.went(9);
  EXPECT_FALSE(pause.lets_go(kNow + 1h));
  EXPECT_EQ(pause.until(), kNever);
  pause.settled(6);
  refused(5, kNow + 11s);
  EXPECT_FALSE(pause.lets_go(kNow + 1h)) << "others do not decide";
  pause.settled(9);
  EXPECT_TRUE(pause.lets_go(kNow + 11s));
}

TEST_F(ServicePauseTest, DoublesWhileTheOneIsRefused) {
  refused(1, kNow);
  Duration all{};
  for (const Duration length : {10s, 20s, 40s, 50s, 50s}) {
    all += length;
    EXPECT_EQ(pause.until(), kNow + all);
    pause.went(2);
    refused(2, kNow + all);
  }
  pause.went(3);
  pause.settled(3);
  refused(4, kNow);
  EXPECT_EQ(pause.until(), kNow + 10s) << "it begins anew";
}

}  // namespace
}  // namespace apns::provider
