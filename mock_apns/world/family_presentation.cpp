#include "mock_apns/world/family_presentation.h"

#include <cassert>
#include <utility>

#include <fmt/format.h>

namespace apns::mock {

namespace {

using Fate = Presentation::Fate;

Presentation taken(std::string_view place, std::string why) {
  Presentation result;
  result.shown.place = place;
  result.why.push_back(std::move(why));
  return result;
}

/// What PushKit does with an app in this state before it hands a push over.
std::string_view pushkit_verb(AppState state) {
  switch (state) {
    case AppState::Foreground:
      return "hands it to";
    case AppState::Background:
      return "wakes";
    case AppState::NotRunning:
    case AppState::ForceQuit:
      return "launches";
  }
  return {};
}

/// Where an app is that is given something to do.
std::string_view place_of(const AppView& app) {
  return app.state == AppState::Foreground ? "app" : "background";
}

Presentation present_call(const AppView& app) {
  return taken("call-screen", fmt::format("PushKit {} {}, which must report a call at once",
                                          pushkit_verb(app.state), app.bundle_id));
}

Presentation present_complication(const AppView& app) {
  return taken(place_of(app), fmt::format("PushKit {} {}, which updates its complication",
                                          pushkit_verb(app.state), app.bundle_id));
}

Presentation present_change_of_files(const Payload& payload) {
  return taken("background",
               payload.container_identifier.empty()
                   ? "the file provider extension is handed it: without container-identifier the "
                     "system does not know what has changed"
                   : fmt::format("the file provider extension is told to look for changes in {}",
                                 payload.container_identifier));
}

Presentation present_talk(const AppView& app) {
  if (app.channel.empty()) {
    Presentation result = taken("nothing", "no Push to Talk channel is joined");
    result.fate = Fate::Discarded;
    return result;
  }
  return taken(place_of(app),
               fmt::format("the Push to Talk framework hands it to {}, which says who speaks in {}",
                           app.bundle_id, app.channel));
}

/// Widgets or controls. What is reloaded for an app in the foreground costs nothing.
Presentation present_reload(std::string_view what, const Payload& payload, const AppView& app) {
  if (!payload.content_changed) {
    return taken("nothing", "nothing reloaded: content-changed is not true");
  }
  if (app.low_power && app.state != AppState::Foreground) {
    Presentation result = taken("nothing", "the phone is in low power mode");
    result.fate = Fate::Deferred;
    return result;
  }
  Presentation result =
      taken("background", fmt::format("the system reloads the {} of {}", what, app.bundle_id));
  result.woke_app = app.state != AppState::Foreground;
  return result;
}

}  // namespace

Presentation present_for_system(PushFamily family, const Payload& payload, const AppView& app) {
  if (std::string unreadable = why_unreadable(payload); !unreadable.empty()) {
    return taken("nothing", std::move(unreadable));
  }
  switch (family) {
    case PushFamily::Location:
      return taken("background", "the app's location push service extension runs");
    case PushFamily::Voip:
      return present_call(app);
    case PushFamily::Complication:
      return present_complication(app);
    case PushFamily::FileProvider:
      return present_change_of_files(payload);
    case PushFamily::Mdm:
      return payload.form == Payload::Form::Management
                 ? taken("background", "the device management client asks its server for commands")
                 : taken("nothing", "nothing happens: the payload has no mdm");
    case PushFamily::PushToTalk:
      return present_talk(app);
    case PushFamily::Widgets:
      return present_reload("widgets", payload, app);
    case PushFamily::Controls:
      return present_reload("controls", payload, app);
    case PushFamily::Alert:
    case PushFamily::LiveActivity:
      break;
  }
  assert(false);
  return {};
}

}  // namespace apns::mock
