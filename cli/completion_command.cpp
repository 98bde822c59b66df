#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/completion.h"

namespace apns::cli {

namespace {

struct CompletionOptions {
  std::string shell;
};

int completion_main(const CompletionOptions& options, std::vector<Command> commands) {
  if (options.shell.empty()) {
    throw std::runtime_error("SHELL is missing. Give bash, zsh or fish.");
  }
  commands.push_back(completion_command({}));
  if (options.shell == "bash") {
    std::cout << bash_completion(commands);
  } else if (options.shell == "zsh") {
    std::cout << zsh_completion(commands);
  } else {
    std::cout << fish_completion(commands);
  }
  return 0;
}

}  // namespace

Command completion_command(std::vector<Command> others) {
  return Command{
      "completion", "completion SHELL", "for bash, zsh or fish: complete command lines", "The rest",
      [others = std::move(others)](Options& o) -> std::function<int()> {
        const auto options = std::make_shared<CompletionOptions>();
        o.choice("SHELL", options->shell, {"bash", "zsh", "fish"}, "prints a script for it");
        o.example("eval \"$(apnslab completion bash)\"");
        return [options, others] { return completion_main(*options, others); };
      }};
}

}  // namespace apns::cli
