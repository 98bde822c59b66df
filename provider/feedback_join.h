#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "apns/base/time.h"
#include "apns/model/device_token.h"

namespace apns::provider {

/// What is to be done about one device token that the feedback service has told of.
struct FeedbackAdvice {
  DeviceToken device_token;
  std::chrono::sys_seconds gone_since;     // the newest of its tuples
  std::optional<WorldTime> registered_at;  // the newest registration; nullopt: none is known
  /// False: the device has registered since, and its token is good.
  bool drop = true;
};

/// Joins the tuples of a poll with what the app's own database knows of registrations, by time: the
/// newest wins. A device token is dropped only if its tuple is newer than its newest registration
/// (node-apn/node-apn#409). A tuple's time is a whole second, so that one of the registration's own
/// second may be older: it is no reason to drop, and a push to a token that is gone for good brings
/// another.
///
///   gone at 100, registered at 99      -> drop
///   gone at 100, registered at 100.5   -> keep
///   gone at 100, not in the database   -> drop
///
/// Keeps what it was given at first, whatever number of registrations follow.
class FeedbackJoin {
 public:
  /// `gone_since`: UNIX seconds, as FeedbackCollector has them.
  explicit FeedbackJoin(const std::unordered_map<DeviceToken, std::uint32_t>& gone_since);

  /// In any order, any number of times for a device token. Those of others are passed over.
  void registered(const DeviceToken& device_token, WorldTime at);

  /// One for each device token, the longest gone first; of one second by their bytes.
  [[nodiscard]] std::vector<FeedbackAdvice> advice() const;

 private:
  struct Known {
    std::chrono::sys_seconds gone_since;
    std::optional<WorldTime> registered_at;
  };

  std::unordered_map<DeviceToken, Known> known_;
};

}  // namespace apns::provider
