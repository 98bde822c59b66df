#include "cli/namespaces.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/descriptor.h"

namespace apns::cli {

namespace {

/// Where setting apart failed; errno with it.
enum class Step : std::uint8_t { None, Unshare, MapIds, Loopback, Mount };

struct Failure {
  Step step = Step::None;
  int error = 0;
};

// What the child of namespaces_forbidden() runs allocates nothing: another thread may have held the
// lock of the heap when it was forked.

std::uint64_t effective_capabilities() {
  __user_cap_header_struct header{};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) {
    return 0;
  }
  return std::uint64_t{data[1].effective} << 32U | data[0].effective;
}

bool write_file(const char* path, std::string_view text) {
  const Descriptor file(open(path, O_WRONLY | O_CLOEXEC));
  return file.is_open() &&
         write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// "ID ID 1": it is itself, and there is no other.
bool map_to_itself(const char* path, unsigned id) {
  std::array<char, 64> line{};
  const int len = std::snprintf(line.data(), line.size(), "%u %u 1", id, id);
  return write_file(path, {line.data(), static_cast<std::size_t>(len)});
}

bool raise_loopback() {
  const Descriptor any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::memcpy(static_cast<char*>(request.ifr_name), "lo", 3);
  if (!any.is_open() || ioctl(any.get(), SIOCGIFFLAGS, &request) != 0) {
    return false;
  }
  if ((request.ifr_flags & IFF_UP) != 0) {
    return true;
  }
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  return ioctl(any.get(), SIOCSIFFLAGS, &request) == 0;
}

Failure try_to_enter(bool own_network) {
  const unsigned uid = getuid();
  const unsigned gid = getgid();
  const int wanted = own_network ? CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS : CLONE_NEWNS;
  if (unshare(wanted) != 0) {
    return {Step::Unshare, errno};
  }
  if (own_network) {
    (void)write_file("/proc/self/setgroups", "deny");  // not there before Linux 3.19
    if (!map_to_itself("/proc/self/uid_map", uid) || !map_to_itself("/proc/self/gid_map", gid)) {
      return {Step::MapIds, errno};
    }
    if (!raise_loopback()) {
      return {Step::Loopback, errno};
    }
  }
  // What is mounted from here on is not seen outside. A file over itself is the trial: where a
  // security module lets a user namespace be but takes its rights, it fails only now.
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("/etc/hosts", "/etc/hosts", nullptr, MS_BIND, nullptr) != 0) {
    return {Step::Mount, errno};
  }
  return {};
}

/// The first line of a file of /proc/sys; empty: there is none.
std::string setting(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// The switch that forbids it, as sysctl(8) has it; empty: none of those we know.
std::string forbidding_setting() {
  if (setting("/proc/sys/user/max_user_namespaces") == "0") {
    return "user.max_user_namespaces=15000";
  }
  if (setting("/proc/sys/kernel/unprivileged_userns_clone") == "0") {
    return "kernel.unprivileged_userns_clone=1";
  }
  if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1") {
    return "kernel.apparmor_restrict_unprivileged_userns=0";
  }
  return {};
}

std::string what_failed(const Failure& failure, bool own_network) {
  if (failure.step == Step::Mount && failure.error == ENOENT) {
    return "there is no /etc/hosts to lay Apple's names over. Make an empty one";
  }
  std::string text = "this system lets CMD have no ";
  text += own_network ? "names and network" : "names";
  text += " of its own (";
  switch (failure.step) {
    case Step::None:
      break;
    case Step::Unshare:
      text += "unshare";
      break;
    case Step::MapIds:
      text += "user map";
      break;
    case Step::Loopback:
      text += "loopback";
      break;
    case Step::Mount:
      text += "mount";
      break;
  }
  return text + ": " + std::strerror(failure.error) + ")";
}

std::string explanation(const Failure& failure, bool own_network) {
  std::string text = what_failed(failure, own_network) + ". Run without --as-apple and let your " +
                     "program take host and port from the APNSLAB_* variables; or ";
  if (const std::string wanted = own_network ? forbidding_setting() : ""; !wanted.empty()) {
    return text + "allow it: sysctl -w " + wanted + "; or run as root.";
  }
  if (own_network && getuid() != 0) {
    text += "run as root; or, ";
  }
  return text +
         "in a container, start it with --cap-add SYS_ADMIN --security-opt "
         "apparmor=unconfined.";
}

}  // namespace

bool gets_own_network() {
  return (effective_capabilities() >> unsigned{CAP_SYS_ADMIN} & 1U) == 0;
}

Apart enter_namespaces() {
  const Apart apart{.own_network = gets_own_network(),
                    .capabilities_before = effective_capabilities()};
  const Failure failure = try_to_enter(apart.own_network);
  if (failure.step != Step::None) {
    throw NamespacesForbidden(explanation(failure, apart.own_network));
  }
  return apart;
}

void drop_gained_capabilities(const Apart& apart) {
  if (!apart.own_network) {
    return;
  }
  for (unsigned bit = 0; prctl(PR_CAPBSET_READ, bit) >= 0; ++bit) {
    if ((apart.capabilities_before >> bit & 1U) == 0) {
      (void)prctl(PR_CAPBSET_DROP, bit);
    }
  }
}

void lay_over(const std::filesystem::path& file, const std::filesystem::path& target) {
  if (mount(file.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    throw std::runtime_error("cannot lay " + file.string() + " over " + target.string() + ": " +
                             std::strerror(errno) +
                             ". Run without --as-apple, and let your program take what to trust "
                             "from the APNSLAB_* variables.");
  }
}

std::optional<std::string> namespaces_forbidden() {
  const bool own_network = gets_own_network();
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return std::string("cannot make a pipe: ") + std::strerror(errno) + ".";
  }
  const Descriptor from_child(ends[0]);
  Descriptor to_parent(ends[1]);
  const pid_t child = fork();
  if (child == 0) {
    const Failure found = try_to_enter(own_network);
    _exit(write(to_parent.get(), &found, sizeof found) == sizeof found ? 0 : 1);
  }
  to_parent.close();
  Failure failure;
  if (child < 0 || read(from_child.get(), &failure, sizeof failure) != sizeof failure) {
    failure = Failure{Step::Unshare, child < 0 ? errno : EPERM};
  }
  if (child > 0) {
    (void)waitpid(child, nullptr, 0);
  }
  if (failure.step == Step::None) {
    return std::nullopt;
  }
  return explanation(failure, own_network);
}

}  // namespace apns::cli
