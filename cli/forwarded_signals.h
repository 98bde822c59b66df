#pragma once

#include <csignal>
#include <optional>
#include <sys/types.h>

namespace apns::cli {

/// Makes this process stand aside for one that it runs in its own process group: as with `env
/// CMD`, whoever signals us means CMD.
///
///   kill -TERM us (or HUP, QUIT, INT, USR1, USR2)  ->  CMD gets it, and decides
///   Ctrl-C, Ctrl-\, Ctrl-Z, the terminal closes    ->  the system has told the whole group
///   already:
///                                                      nothing is told twice
///   CMD sends to its group (kill 0)                ->  likewise
///   CMD stops (Ctrl-Z, or reads in the background) ->  we stop, so that the shell sees it; when we
///                                                      are continued, so is CMD
///   CMD ends                                       ->  its code is ours
///
/// Make one before any thread starts: the signals are blocked from then on in every thread.
class ForwardedSignals {
 public:
  ForwardedSignals();

  /// In the child, before it becomes CMD: signals are as they were before the constructor.
  void restore() const;

  /// Until `command`, a child of ours, has ended. Other children that end meanwhile are reaped: as
  /// the first process of a container we get orphans. Returns its exit code, or 128 + the signal
  /// that ended it.
  [[nodiscard]] int wait_for(pid_t command) const;

 private:
  /// The code, if CMD has ended.
  [[nodiscard]] std::optional<int> look_at_children(pid_t command) const;
  void stop_with(int number) const;

  sigset_t set_;
  sigset_t mask_before_;

  struct sigaction pipe_before_ {};

  struct sigaction child_before_ {};
};

}  // namespace apns::cli
