#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace apns::cli {

/// Who listens on a port.
struct PortOwner {
  std::int64_t pid = 0;  // 0: a process whose files we may not see
  std::string name;      // "nginx"; empty with pid 0
};

/// Reads `proc`/net/tcp and tcp6, and the descriptors of the processes in it. Nullopt: nobody
/// listens on this port, on any address. `proc` is "/proc", but for tests.
[[nodiscard]] std::optional<PortOwner> find_port_owner(std::uint16_t port,
                                                       const std::filesystem::path& proc);

/// "pid 812, nginx"; "a process of another user".
[[nodiscard]] std::string to_text(const PortOwner& owner);

}  // namespace apns::cli
