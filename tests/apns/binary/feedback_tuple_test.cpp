#include "apns/binary/feedback_tuple.h"

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apns/binary/wire_builder.h"
#include "tests/golden/binary_golden.h"
#include "tests/golden/feedback_golden.h"
#include "tests/support/split_feed.h"

namespace apns::binary::test {

namespace {

using apns::test::expect_at_every_split;

std::string to_text(const FeedbackTuple& tuple) {
  return std::to_string(tuple.timestamp) + " " + tuple.device_token.to_hex();
}

std::string to_text(const FeedbackErrorInfo& error) {
  return std::string(error.error == FeedbackError::EmptyToken ? "empty" : "too long") + " " +
         std::to_string(error.token_len) + " at " + std::to_string(error.offset);
}

/// What a decoder says of a stream, in words: tuples, an error, and where the stream stopped.
class Recorder {
 public:
  void feed(ByteView part) {
    ByteReader in(part);
    for (;;) {
      const auto decoded = decoder_.next(in);
      if (decoded.need_more()) {
        EXPECT_EQ(in.left(), 0U) << "NeedMore leaves nothing";
        return;
      }
      if (decoded.has_error()) {
        error_ = to_text(decoded.error());
        return;
      }
      seen_.push_back(to_text(decoded.value()));
    }
  }

  [[nodiscard]] std::vector<std::string> finish() {
    if (!error_.empty()) {
      seen_.push_back(error_);
      EXPECT_FALSE(decoder_.at_boundary());
    } else if (!decoder_.at_boundary()) {
      seen_.push_back("truncated: " + std::to_string(decoder_.num_kept()) +
                      " bytes of a tuple at " + std::to_string(decoder_.tuple_offset()));
    }
    return std::move(seen_);
  }

 private:
  FeedbackDecoder decoder_;
  std::vector<std::string> seen_;
  std::string error_;
};

/// The bytes of a stream and what they mean.
struct Case {
  const char* name;
  std::string wire_hex;
  std::vector<std::string> expected;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

std::string text_of(std::string_view seconds, std::string_view token_hex) {
  return std::string(seconds) + " " + std::string(token_hex);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) {
    all += text;
  }
  return all;
}

class FeedbackTupleTest : public testing::TestWithParam<Case> {};

TEST_P(FeedbackTupleTest, DecodesTheSameAtEverySplit) {
  expect_at_every_split(hex(GetParam().wire_hex), GetParam().expected, [] { return Recorder(); });
}

INSTANTIATE_TEST_SUITE_P(
    Streams, FeedbackTupleTest,
    testing::Values(
        Case{.name = "Empty", .wire_hex = "", .expected = {}},
        Case{.name = "Golden",
             .wire_hex = std::string(golden::kFeedbackTupleHex),
             .expected = {text_of("1546300800", golden::kDeviceTokenHex)}},
        Case{.name = "TwoInARow",
             .wire_hex = std::string(golden::kTwoFeedbackTuplesHex),
             .expected = {"1546300799 a1", text_of("1546300800", golden::kDeviceTokenHex)}},
        Case{.name = "LongestToken",
             .wire_hex = "ffffffff0064" + repeated("b2", 100),
             .expected = {"4294967295 " + repeated("b2", 100)}},
        Case{.name = "TimestampZero", .wire_hex = "000000000001a1", .expected = {"0 a1"}},
        Case{.name = "NoToken",
             .wire_hex = "5c2aad800001a15c2aad800000a1a1",
             .expected = {"1546300800 a1", "empty 0 at 11"}},
        Case{.name = "TokenOfOneTooMany",
             .wire_hex = "5c2aad800065" + repeated("b2", 101),
             .expected = {"too long 101 at 4"}},
        Case{.name = "TokenOfTheLargestLength",
             .wire_hex = "5c2aad80ffff00",
             .expected = {"too long 65535 at 4"}},
        Case{.name = "LengthWrittenInOneByte",  // java-apns' first test server
             .wire_hex = "8020" + repeated("a1", 32),
             .expected = {"too long 41377 at 4"}},
        Case{.name = "CiphertextOfAnAlert",
             .wire_hex = std::string(golden::kTlsAlertRecordHex) + repeated("c3", 32),
             .expected = {"too long 8387 at 4"}},
        Case{.name = "CutInTheTimestamp",
             .wire_hex = "5c2aad800001a15c2a",
             .expected = {"1546300800 a1", "truncated: 2 bytes of a tuple at 7"}},
        Case{.name = "CutInTheLength",
             .wire_hex = "5c2aad8000",
             .expected = {"truncated: 5 bytes of a tuple at 0"}},
        Case{.name = "CutBeforeTheToken",
             .wire_hex = "5c2aad800020",
             .expected = {"truncated: 6 bytes of a tuple at 0"}},
        Case{.name = "CutInTheToken",
             .wire_hex = "5c2aad800020" + repeated("a1", 31),
             .expected = {"truncated: 37 bytes of a tuple at 0"}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(FeedbackTuple, EncodesGoldenBytesBehindWhatIsThere) {
  Bytes out;
  encode_feedback_tuple({1546300799, *DeviceToken::parse("a1")}, out);
  encode_feedback_tuple({1546300800, *DeviceToken::parse(golden::kDeviceTokenHex)}, out);
  EXPECT_EQ(to_hex(out), golden::kTwoFeedbackTuplesHex);
}

TEST(FeedbackTuple, EveryTokenLengthComesBack) {
  for (std::size_t len = 1; len <= DeviceToken::kMaxLen; ++len) {
    const FeedbackTuple tuple{static_cast<std::uint32_t>(0x01020304 * len),
                              *DeviceToken::from_bytes(pattern(len))};
    Bytes wire;
    encode_feedback_tuple(tuple, wire);
    ASSERT_EQ(wire.size(), tuple.wire_len());
    FeedbackDecoder decoder;
    ByteReader in{ByteView(wire)};
    const auto decoded = decoder.next(in);
    ASSERT_TRUE(decoded.has_value()) << len;
    EXPECT_EQ(decoded.value(), tuple) << len;
    EXPECT_EQ(decoder.tuple_offset(), wire.size());
  }
}

TEST(FeedbackTuple, AnErrorIsFinalAndTakesNothingMore) {
  FeedbackDecoder decoder;
  const Bytes wire = hex("5c2aad800000");
  ByteReader in{ByteView(wire)};
  ASSERT_TRUE(decoder.next(in).has_error());
  const Bytes good = hex(golden::kFeedbackTupleHex);
  ByteReader later{ByteView(good)};
  const auto decoded = decoder.next(later);
  ASSERT_TRUE(decoded.has_error());
  EXPECT_EQ(decoded.error(), (FeedbackErrorInfo{FeedbackError::EmptyToken, 4, 0}));
  EXPECT_EQ(later.position(), 0U);
}

}  // namespace

}  // namespace apns::binary::test
