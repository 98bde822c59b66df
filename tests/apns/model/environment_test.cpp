#include "apns/model/environment.h"

#include <gtest/gtest.h>

namespace apns {

namespace {

TEST(Environment, IsNamedInFull) {
  EXPECT_STREQ(to_string(Environment::Production), "production");
  EXPECT_STREQ(to_string(Environment::Development), "development");
}

}  // namespace

}  // namespace apns
