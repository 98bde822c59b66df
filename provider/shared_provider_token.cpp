#include "provider/shared_provider_token.h"

#include <utility>

#include "provider/dial_plan.h"

namespace apns::provider {

SharedProviderToken::SharedProviderToken(auth::ProviderTokenSigner signer, const WorldClock& clock,
                                         ProviderTokenAges ages)
    : signer_(std::move(signer)), clock_(clock), ages_(ages) {}

std::shared_ptr<const IssuedToken> SharedProviderToken::at(TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (is_due(now)) {
    issue(now);
  }
  return token_;
}

bool SharedProviderToken::is_replaced(std::uint32_t number, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (!token_ || token_->number != number) {
    return true;
  }
  is_refused_ = true;
  return is_due(now);
}

TimePoint SharedProviderToken::renewal() const {
  const std::lock_guard lock(mutex_);
  return token_ ? later(issued_at_, is_refused_ ? ages_.keep : ages_.renew) : TimePoint();
}

bool SharedProviderToken::is_due(TimePoint now) const {
  if (!token_) {
    return true;
  }
  const Duration age = now - issued_at_;
  if (age >= ages_.keep) {
    return is_refused_ || age >= ages_.renew || clock_.now() - dated_ >= ages_.renew;
  }
  return !was_early_ && clock_.now() - dated_ >= ages_.renew;
}

void SharedProviderToken::issue(TimePoint now) {
  const WorldTime date = clock_.now();
  const auto text = signer_.make(std::chrono::floor<std::chrono::seconds>(date));
  if (text.has_error()) {
    return;
  }
  IssuedToken made{"bearer " + *text, token_ ? token_->number + 1 : 1};
  was_early_ = token_ && now - issued_at_ < ages_.keep;
  is_refused_ = false;
  issued_at_ = now;
  dated_ = date;
  token_ = std::make_shared<const IssuedToken>(std::move(made));
}

}  // namespace apns::provider
