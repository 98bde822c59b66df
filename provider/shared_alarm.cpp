#include "provider/shared_alarm.h"

#include <algorithm>

namespace apns::provider {

class SharedAlarm::InnerDialer final : public Dialer {
 public:
  explicit InnerDialer(SharedAlarm& shared) : shared_(shared) {}

  std::uint64_t dial(const Endpoint& to, Duration connect_limit) override {
    return shared_.dialer_->dial(to, connect_limit);
  }

  void drop(std::uint64_t connection) override { shared_.dialer_->drop(connection); }

  [[nodiscard]] std::optional<std::size_t> unacknowledged(std::uint64_t connection) const override {
    return shared_.dialer_->unacknowledged(connection);
  }

  void set_alarm(TimePoint when) override { shared_.set_inner(when); }

  [[nodiscard]] TimePoint now() const override { return shared_.now(); }

 private:
  SharedAlarm& shared_;
};

std::unique_ptr<Dialer> SharedAlarm::make_inner() {
  return std::make_unique<InnerDialer>(*this);
}

void SharedAlarm::set_outer(TimePoint when) {
  outer_ = when;
  arm();
}

void SharedAlarm::set_inner(TimePoint when) {
  inner_ = when;
  arm();
}

void SharedAlarm::arm() {
  const TimePoint when = std::min(inner_, outer_);
  if (when != armed_) {
    armed_ = when;
    dialer_->set_alarm(when);
  }
}

SharedAlarm::Due SharedAlarm::take_due(TimePoint now) {
  armed_ = kNever;  // it goes off once
  const Due due{inner_ <= now, outer_ <= now};
  inner_ = due.inner ? kNever : inner_;
  outer_ = due.outer ? kNever : outer_;
  arm();
  return due;
}

}  // namespace apns::provider
