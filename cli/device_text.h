#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

/// The phones for people, from what the control API says of them. Device tokens are shortened. Each
/// throws nlohmann::json::exception: the object is none of the control API's.
namespace apns::cli {

/// A row for each app:
///
///   phone   online              com.example.app  foreground  a1a1…a1a1  production
///   tablet  offline, low power  com.example.app  background  5f0c…77aa  production  off: sounds
[[nodiscard]] std::string device_table(const std::vector<nlohmann::ordered_json>& devices);

/// One app on a phone, as a row of that table without the phone.
[[nodiscard]] std::string app_line(const nlohmann::ordered_json& app);

/// The screen of a phone as a drawing: notices, the newest first, and badges; below it the rows of
/// its apps. `now` is the world's time, RFC 3339; another text leaves the clock out.
[[nodiscard]] std::string screen_drawing(const nlohmann::ordered_json& device,
                                         const nlohmann::ordered_json& screen,
                                         const std::string& now);

}  // namespace apns::cli
