#include "cli/byte_relay.h"

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace apns::cli {

namespace {

constexpr short kBroken = POLLERR | POLLNVAL;

bool is_for_later(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/// A non-blocking connect to the loopback. Not open: it failed at once.
Descriptor connect_to(bool ipv6, std::uint16_t port) {
  const int family = ipv6 ? AF_INET6 : AF_INET;
  Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  six.sin6_addr = in6addr_loopback;
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const void* const address = ipv6 ? static_cast<const void*>(&six) : &four;
  const socklen_t len = ipv6 ? sizeof six : sizeof four;
  if (::connect(socket.get(), static_cast<const sockaddr*>(address), len) != 0 &&
      errno != EINPROGRESS) {
    socket.close();
  }
  return socket;
}

}  // namespace

void ByteRelay::add(Descriptor listener, std::uint16_t port) {
  listeners_.push_back(Listener{std::move(listener), port});
}

void ByteRelay::run_until_readable(int control) {
  std::vector<pollfd> polled;
  for (;;) {
    polled.clear();
    polled.push_back(pollfd{control, POLLIN, 0});
    const bool has_room = pairs_.size() < kMaxPairs;
    for (const Listener& listener : listeners_) {
      polled.push_back(pollfd{has_room ? listener.socket.get() : -1, POLLIN, 0});
    }
    for (const Pair& pair : pairs_) {
      const short outside = pair.is_connecting ? short{POLLOUT} : wanted(pair.back, pair.out);
      const short inside = wanted(pair.out, pair.back);
      // What asks for nothing is left out: it would report its end again and again.
      polled.push_back(pollfd{inside == 0 ? -1 : pair.inside.get(), inside, 0});
      polled.push_back(pollfd{outside == 0 ? -1 : pair.outside.get(), outside, 0});
    }
    if (::poll(polled.data(), polled.size(), -1) < 0) {
      continue;
    }
    if (polled.front().revents != 0) {
      return;
    }
    handle(polled);
  }
}

/// `polled`: the control, the listeners, then two for each pair, in their order.
void ByteRelay::handle(const std::vector<pollfd>& polled) {
  std::size_t at = 1 + listeners_.size();
  for (Pair& pair : pairs_) {
    const short inside = polled[at].revents;
    const short outside = polled[at + 1].revents;
    at += 2;
    if (pair.is_connecting && outside != 0) {
      dialled(pair);
    }
    move_all(pair, inside, outside);
  }
  std::erase_if(pairs_, [](const Pair& pair) {
    return pair.is_dead || (pair.out.is_told && pair.back.is_told);
  });
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (polled[1 + i].revents != 0) {
      accept_from(listeners_[i]);
    }
  }
}

void ByteRelay::accept_from(const Listener& listener) {
  Descriptor accepted(
      ::accept4(listener.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted.is_open()) {
    return;
  }
  pairs_.emplace_back();
  Pair& pair = pairs_.back();
  pair.inside = std::move(accepted);
  pair.port = listener.port;
  dial(pair);
}

void ByteRelay::dial(Pair& pair) {
  pair.outside = connect_to(pair.is_second_try, pair.port);
  if (!pair.outside.is_open()) {
    dialled(pair);
  }
}

void ByteRelay::dialled(Pair& pair) {
  int error = ECONNREFUSED;
  socklen_t len = sizeof error;
  if (pair.outside.is_open()) {
    (void)::getsockopt(pair.outside.get(), SOL_SOCKET, SO_ERROR, &error, &len);
  }
  if (error == 0) {
    pair.is_connecting = false;
  } else if (!std::exchange(pair.is_second_try, true)) {
    dial(pair);
  } else {
    reset(pair);
  }
}

void ByteRelay::reset(Pair& pair) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  for (Descriptor* socket : {&pair.inside, &pair.outside}) {
    (void)::setsockopt(socket->get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket->close();
  }
  pair.is_dead = true;
}

/// What a socket is to be polled for, from which `read` is filled and to which `write` is emptied.
short ByteRelay::wanted(const Way& read, const Way& write) {
  const bool has_room = !read.has_ended && (!read.buffer || read.end < kBufferBytes);
  const bool has_bytes = write.begin < write.end;
  return static_cast<short>((has_room ? POLLIN : 0) | (has_bytes ? POLLOUT : 0));
}

void ByteRelay::move_all(Pair& pair, short inside, short outside) {
  if (pair.is_dead) {
    return;
  }
  if (((inside | (pair.is_connecting ? 0 : outside)) & kBroken) != 0) {
    reset(pair);
    return;
  }
  if (inside != 0 || (outside != 0 && !pair.is_connecting)) {
    move(pair, pair.out, pair.inside.get(), pair.is_connecting ? -1 : pair.outside.get());
  }
  if (!pair.is_dead && !pair.is_connecting && (inside != 0 || outside != 0)) {
    move(pair, pair.back, pair.outside.get(), pair.inside.get());
  }
}

/// Reads once if there is room, writes once if there is something; `to` -1: not yet.
void ByteRelay::move(Pair& pair, Way& way, int from, int to) {
  if (!way.buffer) {
    way.buffer = std::make_unique<std::array<std::byte, kBufferBytes>>();
  }
  if (!way.has_ended && way.end < kBufferBytes) {
    const ssize_t len =
        ::recv(from, way.buffer->data() + way.end, kBufferBytes - way.end, MSG_DONTWAIT);
    if (len < 0 && !is_for_later(errno)) {
      reset(pair);
      return;
    }
    way.has_ended = len == 0;
    way.end += len > 0 ? static_cast<std::size_t>(len) : 0;
  }
  if (to < 0) {
    return;
  }
  if (way.begin < way.end) {
    const ssize_t len = ::send(to, way.buffer->data() + way.begin, way.end - way.begin,
                               MSG_DONTWAIT | MSG_NOSIGNAL);
    if (len < 0 && !is_for_later(errno)) {
      reset(pair);
      return;
    }
    way.begin += len > 0 ? static_cast<std::size_t>(len) : 0;
  }
  if (way.begin == way.end) {
    way.begin = way.end = 0;
    if (way.has_ended && !std::exchange(way.is_told, true)) {
      (void)::shutdown(to, SHUT_WR);
    }
  }
}

}  // namespace apns::cli
