#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apns/model/confidence.h"
#include "apns/model/push_type.h"

namespace apns {

/// What a device token is for. An app has device tokens of its own for each family that it
/// registers with, and each fits one topic. Source: "Registering your app with APNs"; "Supporting
/// PushKit Notifications in Your App"; "Starting and updating Live Activities with ActivityKit push
/// notifications"; "Updating widgets with WidgetKit push notifications".
enum class PushFamily : std::uint8_t {
  Alert,  // push types alert and background
  Location,
  Voip,
  Complication,
  FileProvider,
  Mdm,           // of the phone's enrolment, whose topic stands for an app
  LiveActivity,  // one token starts Live Activities, and each that runs has one for its updates
  PushToTalk,    // lives as long as its channel is joined
  Widgets,
  Controls,
};

struct PushFamilyRow {
  PushFamily family;
  PushType type;                 // what is sent to its tokens; alert's are sent background too
  std::string_view name;         // as its push type has it
  std::size_t device_token_len;  // bytes, of those that are drawn here
  Confidence confidence;         // in device_token_len
  std::string_view source;       // the same
};

/// All of them, in the order of the enumerators.
[[nodiscard]] std::span<const PushFamilyRow> push_families();

[[nodiscard]] const PushFamilyRow& row_of(PushFamily family);

/// Null: there is none.
[[nodiscard]] const PushFamilyRow* find_push_family(std::string_view name);

[[nodiscard]] std::vector<std::string> push_family_names();

/// As find_push_family takes it.
[[nodiscard]] std::string_view to_string(PushFamily family);

/// The family whose device tokens a push type goes to.
[[nodiscard]] PushFamily family_of(PushType type);

/// The topic of an app's device tokens of a family: "com.example.app.voip".
[[nodiscard]] std::string topic_of_family(std::string_view bundle_id, PushFamily family);

/// Is this the topic of a device management server? Such a phone is enrolled with it, and has a
/// device token of family mdm for it and no other. Source: "Sending notification requests to APNs",
/// push type mdm; micromdm/micromdm (observed: com.apple.mgmt.External and a UUID).
[[nodiscard]] bool is_management_topic(std::string_view topic);

/// The family of the one device token that an app has without asking for more: alert's, or mdm's
/// where a management topic stands for it. It is the one that the binary interface knows.
[[nodiscard]] PushFamily main_family(std::string_view bundle_id);

/// Some of the families.
class PushFamilySet {
 public:
  [[nodiscard]] bool has(PushFamily family) const { return (bits_ & bit(family)) != 0; }

  [[nodiscard]] bool empty() const { return bits_ == 0; }

  void insert(PushFamily family) { bits_ = static_cast<std::uint16_t>(bits_ | bit(family)); }

  void erase(PushFamily family) { bits_ = static_cast<std::uint16_t>(bits_ & ~bit(family)); }

  [[nodiscard]] bool operator==(const PushFamilySet&) const = default;

 private:
  [[nodiscard]] static std::uint16_t bit(PushFamily family) {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(family));
  }

  std::uint16_t bits_ = 0;
};

}  // namespace apns
