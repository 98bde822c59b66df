#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "apns/base/time.h"
#include "apns/model/device_token.h"
#include "apns/model/reason.h"
#include "provider/device_token_fate.h"

namespace apns::provider {

/// An answer to a push, as far as it is about the device token.
struct DeviceTokenAnswer {
  std::uint16_t status = 0;                     // 0: there was none, and nothing is learned
  std::optional<Reason> reason = std::nullopt;  // of those that are known
  std::optional<std::uint64_t> timestamp_ms = std::nullopt;  // of a 410: since when it is gone
  WorldTime at{};                                            // when it came
};

/// When a share of bad device tokens is no longer believed.
struct PruneBrake {
  double max_share = 0.25;        // of the answers; 1: never
  std::uint64_t min_tokens = 10;  // of the bad: fewer are believed whatever their share
};

enum class DeviceTokenAdvice : std::uint8_t {
  Drop,     // send nothing more to it, until it registers again
  Keep,     // it is good, or nothing here says otherwise
  Suspect,  // look where it came from
};

/// "drop", "keep", "suspect".
[[nodiscard]] const char* to_string(DeviceTokenAdvice advice);

struct DeviceTokenVerdict {
  DeviceToken device_token;
  DeviceTokenAdvice advice = DeviceTokenAdvice::Keep;
  std::uint16_t status = 0;
  std::optional<Reason> reason;
  std::optional<WorldTime> gone_since;     // of those that the service calls gone
  std::optional<WorldTime> registered_at;  // the newest registration; nullopt: none is known
  std::string why;                         // for people
};

/// What the answers to pushes say about device tokens, for one app and environment. Feed it answers
/// of a while (a run, an hour), then registrations, then ask; the next while has one of its own.
///
///   410 Unregistered, ExpiredToken            -> drop
///   the same, and registered since            -> keep
///   the same, and a later answer was 200      -> no verdict: it is good
///   BadDeviceToken, DeviceTokenNotForTopic    -> suspect
///   the same for more than max_share of all   -> keep, all of them: configuration
///   gone are more than max_share of all       -> suspect instead of drop, all of them
///   what is about configuration, notification or service -> no verdict
///
/// The last brake is for a database that meets the wrong app, or a service that errs: device tokens
/// that were dropped do not come back by themselves. The time of a 410 counts milliseconds; one
/// that would be before APNs began is read as seconds, and one that is neither, or is to come, as
/// absent: then the answer's own time counts (field reports I127, sideshow/apns2#11).
///
/// Memory: one entry for each device token that drew a bad answer. Not thread safe.
class DeviceTokenHygiene {
 public:
  explicit DeviceTokenHygiene(PruneBrake brake = {}) : brake_(brake) {}

  /// In the order in which the answers came: of one device token the last that says something
  /// counts.
  void answered(const DeviceToken& device_token, const DeviceTokenAnswer& answer);

  /// In any order, any number of times for a device token. Those of others are passed over.
  void registered(const DeviceToken& device_token, WorldTime at);

  /// One for each device token that drew a bad answer and no good one since, by their bytes.
  [[nodiscard]] std::vector<DeviceTokenVerdict> verdicts() const;

  /// Why nothing is dropped, or the likely mistake in the configuration; a sentence or two. Empty:
  /// nothing held it back.
  [[nodiscard]] std::string brake_text() const;

 private:
  struct Bad {
    DeviceTokenAnswer answer;
    DeviceTokenFate fate = DeviceTokenFate::Nothing;
    std::optional<WorldTime> registered_at;
  };

  struct Counts {
    std::uint64_t gone = 0;
    std::uint64_t misplaced = 0;
  };

  [[nodiscard]] Counts count() const;
  [[nodiscard]] bool is_too_many(std::uint64_t num_bad) const;
  void judge(const Bad& bad, const Counts& counts, DeviceTokenVerdict& verdict) const;

  PruneBrake brake_;
  std::uint64_t num_answers_ = 0;
  std::uint64_t num_configuration_ = 0;
  std::unordered_map<DeviceToken, Bad> bad_;
};

}  // namespace apns::provider
