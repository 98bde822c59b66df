#pragma once

#include <cstdint>
#include <sys/types.h>

#include "cli/descriptor.h"

namespace apns::cli {

/// Lets what runs in a network of its own reach services of this machine: a helper process stays
/// outside, accepts from listening sockets that were made inside, and copies bytes to the same port
/// of the machine's loopback and back.
///
///   forwarder{}  ->  enter_namespaces()  ->  forward(5432)  ->  127.0.0.1:5432 is the machine's
///
/// The helper is out of the terminal's reach, and ends with this process however that ends.
class PortForwarder {
 public:
  /// Call it while the process has one thread. Throws std::runtime_error with a full sentence.
  PortForwarder();
  ~PortForwarder();
  PortForwarder(const PortForwarder&) = delete;
  PortForwarder& operator=(const PortForwarder&) = delete;

  /// Listens on 127.0.0.1 and ::1 of the network that this process is in now. Throws
  /// std::runtime_error with a full sentence.
  void forward(std::uint16_t port);

 private:
  void hand_over(const Descriptor& listener, std::uint16_t port);

  Descriptor channel_;
  pid_t helper_ = -1;
};

}  // namespace apns::cli
