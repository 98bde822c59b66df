#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "apns/model/device_token.h"

namespace apns::mock {

/// The device tokens of apps that were uninstalled, and of which the service does not know yet:
/// when a push to one of an app's finds out, it is known of all. Bounded: one more app pushes out
/// the oldest, whose device tokens are then found out one by one. Thread safe.
class GoneApps {
 public:
  static constexpr std::size_t kMaxApps = 100'000;

  explicit GoneApps(std::size_t max_apps = kMaxApps) : max_apps_(max_apps) {}

  /// All of one app. An app that had none or one needs no place.
  void add(std::vector<DeviceToken> of_one_app);

  /// All of the app that `device_token` was of, itself included, and the app is forgotten; empty:
  /// it is of none.
  [[nodiscard]] std::vector<DeviceToken> take(const DeviceToken& device_token);

  void clear();

 private:
  void forget(std::uint64_t app);

  const std::size_t max_apps_;
  std::mutex mutex_;  // over all below
  std::uint64_t num_added_ = 0;
  std::map<std::uint64_t, std::vector<DeviceToken>>
      apps_;                                               // by number, so that the oldest is first
  std::unordered_map<DeviceToken, std::uint64_t> app_of_;  // the one that had it last
};

}  // namespace apns::mock
