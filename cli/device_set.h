#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace apns::cli {

/// What `set` is to change: bodies for the control API.
struct DeviceSet {
  nlohmann::ordered_json phone = nlohmann::ordered_json::object();  // {"online":false}
  nlohmann::ordered_json app = nlohmann::ordered_json::object();    // {"state":"force-quit"}
  /// The phone has a key that nobody knows; so that the API says so, it is asked first, before
  /// anything has changed.
  bool phone_goes_first = false;
};

/// Reads "online=false", "alerts=off", "state=force-quit". Keys and words are the API's; on and
/// true, off and false mean the same; a whole number is a number. A key goes where it is known, to
/// the phone or to an app; one that is not known goes where the nearest one is, else to the app.
/// Throws std::runtime_error: nothing to set, no "=", a key twice.
[[nodiscard]] DeviceSet read_device_set(const std::vector<std::string>& words);

/// Is it KEY=VALUE? No bundle id has a "=".
[[nodiscard]] bool is_setting(const std::string& word);

}  // namespace apns::cli
