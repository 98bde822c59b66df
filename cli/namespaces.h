#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace apns::cli {

/// The system lets nobody be set apart. what() says why, and what helps or does instead.
class NamespacesForbidden : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a process that was set apart has for itself, and what it had before.
struct Apart {
  bool own_network = false;             // an empty one, with a loopback that is up
  std::uint64_t capabilities_before{};  // effective ones, by bit
};

/// Whether enter_namespaces() gives a network of its own: false with CAP_SYS_ADMIN.
[[nodiscard]] bool gets_own_network();

/// Sets this process apart, with all the children that it has from now on. With CAP_SYS_ADMIN: in a
/// mount namespace. Else in a user namespace, where it keeps its uid and gid, with a mount and a
/// network namespace. What it mounts afterwards nobody else sees, and it goes with the last of
/// them. Call it while the process has one thread. Throws NamespacesForbidden; the process is then
/// of no use but to say so.
[[nodiscard]] Apart enter_namespaces();

/// Gives up, for the program that this process becomes, what capabilities the user namespace
/// brought it. Only root would keep them.
void drop_gained_capabilities(const Apart& apart);

/// Lets `file` lie over `target`, a file that exists. After enter_namespaces(). Throws
/// std::runtime_error with a full sentence.
void lay_over(const std::filesystem::path& file, const std::filesystem::path& target);

/// What NamespacesForbidden would say; nothing: enter_namespaces() works here. A short-lived child
/// tries, so that any thread may ask.
[[nodiscard]] std::optional<std::string> namespaces_forbidden();

}  // namespace apns::cli
