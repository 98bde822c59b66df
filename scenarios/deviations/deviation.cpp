#include "scenarios/deviations/deviation.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "apns/binary/wire.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

namespace {

class DeviatingDialer final : public Dialer {
 public:
  DeviatingDialer(std::unique_ptr<Dialer> dialer, Deviator& deviator)
      : dialer_(std::move(dialer)), deviator_(deviator) {}

  std::uint64_t dial(const Endpoint& to, Duration connect_limit) override {
    for (unsigned i = 0; i < deviator_.num_idle_dials(); ++i) {
      (void)dialer_->dial(to, connect_limit);  // nobody knows of it: its engine is refused
    }
    return dialer_->dial(to, connect_limit);
  }

  void drop(std::uint64_t connection) override { dialer_->drop(connection); }

  [[nodiscard]] std::optional<std::size_t> unacknowledged(std::uint64_t connection) const override {
    return dialer_->unacknowledged(connection);
  }

  void set_alarm(TimePoint when) override { dialer_->set_alarm(when); }

  [[nodiscard]] TimePoint now() const override { return dialer_->now(); }

 private:
  std::unique_ptr<Dialer> dialer_;
  Deviator& deviator_;
};

}  // namespace

std::size_t Deviator::frame_len(ByteView bytes) const {
  ByteReader reader(bytes);
  reader.skip(binary::kCommandLen);
  return binary::kFrameHeaderLen + reader.read<std::uint32_t>();
}

Bytes Deviator::outgoing(std::uint64_t /*connection*/, ByteView frame) {
  return Bytes(frame.begin(), frame.end());
}

Bytes Deviator::incoming(std::uint64_t /*connection*/, ByteView bytes) {
  return Bytes(bytes.begin(), bytes.end());
}

std::unique_ptr<Dialer> deviating_dialer(std::unique_ptr<Dialer> dialer, Deviator* deviator) {
  if (deviator == nullptr) {
    return dialer;
  }
  return std::make_unique<DeviatingDialer>(std::move(dialer), *deviator);
}

void DeviatingSink::outcomes(std::span<const provider::Outcome> batch) {
  if (deviator_ == nullptr) {
    sink_.outcomes(batch);
    return;
  }
  std::vector<provider::Outcome> left;
  for (const provider::Outcome& outcome : batch) {
    if (const auto told = deviator_->told(outcome)) {
      left.push_back(*told);
    }
  }
  if (!left.empty()) {
    sink_.outcomes(left);
  }
}

std::span<const Deviation> all_deviations() {
  static const std::vector<Deviation> kAll = [] {
    std::vector<Deviation> all(binary_deviations().begin(), binary_deviations().end());
    all.insert(all.end(), http2_deviations().begin(), http2_deviations().end());
    return all;
  }();
  return kAll;
}

bool applies_to(const Deviation& deviation, const Scenario& scenario) {
  return deviation.of == Deviant::FeedbackReader ||
         scenario.is_http2() == (deviation.of == Deviant::Http2Client);
}

const Deviation* find_deviation(std::string_view name) {
  const auto all = all_deviations();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [name](const Deviation& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace apns::scenarios
