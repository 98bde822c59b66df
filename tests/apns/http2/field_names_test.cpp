#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apns/http2/field.h"
#include "apns/http2/static_table.h"

namespace apns::http2::test {

namespace {

using field_name::kFirstCallerName;
using field_name::kOther;

TEST(FieldNames, KnowsHttp2sOwn) {
  const FieldNames names;
  EXPECT_EQ(names.find(":method"), field_name::kMethod);
  EXPECT_EQ(names.find(":protocol"), field_name::kProtocol);
  EXPECT_EQ(names.find("te"), field_name::kTe);
  EXPECT_EQ(names.find("upgrade"), field_name::kUpgrade);
  EXPECT_EQ(names.find("apns-topic"), kOther);
  EXPECT_EQ(names.find(""), kOther);
  EXPECT_EQ(names.find("TE"), kOther);
}

TEST(FieldNames, KnowsTheCallersAndKeepsItsOwnCopy) {
  std::array<std::string, 3> texts = {"apns-topic", "authorization", "apns-id"};
  const std::array<std::string_view, 3> callers = {texts[0], texts[1], texts[2]};
  const FieldNames names(callers);
  for (std::string& text : texts) {
    text.assign(text.size(), 'x');
  }
  EXPECT_EQ(names.find("apns-topic"), kFirstCallerName);
  EXPECT_EQ(names.find("authorization"), kFirstCallerName + 1);
  EXPECT_EQ(names.find("apns-id"), kFirstCallerName + 2);
  EXPECT_EQ(names.find("apns-topi"), kOther);
}

TEST(FieldNames, StaticTableHasTheNumbersOfBoth) {
  const std::array<std::string_view, 1> callers = {"authorization"};
  const FieldNames names(callers);
  EXPECT_EQ(names.of_static(0), kOther);
  EXPECT_EQ(names.of_static(23), kFirstCallerName);
  EXPECT_EQ(names.of_static(61), kOther);
  for (std::size_t i = 1; i <= kStaticTableLen; ++i) {
    EXPECT_EQ(names.of_static(i), names.find(kStaticTable[i].name));
    if (kStaticTable[i].name_id != kOther) {
      EXPECT_EQ(names.of_static(i), kStaticTable[i].name_id) << i;
    }
  }
}

TEST(FieldNames, OwnNamesAndEarlierOnesWin) {
  const std::array<std::string_view, 3> callers = {":path", "a", "a"};
  const FieldNames names(callers);
  EXPECT_EQ(names.find(":path"), field_name::kPath);
  EXPECT_EQ(names.find("a"), kFirstCallerName + 1);
}

TEST(FieldNames, AsManyAsMayBeAndAllInOneSlot) {
  // One length, one last character and one at two thirds: the same slot for all.
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < FieldNames::kMaxCallerNames; ++i) {
    texts.push_back(std::string(1, static_cast<char>('0' + i % 10)) +
                    static_cast<char>('0' + i / 10) + std::string(62, 'z'));
  }
  const std::vector<std::string_view> callers(texts.begin(), texts.end());
  const FieldNames names(callers);
  for (std::size_t i = 0; i < callers.size(); ++i) {
    EXPECT_EQ(names.find(callers[i]), kFirstCallerName + i);
  }
  EXPECT_EQ(names.find(std::string(64, 'z')), kOther);
}

/// The names of an APNs request: none shares a slot with another or with HTTP/2's own.
TEST(FieldNames, ThoseOfARequestAreFoundAtOnce) {
  constexpr std::string_view kRequest[] = {
      ":method",          ":scheme",       ":authority",     ":path",         "content-length",
      "apns-id",          "apns-topic",    "apns-push-type", "apns-priority", "apns-expiration",
      "apns-collapse-id", "authorization", "user-agent",     "content-type",  "te",
      "accept-encoding",  ":status",       "apns-unique-id"};
  std::array<int, 256> num_in_slot{};
  for (const std::string_view name : kRequest) {
    EXPECT_EQ(++num_in_slot[name_slot(name)], 1) << name;
  }
}

}  // namespace

}  // namespace apns::http2::test
