#pragma once

#include <functional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "cli/descriptor.h"

namespace apns::cli {

/// A command that is to run once what it needs is there. It is forked at once, while the process
/// has one thread, no sockets and the limits it was started with, so that CMD inherits nothing of
/// ours; then it waits for start().
class WaitingCommand {
 public:
  /// `words`: the command, looked up in PATH, and its arguments; not empty. `in_child` runs in the
  /// child just before it becomes the command. Throws std::runtime_error when there can be no
  /// child.
  WaitingCommand(const std::vector<std::string>& words, const std::function<void()>& in_child);
  /// A command that was never started ends without having run.
  ~WaitingCommand();
  WaitingCommand(const WaitingCommand&) = delete;
  WaitingCommand& operator=(const WaitingCommand&) = delete;

  /// Lets it run with these variables in its environment, beside those it inherits. Once; who then
  /// waits for it reaps it.
  void start(const std::vector<std::pair<std::string, std::string>>& environment);

  /// Once it has ended: the errno of execvp(3), or 0 if it became the command. Once.
  [[nodiscard]] int exec_error();

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  [[noreturn]] static void wait_and_run(const std::vector<std::string>& words,
                                        const std::function<void()>& in_child, Descriptor go,
                                        int failure);

  Descriptor go_;       // what is written is "NAME=VALUE\0", at its end the child runs
  Descriptor failure_;  // the child's errno; closed by a successful exec
  pid_t pid_ = -1;
  bool is_started_ = false;
};

}  // namespace apns::cli
