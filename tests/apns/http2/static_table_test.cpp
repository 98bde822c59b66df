#include "apns/http2/static_table.h"

#include <gtest/gtest.h>

namespace apns::http2::test {

namespace {

TEST(StaticTable, LandmarksStandWhereTheRfcHasThem) {
  EXPECT_EQ(kStaticTable[1].name, ":authority");
  EXPECT_EQ(kStaticTable[2].value, "GET");
  EXPECT_EQ(kStaticTable[8].value, "200");
  EXPECT_EQ(kStaticTable[14].value, "500");
  EXPECT_EQ(kStaticTable[16].value, "gzip, deflate");
  EXPECT_EQ(kStaticTable[31].name, "content-type");
  EXPECT_EQ(kStaticTable[61].name, "www-authenticate");
}

TEST(StaticTable, EveryEntryIsFoundWhereItStands) {
  std::size_t first_of_name = 0;
  for (std::size_t i = 1; i <= kStaticTableLen; ++i) {
    if (kStaticTable[i].name != kStaticTable[i - 1].name) {
      first_of_name = i;
    }
    const StaticMatch match = find_static(kStaticTable[i].name, kStaticTable[i].value);
    EXPECT_EQ(match.both, i);
    EXPECT_EQ(match.name, first_of_name);
  }
}

TEST(StaticTable, OtherValuesAndNamesAreNotFound) {
  const StaticMatch match = find_static(":status", "403");
  EXPECT_EQ(match.both, 0U);
  EXPECT_EQ(match.name, 8U);
  for (const std::string_view name : {"", "apns-topic", ":statuT", "Accept"}) {
    EXPECT_EQ(find_static(name, "").name, 0U) << name;
    EXPECT_EQ(find_static(name, "").both, 0U) << name;
  }
}

}  // namespace

}  // namespace apns::http2::test
