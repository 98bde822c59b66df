#include <vector>

#include "cli/commands.h"

int main(int argc, char** argv) {
  using namespace apns::cli;
  std::vector<Command> commands = {
      exec_command(),    serve_command(),    push_command(),   device_command(),
      preview_command(), feedback_command(), check_command(),  rules_command(),
      certs_command(),   magic_command(),    doctor_command(),
  };
  commands.push_back(completion_command(commands));
  return run(argc, argv, commands);
}
