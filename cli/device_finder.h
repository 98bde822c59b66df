#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "apns/model/device_token.h"
#include "cli/target.h"

namespace apns::cli {

/// The phones that a service simulates, as far as pushing to them goes.
struct KnownPhones {
  struct App {
    std::string device;
    std::string bundle_id;
    std::string device_token;  // hex, whole
    std::string environment;
    std::string family;    // of the device token: "voip"
    std::string activity;  // the Live Activity that it is for; empty: none
  };

  std::vector<std::string> names;
  std::vector<App> apps;    // one for each device token
  std::string why_unknown;  // not empty: nobody could be asked; the sentence says why
};

/// Reads the answer of GET /v1/devices. Throws nlohmann::json::exception: it is none.
[[nodiscard]] KnownPhones read_phones(const nlohmann::ordered_json& answer);

/// Asks the target's control API, if it has one; never throws.
[[nodiscard]] KnownPhones ask_for_phones(const Target& target);

/// Whom a push is for.
struct PushFor {
  std::string environment;         // that it is sent to
  std::string topic;               // decides between several apps
  std::string family = "alert";    // of its push type
  std::string phone_device_token;  // of "phone" where nothing else is known
};

/// Finds the device token that a person means: a whole one, the beginning of a magic one, the name
/// of a phone, the beginning of a phone's device token. Phones are asked for when they are needed,
/// once.
class DeviceFinder {
 public:
  DeviceFinder(PushFor push, std::function<KnownPhones()> ask);

  /// Is a word alone meant for a device, and not for the text? A name or a device token is.
  [[nodiscard]] bool is_device(const std::string& word);

  /// Throws std::runtime_error: no such phone, no or several apps that could be meant, the
  /// beginning of several device tokens.
  [[nodiscard]] DeviceToken find(const std::string& word);

 private:
  [[nodiscard]] const KnownPhones& phones();
  [[nodiscard]] DeviceToken token_of(const std::string& name);
  [[nodiscard]] std::optional<DeviceToken> token_that_begins_with(const std::string& digits);
  [[noreturn]] void fail_unknown(const std::string& word);

  PushFor push_;
  std::function<KnownPhones()> ask_;
  std::optional<KnownPhones> phones_;
};

}  // namespace apns::cli
