#include "provider/device_token_hygiene.h"

#include <algorithm>
#include <chrono>

#include "provider/registered_since.h"

namespace apns::provider {

namespace {

using std::chrono::milliseconds;

/// APNs began on 2009-06-17.
constexpr WorldTime kBegin =
    std::chrono::sys_days{std::chrono::year{2009} / std::chrono::June / 17};
/// How far the service's clock may be ahead of ours.
constexpr std::chrono::hours kClockError{24};

std::optional<WorldTime> time_of(std::uint64_t count, std::uint64_t ms_each, WorldTime answered) {
  constexpr std::uint64_t kMaxMs = 253'402'300'799'999;  // the last of the year 9999
  if (count > kMaxMs / ms_each) {
    return std::nullopt;
  }
  const WorldTime time(milliseconds(static_cast<std::int64_t>(count * ms_each)));
  return time >= kBegin && time <= answered + kClockError ? std::optional<WorldTime>(time)
                                                          : std::nullopt;
}

WorldTime gone_since(const DeviceTokenAnswer& answer) {
  const std::uint64_t timestamp = answer.timestamp_ms.value_or(0);
  const auto by_ms = time_of(timestamp, 1, answer.at);
  return by_ms ? *by_ms : time_of(timestamp, 1000, answer.at).value_or(answer.at);
}

std::string share_text(std::uint64_t part, std::uint64_t whole, const char* what) {
  return std::to_string(part) + " of " + std::to_string(whole) + " answers " + what;
}

}  // namespace

const char* to_string(DeviceTokenAdvice advice) {
  switch (advice) {
    case DeviceTokenAdvice::Drop:
      return "drop";
    case DeviceTokenAdvice::Keep:
      return "keep";
    case DeviceTokenAdvice::Suspect:
      return "suspect";
  }
  return "";
}

void DeviceTokenHygiene::answered(const DeviceToken& device_token,
                                  const DeviceTokenAnswer& answer) {
  if (answer.status == 0) {
    return;
  }
  ++num_answers_;
  const DeviceTokenFate fate = device_token_fate(answer.status, answer.reason);
  if (fate == DeviceTokenFate::Good) {
    bad_.erase(device_token);
  } else if (fate == DeviceTokenFate::Gone || fate == DeviceTokenFate::Misplaced) {
    Bad& bad = bad_[device_token];
    bad.answer = answer;
    bad.fate = fate;
  } else if (fate == DeviceTokenFate::Configuration) {
    ++num_configuration_;
  }
}

void DeviceTokenHygiene::registered(const DeviceToken& device_token, WorldTime at) {
  const auto found = bad_.find(device_token);
  if (found != bad_.end()) {
    std::optional<WorldTime>& known = found->second.registered_at;
    known = newest_registration(known, at);
  }
}

DeviceTokenHygiene::Counts DeviceTokenHygiene::count() const {
  Counts counts;
  for (const auto& [device_token, bad] : bad_) {
    ++(bad.fate == DeviceTokenFate::Gone ? counts.gone : counts.misplaced);
  }
  return counts;
}

bool DeviceTokenHygiene::is_too_many(std::uint64_t num_bad) const {
  return num_bad >= std::max<std::uint64_t>(brake_.min_tokens, 1) &&
         static_cast<double>(num_bad) > brake_.max_share * static_cast<double>(num_answers_);
}

void DeviceTokenHygiene::judge(const Bad& bad, const Counts& counts,
                               DeviceTokenVerdict& verdict) const {
  using enum DeviceTokenAdvice;
  if (bad.fate == DeviceTokenFate::Misplaced) {
    const bool is_app = bad.answer.reason == Reason::DeviceTokenNotForTopic;
    verdict.advice = is_too_many(counts.misplaced) ? Keep : Suspect;
    verdict.why = verdict.advice == Keep ? "so many at once are a mistake in the configuration"
                  : is_app               ? "of another app, or of another push type of this one"
                                         : "of the other environment, or made up";
    return;
  }
  verdict.gone_since = gone_since(bad.answer);
  if (has_registered_since(*verdict.gone_since, bad.registered_at)) {
    verdict.advice = Keep;
    verdict.why = "registered again since";
  } else if (is_too_many(counts.gone)) {
    verdict.advice = Suspect;
    verdict.why = "so many at once are not plausible";
  } else {
    verdict.advice = Drop;
    verdict.why = bad.answer.reason == Reason::ExpiredToken ? "it has expired" : "its app is gone";
  }
}

std::vector<DeviceTokenVerdict> DeviceTokenHygiene::verdicts() const {
  const Counts counts = count();
  std::vector<DeviceTokenVerdict> all;
  all.reserve(bad_.size());
  for (const auto& [device_token, bad] : bad_) {
    DeviceTokenVerdict verdict{.device_token = device_token,
                               .status = bad.answer.status,
                               .reason = bad.answer.reason,
                               .gone_since = std::nullopt,
                               .registered_at = bad.registered_at,
                               .why = {}};
    judge(bad, counts, verdict);
    all.push_back(std::move(verdict));
  }
  std::ranges::sort(all, [](const DeviceTokenVerdict& a, const DeviceTokenVerdict& b) {
    return std::ranges::lexicographical_compare(a.device_token.bytes(), b.device_token.bytes());
  });
  return all;
}

std::string DeviceTokenHygiene::brake_text() const {
  const Counts counts = count();
  if (is_too_many(counts.misplaced)) {
    return share_text(counts.misplaced, num_answers_,
                      "say BadDeviceToken or DeviceTokenNotForTopic: that is a matter of the "
                      "environment or the topic. Look whether the device tokens are of this "
                      "environment and app; none of them is to be dropped.");
  }
  if (is_too_many(counts.gone)) {
    return share_text(counts.gone, num_answers_,
                      "say that the app is gone: that is not plausible. Look whether the topic is "
                      "the app's, and push again later; none of them is to be dropped by this.");
  }
  if (num_configuration_ > 0 && num_configuration_ == num_answers_) {
    return "All " + std::to_string(num_answers_) +
           " answers are about the configuration: nothing is learned about device tokens.";
  }
  return {};
}

}  // namespace apns::provider
