#pragma once

#include <string_view>

#include "apns/model/push_type.h"

namespace apns {

/// What a payload is for, as far as its keys tell. Values of another type than the key has are as
/// good as absent, and of a key that is there twice the first counts, as on a phone.
/// Source: "Generating a remote notification"; "Starting and updating Live Activities with
/// ActivityKit push notifications"; "Updating widgets with WidgetKit push notifications".
struct PayloadShape {
  bool is_object = false;  // else nothing below is true
  bool has_aps = false;    // it is a dictionary
  bool has_alert = false;
  bool has_badge = false;  // 0, which removes it, is something to see, too
  bool has_sound = false;  // a sound alone is an alert
  bool content_available = false;
  bool has_content_changed = false;  // of widgets and controls
  bool has_event = false;            // of a Live Activity, as are the next two
  bool has_content_state = false;
  bool has_timestamp = false;
  bool is_management = false;  // mdm, a text, stands in the place of aps

  /// Is there anything for the eyes or ears of a person?
  [[nodiscard]] bool is_visible() const { return has_alert || has_badge || has_sound; }

  /// Only wakes its app.
  [[nodiscard]] bool is_background() const { return content_available && !is_visible(); }

  [[nodiscard]] bool is_live_activity() const {
    return has_event && (has_content_state || has_timestamp);
  }

  [[nodiscard]] bool operator==(const PayloadShape&) const = default;
};

/// Reads any bytes, of any size, and allocates nothing.
[[nodiscard]] PayloadShape read_payload_shape(std::string_view payload);

/// The push type that a payload looks made for; Alert when nothing says another. Calls, file
/// providers, locations and Push to Talk have no keys of their own: their topics tell.
[[nodiscard]] PushType suggest_push_type(const PayloadShape& shape);

}  // namespace apns
