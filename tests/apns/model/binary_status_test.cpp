#include "apns/model/binary_status.h"

#include <algorithm>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns {

namespace {

TEST(BinaryStatus, TableHasAppleCodesAscending) {
  std::vector<int> codes;
  for (const BinaryStatusRow& row : binary_statuses()) {
    codes.push_back(static_cast<int>(row.status));
    EXPECT_FALSE(row.name.empty()) << codes.back();
    EXPECT_FALSE(row.cause.empty()) << codes.back();
  }
  EXPECT_THAT(codes, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 128, 255));
}

TEST(BinaryStatus, IsFoundExactlyWhenItIsInTheTable) {
  for (unsigned code = 0; code < 256; ++code) {
    const auto byte = static_cast<std::uint8_t>(code);
    const BinaryStatusRow* row = find_binary_status(byte);
    const bool listed = std::ranges::any_of(binary_statuses(), [byte](const auto& other) {
      return static_cast<std::uint8_t>(other.status) == byte;
    });
    ASSERT_EQ(row != nullptr, listed) << code;
    if (row != nullptr) {
      EXPECT_EQ(static_cast<unsigned>(row->status), code);
    }
  }
}

TEST(BinaryStatus, OnlyAFaultOfTheServiceIsWorthAnotherTry) {
  for (const BinaryStatusRow& row : binary_statuses()) {
    EXPECT_EQ(row.retryable, row.status == BinaryStatus::ProcessingError) << row.name;
  }
}

TEST(BinaryStatus, TextHasNumberAndName) {
  EXPECT_EQ(binary_status_text(8), "8 (invalid token)");
  EXPECT_EQ(binary_status_text(10), "10 (shutdown)");
  EXPECT_EQ(binary_status_text(128), "128 (protocol error)");
  EXPECT_EQ(binary_status_text(255), "255 (unknown)");
  EXPECT_EQ(binary_status_text(77), "77 (not in Apple's table)");
  EXPECT_EQ(binary_status_text(9), "9 (not in Apple's table)");
}

}  // namespace

}  // namespace apns
