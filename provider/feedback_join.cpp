#include "provider/feedback_join.h"

#include <algorithm>

#include "provider/registered_since.h"

namespace apns::provider {

FeedbackJoin::FeedbackJoin(const std::unordered_map<DeviceToken, std::uint32_t>& gone_since) {
  known_.reserve(gone_since.size());
  for (const auto& [device_token, timestamp] : gone_since) {
    known_.emplace(device_token,
                   Known{std::chrono::sys_seconds(std::chrono::seconds(timestamp)), std::nullopt});
  }
}

void FeedbackJoin::registered(const DeviceToken& device_token, WorldTime at) {
  const auto found = known_.find(device_token);
  if (found != known_.end()) {
    std::optional<WorldTime>& newest = found->second.registered_at;
    newest = newest_registration(newest, at);
  }
}

std::vector<FeedbackAdvice> FeedbackJoin::advice() const {
  std::vector<FeedbackAdvice> all;
  all.reserve(known_.size());
  for (const auto& [device_token, known] : known_) {
    all.push_back(FeedbackAdvice{device_token, known.gone_since, known.registered_at,
                                 !has_registered_since(known.gone_since, known.registered_at)});
  }
  std::ranges::sort(all, [](const FeedbackAdvice& a, const FeedbackAdvice& b) {
    return a.gone_since != b.gone_since ? a.gone_since < b.gone_since
                                        : std::ranges::lexicographical_compare(
                                              a.device_token.bytes(), b.device_token.bytes());
  });
  return all;
}

}  // namespace apns::provider
