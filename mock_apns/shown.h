#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace apns::mock {

/// What a phone showed for one notification. Empty and absent mean: not shown, unchanged.
struct Shown {
  /// "lock-screen" (the system shows it; the app is not in front), "dynamic-island" (a Live
  /// Activity on a phone that is in use), "call-screen" (a call that the app reports), "app"
  /// (handed to the app in the foreground, which decides), "background" (the app or a part of the
  /// system was woken, nothing to see), "nothing".
  std::string place;
  std::string title;
  std::string subtitle;
  std::string body;
  std::optional<std::int64_t> badge;  // 0: removed
  std::string sound;                  // a name; "default"
  std::string activity = {};          // a Live Activity's id
  std::string content_state = {};     // its content, as JSON

  [[nodiscard]] bool operator==(const Shown&) const = default;
};

}  // namespace apns::mock
