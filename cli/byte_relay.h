#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include "cli/descriptor.h"

struct pollfd;

namespace apns::cli {

/// Copies bytes both ways between connections that its listening sockets accept and new ones to
/// this machine's loopback. One thread, poll(2); each direction has a buffer of fixed size, and is
/// read from only while there is room in it.
///
///   one side ends (FIN)      -> the rest is written, then the other side is told; the way back
///   stays one side is reset, gone  -> so is the other nobody listens there     -> reset
class ByteRelay {
 public:
  static constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;  // each way
  static constexpr std::size_t kMaxPairs = 256;  // further ones wait in the system's queue

  /// What `listener`, a listening socket, accepts goes to 127.0.0.1:`port`, or ::1 where nobody
  /// listens on the first.
  void add(Descriptor listener, std::uint16_t port);

  /// Until `control` can be read, or has ended.
  void run_until_readable(int control);

 private:
  struct Listener {
    Descriptor socket;
    std::uint16_t port;
  };

  /// Bytes from one socket that wait to be written to the other.
  struct Way {
    std::unique_ptr<std::array<std::byte, kBufferBytes>> buffer;
    std::size_t begin = 0;
    std::size_t end = 0;
    bool has_ended = false;  // nothing more comes
    bool is_told = false;    // and the other side knows
  };

  struct Pair {
    Descriptor inside;   // accepted
    Descriptor outside;  // dialled
    std::uint16_t port = 0;
    bool is_connecting = true;
    bool is_second_try = false;
    bool is_dead = false;
    Way out{};   // inside to outside
    Way back{};  // outside to inside
  };

  void accept_from(const Listener& listener);
  static void dial(Pair& pair);
  static void dialled(Pair& pair);
  static void reset(Pair& pair);
  static short wanted(const Way& read, const Way& write);
  static void move(Pair& pair, Way& way, int from, int to);
  static void move_all(Pair& pair, short inside, short outside);
  void handle(const std::vector<pollfd>& polled);

  std::vector<Listener> listeners_;
  std::list<Pair> pairs_;
};

}  // namespace apns::cli
