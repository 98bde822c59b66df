#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "apns/binary/notification_codec.h"
#include "tests/apns/binary/notification_recorder.h"
#include "tests/apns/binary/wire_builder.h"
#include "tests/support/split_feed.h"

namespace apns::binary::test {

namespace {

using apns::test::expect_at_every_split;
using apns::test::feed_byte_by_byte;
using apns::test::feed_whole;

constexpr std::size_t kKeepLimit = 2048;

auto recorder(std::size_t payload_keep_limit = kKeepLimit) {
  return [payload_keep_limit] { return NotificationRecorder(payload_keep_limit); };
}

/// One stream and what the decoder says about it, in the words of to_text().
struct Case {
  const char* name;
  Bytes wire;
  const char* expected;
  std::size_t num_bytes_to_error = 0;  // bytes that must have arrived for the error; 0: no error
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

class NotificationDecoderTest : public testing::TestWithParam<Case> {};

TEST_P(NotificationDecoderTest, SaysTheSameAtEverySplit) {
  const DecodeLog log = feed_whole(GetParam().wire, recorder());
  EXPECT_EQ(to_text(log), GetParam().expected);
  expect_at_every_split(GetParam().wire, log, recorder());
}

TEST_P(NotificationDecoderTest, ReportsAnErrorAsSoonAsItIsCertain) {
  NotificationRecorder byte_by_byte(kKeepLimit);
  for (const std::byte& b : GetParam().wire) {
    byte_by_byte.feed(ByteView(&b, 1));
  }
  EXPECT_EQ(byte_by_byte.num_feeds_to_error(), GetParam().num_bytes_to_error);
}

const Bytes kToken = hex("a1a2a3a4");
const Bytes kPayload = hex("7b7d");
const Bytes kTokenItem = item(1, kToken);
const Bytes kPayloadItem = item(2, kPayload);
const Bytes kIdentifierItem = item(3, hex("00000007"));
const Bytes kExpirationItem = item(4, hex("00000009"));
const Bytes kPriorityItem = item(5, hex("0a"));

// Every number below is counted by hand from the layout in docs/wire/binary.md.
INSTANTIATE_TEST_SUITE_P(
    Good, NotificationDecoderTest,
    testing::Values(
        Case{.name = "Nothing", .wire = {}, .expected = ""},
        Case{.name = "Simple",
             .wire = simple(kToken, kPayload),
             .expected = "0 token=a1a2a3a4 payload=7b7d wire=11"},
        Case{.name = "SimpleWithEmptyFields",
             .wire = simple({}, {}),
             .expected = "0 token=empty payload=empty wire=5"},
        Case{.name = "Enhanced",
             .wire = enhanced(7, 9, kToken, kPayload),
             .expected = "1 identifier=7 expiration=9 token=a1a2a3a4 payload=7b7d wire=19"},
        Case{.name = "EnhancedWithZeroes",
             .wire = enhanced(0, 0, {}, {}),
             .expected = "1 identifier=0 expiration=0 token=empty payload=empty wire=13"},
        Case{.name = "EnhancedWithLargestNumbers",
             .wire = enhanced(0xFFFFFFFF, 0xFFFFFFFF, kToken, kPayload),
             .expected = "1 identifier=4294967295 expiration=4294967295 token=a1a2a3a4 "
                         "payload=7b7d wire=19"},
        Case{.name = "Framed",
             .wire = frame({kTokenItem, kPayloadItem, kIdentifierItem, kExpirationItem,
                            kPriorityItem}),
             .expected = "2 identifier=7 expiration=9 priority=10 token=a1a2a3a4 payload=7b7d "
                         "wire=35"},
        Case{.name = "FrameWithoutItems", .wire = frame({}), .expected = "2 wire=5"},
        Case{.name = "FrameWithoutDeviceToken",
             .wire = frame({kPayloadItem}),
             .expected = "2 payload=7b7d wire=10"},
        Case{.name = "FrameWithoutPayload",
             .wire = frame({kTokenItem}),
             .expected = "2 token=a1a2a3a4 wire=12"},
        Case{.name = "FrameWithEmptyItems",
             .wire = frame({item(1, {}), item(2, {})}),
             .expected = "2 token=empty payload=empty wire=11"},
        Case{.name = "PriorityIsAnyByte",
             .wire = frame({item(5, hex("ff"))}),
             .expected = "2 priority=255 wire=9"},
        Case{.name = "UnknownItemsAreIgnored",
             .wire = frame({item(0, {}), kTokenItem, item(6, hex("010203")), kPayloadItem,
                            item(255, pattern(300))}),
             .expected = "2 token=a1a2a3a4 payload=7b7d wire=329 unknown=3"},
        Case{.name = "LastOfDuplicateItemsWins",
             .wire = frame({item(1, hex("b1b2b3b4b5")), item(2, hex("5b5d20")),
                            item(3, hex("00000001")), item(4, hex("00000002")), item(5, hex("05")),
                            kTokenItem, kPayloadItem, kIdentifierItem, kExpirationItem,
                            kPriorityItem}),
             .expected = "2 identifier=7 expiration=9 priority=10 token=a1a2a3a4 payload=7b7d "
                         "wire=67 duplicates=5"},
        Case{.name = "EmptyDuplicatesWinToo",
             .wire = frame({kTokenItem, kPayloadItem, item(1, {}), item(2, {})}),
             .expected = "2 token=empty payload=empty wire=23 duplicates=2"},
        Case{.name = "SkippedDuplicatesWinToo",
             .wire = frame({kTokenItem, kPayloadItem, item(1, pattern(101)),
                            item(2, pattern(2049))}),
             .expected = "2 token=101 skipped payload=2049 skipped wire=2173 duplicates=2"},
        Case{.name = "KeptAfterSkipped",
             .wire = frame({item(2, pattern(2049)), item(1, pattern(101)), kPayloadItem,
                            kTokenItem}),
             .expected = "2 token=a1a2a3a4 payload=7b7d wire=2173 duplicates=2"},
        Case{.name = "LongerPayloadReplacesShorter",
             .wire = frame({kPayloadItem, item(2, pattern(300))}),
             .expected = "2 payload=300 bytes wire=313 duplicates=1"},
        Case{.name = "CountsSaturate",
             .wire = frame({repeat(300, item(9, {})), repeat(301, item(5, hex("05")))}),
             .expected = "2 priority=5 wire=2109 duplicates=255 unknown=255"},
        Case{.name = "TwoInOneBuffer",
             .wire = join({simple(kToken, kPayload), simple(hex("b1"), hex("5b5d"))}),
             .expected = "0 token=a1a2a3a4 payload=7b7d wire=11; 0 token=b1 payload=5b5d wire=8"},
        Case{.name = "CommandsMixed",
             .wire = join({frame({kTokenItem, kIdentifierItem}), simple(kToken, kPayload),
                           enhanced(1, 2, kToken, kPayload), frame({}), frame({kPayloadItem})}),
             .expected = "2 identifier=7 token=a1a2a3a4 wire=19; "
                         "0 token=a1a2a3a4 payload=7b7d wire=11; "
                         "1 identifier=1 expiration=2 token=a1a2a3a4 payload=7b7d wire=19; "
                         "2 wire=5; 2 payload=7b7d wire=10"},
        Case{.name = "StreamEndsInside",
             .wire = join({simple(kToken, kPayload), hex("02 00000023 01 0020")}),
             .expected = "0 token=a1a2a3a4 payload=7b7d wire=11; partial"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    BadCommand, NotificationDecoderTest,
    testing::Values(Case{.name = "ThreeIsNoCommand",
                         .wire = hex("03 0000 0000"),
                         .expected = "not a command of the binary provider API at 0",
                         .num_bytes_to_error = 1},
                    Case{.name = "ErrorPacketFromTheProvider",
                         .wire = hex("08 08 0000007c"),
                         .expected = "not a command of the binary provider API at 0",
                         .num_bytes_to_error = 1},
                    Case{.name = "Http1Request",
                         .wire = hex("47 45 54 20 2f"),
                         .expected = "not a command of the binary provider API at 0",
                         .num_bytes_to_error = 1},
                    Case{.name = "LargestByte",
                         .wire = hex("ff"),
                         .expected = "not a command of the binary provider API at 0",
                         .num_bytes_to_error = 1},
                    Case{.name = "BehindAGoodNotification",
                         .wire = join({simple(kToken, kPayload), hex("7b 00")}),
                         .expected = "0 token=a1a2a3a4 payload=7b7d wire=11; "
                                     "not a command of the binary provider API at 0",
                         .num_bytes_to_error = 12}),
    name_of);

// kMaxFrameLen is 2 * (3 + 65535) + 7 + 7 + 4 = 131094 = 0x20016.
INSTANTIATE_TEST_SUITE_P(FrameTooLong, NotificationDecoderTest,
                         testing::Values(Case{.name = "ByOne",
                                              .wire = hex("02 00020017 01"),
                                              .expected = "frame longer than any legal one at 1",
                                              .num_bytes_to_error = 5},
                                         Case{.name = "AsLongAsCanBeSaid",
                                              .wire = hex("02 ffffffff"),
                                              .expected = "frame longer than any legal one at 1",
                                              .num_bytes_to_error = 5},
                                         Case{.name = "LongestIsNoError",
                                              .wire = hex("02 00020016"),
                                              .expected = "partial"}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(
    ItemPastFrame, NotificationDecoderTest,
    testing::Values(Case{.name = "NoRoomForAnItemHeaderByTwo",
                         .wire = hex("02 00000001 01 02"),
                         .expected = "item past the end of the frame at 5",
                         .num_bytes_to_error = 5},
                    Case{.name = "NoRoomForAnItemHeaderByOne",
                         .wire = hex("02 00000002 01 00"),
                         .expected = "item past the end of the frame at 5",
                         .num_bytes_to_error = 5},
                    Case{.name = "ItemPastByOne",
                         .wire = hex("02 00000006 01 0004 a1a2a3a4"),
                         .expected = "item past the end of the frame at 6",
                         .num_bytes_to_error = 8},
                    Case{.name = "LargestItemInSmallFrame",
                         .wire = hex("02 00000005 02 ffff 7b7d"),
                         .expected = "item past the end of the frame at 6",
                         .num_bytes_to_error = 8},
                    Case{.name = "UnknownItemPastByOne",
                         .wire = hex("02 00000003 63 0001 00"),
                         .expected = "item past the end of the frame at 6",
                         .num_bytes_to_error = 8},
                    Case{.name = "BytesBehindTheLastItem",
                         .wire = hex("02 00000009 01 0004 a1a2a3a4 0203"),
                         .expected = "item past the end of the frame at 12",
                         .num_bytes_to_error = 12},
                    Case{.name = "IdentifierWasRead",
                         .wire = hex("02 0000000b 03 0004 00000007 02 0002 7b7d"),
                         .expected = "item past the end of the frame at 13, identifier=7",
                         .num_bytes_to_error = 15},
                    Case{.name = "IdentifierComesTooLate",
                         .wire = hex("02 0000000d 02 00ff 7b7d 03 0004 00000007"),
                         .expected = "item past the end of the frame at 6",
                         .num_bytes_to_error = 8},
                    Case{.name = "LastIdentifierCounts",
                         .wire = hex("02 00000010 03 0004 00000001 03 0004 00000002 0100"),
                         .expected = "item past the end of the frame at 19, identifier=2",
                         .num_bytes_to_error = 19},
                    Case{.name = "ComesBeforeTheLengthOfAFixedItem",
                         .wire = hex("02 00000004 03 0005 00"),
                         .expected = "item past the end of the frame at 6",
                         .num_bytes_to_error = 8},
                    Case{.name = "SecondFrameCountsFromItsOwnCommand",
                         .wire = join({frame({kIdentifierItem}), hex("02 00000003 01 0001 a1")}),
                         .expected = "2 identifier=7 wire=12; item past the end of the frame at 6",
                         .num_bytes_to_error = 20}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    BadItemLength, NotificationDecoderTest,
    testing::Values(Case{.name = "EmptyIdentifier",
                         .wire = frame({item(3, {})}),
                         .expected = "wrong length of a fixed item at 6",
                         .num_bytes_to_error = 8},
                    Case{.name = "ShortIdentifier",
                         .wire = frame({item(3, hex("000007"))}),
                         .expected = "wrong length of a fixed item at 6",
                         .num_bytes_to_error = 8},
                    Case{.name = "LongIdentifier",
                         .wire = frame({item(3, hex("0000000007"))}),
                         .expected = "wrong length of a fixed item at 6",
                         .num_bytes_to_error = 8},
                    Case{.name = "EmptyExpiration",
                         .wire = frame({item(4, {})}),
                         .expected = "wrong length of a fixed item at 6",
                         .num_bytes_to_error = 8},
                    Case{.name = "ShortExpiration",
                         .wire = frame({item(4, hex("000009"))}),
                         .expected = "wrong length of a fixed item at 6",
                         .num_bytes_to_error = 8},
                    Case{.name = "LongExpiration",
                         .wire = frame({kIdentifierItem, item(4, pattern(8))}),
                         .expected = "wrong length of a fixed item at 13, identifier=7",
                         .num_bytes_to_error = 15},
                    Case{.name = "EmptyPriority",
                         .wire = frame({item(5, {})}),
                         .expected = "wrong length of a fixed item at 6",
                         .num_bytes_to_error = 8},
                    Case{.name = "LongPriority",
                         .wire = frame({kTokenItem, kPayloadItem, kIdentifierItem,
                                        item(5, hex("000a"))}),
                         .expected = "wrong length of a fixed item at 25, identifier=7",
                         .num_bytes_to_error = 27},
                    Case{.name = "LongestItem",
                         .wire = hex("02 00010002 05 ffff 0a"),
                         .expected = "wrong length of a fixed item at 6",
                         .num_bytes_to_error = 8}),
    name_of);

TEST(NotificationDecoder, TakesItemsInAnyOrder) {
  const std::array items{kTokenItem, kPayloadItem, kIdentifierItem, kExpirationItem, kPriorityItem};
  std::array<std::size_t, 5> order{0, 1, 2, 3, 4};
  int num_orders = 0;
  do {
    const Bytes wire = frame(
        {items[order[0]], items[order[1]], items[order[2]], items[order[3]], items[order[4]]});
    const DecodeLog log = feed_whole(wire, recorder());
    ASSERT_EQ(to_text(log),
              "2 identifier=7 expiration=9 priority=10 token=a1a2a3a4 payload=7b7d wire=35");
    expect_at_every_split(wire, log, recorder());
    ++num_orders;
  } while (std::ranges::next_permutation(order).found);
  EXPECT_EQ(num_orders, 120);
}

TEST(NotificationDecoder, EveryTruncationIsPartialAndNoError) {
  for (const Bytes& whole :
       {simple(kToken, kPayload), enhanced(7, 9, kToken, kPayload),
        frame({kTokenItem, kPayloadItem, kIdentifierItem, kExpirationItem, kPriorityItem})}) {
    for (std::size_t len = 1; len < whole.size(); ++len) {
      const DecodeLog log = feed_whole(ByteView(whole).first(len), recorder());
      EXPECT_EQ(to_text(log), "partial") << "first " << len << " bytes of " << to_hex(whole);
    }
  }
}

/// One field at sizes around every limit, in each command.
struct SizeCase {
  Command command;
  std::size_t len;
};

void PrintTo(const SizeCase& row, std::ostream* out) {
  *out << "command " << static_cast<unsigned>(row.command) << ", " << row.len << " bytes";
}

std::string size_name(const testing::TestParamInfo<SizeCase>& info) {
  return "Command" + std::to_string(static_cast<unsigned>(info.param.command)) + "Length" +
         std::to_string(info.param.len);
}

std::vector<SizeCase> in_each_command(std::initializer_list<std::size_t> lengths) {
  std::vector<SizeCase> rows;
  for (const Command command : {Command::Simple, Command::Enhanced, Command::Framed}) {
    for (const std::size_t len : lengths) {
      rows.push_back(SizeCase{.command = command, .len = len});
    }
  }
  return rows;
}

Bytes notification(Command command, const Bytes& token, const Bytes& payload) {
  switch (command) {
    case Command::Simple:
      return simple(token, payload);
    case Command::Enhanced:
      return enhanced(7, 9, token, payload);
    default:
      return frame({item(1, token), item(2, payload)});
  }
}

class PayloadSizeTest : public testing::TestWithParam<SizeCase> {};

TEST_P(PayloadSizeTest, IsKeptUpToTheLimitAndCountedAbove) {
  const std::size_t len = GetParam().len;
  const Bytes wire = notification(GetParam().command, kToken, pattern(len));
  const DecodeLog log = feed_whole(wire, recorder());
  ASSERT_EQ(log.notifications.size(), 1U);
  const SeenNotification& seen = log.notifications[0];
  EXPECT_TRUE(seen.has_payload);
  EXPECT_EQ(seen.payload_len, len);
  EXPECT_EQ(seen.payload, len <= kKeepLimit ? pattern(len) : Bytes{});
  EXPECT_EQ(seen.device_token, kToken);
  EXPECT_EQ(seen.wire_len, wire.size());
  expect_at_every_split(wire, log, recorder());
}

INSTANTIATE_TEST_SUITE_P(AroundEveryLimit, PayloadSizeTest,
                         testing::ValuesIn(in_each_command({0, 1, 127, 128, 255, 256, 257, 2047,
                                                            2048, 2049, 0xFFFF})),
                         size_name);

class DeviceTokenSizeTest : public testing::TestWithParam<SizeCase> {};

TEST_P(DeviceTokenSizeTest, IsKeptUpToTheLimitAndCountedAbove) {
  const std::size_t len = GetParam().len;
  const Bytes wire = notification(GetParam().command, pattern(len), kPayload);
  const DecodeLog log = feed_whole(wire, recorder());
  ASSERT_EQ(log.notifications.size(), 1U);
  const SeenNotification& seen = log.notifications[0];
  EXPECT_TRUE(seen.has_device_token);
  EXPECT_EQ(seen.device_token_len, len);
  EXPECT_EQ(seen.device_token, len <= DeviceToken::kMaxLen ? pattern(len) : Bytes{});
  EXPECT_EQ(seen.payload, kPayload);
  EXPECT_EQ(seen.wire_len, wire.size());
  expect_at_every_split(wire, log, recorder());
}

INSTANTIATE_TEST_SUITE_P(AroundEveryLimit, DeviceTokenSizeTest,
                         testing::ValuesIn(in_each_command({0, 1, 32, 100, 101, 0xFFFF})),
                         size_name);

// The two below take seconds at every split; the parts they are made of are tested so above.

TEST(NotificationDecoder, KeepsTheLargestPayloadIfTheLimitAllowsIt) {
  const Bytes wire = frame({item(2, pattern(0xFFFF))});
  const DecodeLog log = feed_whole(wire, recorder(0xFFFF));
  ASSERT_EQ(log.notifications.size(), 1U);
  EXPECT_EQ(log.notifications[0].payload, pattern(0xFFFF));
  EXPECT_EQ(feed_byte_by_byte(wire, recorder(0xFFFF)), log);
}

TEST(NotificationDecoder, TakesTheLongestFrame) {
  const Bytes wire = frame({item(1, pattern(0xFFFF)), item(2, pattern(0xFFFF)), kIdentifierItem,
                            kExpirationItem, kPriorityItem});
  ASSERT_EQ(wire.size(), kFrameHeaderLen + kMaxFrameLen);
  const DecodeLog log = feed_whole(wire, recorder());
  EXPECT_EQ(to_text(log),
            "2 identifier=7 expiration=9 priority=10 token=65535 skipped payload=65535 skipped "
            "wire=131099");
  EXPECT_EQ(feed_byte_by_byte(wire, recorder()), log);
}

TEST(NotificationDecoder, KeepsNoPayloadWithALimitOfZero) {
  const Bytes wire = join({simple(kToken, kPayload), simple(kToken, {})});
  const DecodeLog log = feed_whole(wire, recorder(0));
  EXPECT_EQ(to_text(log),
            "0 token=a1a2a3a4 payload=2 skipped wire=11; 0 token=a1a2a3a4 payload=empty wire=9");
  expect_at_every_split(wire, log, recorder(0));
}

TEST(NotificationDecoder, ViewsPointIntoTheInputWhereItIsWhole) {
  const Bytes wire = frame({kTokenItem, kPayloadItem});
  NotificationDecoder decoder(kKeepLimit);
  ByteReader in{ByteView(wire)};
  const auto outcome = decoder.next(in);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome.value().device_token.data(), wire.data() + kFrameHeaderLen + kItemHeaderLen);
  EXPECT_EQ(in.left(), 0U);
}

TEST(NotificationDecoder, LeavesTheNextNotificationInTheInput) {
  const Bytes wire = join({simple(kToken, kPayload), simple(kToken, kPayload)});
  NotificationDecoder decoder(kKeepLimit);
  ByteReader first_half(ByteView(wire).first(4));
  EXPECT_TRUE(decoder.next(first_half).need_more());
  EXPECT_EQ(first_half.left(), 0U);
  EXPECT_FALSE(decoder.at_boundary());
  ByteReader rest(ByteView(wire).subspan(4));
  EXPECT_TRUE(decoder.next(rest).has_value());
  EXPECT_EQ(rest.position(), 7U);
  EXPECT_TRUE(decoder.at_boundary());
}

TEST(NotificationDecoder, ConsumesNothingOfABadCommand) {
  const Bytes wire = hex("47 45 54");
  NotificationDecoder decoder(kKeepLimit);
  ByteReader in{ByteView(wire)};
  EXPECT_TRUE(decoder.next(in).has_error());
  EXPECT_EQ(in.position(), 0U);
  EXPECT_FALSE(decoder.at_boundary());
}

TEST(NotificationDecoder, AnErrorStaysWhateverComes) {
  const Bytes bad = hex("02 00000001");
  const Bytes good = simple(kToken, kPayload);
  NotificationDecoder decoder(kKeepLimit);
  ByteReader bad_in{ByteView(bad)};
  const FrameErrorInfo error{
      .error = FrameError::ItemPastFrame, .identifier = std::nullopt, .offset = 5};
  ASSERT_EQ(decoder.next(bad_in).error(), error);
  ByteReader good_in{ByteView(good)};
  EXPECT_EQ(decoder.next(good_in).error(), error);
  EXPECT_EQ(good_in.position(), 0U);
  EXPECT_EQ(decoder.held_bytes(), 0U);
}

}  // namespace

}  // namespace apns::binary::test
