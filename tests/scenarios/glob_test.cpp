#include "scenarios/runner/glob.h"

#include <gtest/gtest.h>

namespace apns::scenarios {
namespace {

struct Case {
  const char* pattern;
  const char* id;
  bool matches;
};

TEST(Glob, StarIsOneLevelAndTwoStarsAreAll) {
  const Case cases[] = {
      {"binary/idle_close", "binary/idle_close", true},
      {"binary/idle_close", "binary/idle_closed", false},
      {"binary/*", "binary/idle_close", true},
      {"binary/*", "binary/goaway/first", false},
      {"binary/**", "binary/goaway/first", true},
      {"**", "binary/idle_close", true},
      {"*", "binary/idle_close", false},
      {"*/idle_close", "binary/idle_close", true},
      {"**/idle*", "http2/deep/idle_close", true},
      {"binary/error_*_twice", "binary/error_packet_twice", true},
      {"binary/error_*_twice", "binary/error_packet_once", false},
      {"binary/*e*e", "binary/idle_close", true},
      {"", "", true},
      {"", "binary", false},
      {"*", "", true},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(glob_matches(row.pattern, row.id), row.matches) << row.pattern << " on " << row.id;
  }
}

}  // namespace
}  // namespace apns::scenarios
