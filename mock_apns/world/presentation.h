#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mock_apns/shown.h"
#include "mock_apns/world/payload.h"

namespace apns::mock {

enum class AppState : std::uint8_t {
  Foreground,
  Background,  // or suspended
  NotRunning,  // ended by the system, or not started since the phone was
  ForceQuit,   // ended by the user
};

/// "foreground", "background", "not-running", "force-quit".
[[nodiscard]] std::string_view to_string(AppState state);

/// What the phone's user allows an app.
struct AppSettings {
  bool alerts = true;
  bool badges = true;
  bool sounds = true;
  bool background_refresh = true;

  [[nodiscard]] bool operator==(const AppSettings&) const = default;
};

/// What a notification meets on a phone.
struct AppView {
  std::string_view bundle_id;
  AppState state = AppState::Background;
  AppSettings settings;
  bool low_power = false;
  bool phone_in_use = false;      // some app is in the foreground
  std::string_view channel = {};  // of Push to Talk, that the app has joined; empty: none
};

/// What becomes of one notification that has reached the phone.
struct Presentation {
  enum class Fate : std::uint8_t {
    Delivered,  // `shown` says what is seen, which may be nothing
    Discarded,  // the phone's user does not want it, or nobody is there to take it
    Deferred,   // the phone keeps it until power returns or the app is launched
  };

  Fate fate = Fate::Delivered;
  Shown shown;
  bool woke_app = false;         // it ran in the background: counts against the budget
  std::vector<std::string> why;  // why something that was asked for is missing, for people

  [[nodiscard]] bool operator==(const Presentation&) const = default;
};

/// Why no part of a phone reads this; empty: it does.
[[nodiscard]] std::string why_unreadable(const Payload& payload);

/// Of a notification. Pure. docs/delivery.md has the tables; tests compare them with this function.
///
/// An app in the foreground is handed everything and decides by itself, so the settings for what is
/// seen do not count there, except that with all three off it gets no alert (our choice: as when
/// notifications were never allowed). A critical sound is treated as a sound.
///
/// Sources: "Generating a remote notification" (alert, mutable-content), "Pushing background
/// updates to your App" (content-available, force-quit), "APNs Overview" (who displays).
[[nodiscard]] Presentation present(const Payload& payload, const AppView& app);

}  // namespace apns::mock
