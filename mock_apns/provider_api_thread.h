#pragma once

#include <array>
#include <optional>
#include <unordered_set>

#include "apns/http2/hpack_scratch.h"
#include "mock_apns/counter.h"
#include "mock_apns/payload_checker.h"
#include "mock_apns/provider_api.h"
#include "mock_apns/provider_token_verifier.h"

namespace apns::mock {

class ProviderApiEngine;

/// What the provider API keeps per host thread, so that the path of a notification takes no lock.
struct ProviderApi::ThreadState {
  ThreadState(const TeamKeys& keys, bool is_open) : verifier(keys, is_open) {}

  std::unordered_set<ProviderApiEngine*> engines;  // alive, on this thread
  bool is_shut_down = false;  // connections that open from now on are ended at once
  http2::HpackScratch scratch;
  PayloadChecker checker;
  ProviderTokenVerifier verifier;
  Counter connections;
  Counter accepted;
  Counter rejected;
  std::array<Counter, kNumReasons> rejected_with;
  Counter discarded;
  Counter not_json;
  Counter violations;
  Counter bytes;

  void count_rejected(std::optional<Reason> reason) {
    rejected.add(1);
    if (reason) {
      rejected_with.at(static_cast<std::size_t>(*reason)).add(1);
    }
  }
};

}  // namespace apns::mock
