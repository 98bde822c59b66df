#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "apns/binary/notification_codec.h"
#include "tests/apns/binary/wire_builder.h"
#include "tests/golden/binary_golden.h"
#include "tests/support/alloc_counter.h"

namespace apns::binary::test {

namespace {

using apns::test::AllocCounter;

constexpr std::size_t kKeepLimit = 2048;

/// Views that the decoder gives for `wire`, fed in one piece.
std::size_t num_decoded(NotificationDecoder& decoder, ByteView wire) {
  std::size_t num_views = 0;
  ByteReader in(wire);
  while (decoder.next(in).has_value()) {
    ++num_views;
  }
  return num_views;
}

void feed_byte_by_byte(NotificationDecoder& decoder, ByteView wire) {
  for (const std::byte& b : wire) {
    ByteReader in(ByteView(&b, 1));
    static_cast<void>(decoder.next(in));
  }
}

TEST(AllocCounter, CountsWhatThisThreadTakes) {
  const AllocCounter counter;
  const std::vector<int> one(100);
  ASSERT_EQ(one.size(), 100U);
  EXPECT_EQ(counter.num_allocations(), 1U);
  EXPECT_EQ(counter.allocated_bytes(), 100 * sizeof(int));
}

TEST(NotificationDecoderAllocations, NoneForNotificationsWholeInTheInput) {
  const Bytes wire =
      repeat(100, join({hex(golden::kSimpleHex), hex(golden::kEnhancedHex), hex(golden::kFramedHex),
                        frame({item(1, pattern(101)), item(2, pattern(5000))})}));
  NotificationDecoder decoder(kKeepLimit);
  const AllocCounter counter;
  EXPECT_EQ(num_decoded(decoder, wire), 400U);
  EXPECT_EQ(counter.num_allocations(), 0U);
}

TEST(NotificationDecoderAllocations, NoneForErrors) {
  const Bytes wire = hex("02 00000003 01 0001");
  std::optional<FrameErrorInfo> error;
  const AllocCounter counter;
  NotificationDecoder decoder(kKeepLimit);
  ByteReader in{ByteView(wire)};
  if (const auto outcome = decoder.next(in); outcome.has_error()) {
    error = outcome.error();
  }
  EXPECT_EQ(counter.num_allocations(), 0U);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->error, FrameError::ItemPastFrame);
}

TEST(NotificationDecoderAllocations, OnePerNotificationInPieces) {
  const Bytes wire = hex(golden::kFramedHex);
  NotificationDecoder decoder(kKeepLimit);
  const AllocCounter counter;
  feed_byte_by_byte(decoder, wire);
  EXPECT_EQ(counter.num_allocations(), 1U);
  EXPECT_EQ(counter.allocated_bytes(), golden::kPayload.size());
}

TEST(NotificationDecoderAllocations, NothingIsHeldBetweenNotifications) {
  const Bytes wire = hex(golden::kFramedHex);
  NotificationDecoder decoder(kKeepLimit);
  feed_byte_by_byte(decoder, wire);
  EXPECT_EQ(decoder.held_bytes(), golden::kPayload.size());  // the view is still valid
  ByteReader nothing{ByteView()};
  EXPECT_TRUE(decoder.next(nothing).need_more());
  EXPECT_EQ(decoder.held_bytes(), 0U);
}

/// A peer that declares the largest lengths and sends them byte by byte.
TEST(NotificationDecoderAllocations, DeclaredLengthsDoNotSizeTheStorage) {
  const Bytes largest = pattern(0xFFFF);
  for (const Bytes& wire : {simple(largest, largest), enhanced(1, 2, largest, largest),
                            frame({item(1, largest), item(2, largest)}),
                            frame({item(9, largest), item(255, largest)})}) {
    NotificationDecoder decoder(kKeepLimit);
    const AllocCounter counter;
    feed_byte_by_byte(decoder, wire);
    EXPECT_EQ(counter.num_allocations(), 0U);
    EXPECT_TRUE(decoder.at_boundary());
  }
}

TEST(NotificationDecoderAllocations, PayloadItemsInPiecesHoldOneAtATime) {
  // Growing ones, because a vector that grows takes more than it needs.
  const Bytes wire = frame({item(2, pattern(1500)), item(2, pattern(2000)),
                            repeat(60, item(2, pattern(kKeepLimit))), item(2, pattern(2049))});
  NotificationDecoder decoder(kKeepLimit);
  for (const std::byte& b : wire) {
    ByteReader in(ByteView(&b, 1));
    static_cast<void>(decoder.next(in));
    ASSERT_LE(decoder.held_bytes(), kKeepLimit);
  }
  EXPECT_TRUE(decoder.at_boundary());
  EXPECT_EQ(decoder.held_bytes(), 0U);  // of the last, which is skipped
}

TEST(NotificationDecoderAllocations, TheDecoderItselfIsSmall) {
  EXPECT_LE(sizeof(NotificationDecoder), 512U);
}

TEST(EncodeNotificationAllocations, NoneWhereTheBufferHasRoom) {
  const Notification notification{
      .device_token = DeviceToken::parse(golden::kDeviceTokenHex).value(),
      .payload = std::string(golden::kPayload),
      .expiration = 1,
      .priority = 10};
  Bytes out;
  out.reserve(1000);
  const AllocCounter counter;
  encode_notification(notification, 7, Command::Framed, out);
  EXPECT_EQ(counter.num_allocations(), 0U);
  EXPECT_EQ(out.size(), 61 + golden::kPayload.size());
}

}  // namespace

}  // namespace apns::binary::test
