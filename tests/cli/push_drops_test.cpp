#include "cli/push_drops.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::cli {
namespace {

using testing::HasSubstr;

/// A file of its own for each test.
std::string path_of(const char* name) {
  return testing::TempDir() + "push_drops_" +
         testing::UnitTest::GetInstance()->current_test_info()->name() + name;
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

PushResult result(std::string device_token, std::uint16_t status, std::string reason,
                  std::optional<std::uint64_t> timestamp_ms = std::nullopt) {
  PushResult made;
  made.device_token = std::move(device_token);
  made.status = status;
  made.http2 = Http2Result{
      .reason = std::move(reason), .apns_id = "", .timestamp_ms = timestamp_ms, .duration = {}};
  return made;
}

TEST(PushDrops, WritesALineForEachThatDrewABadAnswer) {
  PushDrops drops(path_of("out"), "");
  drops.add(result("a1", 410, "Unregistered", 1'764'065'645'000));
  drops.add(result("a2", 200, ""));
  drops.add(result("a3", 400, "BadDeviceToken"));
  drops.add(result("a4", 410, "SomethingNew", 1'764'065'645'000));
  drops.add(result("a5", 503, "Shutdown"));
  PushResult unsent;
  unsent.device_token = "a6";
  drops.add(unsent);
  EXPECT_EQ(drops.finish(), path_of("out") + ": 2 to drop, 0 to keep, 1 suspect.");
  EXPECT_EQ(
      read(path_of("out")),
      R"({"device_token":"a1","drop":true,"advice":"drop","status":410,"reason":"Unregistered","timestamp":"2025-11-25T10:14:05Z","why":"its app is gone"})"
      "\n"
      R"({"device_token":"a3","drop":false,"advice":"suspect","status":400,"reason":"BadDeviceToken","why":"of the other environment, or made up"})"
      "\n"
      R"({"device_token":"a4","drop":true,"advice":"drop","status":410,"timestamp":"2025-11-25T10:14:05Z","why":"its app is gone"})"
      "\n");
}

TEST(PushDrops, WhatRegisteredSinceIsKept) {
  std::ofstream(path_of("in")) << R"({"device_token":"A1","registered_at":"2025-11-25T10:14:05Z"})"
                               << '\n';
  PushDrops drops(path_of("out"), path_of("in"));
  drops.add(result("a1", 410, "Unregistered", 1'764'065'645'000));
  EXPECT_THAT(drops.finish(), HasSubstr("0 to drop, 1 to keep, 0 suspect."));
  EXPECT_THAT(
      read(path_of("out")),
      HasSubstr(R"("registered_at":"2025-11-25T10:14:05Z","why":"registered again since")"));
}

TEST(PushDrops, SaysWhyNothingIsDropped) {
  PushDrops drops(path_of("out"), "");
  for (int i = 10; i < 30; ++i) {
    drops.add(result("a1" + std::to_string(i), 400, "BadDeviceToken"));
  }
  EXPECT_THAT(drops.finish(), HasSubstr("0 to drop, 20 to keep, 0 suspect. 20 of 20 answers say "
                                        "BadDeviceToken"));
}

TEST(PushDrops, FilesThatAreNoGoodAreSaidBefore) {
  EXPECT_THROW(PushDrops(testing::TempDir() + "not/there", ""), std::runtime_error);
  std::ofstream(path_of("in")) << "not JSON\n";
  EXPECT_THROW(PushDrops(path_of("out"), path_of("in")), std::runtime_error);
}

}  // namespace
}  // namespace apns::cli
