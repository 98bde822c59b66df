#include "mock_apns/token_update_limiter.h"

#include <algorithm>

namespace apns::mock {

bool TokenUpdateLimiter::is_in_interval(WorldTime now, const ProviderTokenPolicy& policy) const {
  return has_begun_ && now >= began_ && now < free_at(policy);
}

TokenUpdateLimiter::Decision TokenUpdateLimiter::decide(const TokenDigest& token, WorldTime now,
                                                        const ProviderTokenPolicy& policy) const {
  const bool is_in = is_in_interval(now, policy);
  if (is_in && was_refused_ && policy.update_limit_blocks_all) {
    return Decision::TooMany;
  }
  if (std::find(known_.begin(), known_.end(), token) != known_.end()) {
    return Decision::Known;
  }
  if (!is_in) {
    return Decision::New;
  }
  return num_updates_ < policy.free_updates ? Decision::Update : Decision::TooMany;
}

void TokenUpdateLimiter::note(Decision decision, const TokenDigest& token, bool is_valid,
                              WorldTime now, const ProviderTokenPolicy& policy) {
  if (decision == Decision::Known) {
    return;
  }
  if (decision == Decision::TooMany) {
    was_refused_ = true;
    return;
  }
  if (decision == Decision::New && has_begun_) {
    // The interval before is over; bad tokens from here on are those of the next one.
    has_begun_ = false;
    num_invalid_ = 0;
  }
  remember(token);
  if (!is_valid && num_invalid_ < policy.free_invalid) {
    ++num_invalid_;
    return;
  }
  if (decision == Decision::Update) {
    ++num_updates_;
    return;
  }
  began_ = now;
  has_begun_ = true;
  was_refused_ = false;
  num_updates_ = 0;
}

void TokenUpdateLimiter::remember(const TokenDigest& token) {
  if (known_.size() < kMaxKnown) {
    known_.push_back(token);
    return;
  }
  known_[next_] = token;
  next_ = (next_ + 1) % kMaxKnown;
}

}  // namespace apns::mock
