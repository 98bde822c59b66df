#include "apns/http2/hpack_decoder.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "apns/http2/hpack_writer.h"
#include "tests/apns/http2/hpack_text.h"

namespace apns::http2::test {

namespace {

constexpr std::size_t kMaxListBytes = 65'536;
constexpr std::array<std::string_view, 2> kCallerNames = {"authorization", "apns-topic"};

class HpackDecoding : public testing::Test {
 protected:
  /// Keeps the block, into which the views point.
  Result<DecodedBlock, HpackError> decode(Bytes block) {
    last_block = std::move(block);
    return decoder.decode(last_block, max_list_bytes, scratch);
  }

  Result<DecodedBlock, HpackError> decode(std::string_view hex) { return decode(from_hex(hex)); }

  void expect_fields(std::string_view hex, const Lines& expected) {
    const auto decoded = decode(hex);
    ASSERT_TRUE(decoded.has_value()) << hex << ": " << to_string(decoded.error().fault);
    EXPECT_EQ(lines(decoded->fields), expected) << hex;
  }

  void expect_error(std::string_view hex, HpackFault fault, std::size_t offset) {
    const auto decoded = decode(hex);
    ASSERT_TRUE(decoded.has_error()) << hex;
    EXPECT_EQ(to_string(decoded.error().fault), to_string(fault)) << hex;
    EXPECT_EQ(decoded.error().offset, offset) << hex;
  }

  FieldNames names{kCallerNames};
  HpackScratch scratch;
  HpackDecoder decoder{names};
  std::size_t max_list_bytes = kMaxListBytes;
  Bytes last_block;
};

struct Wrong {
  const char* name;
  std::string_view hex;  // "82" in front: the offset counts
  HpackFault fault;
  std::size_t offset;
};

class HpackDecodingWrong : public HpackDecoding, public testing::WithParamInterface<Wrong> {};

TEST_P(HpackDecodingWrong, IsRefusedWithItsPlace) {
  expect_error(GetParam().hex, GetParam().fault, GetParam().offset);
}

INSTANTIATE_TEST_SUITE_P(
    HpackDecoder, HpackDecodingWrong,
    testing::Values(
        Wrong{"IndexZero", "82 80", HpackFault::IndexZero, 1},
        Wrong{"IndexPastTheEmptyTable", "82 be", HpackFault::IndexPastTables, 1},
        Wrong{"IndexPastTheTable", "82 4001610162 be bf", HpackFault::IndexPastTables, 7},
        Wrong{"NameIndexPastTheTable", "82 7f00 0162", HpackFault::IndexPastTables, 1},
        Wrong{"NameIndexOfALiteral", "82 0f2f 0162", HpackFault::IndexPastTables, 1},
        Wrong{"LargestIndex", "ff 80ffffff0f", HpackFault::IndexPastTables, 0},
        Wrong{"IndexOverflow", "82 ff 8080808010", HpackFault::IntegerOverflow, 1},
        Wrong{"IndexTooLong", "82 ff 808080808000", HpackFault::IntegerOverflow, 1},
        Wrong{"NameLengthOverflow", "82 00 7fffffffff7f", HpackFault::IntegerOverflow, 2},
        Wrong{"ValueLengthOverflow", "82 00 0161 7fffffffff7f", HpackFault::IntegerOverflow, 4},
        Wrong{"EndsInAnIndex", "82 ff 80", HpackFault::Truncated, 3},
        Wrong{"EndsBeforeTheName", "82 00", HpackFault::Truncated, 2},
        Wrong{"EndsBeforeTheValue", "82 04", HpackFault::Truncated, 2},
        Wrong{"EndsInALength", "82 04 7f", HpackFault::Truncated, 3},
        Wrong{"NamePastEnd", "82 00 0261", HpackFault::StringPastEnd, 2},
        Wrong{"ValuePastEnd", "82 04 0261", HpackFault::StringPastEnd, 2},
        Wrong{"HuffmanValuePastEnd", "82 04 82ff", HpackFault::StringPastEnd, 2},
        Wrong{"ValueOfFourGigabytes", "82 04 7f80ffffff0f", HpackFault::StringPastEnd, 2},
        Wrong{"Eos", "82 04 84ffffffff", HpackFault::HuffmanEos, 2},
        Wrong{"EosInTheName", "82 00 84ffffffff 00", HpackFault::HuffmanEos, 2},
        Wrong{"APaddingByte", "82 04 84640effff", HpackFault::HuffmanPaddingTooLong, 2},
        Wrong{"PaddingOfZeros", "82 04 83640e80", HpackFault::HuffmanPaddingNotOnes, 2},
        Wrong{"UpdateTooLarge", "3fe21f", HpackFault::SizeUpdateTooLarge, 0},  // 4097
        Wrong{"SecondUpdateTooLarge", "20 3fe21f", HpackFault::SizeUpdateTooLarge, 1},
        Wrong{"UpdateOverflow", "3fffffffff7f", HpackFault::IntegerOverflow, 0},
        Wrong{"UpdateBehindAField", "82 20", HpackFault::SizeUpdateNotAtStart, 1},
        Wrong{"UpdateBetweenUpdateAndField", "20 82 20", HpackFault::SizeUpdateNotAtStart, 2}),
    [](const auto& row) { return row.param.name; });

TEST(HpackFault, EachHasItsWords) {
  for (unsigned i = 0; i <= static_cast<unsigned>(HpackFault::SizeUpdateMissing); ++i) {
    EXPECT_NE(to_string(static_cast<HpackFault>(i)), "unknown");
  }
}

TEST_F(HpackDecoding, AnEmptyBlockHasNoFields) {
  expect_fields("", {});
}

TEST_F(HpackDecoding, EmptyNamesAndValuesAreDecoded) {
  expect_fields("00 00 00  40 80 80  04 00", {": ", ": ", ":path: "});
}

TEST_F(HpackDecoding, NamesAreClassifiedWhereverTheyStand) {
  const auto decoded = decode(
      "83"                               // :method, static
      "57 0178"                          // authorization, a caller's, with a static name
      "40 0a 61706e732d746f706963 0179"  // apns-topic, a caller's, new
      "00 0a 61706e732d746f706963 0179"  // the same again, not indexed
      "be bf"                            // both, from the table
      "7e 017a"                          // the table's name with another value
      "00 02 7465 00"                    // te
      "00 01 71 00");                    // q
  ASSERT_TRUE(decoded.has_value());
  std::vector<std::uint16_t> ids;
  for (const Field& field : decoded->fields) {
    ids.push_back(field.name_id);
  }
  constexpr std::uint16_t kAuthorization = field_name::kFirstCallerName;
  constexpr std::uint16_t kTopic = field_name::kFirstCallerName + 1;
  EXPECT_EQ(ids, (std::vector<std::uint16_t>{field_name::kMethod, kAuthorization, kTopic, kTopic,
                                             kTopic, kAuthorization, kTopic, field_name::kTe,
                                             field_name::kOther}));
}

// ---- Size updates ----

TEST_F(HpackDecoding, AnUpdateEvictsAndIsCounted) {
  expect_fields("4001610162", {"a: b"});
  const auto decoded = decode("20 3fe11f be");  // 0, then 4096: the table is empty
  ASSERT_TRUE(decoded.has_error());
  EXPECT_EQ(decoded.error(), (HpackError{HpackFault::IndexPastTables, 4}));
}

TEST_F(HpackDecoding, UpdatesAloneAreABlock) {
  const auto decoded = decode("20 21 22");
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->num_size_updates, 3U);
  EXPECT_EQ(decoder.table().max_size(), 2U);
}

TEST_F(HpackDecoding, AReducedLimitAsksForAnUpdate) {
  decoder.set_limit(100);
  expect_error("82", HpackFault::SizeUpdateMissing, 0);
  expect_error("", HpackFault::SizeUpdateMissing, 0);
  expect_error("3f46 82", HpackFault::SizeUpdateTooLarge, 0);  // 101
  expect_fields("3f45 82", {":method: GET"});                  // 100
  expect_fields("82", {":method: GET"});                       // once is enough
}

TEST_F(HpackDecoding, TheSmallestLimitIsWhatCounts) {
  decoder.set_limit(100);
  decoder.set_limit(4096);
  expect_error("3fe11f 82", HpackFault::SizeUpdateTooLarge, 0);
  expect_fields("3f45 3fe11f 82", {":method: GET"});
}

TEST_F(HpackDecoding, AReductionToWhatTheTableHasAsksForNothing) {
  expect_fields("3f45", {});  // the peer's own choice
  decoder.set_limit(100);
  expect_fields("82", {":method: GET"});
}

TEST_F(HpackDecoding, ALargerLimitMayBeUsedOrNot) {
  decoder.set_limit(8192);
  expect_fields("82", {":method: GET"});
  EXPECT_EQ(decoder.table().max_size(), 4096U);
  expect_fields("3fe13f 82", {":method: GET"});
  EXPECT_EQ(decoder.table().max_size(), 8192U);
  expect_error("3fe23f", HpackFault::SizeUpdateTooLarge, 0);
}

TEST_F(HpackDecoding, ALimitOfZeroStillDecodesLiterals) {
  decoder.set_limit(0);
  expect_fields("20 4001610162 82", {"a: b", ":method: GET"});
  expect_error("be", HpackFault::IndexPastTables, 0);
}

// ---- Views ----

/// RFC 7541 section 4.4, and views that were handed out before.
TEST_F(HpackDecoding, FieldsOutliveTheirEvictionInTheSameBlock) {
  Bytes block;
  append_hpack_size_update(block, 100);
  append_hpack_literal(block, Representation::Incremental, "the-first-name", "1",
                       HuffmanUse::Always);
  append_hpack_indexed(block, 62);
  Lines expected = {"the-first-name: 1", "the-first-name: 1"};
  for (std::size_t i = 0; i < 50; ++i) {
    // Each evicts the one that its name is from.
    const std::string value(50, static_cast<char>('a' + i % 26));
    append_hpack_literal(block, Representation::Incremental, 62, value,
                         i % 2 == 0 ? HuffmanUse::Always : HuffmanUse::Never);
    append_hpack_indexed(block, 62);
    expected.push_back(line("the-first-name", value));
    expected.push_back(line("the-first-name", value));
  }
  for (int round = 0; round < 3; ++round) {
    const auto decoded = decode(block);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(lines(decoded->fields), expected);
  }
}

TEST_F(HpackDecoding, ConnectionsShareAScratch) {
  HpackDecoder other(names);
  Bytes block;
  for (std::size_t i = 0; i < 20; ++i) {
    const std::string value(i * 10, 'x');
    append_hpack_literal(block, Representation::Incremental, "name", value, HuffmanUse::Always);
    const auto one = decoder.decode(block, kMaxListBytes, scratch);
    ASSERT_EQ(one->fields.back().value, value);
    const auto two = other.decode(block, kMaxListBytes, scratch);
    ASSERT_EQ(two->fields.back().value, value);
    EXPECT_EQ(lines(decoder.table()), lines(other.table()));
  }
}

// ---- List size ----

TEST_F(HpackDecoding, TheListMayBeJustAsLargeAsTheLimit) {
  max_list_bytes = 7 + 3 + 32 + 1 + 1 + 32;
  auto decoded = decode("82 0001610162");
  EXPECT_FALSE(decoded->is_too_large);
  EXPECT_EQ(decoded->list_bytes, max_list_bytes);
  EXPECT_EQ(decoded->fields.size(), 2U);
  --max_list_bytes;
  decoded = decode("82 0001610162");
  EXPECT_TRUE(decoded->is_too_large);
  EXPECT_EQ(decoded->list_bytes, max_list_bytes + 1);
  EXPECT_EQ(lines(decoded->fields), (Lines{":method: GET"}));
}

TEST_F(HpackDecoding, PastTheLimitNoFieldIsKeptButTheTableGoesOn) {
  max_list_bytes = 80;
  const auto decoded = decode(
      "82"                               // 42
      "40 0a 61706e732d746f706963 0179"  // 43: too much
      "00 00 00"                         // 32: would have fitted
      "40 01 61 0162");
  ASSERT_TRUE(decoded.has_value());
  EXPECT_TRUE(decoded->is_too_large);
  EXPECT_EQ(decoded->list_bytes, 42U + 43U + 32U + 34U);
  EXPECT_EQ(lines(decoded->fields), (Lines{":method: GET"}));
  EXPECT_EQ(lines(decoder.table()), (Lines{"a: b", "apns-topic: y"}));
  expect_fields("be", {"a: b"});
}

/// The storage that the table then moves between is used again within the block; what the first
/// fields point into is not.
TEST_F(HpackDecoding, PastTheLimitTheFirstFieldsStayWhatTheyWere) {
  Bytes block;
  append_hpack_literal(block, Representation::Incremental, "first", "in the table",
                       HuffmanUse::Always);
  append_hpack_indexed(block, 62);
  for (std::size_t i = 0; i < 200; ++i) {
    append_hpack_literal(block, Representation::Incremental, "name",
                         std::string(300, static_cast<char>('a' + i % 26)), HuffmanUse::Always);
  }
  max_list_bytes = 100;
  const auto decoded = decode(block);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(lines(decoded->fields), (Lines{"first: in the table", "first: in the table"}));
}

TEST_F(HpackDecoding, PastTheLimitWhatIsWrongIsStillWrong) {
  max_list_bytes = 0;
  expect_error("82 0001 61 84ffffffff", HpackFault::HuffmanEos, 4);
}

/// A large entry, referred to over and over: the list would be 64 MB.
TEST_F(HpackDecoding, AHeaderBombTakesNoMemory) {
  Bytes block;
  append_hpack_literal(block, Representation::Incremental, "bomb", std::string(4000, 'x'),
                       HuffmanUse::Never);
  for (std::size_t i = 0; i < 16'000; ++i) {
    append_hpack_indexed(block, 62);
  }
  max_list_bytes = 16'384;
  const auto decoded = decode(block);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->list_bytes, 16'001U * 4036);
  EXPECT_EQ(decoded->fields.size(), 4U);
  EXPECT_LE(scratch.held_bytes() + decoder.table().held_bytes(), 32 * 1024U);
}

/// The same with a name, which every literal puts into the table again.
TEST_F(HpackDecoding, ANameThatIsIndexedOverAndOverTakesNoMemory) {
  Bytes block;
  append_hpack_literal(block, Representation::Incremental, std::string(4000, 'x'), "",
                       HuffmanUse::Never);
  for (std::size_t i = 0; i < 5'000; ++i) {
    append_hpack_literal(block, Representation::Incremental, 62, "", HuffmanUse::Never);
  }
  max_list_bytes = 16'384;
  const auto decoded = decode(block);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->list_bytes, 5'001U * 4032);
  EXPECT_LE(scratch.held_bytes() + decoder.table().held_bytes(), 80 * 1024U);
}

TEST_F(HpackDecoding, WhatALargeBlockTookIsGivenBack) {
  Bytes block;
  for (std::size_t i = 0; i < 5'000; ++i) {
    append_hpack_literal(block, Representation::WithoutIndexing, "name", std::string(40, 'x'),
                         HuffmanUse::Always);
  }
  max_list_bytes = 10'000'000;
  EXPECT_EQ(decode(block)->fields.size(), 5'000U);
  EXPECT_GT(scratch.held_bytes(), 300'000U);
  expect_fields("82", {":method: GET"});
  EXPECT_LE(scratch.held_bytes(), HpackScratch::kMaxKeptFields * sizeof(Field) +
                                      HpackScratch::kMaxKeptText + TextPool::kMaxSpareBytes);
}

}  // namespace

}  // namespace apns::http2::test
