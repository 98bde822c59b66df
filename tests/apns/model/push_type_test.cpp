#include "apns/model/push_type.h"

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

TEST(PushType, TopicsOfVoipAndLiveActivitiesAreThose) {
  EXPECT_EQ(row_of(PushType::Voip).topic_suffix, ".voip");
  EXPECT_EQ(row_of(PushType::LiveActivity).topic_suffix, ".push-type.liveactivity");
  EXPECT_EQ(row_of(PushType::Alert).topic_suffix, "");
}

}  // namespace
}  // namespace apns
