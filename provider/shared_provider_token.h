#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "apns/auth/provider_token_signer.h"
#include "apns/base/time.h"

namespace apns::provider {

/// How long a provider token is used. Documented: renewed after 20 minutes at the earliest and 60
/// at the latest; 50 leaves room on either side, for clocks that differ and requests that wait.
/// Source: "Establishing a token-based connection to APNs".
struct ProviderTokenAges {
  Duration renew = std::chrono::minutes(50);
  Duration keep = std::chrono::minutes(20);  // at least, whatever a service says
};

struct IssuedToken {
  std::string authorization;  // "bearer eyJ..."
  std::uint32_t number = 0;   // from 1
};

/// The provider token of one team and key, shared by all connections that need it, on any thread: a
/// service counts the changes of a team, and each client with a token of its own would be one.
///
/// Its age is told by the I/O clock, which nobody sets. The world's clock dates it, and counts
/// where it says more: the I/O clock may stand still while a machine sleeps. But a token that the
/// I/O clock calls younger than `keep` is replaced for that reason once, not again and again, so
/// that within any `keep` two are made at most, whatever both clocks do and whatever services say:
/// a clock that is wrong must not draw one token after the other
/// (node-apn/node-apn#590).
class SharedProviderToken {
 public:
  /// `clock` is the provider's, and outlives it.
  SharedProviderToken(auth::ProviderTokenSigner signer, const WorldClock& clock,
                      ProviderTokenAges ages = {});

  /// The one to be used at `now`. Where OpenSSL cannot sign: the one before, else null.
  [[nodiscard]] std::shared_ptr<const IssuedToken> at(TimePoint now);

  /// A service called it too old; see ProviderTokenSource::is_replaced.
  [[nodiscard]] bool is_replaced(std::uint32_t number, TimePoint now);

  /// From then on at() may give another than the last.
  [[nodiscard]] TimePoint renewal() const;

 private:
  [[nodiscard]] bool is_due(TimePoint now) const;
  void issue(TimePoint now);

  mutable std::mutex mutex_;  // over what is below
  auth::ProviderTokenSigner signer_;
  const WorldClock& clock_;
  const ProviderTokenAges ages_;
  std::shared_ptr<const IssuedToken> token_;  // null: none yet
  TimePoint issued_at_{};
  WorldTime dated_{};
  bool was_early_ = false;   // it replaced one that the I/O clock called younger than ages_.keep
  bool is_refused_ = false;  // a service called it too old
};

}  // namespace apns::provider
