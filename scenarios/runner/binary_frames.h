#pragma once

#include <cstdint>

#include "scenarios/runner/frame_keeper.h"

namespace apns::scenarios {

/// Of the binary protocol: the last bytes, cut at frame borders while they can be told.
class BinaryFrames final : public FrameKeeper {
 public:
  /// More than this is kept only until the next frame is over.
  static constexpr std::size_t kKeepBytes = 16384;

  enum class Direction : std::uint8_t {
    ToService,   // notifications
    ToProvider,  // error packets
  };

  explicit BinaryFrames(Direction direction) : direction_(direction) {}

  void add(ByteView bytes) override;
  [[nodiscard]] std::vector<std::string> lines() const override;

  /// Begins with a frame as long as the provider speaks command 2.
  [[nodiscard]] ByteView bytes() const { return ByteView(bytes_).subspan(at_); }

  [[nodiscard]] std::uint64_t num_dropped() const { return num_dropped_; }

 private:
  Direction direction_;
  Bytes bytes_;
  std::size_t at_ = 0;  // bytes before it are dropped
  std::uint64_t num_dropped_ = 0;
};

}  // namespace apns::scenarios
