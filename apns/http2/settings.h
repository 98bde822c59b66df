#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "apns/http2/frame.h"
#include "apns/http2/rule.h"
#include "apns/http2/wire.h"

namespace apns::http2 {

/// What one side's SETTINGS amount to (RFC 9113 section 6.5.2). Zero frames are the defaults.
struct Settings {
  static constexpr std::uint32_t kUnlimited = 0xFFFF'FFFF;

  std::uint32_t header_table_size = kDefaultHeaderTableSize;
  bool enable_push = true;
  std::uint32_t max_concurrent_streams = kUnlimited;
  std::uint32_t initial_window = kDefaultWindow;
  std::uint32_t max_frame_size = kMinMaxFrameSize;
  std::uint32_t max_header_list_size = kUnlimited;

  /// An entry's value, if it is known and in order; unknown ids change nothing.
  void apply(const Setting& setting);

  /// What is wrong with an entry of a frame that `from_server` says who has sent; nullopt: nothing.
  [[nodiscard]] static std::optional<Rule> check(const Setting& setting, bool from_server);
};

}  // namespace apns::http2
