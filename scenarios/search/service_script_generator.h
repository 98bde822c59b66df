#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/runner/service_script.h"
#include "scenarios/search/draw.h"

namespace apns::scenarios::search {

/// What scripts are fitted to.
struct ScriptFrame {
  std::uint64_t num_notifications = 1;
  Duration request_limit{};  // of the provider
};

/// What the service does on its first one to three connections, step by step: answers of any kind
/// and in any order, whole or before their request is, resets, GOAWAY with any last stream and
/// again, SETTINGS that change, windows, PING, bytes as they are, ends. A limit of no streams is
/// always raised again: a provider could wait for that for ever.
[[nodiscard]] std::vector<ConnectionScript> draw_connections(const ScriptFrame& frame, Draw& draw);

}  // namespace apns::scenarios::search
