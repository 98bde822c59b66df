#pragma once

#include <atomic>
#include <cstdint>
#include <unordered_set>

#include "mock_apns/gateway.h"
#include "mock_apns/payload_checker.h"

namespace apns::mock {

class GatewayEngine;

/// A counter with one writing thread and any number of readers.
class Counter {
 public:
  void add(std::uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What a gateway keeps per host thread, so that the path of a notification takes no lock.
struct Gateway::ThreadState {
  std::unordered_set<GatewayEngine*> engines;  // alive, on this thread
  bool is_shut_down = false;  // connections that open from now on are ended at once
  PayloadChecker checker;
  Counter connections;
  Counter accepted;
  Counter rejected;
  Counter discarded;
  Counter not_json;
  Counter bytes;
};

}  // namespace apns::mock
