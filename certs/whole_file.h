#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace apns::certs {

/// The contents of `path`; nothing when there is no such file. Throws std::runtime_error naming the
/// file, with the system's text, when it is there and cannot be read.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path);

/// Writes `text` to `path` by rename within its folder, so that a reader sees the old file or the
/// new one, never a part; `mode` is the permission bits whatever the umask. Not synced to the disk:
/// what matters can be made again. Throws std::runtime_error naming the file, with the system's
/// text.
void write_file(const std::filesystem::path& path, std::string_view text, unsigned mode);

/// Holds an exclusive lock (flock) on a file, made when missing; another holder, in this process or
/// another, is waited for. Released by the destructor, and by the system when the process dies.
class FileLock {
 public:
  /// Throws std::runtime_error naming the file, with the system's text.
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace apns::certs
