#include "apns/binary/notification_codec.h"

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "apns/base/random.h"
#include "tests/apns/binary/notification_recorder.h"
#include "tests/apns/binary/wire_builder.h"
#include "tests/golden/binary_golden.h"
#include "tests/support/split_feed.h"

namespace apns::binary::test {

namespace {

using apns::test::expect_at_every_split;
using apns::test::feed_in_parts;
using apns::test::feed_whole;

constexpr std::size_t kKeepLimit = 2048;

Bytes encode(const Notification& notification, std::uint32_t identifier, Command command) {
  Bytes out;
  encode_notification(notification, identifier, command, out);
  return out;
}

Notification golden_notification() {
  return Notification{.device_token = DeviceToken::parse(golden::kDeviceTokenHex).value(),
                      .payload = std::string(golden::kPayload)};
}

/// A notification and its bytes, for both directions.
struct GoldenCase {
  const char* name;
  Command command;
  std::optional<std::uint32_t> expiration;          // as given to the encoder
  std::optional<std::uint8_t> priority;             // likewise
  std::optional<std::uint32_t> decoded_identifier;  // as the decoder sees it
  std::optional<std::uint32_t> decoded_expiration;
  std::optional<std::uint8_t> decoded_priority;
  std::string_view wire_hex;
};

void PrintTo(const GoldenCase& row, std::ostream* out) {
  *out << row.name;
}

class GoldenNotificationTest : public testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenNotificationTest, Encodes) {
  Notification notification = golden_notification();
  notification.expiration = GetParam().expiration;
  notification.priority = GetParam().priority;
  EXPECT_EQ(to_hex(encode(notification, 124, GetParam().command)), GetParam().wire_hex);
}

TEST_P(GoldenNotificationTest, DecodesAtEverySplit) {
  const Bytes wire = hex(GetParam().wire_hex);
  const auto make = [] { return NotificationRecorder(kKeepLimit); };
  const DecodeLog log = feed_whole(wire, make);
  ASSERT_EQ(log.notifications.size(), 1U);
  const SeenNotification& seen = log.notifications[0];
  EXPECT_EQ(seen.command, GetParam().command);
  EXPECT_EQ(seen.identifier, GetParam().decoded_identifier);
  EXPECT_EQ(seen.expiration, GetParam().decoded_expiration);
  EXPECT_EQ(seen.priority, GetParam().decoded_priority);
  EXPECT_EQ(to_hex(seen.device_token), golden::kDeviceTokenHex);
  EXPECT_EQ(as_text(seen.payload), golden::kPayload);
  EXPECT_EQ(seen.wire_len, wire.size());
  expect_at_every_split(wire, log, make);
}

INSTANTIATE_TEST_SUITE_P(Commands, GoldenNotificationTest,
                         testing::Values(GoldenCase{.name = "SimpleDropsTheRest",
                                                    .command = Command::Simple,
                                                    .expiration = 0x5C2AAD80,
                                                    .priority = 10,
                                                    .decoded_identifier = std::nullopt,
                                                    .decoded_expiration = std::nullopt,
                                                    .decoded_priority = std::nullopt,
                                                    .wire_hex = golden::kSimpleHex},
                                         GoldenCase{.name = "EnhancedDropsThePriority",
                                                    .command = Command::Enhanced,
                                                    .expiration = 0x5C2AAD80,
                                                    .priority = 5,
                                                    .decoded_identifier = 124,
                                                    .decoded_expiration = 0x5C2AAD80,
                                                    .decoded_priority = std::nullopt,
                                                    .wire_hex = golden::kEnhancedHex},
                                         GoldenCase{
                                             .name = "EnhancedWithoutExpiration",
                                             .command = Command::Enhanced,
                                             .expiration = std::nullopt,
                                             .priority = std::nullopt,
                                             .decoded_identifier = 124,
                                             .decoded_expiration = 0x7FFFFFFF,
                                             .decoded_priority = std::nullopt,
                                             .wire_hex = golden::kEnhancedWithoutExpirationHex},
                                         GoldenCase{.name = "Framed",
                                                    .command = Command::Framed,
                                                    .expiration = 0x5C2AAD80,
                                                    .priority = 10,
                                                    .decoded_identifier = 124,
                                                    .decoded_expiration = 0x5C2AAD80,
                                                    .decoded_priority = 10,
                                                    .wire_hex = golden::kFramedHex},
                                         GoldenCase{.name = "FramedLeavesOutWhatIsAbsent",
                                                    .command = Command::Framed,
                                                    .expiration = std::nullopt,
                                                    .priority = std::nullopt,
                                                    .decoded_identifier = 124,
                                                    .decoded_expiration = std::nullopt,
                                                    .decoded_priority = std::nullopt,
                                                    .wire_hex = golden::kFramedMinimalHex}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(EncodeNotification, AppendsBehindWhatIsThere) {
  Bytes out = hex("aabb");
  encode_notification(golden_notification(), 124, Command::Simple, out);
  EXPECT_EQ(to_hex(out), "aabb" + std::string(golden::kSimpleHex));
}

TEST(EncodeNotification, SendsAnExpirationOfZero) {
  Notification notification = golden_notification();
  notification.expiration = 0;
  const Bytes enhanced_wire = encode(notification, 1, Command::Enhanced);
  EXPECT_EQ(to_hex(ByteView(enhanced_wire).subspan(5, 4)), "00000000");
  const Bytes framed_wire = encode(notification, 1, Command::Framed);
  EXPECT_EQ(to_hex(ByteView(framed_wire).last(7)), "04000400000000");
}

TEST(EncodeNotification, WritesPayloadLengthsAsTwoBytes) {
  // A length of one byte wraps at 256 to "missing payload" (ileitch/rapns#47).
  for (const std::size_t len :
       {0U, 1U, 127U, 128U, 255U, 256U, 257U, 2047U, 2048U, 2049U, 0xFFFFU}) {
    Notification notification = golden_notification();
    notification.payload = std::string(len, 'x');
    const Bytes wire = encode(notification, 1, Command::Simple);
    ASSERT_EQ(wire.size(), 37 + len);
    EXPECT_EQ(ByteReader(ByteView(wire).subspan(35)).read<std::uint16_t>(), len);
  }
}

TEST(EncodeNotificationDeathTest, RefusesAPayloadThatNoLengthFieldHolds) {
  Notification notification = golden_notification();
  notification.payload = std::string(0x10000, 'x');
  EXPECT_DEATH(encode(notification, 1, Command::Framed), "payload");
}

TEST(EncodeNotificationDeathTest, RefusesTheCommandOfTheGateway) {
  EXPECT_DEATH(encode(golden_notification(), 1, Command::Error), "Command::Error");
}

/// A notification that random draw `n` names, over the whole range of every field.
Notification random_notification(std::uint64_t n) {
  RandomStream random(4711, n);
  Bytes token(random_between(random.next(), 1, DeviceToken::kMaxLen));
  for (std::byte& b : token) {
    b = static_cast<std::byte>(random.next());
  }
  Notification notification{.device_token = DeviceToken::from_bytes(token).value(),
                            .payload = std::string(random_between(random.next(), 0, 300), '\0')};
  for (char& c : notification.payload) {
    c = static_cast<char>(random.next());
  }
  if (random.next() % 2 == 0) {
    notification.expiration = static_cast<std::uint32_t>(random.next());
  }
  if (random.next() % 2 == 0) {
    notification.priority = static_cast<std::uint8_t>(random.next());
  }
  return notification;
}

TEST(NotificationCodec, DecodingTheEncodedGivesTheSame) {
  for (std::uint64_t n = 0; n < 3000; ++n) {
    SCOPED_TRACE(n);
    const Notification notification = random_notification(n);
    const auto identifier = static_cast<std::uint32_t>(random_u64(4712, n));
    const Command command{static_cast<std::uint8_t>(n % 3)};
    const Bytes wire = encode(notification, identifier, command);
    const std::size_t cut = random_between(random_u64(4713, n), 0, wire.size());
    const DecodeLog log =
        feed_in_parts(wire, std::span(&cut, 1), [] { return NotificationRecorder(kKeepLimit); });

    ASSERT_EQ(log.notifications.size(), 1U) << to_text(log);
    ASSERT_TRUE(log.at_boundary);
    const SeenNotification& seen = log.notifications[0];
    const bool framed = command == Command::Framed;
    ASSERT_EQ(seen.command, command);
    ASSERT_EQ(to_hex(seen.device_token), notification.device_token.to_hex());
    ASSERT_EQ(as_text(seen.payload), notification.payload);
    ASSERT_EQ(seen.priority, framed ? notification.priority : std::nullopt);
    if (command == Command::Simple) {
      ASSERT_EQ(seen.identifier, std::nullopt);
      ASSERT_EQ(seen.expiration, std::nullopt);
    } else {
      ASSERT_EQ(seen.identifier, identifier);
      ASSERT_EQ(seen.expiration, framed ? notification.expiration
                                        : notification.expiration.value_or(kLatestExpiration));
    }
  }
}

}  // namespace

}  // namespace apns::binary::test
