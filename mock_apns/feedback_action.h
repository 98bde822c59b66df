#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "apns/base/engine.h"
#include "apns/base/time.h"

namespace apns::mock {

/// How the feedback service misbehaves on one connection. As it stands, not at all.
struct FeedbackAction {
  Duration delay{};            // before the first byte, or the close of an empty list
  std::uint32_t split = 0;     // bytes per write and TLS record; 0: as they come
  std::uint32_t truncate = 0;  // bytes missing from the list's last tuple, which stays on the list
  bool never_close = false;    // the end of the list is not told; the provider has to end
  Close close = Close::CloseNotifyThenDrain;  // or FinOnly, Reset, Vanish
};

/// Asked once per connection, when its topic is known. Nullopt: it behaves. Called on the
/// connection's thread, on several at once.
using FeedbackActionOf =
    std::function<std::optional<FeedbackAction>(const PeerInfo& peer, std::string_view topic)>;

}  // namespace apns::mock
