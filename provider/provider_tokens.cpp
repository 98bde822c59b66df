#include "provider/provider_tokens.h"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace apns::provider {

namespace {

// So that a request costs no lock: a renewal that was made for another client, and a clock that was
// set, are seen so late at most.
constexpr Duration kLookEvery = std::chrono::seconds(1);

class ClientsSource final : public ProviderTokenSource {
 public:
  explicit ClientsSource(SharedProviderToken& shared) : shared_(shared) {}

  std::string_view authorization(TimePoint now) override {
    if (now >= look_at_) {
      token_ = shared_.at(now);
      look_at_ = std::min(now + kLookEvery, shared_.renewal());
    }
    return token_ ? std::string_view(token_->authorization) : std::string_view();
  }

  [[nodiscard]] std::uint32_t number() const override { return token_ ? token_->number : 0; }

  bool is_replaced(std::uint32_t number, TimePoint now) override {
    look_at_ = TimePoint();
    return shared_.is_replaced(number, now);
  }

 private:
  SharedProviderToken& shared_;
  std::shared_ptr<const IssuedToken> token_;
  TimePoint look_at_{};
};

}  // namespace

std::unique_ptr<ProviderTokenSource> ProviderTokens::source(auth::ProviderTokenSigner signer) {
  const Ids ids(signer.team_id(), signer.key_id());
  const std::lock_guard lock(mutex_);
  const auto shared = tokens_.try_emplace(ids, std::move(signer), clock_, ages_).first;
  return std::make_unique<ClientsSource>(shared->second);
}

}  // namespace apns::provider
