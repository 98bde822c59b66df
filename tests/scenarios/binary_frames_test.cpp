#include "scenarios/runner/binary_frames.h"

#include <gtest/gtest.h>

#include "apns/binary/notification_codec.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {
namespace {

Bytes frame(std::uint32_t n, std::size_t payload_len) {
  Bytes bytes;
  binary::encode_notification(
      Notification{device_token_of(n), std::string(payload_len, '1'), {}, {}}, n,
      binary::Command::Framed, bytes);
  return bytes;
}

TEST(BinaryFrames, IsBoundedAndCutsBetweenFrames) {
  BinaryFrames direction(BinaryFrames::Direction::ToService);
  std::size_t total = 0;
  for (std::uint32_t n = 1; n <= 1000; ++n) {
    const Bytes bytes = frame(n, 100);
    total += bytes.size();
    direction.add(bytes);
    ASSERT_LE(direction.bytes().size(), BinaryFrames::kKeepBytes);
    ASSERT_EQ(direction.bytes().front(), std::byte{2});
  }
  EXPECT_EQ(direction.num_dropped() + direction.bytes().size(), total);
}

TEST(BinaryFrames, IsBoundedForBytesThatAreNoFramesToo) {
  BinaryFrames direction(BinaryFrames::Direction::ToService);
  direction.add(Bytes(3 * BinaryFrames::kKeepBytes, std::byte{0x47}));
  EXPECT_EQ(direction.bytes().size(), BinaryFrames::kKeepBytes);
  EXPECT_EQ(direction.num_dropped(), 2 * BinaryFrames::kKeepBytes);
}

}  // namespace
}  // namespace apns::scenarios
