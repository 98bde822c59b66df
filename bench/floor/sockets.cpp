#include "bench/floor/sockets.h"

#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace apns::floor {
namespace {

// The sockets API takes every address as sockaddr*.
sockaddr* generic(sockaddr_in& address) {
  return static_cast<sockaddr*>(static_cast<void*>(&address));
}

void set_flag(const Fd& socket, int level, int option) {
  const int on = 1;
  if (setsockopt(socket.get(), level, option, &on, sizeof on) != 0) {
    throw_errno("A socket option cannot be set");
  }
}

void set_patience(const Fd& socket) {
  const timeval limit{.tv_sec = kPatience.count(), .tv_usec = 0};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    if (setsockopt(socket.get(), SOL_SOCKET, option, &limit, sizeof limit) != 0) {
      throw_errno("A socket option cannot be set");
    }
  }
}

}  // namespace

Fd::Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Fd& Fd::operator=(Fd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

void throw_errno(const std::string& what) {
  throw std::runtime_error(what + ": " + std::generic_category().message(errno) + ".");
}

Fd listen_on_loopback(std::uint16_t port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) {
    throw_errno("No socket can be made");
  }
  set_flag(socket, SOL_SOCKET, SO_REUSEADDR);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(socket.get(), generic(address), sizeof address) != 0 ||
      listen(socket.get(), SOMAXCONN) != 0) {
    throw_errno("Port " + std::to_string(port) + " on 127.0.0.1 cannot be listened on");
  }
  return socket;
}

std::uint16_t local_port(const Fd& socket) {
  sockaddr_in address{};
  socklen_t address_len = sizeof address;
  if (getsockname(socket.get(), generic(address), &address_len) != 0) {
    throw_errno("The socket's own port cannot be read");
  }
  return ntohs(address.sin_port);
}

Fd connect_to(const std::string& address, std::uint16_t port) {
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &peer.sin_addr) != 1) {
    throw std::runtime_error("'" + address + "' is not a numeric IPv4 address.");
  }
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) {
    throw_errno("No socket can be made");
  }
  if (connect(socket.get(), generic(peer), sizeof peer) != 0) {
    throw_errno("Port " + std::to_string(port) + " on " + address + " cannot be reached");
  }
  set_patience(socket);
  set_flag(socket, IPPROTO_TCP, TCP_NODELAY);
  return socket;
}

Fd accept_from(const Fd& listener, bool blocking) {
  const int flags = SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK);
  Fd socket(accept4(listener.get(), nullptr, nullptr, flags));
  if (socket.get() >= 0) {
    set_flag(socket, IPPROTO_TCP, TCP_NODELAY);
    if (blocking) {
      set_patience(socket);
    }
  } else if (errno == EMFILE || errno == ENFILE) {
    throw_errno("No connection can be accepted");
  }
  return socket;
}

bool send_all(int fd, std::span<const std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

Fd stop_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  if (sigprocmask(SIG_BLOCK, &signals, nullptr) != 0 || std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
    throw_errno("Signals cannot be blocked");
  }
  Fd fd(signalfd(-1, &signals, SFD_CLOEXEC));
  if (fd.get() < 0) {
    throw_errno("No signal descriptor can be made");
  }
  return fd;
}

}  // namespace apns::floor
