#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apns/model/device_token.h"
#include "apns/model/environment.h"
#include "apns/model/push_family.h"
#include "mock_apns/shown.h"
#include "mock_apns/world/payload.h"

/// What goes to a phone, and what it says has become of it.
namespace apns::mock {

/// An accepted notification on its way to the phone.
struct Push {
  std::uint64_t of = 0;  // the ledger's seq of its notification
  DeviceToken device_token;
  Environment environment = Environment::Production;  // of the device token
  PushFamily family = PushFamily::Alert;              // the same
  // Of family LiveActivity: the one whose device token it is; absent: of the token that starts one.
  std::optional<std::string> activity = std::nullopt;
  std::optional<PushType> push_type = std::nullopt;  // as sent; the binary interface has none
  // Read once, by the caller's PayloadReader; times in it by the phone's clock.
  Payload payload = {};
  // UNIX seconds. 0 or less: not stored. In the past, this second included: one attempt, not stored
  // (our choice). Absent, or later than that: Phone::kStoredFor from now.
  std::optional<std::int64_t> expiration = std::nullopt;
  // 10; 5 or 1: when power allows. Absent: 10, but a background push passes (our choice: the simple
  // format has no priority, and Newsstand was served by it).
  std::optional<std::uint8_t> priority = std::nullopt;
  std::string collapse_id = {};

  /// Only wakes its app.
  [[nodiscard]] bool is_background() const {
    return family == PushFamily::Alert && payload.is_background();
  }
};

enum class DeliveryOutcome : std::uint8_t { Delivered, Stored, Replaced, Expired, Discarded };

/// As the ledger has it: "delivered".
[[nodiscard]] std::string_view to_string(DeliveryOutcome outcome);

/// One thing that happened to a notification behind the gateway.
struct Delivery {
  DeliveryOutcome outcome = DeliveryOutcome::Delivered;
  std::uint64_t of = 0;
  DeviceToken device_token;
  Environment environment = Environment::Production;  // of the device token
  PushFamily family = PushFamily::Alert;              // the same
  std::string device;                                 // the phone's name
  std::string bundle_id;
  std::optional<Shown> shown;  // Delivered only
  std::vector<std::string> why;
};

/// Called from within the Phone's functions; it must not call the Phone.
class DeliverySink {
 public:
  virtual ~DeliverySink() = default;

  virtual void delivered(const Delivery& delivery) = 0;

  /// A stored notification found that its app is gone: what push() says of one that was not stored.
  virtual void app_is_gone(std::string_view bundle_id, const DeviceToken& device_token,
                           std::uint64_t of) = 0;

  /// A push has started a Live Activity, which is to have a device token of its own.
  virtual void activity_started(std::string_view bundle_id, std::string_view activity) = 0;

  /// A Live Activity that had one is over.
  virtual void activity_ended(std::string_view bundle_id, std::string_view activity) = 0;
};

enum class PushResult : std::uint8_t {
  Taken,      // the sink was told what became of it
  AppIsGone,  // it was, and the service now knows that the app is not on the phone
};

}  // namespace apns::mock
