#include "certs/whole_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace apns::certs {
namespace {

constexpr mode_t kOwnerOnly = 0600;

[[noreturn]] void fail(const char* verb, const std::filesystem::path& path) {
  const int error = errno;
  throw std::runtime_error(std::string("cannot ") + verb + " " + path.string() + ": " +
                           std::strerror(error));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}

  ~Descriptor() { close(); }

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const { return fd_; }

  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

  /// False: the system could not keep what was written.
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

/// A file that is removed again unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string pattern)
      : path_(std::move(pattern)), descriptor_(::mkostemp(path_.data(), O_CLOEXEC)) {}

  ~TemporaryFile() {
    if (is_made_ && !renamed_) {
      ::unlink(path_.c_str());
    }
  }

  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] bool is_made() const { return is_made_; }

  [[nodiscard]] bool write(std::string_view text, mode_t mode) {
    while (!text.empty()) {
      const ssize_t n = ::write(descriptor_.get(), text.data(), text.size());
      if (n < 0 && errno != EINTR) {
        return false;
      }
      text.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
    }
    return ::fchmod(descriptor_.get(), mode) == 0 && descriptor_.close();
  }

  [[nodiscard]] bool rename_to(const std::filesystem::path& path) {
    renamed_ = std::rename(path_.c_str(), path.c_str()) == 0;
    return renamed_;
  }

 private:
  std::string path_;
  Descriptor descriptor_;
  bool is_made_ = descriptor_.is_open();
  bool renamed_ = false;
};

}  // namespace

std::optional<std::string> read_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) {
      return std::nullopt;
    }
    fail("read", path);
  }
  std::string text;
  std::array<char, 65536> part;
  for (;;) {
    const ssize_t n = ::read(file.get(), part.data(), part.size());
    if (n == 0) {
      return text;
    }
    if (n > 0) {
      text.append(part.data(), static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      fail("read", path);
    }
  }
}

void write_file(const std::filesystem::path& path, std::string_view text, unsigned mode) {
  TemporaryFile file((path.parent_path() / ("." + path.filename().string() + ".XXXXXX")).string());
  if (!file.is_made() || !file.write(text, mode) || !file.rename_to(path)) {
    fail("write", path);
  }
}

FileLock::FileLock(const std::filesystem::path& path)
    // For reading, so that a complete folder on a read-only file system can be used.
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, kOwnerOnly)) {
  if (descriptor_ < 0) {
    fail("lock", path);
  }
  while (::flock(descriptor_, LOCK_EX) != 0) {
    if (errno != EINTR) {
      const int error = errno;
      ::close(descriptor_);
      errno = error;
      fail("lock", path);
    }
  }
}

FileLock::~FileLock() {
  ::close(descriptor_);
}

}  // namespace apns::certs
