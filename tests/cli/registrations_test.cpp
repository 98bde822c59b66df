#include "cli/registrations.h"

#include <fstream>
#include <ostream>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/rfc3339.h"
#include "certs/whole_file.h"
#include "tests/certs/temporary_folder.h"

namespace apns::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RegistrationsTest : public testing::Test {
 public:
  /// The lines of a file that has `text`, as "HEX TIME"; the last one is what was complained of.
  std::vector<std::string> read(const std::string& text) {
    certs::write_file(file, text, 0600);
    std::vector<std::string> lines;
    try {
      Registrations(file.string()).read([&lines](const DeviceToken& token, WorldTime at) {
        lines.push_back(token.to_hex() + " " + to_rfc3339(at));
      });
    } catch (const std::exception& error) {
      std::string what = error.what();
      if (const std::size_t at = what.find(file.string()); at != std::string::npos) {
        what.replace(at, file.string().size(), "FILE");
      }
      lines.push_back(what);
    }
    return lines;
  }

  certs::TemporaryFolder folder;
  std::filesystem::path file = folder.file("devices.jsonl");
};

TEST_F(RegistrationsTest, ReadsEachLine) {
  EXPECT_THAT(read("{\"device_token\":\"A1B2\",\"registered_at\":\"2025-01-01T00:00:00Z\"}\n"
                   "\n  \r\n"
                   "{\"user\":{\"id\":7},\"registered_at\":\"2025-01-01T01:00:00.5+01:00\","
                   "\"device_token\":\"c3\"}"),
              ElementsAre("a1b2 2025-01-01T00:00:00Z", "c3 2025-01-01T00:00:00.500000Z"));
}

TEST_F(RegistrationsTest, AnEmptyFileKnowsNone) {
  EXPECT_THAT(read(""), IsEmpty());
}

TEST_F(RegistrationsTest, TakesALineOfTheLimitAndNoLonger) {
  const std::string head =
      R"({"device_token":"a1","registered_at":"2025-01-01T00:00:00Z","note":")";
  const auto line_of = [&head](std::size_t len) {
    return head + std::string(len - head.size() - 2, 'x') + "\"}";
  };
  EXPECT_THAT(read(line_of(Registrations::kMaxLineBytes) + "\n"),
              ElementsAre("a1 2025-01-01T00:00:00Z"));
  EXPECT_THAT(read(line_of(Registrations::kMaxLineBytes)), ElementsAre("a1 2025-01-01T00:00:00Z"));
  EXPECT_THAT(read(line_of(Registrations::kMaxLineBytes + 1) + "\n"),
              ElementsAre("--registrations FILE has a line of more than 65536 bytes. Write one "
                          "registration a line."));
}

struct Case {
  const char* name;
  const char* line;
  const char* problem;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class BadRegistration : public RegistrationsTest, public testing::WithParamInterface<Case> {};

TEST_P(BadRegistration, IsRefusedWithItsPlace) {
  EXPECT_THAT(read("{\"device_token\":\"a1\",\"registered_at\":\"2025-01-01T00:00:00Z\"}\n" +
                   std::string(GetParam().line) + "\n"),
              ElementsAre("a1 2025-01-01T00:00:00Z", GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    Lines, BadRegistration,
    testing::Values(
        Case{"NoTime", R"({"device_token":"a1"})",
             "FILE:2:1:1: a registration has no \"registered_at\". It needs one."},
        Case{"NoToken", R"({"registered_at":"2025-01-01T00:00:00Z"})",
             "FILE:2:1:1: a registration has no \"device_token\". It needs one."},
        Case{"NotHex", R"({"device_token":"phone","registered_at":"2025-01-01T00:00:00Z"})",
             "FILE:2:1:17: device_token must be 2 to 200 hex digits."},
        Case{"NotATime", R"({"device_token":"a1","registered_at":"yesterday"})",
             "FILE:2:1:38: registered_at must be a time with its offset, like "
             "\"2025-11-25T10:14:05Z\"."},
        Case{"UnixSeconds", R"({"device_token":"a1","registered_at":1764065645})",
             "FILE:2:1:38: registered_at must be a text, not 1764065645."},
        Case{"NotAnObject", "[]", "FILE:2:1:1: a registration must be an object, not an array."}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(RegistrationsTest, SaysThatThereIsNone) {
  try {
    Registrations missing(file.string());
    FAIL() << "it was opened";
  } catch (const std::exception& error) {
    EXPECT_EQ(error.what(), "--registrations " + file.string() + " is not there.");
  }
}

TEST_F(RegistrationsTest, AFileCanBeReadAgainAndAPipeCannot) {
  certs::write_file(file, "", 0600);
  Registrations again(file.string());
  EXPECT_TRUE(again.is_file());
  const auto ignore = [](const DeviceToken& /*token*/, WorldTime /*at*/) {};
  again.read(ignore);
  again.read(ignore);

  const std::filesystem::path pipe = folder.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&pipe] {
    std::ofstream(pipe) << R"({"device_token":"a1","registered_at":"2025-01-01T00:00:00Z"})";
  });
  Registrations once(pipe.string());
  EXPECT_FALSE(once.is_file());
  int num_lines = 0;
  once.read([&num_lines](const DeviceToken& /*token*/, WorldTime /*at*/) { ++num_lines; });
  writer.join();
  EXPECT_EQ(num_lines, 1);
  EXPECT_THROW(once.read(ignore), std::runtime_error);
}

}  // namespace
}  // namespace apns::cli
