#pragma once

#include <unistd.h>
#include <utility>

namespace apns::cli {

/// Owns an open descriptor, or none (-1).
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}

  ~Descriptor() { close(); }

  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  [[nodiscard]] int get() const { return fd_; }

  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

  void close() {
    if (fd_ >= 0) {
      (void)::close(std::exchange(fd_, -1));
    }
  }

 private:
  int fd_;
};

}  // namespace apns::cli
