#include "cli/namespaces.h"

#include <filesystem>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::cli {
namespace {

/// What `ask` says in a process that has one thread, and may be set apart without harm to others.
template <class Ask>
bool holds_in_child(Ask ask) {
  const pid_t child = fork();
  if (child == 0) {
    _exit(ask() ? 0 : 1);
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool can_enter() {
  try {
    (void)enter_namespaces();
    return true;
  } catch (const NamespacesForbidden&) {
    return false;
  }
}

TEST(Namespaces, AreForbiddenExactlyWhereTheyCannotBeEntered) {
  EXPECT_EQ(!namespaces_forbidden().has_value(), holds_in_child(can_enter));
}

TEST(Namespaces, MayBeAskedForBesideOtherThreads) {
  std::optional<std::string> answer;
  std::thread([&answer] { answer = namespaces_forbidden(); }).join();
  EXPECT_EQ(answer, namespaces_forbidden());
}

TEST(Namespaces, LeaveTheAskingProcessWhereItIs) {
  const auto before = std::filesystem::read_symlink("/proc/self/ns/mnt");
  (void)namespaces_forbidden();
  EXPECT_EQ(std::filesystem::read_symlink("/proc/self/ns/mnt"), before);
}

TEST(Namespaces, SayWhatToDoInstead) {
  if (const auto why = namespaces_forbidden()) {
    EXPECT_THAT(*why, testing::HasSubstr("Run without --as-apple"));
    return;
  }
  EXPECT_TRUE(holds_in_child([] {
    (void)enter_namespaces();
    try {
      lay_over("/no/such/file", "/etc/hosts");
    } catch (const std::runtime_error& error) {
      return std::string(error.what()).find("Run without --as-apple") != std::string::npos;
    }
    return false;
  }));
}

}  // namespace
}  // namespace apns::cli
