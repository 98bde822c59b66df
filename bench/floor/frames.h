#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace apns::floor {

/// Frames of command 2 of the binary provider API, all of one length, for one different device
/// token each, back to back.
struct Corpus {
  static constexpr std::size_t kNumFrames = 64;

  std::vector<std::byte> bytes;
  std::size_t frame_len = 0;
};

/// Five items a frame: a 32-byte device token, 211 bytes of JSON, identifier, expiration in 2038,
/// priority 10.
[[nodiscard]] Corpus make_corpus();

/// The least that a gateway must do with a frame: find its payload and check that it is JSON.
class FrameChecker {
 public:
  /// Longer frames are refused; several times what a legal notification needs.
  static constexpr std::size_t kMaxFrameLen = 16384;
  /// Bytes that must be readable behind the bytes given to take(); simdjson looks at them.
  static constexpr std::size_t kPaddingLen = 64;

  FrameChecker();
  ~FrameChecker();

  /// Counts the whole frames at the front of `in` and gives their length in bytes; what is left is
  /// the front of a frame. None: a command other than 2, an item that reaches past its frame, or a
  /// frame that is too long; then the stream cannot be read further.
  [[nodiscard]] std::optional<std::size_t> take(std::span<const std::byte> in);

  [[nodiscard]] std::uint64_t num_frames() const { return num_frames_; }

  /// Frames, among the counted, whose payload is absent or is not JSON.
  [[nodiscard]] std::uint64_t num_bad_payloads() const { return num_bad_payloads_; }

 private:
  struct Parser;

  [[nodiscard]] bool is_json(std::span<const std::byte> payload);

  std::unique_ptr<Parser> parser_;
  std::uint64_t num_frames_ = 0;
  std::uint64_t num_bad_payloads_ = 0;
};

}  // namespace apns::floor
