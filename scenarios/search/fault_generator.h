#pragma once

#include <vector>

#include "mock_apns/fault_rule.h"
#include "scenarios/search/draw.h"

namespace apns::scenarios::search {

/// What faults are fitted to.
struct FaultFrame {
  std::uint64_t num_notifications = 1;
  std::uint64_t num_bytes = 1;  // of all frames, about
  Duration settle_after{};
  bool with_tls = false;
  bool may_lie = false;
};

/// Some rules of misbehaviour, maybe none, without names. With `may_lie` unset the error packets
/// come in time and name whom they should, and no end is kept from the provider.
[[nodiscard]] std::vector<mock::FaultRule> draw_faults(const FaultFrame& frame, Draw& draw);

}  // namespace apns::scenarios::search
