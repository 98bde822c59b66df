#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include <gtest/gtest.h>

#include "apns/base/memory_host.h"
#include "tests/support/probe_network.h"

namespace apns::test {

/// A host with one service and one dialer. What a test does happens between runs.
class MemoryHostTest : public testing::Test {
 protected:
  explicit MemoryHostTest(std::uint64_t seed = 7, std::uint64_t max_events = 10'000)
      : host(clock, seed, max_events), gateway(host.listen(Endpoint{"gateway", 0}, service)) {
    dialer = host.make_dialer(caller);
  }

  void use_link(const LinkOptions& link) {
    host.set_links([link](std::uint64_t /*connection*/) { return link; });
  }

  std::uint64_t dial(Duration connect_limit = std::chrono::seconds(10)) {
    return dialer->dial(gateway, connect_limit);
  }

  /// One connection, up on both sides.
  void connect() {
    dial();
    run();
    ASSERT_TRUE(client().is_built && server().is_built);
  }

  /// Long enough for all that is on its way, too short for a limit.
  void run() { host.run_for(std::chrono::milliseconds(10)); }

  Probe& client() { return caller.probes[1]; }

  Probe& server() { return service.probes[1]; }

  ManualClock clock;
  ProbeService service;
  ProbeCaller caller;
  MemoryHost host;  // its engines refer to the probes
  Endpoint gateway;
  std::unique_ptr<Dialer> dialer;
};

}  // namespace apns::test
