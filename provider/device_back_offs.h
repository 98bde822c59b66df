#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "apns/base/time.h"
#include "apns/model/device_token.h"
#include "provider/retry_policy.h"

namespace apns::provider {

/// The device tokens that got too much (429 TooManyRequests), and until when nothing is sent to
/// them. Bounded: for those that find no place nothing is remembered.
///
///   refused(T)   until(T) = now + pause; later: went(T), and the next one waits backoff_first more
///                -> accepted(T): forgotten
///                -> refused(T): twice the pause
class DeviceBackOffs {
 public:
  /// `limits` outlives it.
  DeviceBackOffs(const RetryLimits& limits, std::size_t max_len)
      : limits_(limits), max_len_(max_len) {}

  /// From when on it may be tried again: later with each refusal, but for those of one wave. `draw`
  /// from [0, 1).
  TimePoint refused(const DeviceToken& token, double draw, TimePoint now);

  /// One is sent to it: those that wait for it go one after the other.
  void went(const DeviceToken& token, TimePoint now) {
    if (devices_.empty()) {
      return;
    }
    if (const auto found = devices_.find(token); found != devices_.end()) {
      found->second.until = now + limits_.backoff_first;
    }
  }

  void accepted(const DeviceToken& token) {
    if (!devices_.empty()) {
      devices_.erase(token);
    }
  }

  /// TimePoint(): nothing is known.
  [[nodiscard]] TimePoint until(const DeviceToken& token) const {
    if (devices_.empty()) {
      return TimePoint();
    }
    const auto found = devices_.find(token);
    return found == devices_.end() ? TimePoint() : found->second.until;
  }

  [[nodiscard]] std::size_t size() const { return devices_.size(); }

 private:
  struct Entry {
    TimePoint until{};
    TimePoint end_of_pause{};  // a refusal before it is of the same wave
    unsigned refusals = 0;
  };

  /// So long after its end an entry is forgotten when the place is needed.
  [[nodiscard]] TimePoint forgotten_at(const Entry& entry) const {
    return entry.until + limits_.backoff_max;
  }

  void make_room(TimePoint now);

  const RetryLimits& limits_;
  std::size_t max_len_;
  std::unordered_map<DeviceToken, Entry> devices_;
  TimePoint next_forgotten_{};  // before it a search for room is in vain
};

}  // namespace apns::provider
