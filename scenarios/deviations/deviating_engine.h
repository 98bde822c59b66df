#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "apns/base/engine.h"
#include "apns/base/out_buffer.h"
#include "scenarios/deviations/deviation.h"

namespace apns::scenarios {

/// An engine whose bytes go through a deviation, frame by frame on the way out. A frame is taken
/// from the engine inside once what became of it is taken, so that nothing is said to be written
/// that is not; what the engine inside drops is not written.
class DeviatingEngine final : public Engine, private EngineHost {
 public:
  /// All references outlive the engine.
  DeviatingEngine(Deviator& deviator, std::uint64_t connection, EngineHost& outer);

  /// What the engine inside is built with; it must not call it before use().
  [[nodiscard]] EngineHost& inner_host() { return *this; }

  void use(std::unique_ptr<Engine> inner) { inner_ = std::move(inner); }

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override;
  void ended(End end, TimePoint now) override;

  [[nodiscard]] std::span<const std::byte> pending() const override;
  void sent(std::size_t n, TimePoint now) override;

  [[nodiscard]] TimePoint deadline() const override { return inner_->deadline(); }

  void on_time(TimePoint now) override;
  [[nodiscard]] bool wants_read() const override;

  [[nodiscard]] Close close() const override { return inner_->close(); }

 private:
  void wake(Engine& /*inner*/) override { outer_.wake(*this); }

  /// A frame of the engine inside, and how much of what became of it is left to write.
  struct Staged {
    std::size_t inner_len = 0;
    std::size_t out_left = 0;
  };

  /// Makes out_ of what the engine inside has pending, which is whole frames.
  void stage() const;

  /// The engine inside has given up what it had pending.
  [[nodiscard]] bool is_dropped() const { return inner_->pending().size() < staged_len_; }

  /// Of the frames in front, those of which nothing is left.
  void take_written(TimePoint now);

  Deviator& deviator_;
  const std::uint64_t connection_;
  EngineHost& outer_;
  std::unique_ptr<Engine> inner_;
  // Looking at what is pending makes it.
  mutable std::deque<Staged> staged_;   // of which out_ is made
  mutable std::size_t staged_len_ = 0;  // bytes of them in the engine inside
  mutable OutBuffer out_;
};

}  // namespace apns::scenarios
