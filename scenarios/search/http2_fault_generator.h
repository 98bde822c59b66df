#pragma once

#include <cstdint>
#include <vector>

#include "mock_apns/fault_rule.h"
#include "scenarios/search/draw.h"

namespace apns::scenarios::search {

/// What faults over HTTP/2 are fitted to.
struct Http2FaultFrame {
  std::uint64_t num_notifications = 1;
  std::uint64_t num_bytes = 1;  // of all requests, about
  Duration request_limit{};     // of the provider
  bool with_tls = false;
};

/// Some rules of misbehaviour, maybe none, without names: rejections, resets, GOAWAY of any last
/// stream, SETTINGS that change, answers that are late or never come, windows, PING and reading
/// that stop, ends of the connection. None leaves a provider without streams for ever.
[[nodiscard]] std::vector<mock::FaultRule> draw_http2_faults(const Http2FaultFrame& frame,
                                                             Draw& draw);

// ---- Shared with what the service does step by step ----

/// Any reason, those that a service is most likely to give more often.
[[nodiscard]] Reason draw_reason(Draw& draw);

/// A frame that a provider must do nothing about, or bytes that break the connection.
[[nodiscard]] Bytes draw_raw(Draw& draw);

/// What SETTINGS can say; at least `least_streams` streams where a limit is among it.
[[nodiscard]] mock::SettingsFault draw_settings(std::uint32_t least_streams, Draw& draw);

}  // namespace apns::scenarios::search
