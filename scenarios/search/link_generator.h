#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/runner/scenario.h"
#include "scenarios/search/draw.h"

namespace apns::scenarios::search {

/// What links are fitted to.
struct LinkFrame {
  std::uint64_t num_bytes = 1;       // of all that the provider sends, about, without TLS
  std::uint64_t num_bytes_back = 7;  // of what the service says on a connection, about
  Duration patience{};               // of the provider: what is much slower counts as silence
  bool with_tls = false;
  bool may_lie = false;  // links on which nothing arrives, or all too late, are drawn as well
};

/// A link for every connection, and maybe others for the first few: slow, in pieces, with a small
/// window, reset, refused, never answered.
[[nodiscard]] std::vector<LinkPlan> draw_network(const LinkFrame& frame, Draw& draw);

}  // namespace apns::scenarios::search
