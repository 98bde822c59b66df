#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apns/auth/certificate_identity.h"

namespace apns::auth {
namespace {

using Topic = CertificateIdentity::Topic;

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  EXPECT_TRUE(parse_hex(hex, bytes)) << hex;
  return bytes;
}

/// docs/wire/certificates.md#topic-list
Bytes golden_bytes() {
  return from_hex(
      "30 64"                                 // SEQUENCE, 100 bytes
      "0c 0f 636f6d2e6578616d706c652e617070"  // UTF8String, 15: com.example.app
      "30 05"                                 // SEQUENCE, 5 bytes
      "0c 03 617070"                          // UTF8String, 3: app
      "0c 14 636f6d2e6578616d706c652e617070"  // UTF8String, 20: com.example.app
      "2e766f6970"                            //   .voip
      "30 06"                                 // SEQUENCE, 6 bytes
      "0c 04 766f6970"                        // UTF8String, 4: voip
      "0c 1c 636f6d2e6578616d706c652e617070"  // UTF8String, 28: com.example.app
      "2e636f6d706c69636174696f6e"            //   .complication
      "30 0e"                                 // SEQUENCE, 14 bytes
      "0c 0c 636f6d706c69636174696f6e");      // UTF8String, 12: complication
}

std::vector<Topic> golden_topics() {
  return {{"com.example.app", {"app"}},
          {"com.example.app.voip", {"voip"}},
          {"com.example.app.complication", {"complication"}}};
}

TEST(TopicList, EncodesTheGoldenBytes) {
  EXPECT_EQ(golden_bytes().size(), 102U);
  EXPECT_EQ(to_hex(encode_topic_list(golden_topics())), to_hex(golden_bytes()));
}

TEST(TopicList, DecodesTheGoldenBytes) {
  const auto topics = decode_topic_list(golden_bytes());
  ASSERT_TRUE(topics.has_value());
  EXPECT_EQ(*topics, golden_topics());
}

TEST(TopicList, RejectsEveryTruncation) {
  const Bytes golden = golden_bytes();
  for (std::size_t len = 0; len < golden.size(); ++len) {
    // A buffer of its own, so that the address sanitizer sees a read past the end.
    const Bytes part(golden.begin(), golden.begin() + static_cast<std::ptrdiff_t>(len));
    const auto topics = decode_topic_list(part);
    ASSERT_TRUE(topics.has_error()) << len;
    EXPECT_EQ(topics.error(), IdentityError::BadTopicList) << len;
  }
}

TEST(TopicList, DecodesAChangedByteToWhatEncodesTheSameOrRejectsIt) {
  const Bytes golden = golden_bytes();
  int num_values = 0;
  for (std::size_t at = 0; at < golden.size(); ++at) {
    for (unsigned value = 0; value <= 0xFF; ++value) {
      Bytes changed = golden;
      changed[at] = static_cast<std::byte>(value);
      const auto topics = decode_topic_list(changed);
      if (topics.has_value()) {
        ++num_values;
        ASSERT_EQ(to_hex(encode_topic_list(*topics)), to_hex(changed)) << at << ", " << value;
      }
    }
  }
  // Each of the 82 letters may be any of the 128 ASCII characters. The other 20 bytes, tags and
  // lengths, have one value each, but for three lengths of topics that swallow whole pairs behind
  // them: 0x2c and 0x52 for the first, 0x3a for the second.
  EXPECT_EQ(num_values, 82 * 128 + 20 + 3);
}

TEST(TopicList, KeepsStringsOfEveryLengthForm) {
  for (const std::size_t len : {0U, 1U, 127U, 128U, 255U, 256U, 65535U, 65536U}) {
    const std::vector<Topic> topics{{std::string(len, 'a'), {std::string(len, 'b')}}};
    const auto decoded = decode_topic_list(encode_topic_list(topics));
    ASSERT_TRUE(decoded.has_value()) << len;
    EXPECT_EQ(*decoded, topics) << len;
  }
}

struct Case {
  const char* name;
  const char* hex;
  std::vector<Topic> topics;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class TopicListShape : public ::testing::TestWithParam<Case> {};

TEST_P(TopicListShape, IsAccepted) {
  const auto topics = decode_topic_list(from_hex(GetParam().hex));
  ASSERT_TRUE(topics.has_value());
  EXPECT_EQ(*topics, GetParam().topics);
  EXPECT_EQ(encode_topic_list(*topics), from_hex(GetParam().hex));
}

INSTANTIATE_TEST_SUITE_P(
    Tolerated, TopicListShape,
    ::testing::Values(Case{"NoTopics", "3000", {}}, Case{"NoKind", "3005 0c0161 3000", {{"a", {}}}},
                      Case{"TwoKinds", "300b 0c0161 3006 0c0162 0c0163", {{"a", {"b", "c"}}}},
                      Case{
                          "NotAscii", "3009 0c05 c3a9e282ac 3000", {{"\xC3\xA9\xE2\x82\xAC", {}}}}),
    [](const auto& test) { return std::string(test.param.name); });

class BrokenTopicList : public ::testing::TestWithParam<Case> {};

TEST_P(BrokenTopicList, IsRejected) {
  const auto topics = decode_topic_list(from_hex(GetParam().hex));
  ASSERT_TRUE(topics.has_error());
  EXPECT_EQ(topics.error(), IdentityError::BadTopicList);
}

INSTANTIATE_TEST_SUITE_P(
    Strict, BrokenTopicList,
    ::testing::Values(Case{"Empty", "", {}},                                        //
                      Case{"TagOnly", "30", {}},                                    //
                      Case{"Null", "0500", {}},                                     //
                      Case{"Set", "3100", {}},                                      //
                      Case{"BytesBehind", "3000 00", {}},                           //
                      Case{"IndefiniteLength", "3080 0000", {}},                    //
                      Case{"LongFormOfShortLength", "308105 0c0161 3000", {}},      //
                      Case{"LongFormWithLeadingZero", "30820005 0c0161 3000", {}},  //
                      Case{"LengthOctetsMissing", "3082 00", {}},                   //
                      Case{"LengthOfFourOctets", "3084ffffffff", {}},               //
                      Case{"LengthOf127Octets", "30ff", {}},                        //
                      Case{"LengthPastTheEnd", "3006 0c0161 3000", {}},             //
                      Case{"StringPastItsList", "3005 0c0461 3000", {}},            //
                      Case{"KindPastItsSequence", "3008 0c0161 3003 0c0262", {}},   //
                      Case{"KindsMissing", "3003 0c0161", {}},                      //
                      Case{"KindWithoutSequence", "3006 0c0161 0c0162", {}},        //
                      Case{"KindsFirst", "3005 3000 0c0161", {}},                   //
                      Case{"KindOfOtherType", "3008 0c0161 3003 160162", {}},       //
                      Case{"TopicOfOtherType", "3005 160161 3000", {}},             //
                      Case{"StrayContinuation", "3005 0c0180 3000", {}},            //
                      Case{"CutUtf8", "3005 0c01c3 3000", {}},                      //
                      Case{"OverlongUtf8", "3006 0c02c080 3000", {}},               //
                      Case{"SurrogateInUtf8", "3007 0c03eda080 3000", {}},          //
                      Case{"Utf8PastTheLastCodePoint", "3008 0c04f4908080 3000", {}}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace apns::auth
