#include "mock_apns/null_answer.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/http2/field.h"
#include "apns/http2/hpack_decoder.h"

namespace apns::mock {
namespace {

using testing::MatchesRegex;

struct Decoder {
  http2::FieldNames names;
  http2::HpackScratch scratch;
  http2::HpackDecoder decoder{names};

  /// As "name: value", a field a line.
  std::string text_of(ByteView block) {
    constexpr std::size_t kMaxListBytes = 8000;
    const auto decoded = decoder.decode(block, kMaxListBytes, scratch);
    if (!decoded) {
      return "not decoded";
    }
    std::string text;
    for (const http2::Field& field : decoded->fields) {
      text.append(field.name).append(": ").append(field.value).append("\n");
    }
    return text;
  }
};

TEST(NullAnswer, IsStatus200AndAnApnsIdInUpperCase) {
  NullAnswer answer(1);
  Decoder decoder;
  EXPECT_THAT(decoder.text_of(answer.next()),
              MatchesRegex(":status: 200\napns-id: [0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\n"));
  EXPECT_EQ(decoder.decoder.table().num_entries(), 0U);
}

TEST(NullAnswer, HasAnotherApnsIdEachTime) {
  constexpr std::size_t kNum = 10'000;
  NullAnswer answer(1);
  NullAnswer of_another_thread(2);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < kNum; ++i) {
    seen.emplace(as_text(answer.next()));
    seen.emplace(as_text(of_another_thread.next()));
  }
  EXPECT_EQ(seen.size(), 2 * kNum);
}

}  // namespace
}  // namespace apns::mock
