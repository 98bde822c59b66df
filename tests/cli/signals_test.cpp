#include "cli/signals.h"

#include <csignal>
#include <future>
#include <unistd.h>

#include <gtest/gtest.h>

namespace apns::cli {
namespace {

using namespace std::chrono_literals;

TEST(StopWatcher, TellsOfTheFirstSignal) {
  const StopSignals signals;
  std::promise<void> told;
  const StopWatcher watcher(signals, [&told] { told.set_value(); });
  ASSERT_EQ(::kill(::getpid(), SIGINT), 0);
  EXPECT_EQ(told.get_future().wait_for(10s), std::future_status::ready);
}

TEST(StopWatcher, EndsWithoutASignal) {
  const StopSignals signals;
  bool was_told = false;
  {
    const StopWatcher watcher(signals, [&was_told] { was_told = true; });
  }
  EXPECT_FALSE(was_told);
  std::promise<void> told;
  const StopWatcher another(signals, [&told] { told.set_value(); });
  ASSERT_EQ(::kill(::getpid(), SIGTERM), 0);
  EXPECT_EQ(told.get_future().wait_for(10s), std::future_status::ready)
      << "the first one has left no signal behind and taken none away";
}

TEST(StopWatcherDeathTest, ASecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        const StopSignals signals;
        std::promise<void> told;
        const StopWatcher watcher(signals, [&told] { told.set_value(); });
        (void)::kill(::getpid(), SIGTERM);
        told.get_future().wait();
        (void)::kill(::getpid(), SIGINT);
        ::pause();  // until the watcher ends the process
      },
      testing::ExitedWithCode(128 + SIGINT), "");
}

}  // namespace
}  // namespace apns::cli
