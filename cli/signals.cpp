#include "cli/signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace apns::cli {

namespace {

sigset_t stop_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t set = stop_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A peer or a pipe that goes away is an error of one write, not of the process.
  (void)signal(SIGPIPE, SIG_IGN);
}

int StopSignals::wait() const {
  const sigset_t set = stop_set();
  int number = 0;
  while (sigwait(&set, &number) != 0) {
  }
  return number;
}

void StopSignals::exit_on_next() const {
  std::thread([this_copy = *this] { _exit(128 + this_copy.wait()); }).detach();
}

StopWatcher::StopWatcher(const StopSignals& signals, std::function<void()> on_stop)
    : thread_([this, signals, on_stop = std::move(on_stop)] {
        (void)signals.wait();
        if (!is_over_) {
          on_stop();
          const int number = signals.wait();
          if (!is_over_) {
            _exit(128 + number);
          }
        }
      }) {}

StopWatcher::~StopWatcher() {
  is_over_ = true;
  // Ends the thread's wait: a signal that is sent to one thread goes to no other.
  (void)pthread_kill(thread_.native_handle(), SIGINT);
  thread_.join();
}

std::string raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) {
    return "";
  }
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return "";
  }
  return "open descriptors: limit raised from " + std::to_string(before) + " to " +
         std::to_string(limit.rlim_cur);
}

}  // namespace apns::cli
