#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "apns/model/device_token.h"
#include "apns/model/push_family.h"

namespace apns::mock {

/// Which of its device tokens an app asks for, or gives up.
struct Registration {
  std::optional<PushFamily> family = std::nullopt;  // absent: main_family() of the app
  std::string activity = {};  // liveactivity: of this one, which is started if it does not run;
                              // empty: of the token that starts them
  std::string channel = {};   // pushtotalk: that is joined with it
  std::optional<DeviceToken> device_token = std::nullopt;  // absent: one is drawn

  [[nodiscard]] bool operator==(const Registration&) const = default;
};

/// Of the device tokens of one app.
struct TokenName {
  std::string bundle_id;
  PushFamily family = PushFamily::Alert;
  std::string activity = {};  // as Registration has it

  [[nodiscard]] auto operator<=>(const TokenName&) const = default;
  [[nodiscard]] bool operator==(const TokenName&) const = default;
};

/// Longer names of activities and channels are refused: they stand in world files and paths.
inline constexpr std::size_t kMaxNameLen = 100;

/// What is wrong with a registration of this app by itself, for people; empty: nothing.
[[nodiscard]] std::string why_impossible(std::string_view bundle_id,
                                         const Registration& registration);

}  // namespace apns::mock
