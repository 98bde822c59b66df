#include "mock_apns/world/presentation.h"

#include <utility>

#include <fmt/format.h>

namespace apns::mock {

namespace {

using Fate = Presentation::Fate;

std::string why_without_aps(const Payload& payload) {
  switch (payload.form) {
    case Payload::Form::NoAps:
      return "nothing shown: the payload has no aps dictionary at its top level";
    case Payload::Form::Management:
      return "nothing shown: a payload with mdm is for the device management client";
    case Payload::Form::WalletPass:
      return "nothing shown: an empty payload makes Wallet fetch a pass again";
    default:
      return why_unreadable(payload);
  }
}

bool has_text(const Payload& payload) {
  return payload.alert && payload.alert->has_text();
}

bool has_anything_on(const AppSettings& settings) {
  return settings.alerts || settings.badges || settings.sounds;
}

void copy_alert(const Payload& payload, Shown& shown) {
  shown.title = payload.alert->title;
  shown.subtitle = payload.alert->subtitle;
  shown.body = payload.alert->body;
}

/// Everything goes to the app.
void hand_over(const Payload& payload, const AppView& app, Presentation& result) {
  result.shown.place = "app";
  if (!payload.is_alert()) {
    return;
  }
  if (has_anything_on(app.settings)) {
    if (payload.alert) {
      copy_alert(payload, result.shown);
    }
    result.shown.badge = payload.badge;
    result.shown.sound = payload.sound ? payload.sound->name : "";
    result.why.emplace_back("the app is in the foreground: it decides what is seen");
    return;
  }
  result.why.push_back(
      fmt::format("no alert, badge or sound: notifications are off for {}", app.bundle_id));
  if (!payload.content_available) {
    result.shown.place = "nothing";
    result.fate = Fate::Discarded;
  }
}

/// The system shows what the settings allow.
void show(const Payload& payload, const AppView& app, Presentation& result) {
  Shown& shown = result.shown;
  const auto refuse = [&](std::string_view what, std::string_view setting) {
    result.fate = Fate::Discarded;
    result.why.push_back(fmt::format("no {}: {} are off for {}", what, setting, app.bundle_id));
  };
  if (has_text(payload) && !app.settings.alerts) {
    refuse("alert", "alerts");
  } else if (has_text(payload)) {
    copy_alert(payload, shown);
    if (payload.mutable_content) {
      result.why.emplace_back(
          "mutable-content: a service extension of the app may change it first");
    }
  }
  if (payload.badge && !app.settings.badges) {
    refuse("badge", "badges");
  } else {
    shown.badge = payload.badge;
  }
  if (payload.sound && !payload.sound->name.empty()) {
    if (!app.settings.sounds) {
      refuse("sound", "sounds");
    } else if (payload.interruption_level == "passive") {
      result.why.emplace_back("no sound: its interruption-level is passive");
    } else {
      shown.sound = payload.sound->name;
    }
  }
  if (shown != Shown{}) {
    shown.place = "lock-screen";
    result.fate = Fate::Delivered;
    return;
  }
  shown.place = "nothing";
  if (result.why.empty()) {
    result.why.emplace_back("nothing shown: the alert has no text, and there is no badge or sound");
  }
}

/// Why the app may not run in the background; empty: it may.
std::string why_asleep(const AppView& app) {
  if (app.state == AppState::ForceQuit) {
    return fmt::format("{} was force-quit, and is not woken until it is launched", app.bundle_id);
  }
  if (!app.settings.background_refresh) {
    return fmt::format("background app refresh is off for {}", app.bundle_id);
  }
  return app.low_power ? "the phone is in low power mode" : "";
}

void wake(const Payload& payload, const AppView& app, Presentation& result) {
  const std::string asleep = why_asleep(app);
  const bool is_all = payload.is_background();
  if (!asleep.empty()) {
    result.why.push_back("not woken: " + asleep);
    const bool is_held =
        app.low_power && app.state != AppState::ForceQuit && app.settings.background_refresh;
    if (is_all) {
      result.shown.place = "nothing";
      result.fate = is_held ? Fate::Deferred : Fate::Discarded;
    }
    return;
  }
  result.woke_app = true;
  result.fate = Fate::Delivered;
  if (result.shown.place != "lock-screen") {
    result.shown.place = "background";
  }
  if (app.state == AppState::NotRunning) {
    result.why.push_back(fmt::format("{} was launched in the background", app.bundle_id));
  }
}

}  // namespace

std::string_view to_string(AppState state) {
  switch (state) {
    case AppState::Foreground:
      return "foreground";
    case AppState::Background:
      return "background";
    case AppState::NotRunning:
      return "not-running";
    case AppState::ForceQuit:
      return "force-quit";
  }
  return {};
}

std::string why_unreadable(const Payload& payload) {
  switch (payload.form) {
    case Payload::Form::NotJson:
      return "nothing shown: the payload is not JSON";
    case Payload::Form::Unreadable:
      return "nothing shown: the payload has " + payload.flaw;
    case Payload::Form::NotAnObject:
      return "nothing shown: the payload is JSON, but no object";
    default:
      return {};
  }
}

Presentation present(const Payload& payload, const AppView& app) {
  Presentation result;
  result.shown.place = "nothing";
  if (std::string why = why_without_aps(payload); !why.empty()) {
    result.why.push_back(std::move(why));
    return result;
  }
  if (!payload.is_alert() && !payload.content_available) {
    result.why.emplace_back(
        "nothing shown: aps has none of alert, badge, sound and content-available");
    return result;
  }
  result.shown = Shown{};
  if (app.state == AppState::Foreground) {
    hand_over(payload, app, result);
    return result;
  }
  if (payload.is_alert()) {
    show(payload, app, result);
  }
  if (payload.content_available) {
    wake(payload, app, result);
  }
  return result;
}

}  // namespace apns::mock
