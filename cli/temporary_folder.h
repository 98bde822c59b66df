#pragma once

#include <filesystem>

namespace apns::cli {

/// An empty folder of our own (mode 0700) where temporary files go (TMPDIR), removed with all that
/// is in it.
class TemporaryFolder {
 public:
  /// Throws std::runtime_error with a full sentence.
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace apns::cli
