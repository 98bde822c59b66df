#include "apns/auth/base64url.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::auth {
namespace {

using testing::Optional;

struct Case {
  std::string_view bytes;
  std::string_view text;
};

/// RFC 4648 section 10, without the padding; then the two characters of this alphabet.
constexpr std::array kCases{Case{"", ""},
                            Case{"f", "Zg"},
                            Case{"fo", "Zm8"},
                            Case{"foo", "Zm9v"},
                            Case{"foob", "Zm9vYg"},
                            Case{"fooba", "Zm9vYmE"},
                            Case{"foobar", "Zm9vYmFy"},
                            Case{"\xff\xef\xbf", "_--_"}};

TEST(Base64Url, IsWrittenAndRead) {
  for (const Case& row : kCases) {
    std::string text = "before ";
    append_base64url(as_bytes(row.bytes), text);
    EXPECT_EQ(text, "before " + std::string(row.text));
    Bytes bytes{std::byte{7}};
    EXPECT_EQ(decode_base64url(row.text, bytes), std::nullopt) << row.text;
    EXPECT_EQ(as_text(bytes), row.bytes);
  }
}

TEST(Base64Url, EveryLengthAndByteComesBack) {
  Bytes bytes;
  for (int i = 0; i < 600; ++i) {
    std::string text;
    append_base64url(bytes, text);
    Bytes again;
    ASSERT_EQ(decode_base64url(text, again), std::nullopt) << text;
    ASSERT_EQ(again, bytes);
    bytes.push_back(static_cast<std::byte>(i * 7));
  }
}

TEST(Base64Url, RefusesWhatIsNotIt) {
  using Error = Base64UrlError;

  const struct {
    std::string_view text;
    Error error;
  } cases[] = {
      {"Zg==", Error::Padded},          {"Zm8=", Error::Padded},
      {"Zg=a", Error::BadCharacter},    {"Zm9v+g", Error::OtherAlphabet},
      {"Zm9v/g", Error::OtherAlphabet}, {"Zm 9v", Error::BadCharacter},
      {"Zm9v\n", Error::BadCharacter},  {"Zm9\xc3\xbc", Error::BadCharacter},
      {"Z", Error::BadLength},          {"Zm9vY", Error::BadLength},
      {"Zh", Error::UnusedBits},        {"Zm9", Error::UnusedBits},
  };

  for (const auto& row : cases) {
    Bytes bytes;
    EXPECT_THAT(decode_base64url(row.text, bytes), Optional(row.error)) << row.text;
    EXPECT_TRUE(bytes.empty()) << row.text;
  }
}

}  // namespace
}  // namespace apns::auth
