#include "cli/port_forwarder.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "cli/byte_relay.h"

namespace apns::cli {

namespace {

/// A message of the channel: a port, and beside it a descriptor.
class Message {
 public:
  explicit Message(std::uint16_t& port) : part_{&port, sizeof port} {
    header_.msg_iov = &part_;
    header_.msg_iovlen = 1;
    header_.msg_control = room_.data();
    header_.msg_controllen = room_.size();
  }

  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  [[nodiscard]] bool send(int channel, int descriptor) {
    cmsghdr* const head = CMSG_FIRSTHDR(&header_);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
    return ::sendmsg(channel, &header_, MSG_NOSIGNAL) == static_cast<ssize_t>(part_.iov_len);
  }

  /// Not open: the other end is gone.
  [[nodiscard]] Descriptor receive(int channel) {
    ssize_t len = 0;
    do {
      len = ::recvmsg(channel, &header_, MSG_CMSG_CLOEXEC);
    } while (len < 0 && errno == EINTR);
    const cmsghdr* const head = len > 0 ? CMSG_FIRSTHDR(&header_) : nullptr;
    int descriptor = -1;
    if (head != nullptr && head->cmsg_type == SCM_RIGHTS) {
      std::memcpy(&descriptor, CMSG_DATA(head), sizeof descriptor);
    }
    return Descriptor(descriptor);
  }

 private:
  iovec part_;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room_{};
  msghdr header_{};
};

/// Whoever reads our output waits for its end; nobody is to wait for the helper's.
void leave_terminal() {
  (void)::setsid();
  const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    (void)::dup2(nothing.get(), fd);
  }
}

[[noreturn]] void help(const Descriptor& channel) {
  leave_terminal();
  ByteRelay relay;
  for (;;) {
    relay.run_until_readable(channel.get());
    std::uint16_t port = 0;
    Message message(port);
    Descriptor listener = message.receive(channel.get());
    if (!listener.is_open()) {
      ::_exit(0);
    }
    relay.add(std::move(listener), port);
  }
}

/// Nothing: there is no such family here.
std::optional<Descriptor> listen_on(int family, std::uint16_t port) {
  Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) {
    return std::nullopt;
  }
  const int yes = 1;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  six.sin6_addr = in6addr_loopback;
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const void* const address = family == AF_INET6 ? static_cast<const void*>(&six) : &four;
  const socklen_t len = family == AF_INET6 ? sizeof six : sizeof four;
  if (::bind(socket.get(), static_cast<const sockaddr*>(address), len) != 0 ||
      ::listen(socket.get(), SOMAXCONN) != 0) {
    if (errno == EADDRNOTAVAIL) {
      return std::nullopt;
    }
    throw std::runtime_error("--forward " + std::to_string(port) + ": " + std::strerror(errno) +
                             ". Give each port once, and let a service of yours listen on it.");
  }
  return socket;
}

}  // namespace

PortForwarder::PortForwarder() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::runtime_error(std::string("cannot make a pair of sockets: ") + std::strerror(errno) +
                             ".");
  }
  channel_ = Descriptor(ends[0]);
  const Descriptor far_end(ends[1]);
  helper_ = ::fork();
  if (helper_ < 0) {
    throw std::runtime_error(std::string("cannot start a process: ") + std::strerror(errno) + ".");
  }
  if (helper_ == 0) {
    channel_.close();
    help(far_end);
  }
}

PortForwarder::~PortForwarder() {
  channel_.close();
  (void)::waitpid(helper_, nullptr, 0);
}

void PortForwarder::forward(std::uint16_t port) {
  for (const int family : {AF_INET, AF_INET6}) {
    if (const std::optional<Descriptor> listener = listen_on(family, port)) {
      hand_over(*listener, port);
    }
  }
}

void PortForwarder::hand_over(const Descriptor& listener, std::uint16_t port) {
  if (Message message(port); !message.send(channel_.get(), listener.get())) {
    throw std::runtime_error("--forward " + std::to_string(port) +
                             ": the helper process has ended. Run it again.");
  }
}

}  // namespace apns::cli
