#pragma once

#include <array>
#include <cstdint>
#include <unordered_set>

#include "mock_apns/counter.h"
#include "mock_apns/gateway.h"
#include "mock_apns/payload_checker.h"

namespace apns::mock {

class GatewayEngine;

/// What a gateway keeps per host thread, so that the path of a notification takes no lock.
struct Gateway::ThreadState {
  std::unordered_set<GatewayEngine*> engines;  // alive, on this thread
  bool is_shut_down = false;  // connections that open from now on are ended at once
  PayloadChecker checker;
  Counter connections;
  Counter accepted;
  Counter rejected;
  std::array<Counter, 256> rejected_with;  // by status
  Counter discarded;
  Counter not_json;
  Counter bytes;

  void count_rejected(std::uint8_t status) {
    rejected.add(1);
    rejected_with.at(status).add(1);
  }
};

}  // namespace apns::mock
