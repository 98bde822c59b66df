#pragma once

#include <memory>

#include "apns/base/network.h"

namespace apns::provider {

/// A dialer has one alarm. Where one client is inside another, both need it: this keeps the earlier
/// of the two.
class SharedAlarm {
 public:
  explicit SharedAlarm(std::unique_ptr<Dialer> dialer) : dialer_(std::move(dialer)) {}

  /// The dialer of the client inside, destroyed before this one.
  [[nodiscard]] std::unique_ptr<Dialer> make_inner();

  [[nodiscard]] TimePoint now() const { return dialer_->now(); }

  /// kNever: none.
  void set_outer(TimePoint when);

  /// The dialer's alarm went off. Whose it was, each once.
  struct Due {
    bool inner = false;
    bool outer = false;
  };

  [[nodiscard]] Due take_due(TimePoint now);

 private:
  class InnerDialer;

  void set_inner(TimePoint when);
  void arm();

  std::unique_ptr<Dialer> dialer_;
  TimePoint inner_ = kNever;
  TimePoint outer_ = kNever;
  TimePoint armed_ = kNever;
};

}  // namespace apns::provider
