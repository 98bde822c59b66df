// SocketHost::run_alone: all threads stand still while one more does something.
#include "apns/net/standstill.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "apns/net/socket_host.h"

namespace apns::net {
namespace {

using namespace std::chrono_literals;

class RunAlone : public testing::Test {
 protected:
  RunAlone() { host.start(); }

  /// A task that posts itself anew, as long as the test lasts, and counts without a lock.
  void keep_busy(unsigned thread) {
    ++counts[thread];
    if (!is_over) {
      host.post(thread, [this, thread] { keep_busy(thread); });
    }
  }

  ~RunAlone() override {
    is_over = true;
    host.stop();
  }

  static constexpr unsigned kThreads = 3;
  std::vector<std::uint64_t> counts = std::vector<std::uint64_t>(kThreads);
  std::atomic<bool> is_over{false};
  SocketHost host{SocketHostOptions{.threads = kThreads}};
};

TEST_F(RunAlone, NobodyElseRuns) {
  for (unsigned thread = 0; thread < kThreads; ++thread) {
    host.post(thread, [this, thread] { keep_busy(thread); });
  }
  std::vector<std::uint64_t> last(kThreads);
  for (int round = 0; round < 100; ++round) {
    ASSERT_TRUE(host.run_alone([&] {
      const std::vector<std::uint64_t> before = counts;
      std::this_thread::yield();
      EXPECT_EQ(counts, before);
      last = before;
    }));
  }
  is_over = true;
  for (unsigned thread = 0; thread < kThreads; ++thread) {
    EXPECT_GT(last[thread], 0U) << "thread " << thread << " ran in between";
  }
}

TEST_F(RunAlone, OneAtATimeWhoeverAsks) {
  int num_done = 0;  // no lock: that is the point
  std::vector<std::jthread> askers;
  askers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    askers.emplace_back([&] {
      for (int n = 0; n < 100; ++n) {
        EXPECT_TRUE(host.run_alone([&] { ++num_done; }));
      }
    });
  }
  askers.clear();
  EXPECT_EQ(num_done, 400);
}

TEST_F(RunAlone, GivesUpOnAThreadThatIsBusy) {
  std::promise<void> release;
  host.post(1, [&] { release.get_future().wait(); });
  EXPECT_FALSE(host.run_alone([] { FAIL() << "a thread was missing"; }, 20ms));
  host.run_on(0, [] {});  // the others have been let go
  release.set_value();
  bool has_run = false;
  EXPECT_TRUE(host.run_alone([&] { has_run = true; }));
  EXPECT_TRUE(has_run);
}

TEST_F(RunAlone, GivesUpWhenTheHostIsStopped) {
  std::promise<void> is_blocked;
  std::promise<void> release;
  host.post(1, [&] {
    is_blocked.set_value();
    release.get_future().wait();
  });
  is_blocked.get_future().wait();
  std::future<bool> ran = std::async(std::launch::async, [&] { return host.run_alone([] {}, 1h); });
  std::jthread stopper([&] { host.stop(); });
  const bool ended = ran.wait_for(10s) == std::future_status::ready;
  release.set_value();
  EXPECT_TRUE(ended) << "waited in vain for run_alone";
  EXPECT_FALSE(ran.get());
}

TEST_F(RunAlone, LetsThemGoWhenTheTaskThrows) {
  EXPECT_THROW((void)host.run_alone([] { throw std::runtime_error("no"); }), std::runtime_error);
  for (unsigned thread = 0; thread < kThreads; ++thread) {
    host.run_on(thread, [] {});
  }
}

TEST_F(RunAlone, DoesNothingWithoutRunningThreads) {
  SocketHost other;
  EXPECT_FALSE(other.run_alone([] { FAIL() << "it was not started"; }));
  host.stop();
  EXPECT_FALSE(host.run_alone([] { FAIL() << "it was stopped"; }));
}

}  // namespace
}  // namespace apns::net
