#include "provider/device_back_offs.h"

#include <algorithm>

namespace apns::provider {

TimePoint DeviceBackOffs::refused(const DeviceToken& token, double draw, TimePoint now) {
  auto found = devices_.find(token);
  if (found == devices_.end()) {
    make_room(now);
    if (devices_.size() >= max_len_) {
      return now + backoff(limits_.backoff_first, limits_.backoff_max, 1, draw);
    }
    found = devices_.emplace(token, Entry{}).first;
  }
  Entry& entry = found->second;
  if (entry.end_of_pause <= now) {
    entry.end_of_pause =
        now + backoff(limits_.backoff_first, limits_.backoff_max, ++entry.refusals, draw);
  }
  entry.until = entry.end_of_pause;
  return entry.until;
}

void DeviceBackOffs::make_room(TimePoint now) {
  if (devices_.size() < max_len_ || now < next_forgotten_) {
    return;
  }
  std::erase_if(devices_, [&](const auto& one) { return forgotten_at(one.second) <= now; });
  next_forgotten_ = kNever;
  for (const auto& [token, entry] : devices_) {
    next_forgotten_ = std::min(next_forgotten_, forgotten_at(entry));
  }
}

}  // namespace apns::provider
