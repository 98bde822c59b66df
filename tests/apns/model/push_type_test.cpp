#include "apns/model/push_type.h"

#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns {
namespace {

TEST(PushType, EachIsFoundByItsNameAndByItself) {
  ASSERT_EQ(push_types().size(), 11U);
  for (const PushTypeRow& row : push_types()) {
    EXPECT_EQ(find_push_type(row.name), &row);
    EXPECT_EQ(&row_of(row.type), &row);
  }
  EXPECT_EQ(find_push_type("Alert"), nullptr);
  EXPECT_EQ(find_push_type(""), nullptr);
}

TEST(PushType, OnlyVoipMayBeLarger) {
  for (const PushTypeRow& row : push_types()) {
    EXPECT_EQ(row.payload_limit, row.type == PushType::Voip ? 5120U : 4096U) << row.name;
  }
}

struct Expected {
  const char* name;
  const char* topic_suffix;
  std::vector<int> priorities;
  bool needs_provider_token;
};

// Apple's table, written down a second time.
const Expected kExpected[] = {
    {"alert", "", {10, 5}, false},
    {"background", "", {5}, false},
    {"location", ".location-query", {10, 5}, true},
    {"voip", ".voip", {10, 5, 1}, false},
    {"complication", ".complication", {10, 5, 1}, false},
    {"fileprovider", ".pushkit.fileprovider", {10, 5, 1}, false},
    {"mdm", "", {10, 5, 1}, false},
    {"liveactivity", ".push-type.liveactivity", {10, 5}, false},
    {"pushtotalk", ".voip-ptt", {10, 5, 1}, false},
    {"widgets", ".push-type.widgets", {10, 5, 1}, true},
    {"controls", ".push-type.controls", {10, 5, 1}, true},
};

TEST(PushType, TableIsApples) {
  ASSERT_EQ(push_types().size(), std::size(kExpected));
  for (std::size_t i = 0; i < std::size(kExpected); ++i) {
    const PushTypeRow& row = push_types()[i];
    EXPECT_EQ(row.name, kExpected[i].name);
    EXPECT_EQ(row.topic_suffix, kExpected[i].topic_suffix) << row.name;
    EXPECT_THAT(row.priorities, testing::ElementsAreArray(kExpected[i].priorities)) << row.name;
    EXPECT_EQ(row.needs_provider_token, kExpected[i].needs_provider_token) << row.name;
    EXPECT_FALSE(row.source.empty()) << row.name;
  }
}

TEST(PushType, AllowsItsPriorities) {
  EXPECT_TRUE(row_of(PushType::Alert).allows_priority(10));
  EXPECT_TRUE(row_of(PushType::Alert).allows_priority(5));
  EXPECT_FALSE(row_of(PushType::Alert).allows_priority(1));
  EXPECT_FALSE(row_of(PushType::Background).allows_priority(10));
  EXPECT_FALSE(row_of(PushType::Voip).allows_priority(7));
}

// Each topic belongs to one push type, and those without a suffix to the app itself.
TEST(PushType, NoSuffixIsTheEndOfAnother) {
  for (const PushTypeRow& row : push_types()) {
    for (const PushTypeRow& other : push_types()) {
      const bool is_end = !row.topic_suffix.empty() && row.type != other.type &&
                          other.topic_suffix.ends_with(row.topic_suffix);
      EXPECT_FALSE(is_end) << row.name << " and " << other.name;
    }
  }
}

// ---- docs/wire/http2.md ----

TEST(PushType, ThePageHasTheTable) {
  std::ifstream in(APNSLAB_SOURCE_DIR "/docs/wire/http2.md");
  std::vector<std::string> documented;
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with("| yes |") || line.ends_with("| no |")) {
      documented.push_back(line);
    }
  }
  std::vector<std::string> rows;
  for (const PushTypeRow& row : push_types()) {
    const std::string suffix =
        row.topic_suffix.empty() ? " | | " : " | `" + std::string(row.topic_suffix) + "` | ";
    rows.push_back("| `" + std::string(row.name) + "`" + suffix +
                   std::to_string(row.payload_limit) +
                   (row.needs_provider_token ? " | no |" : " | yes |"));
  }
  EXPECT_THAT(documented, testing::ElementsAreArray(rows));
}

}  // namespace
}  // namespace apns
