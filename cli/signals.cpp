#include "cli/signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

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
