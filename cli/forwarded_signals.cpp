#include "cli/forwarded_signals.h"

#include <pthread.h>
#include <sys/wait.h>

namespace apns::cli {

namespace {

void add_all(sigset_t& set) {
  for (const int number : {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGTTIN,
                           SIGTTOU, SIGCONT, SIGCHLD}) {
    (void)sigaddset(&set, number);
  }
}

/// Stops that mean the whole job. SIGSTOP is for one process.
bool is_job_stop(int number) {
  return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

}  // namespace

ForwardedSignals::ForwardedSignals() {
  (void)sigemptyset(&set_);
  add_all(set_);
  (void)pthread_sigmask(SIG_BLOCK, &set_, &mask_before_);

  struct sigaction ignored {};

  ignored.sa_handler = SIG_IGN;
  // A peer or a pipe that goes away is an error of one write, not of the process.
  (void)sigaction(SIGPIPE, &ignored, &pipe_before_);

  // Whoever started us may have ignored it, and then nobody could ask how a child ended.
  struct sigaction usual {};

  usual.sa_handler = SIG_DFL;
  (void)sigaction(SIGCHLD, &usual, &child_before_);
}

void ForwardedSignals::restore() const {
  (void)sigaction(SIGPIPE, &pipe_before_, nullptr);
  (void)sigaction(SIGCHLD, &child_before_, nullptr);
  (void)pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

int ForwardedSignals::wait_for(pid_t command) const {
  for (;;) {
    siginfo_t info{};
    const int number = sigwaitinfo(&set_, &info);
    if (number == SIGCHLD) {
      if (const std::optional<int> code = look_at_children(command)) {
        return *code;
      }
      continue;
    }
    // To continue what runs does nothing, so this one may be told twice: `kill -CONT us`.
    const bool is_told = number != SIGCONT && (info.si_code > 0 || info.si_pid == command);
    if (number > 0 && !is_told) {
      (void)kill(command, number);
    }
  }
}

std::optional<int> ForwardedSignals::look_at_children(pid_t command) const {
  for (;;) {
    siginfo_t child{};
    if (waitid(P_ALL, 0, &child, WEXITED | WSTOPPED | WNOHANG) != 0 || child.si_pid == 0) {
      return std::nullopt;
    }
    if (child.si_pid != command) {
      continue;
    }
    if (child.si_code == CLD_EXITED) {
      return child.si_status;
    }
    if (child.si_code == CLD_KILLED || child.si_code == CLD_DUMPED) {
      return 128 + child.si_status;
    }
    if (child.si_code == CLD_STOPPED && is_job_stop(child.si_status)) {
      stop_with(child.si_status);
    }
  }
}

void ForwardedSignals::stop_with(int number) const {
  sigset_t one;
  (void)sigemptyset(&one);
  (void)sigaddset(&one, number);
  (void)pthread_kill(pthread_self(), number);
  (void)pthread_sigmask(SIG_UNBLOCK, &one, nullptr);  // here we stop, and here we go on
  (void)pthread_sigmask(SIG_BLOCK, &one, nullptr);
}

}  // namespace apns::cli
