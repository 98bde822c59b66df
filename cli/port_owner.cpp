#include "cli/port_owner.h"

#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

namespace apns::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kListening = "0A";

/// The inodes of the sockets that listen on the port. A line of the table: number, local address,
/// remote address, state, queues, timer, retransmissions, uid, timeout, inode. Source: proc(5).
std::vector<std::string> listening_inodes(std::uint16_t port, const fs::path& table) {
  std::vector<std::string> inodes;
  std::ifstream in(table);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string number, local, remote, state, queues, timer, retransmissions, uid, timeout, inode;
    words >> number >> local >> remote >> state >> queues >> timer >> retransmissions >> uid >>
        timeout >> inode;
    const std::size_t colon = local.rfind(':');
    unsigned found = 0;
    if (state != kListening || colon == std::string::npos ||
        std::from_chars(local.data() + colon + 1, local.data() + local.size(), found, 16).ec !=
            std::errc{}) {
      continue;
    }
    if (found == port) {
      inodes.push_back(inode);
    }
  }
  return inodes;
}

bool has_socket(const fs::path& process, const std::vector<std::string>& inodes) {
  std::error_code error;
  for (fs::directory_iterator entry(process / "fd", error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code unread;
    const std::string target = fs::read_symlink(entry->path(), unread).string();
    for (const std::string& inode : inodes) {
      if (!unread && target == "socket:[" + inode + "]") {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

std::optional<PortOwner> find_port_owner(std::uint16_t port, const fs::path& proc) {
  std::vector<std::string> inodes = listening_inodes(port, proc / "net" / "tcp");
  const std::vector<std::string> more = listening_inodes(port, proc / "net" / "tcp6");
  inodes.insert(inodes.end(), more.begin(), more.end());
  if (inodes.empty()) {
    return std::nullopt;
  }
  std::error_code error;
  for (fs::directory_iterator entry(proc, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string number = entry->path().filename().string();
    if (number.find_first_not_of("0123456789") != std::string::npos ||
        !has_socket(entry->path(), inodes)) {
      continue;
    }
    PortOwner owner;
    std::from_chars(number.data(), number.data() + number.size(), owner.pid);
    std::ifstream name(entry->path() / "comm");
    std::getline(name, owner.name);
    return owner;
  }
  return PortOwner{};
}

std::string to_text(const PortOwner& owner) {
  return owner.pid == 0 ? "a process of another user"
                        : "pid " + std::to_string(owner.pid) + ", " + owner.name;
}

}  // namespace apns::cli
