#include "mock_apns/profile_file.h"

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Http2Profile changed(const std::string& json) {
  Http2Profile http2;
  read_http2_profile(json::parse(json, ""), http2);
  return http2;
}

std::string refused(const std::string& json) {
  try {
    (void)changed(json);
  } catch (const json::Error& error) {
    return std::string(error.reason());
  }
  return "";
}

TEST(ProfileFile, ChangesWhatIsNamed) {
  EXPECT_EQ(changed("{}"), Http2Profile());
  const Http2Profile http2 = changed(R"({
    "max_concurrent_streams": 7, "initial_window": null, "one_stream_after_rejection": false,
    "topic_of_other_app": "TopicDisallowed",
    "provider_token": {"accounting": "team", "distinct": "claims", "free_updates": 3,
                       "update_interval": "90s", "expired_ends_connection": false}})");
  Http2Profile expected;
  expected.max_concurrent_streams = 7;
  expected.initial_window.reset();
  expected.one_stream_after_rejection = false;
  expected.topic_of_other_app = Reason::TopicDisallowed;
  expected.provider_token.accounting = ProviderTokenPolicy::Accounting::Team;
  expected.provider_token.distinct = ProviderTokenPolicy::Distinct::Claims;
  expected.provider_token.free_updates = 3;
  expected.provider_token.update_interval = 90s;
  expected.provider_token.expired_ends_connection = false;
  EXPECT_EQ(http2, expected);
}

TEST(ProfileFile, WhatIsToldCanBeRead) {
  for (const Profile& profile : profiles()) {
    EXPECT_EQ(changed(to_json(profile.http2).dump()), profile.http2) << profile.name;
  }
}

/// A profile that differs from the default in everything: a value without a row would not come
/// back. The size says when there is one more value.
TEST(ProfileFile, EachValueHasARow) {
  Http2Profile other;
  other.header_table_size = 1;
  other.max_concurrent_streams = 2;
  other.initial_window = 3;
  other.max_frame_size = 16'385;
  other.max_header_list_size = 5;
  other.one_stream_until_token = !other.one_stream_until_token;
  other.one_stream_after_rejection = !other.one_stream_after_rejection;
  other.goaway_past_limit = !other.goaway_past_limit;
  other.reset_again = !other.reset_again;
  other.early_rejection = EarlyRejection::AnswerAndReset;
  other.limit_before_ack = !other.limit_before_ack;
  other.bad_certificate_is_internal_error = !other.bad_certificate_is_internal_error;
  other.topic_of_other_app = Reason::Forbidden;
  other.key_of_other_environment = Reason::Forbidden;
  other.replaced_device_token = Reason::Forbidden;
  other.background_needs_priority_5 = !other.background_needs_priority_5;
  other.topic_fits_live_activity = !other.topic_fits_live_activity;
  other.topic_fits_push_type = !other.topic_fits_push_type;
  ProviderTokenPolicy& policy = other.provider_token;
  policy.text_issued_at = !policy.text_issued_at;
  policy.der_signature = !policy.der_signature;
  policy.max_age = 6s;
  policy.max_ahead = 7s;
  policy.update_interval = 8s;
  policy.distinct = ProviderTokenPolicy::Distinct::Claims;
  policy.accounting = ProviderTokenPolicy::Accounting::Team;
  policy.free_updates = 9;
  policy.free_invalid = 10;
  policy.update_limit_blocks_all = !policy.update_limit_blocks_all;
  policy.expired_ends_connection = !policy.expired_ends_connection;
  EXPECT_EQ(changed(to_json(other).dump()), other);
  const nlohmann::ordered_json usual = to_json(Http2Profile());
  const nlohmann::ordered_json all = to_json(other);
  for (const auto& [key, value] : all.items()) {
    if (key == "provider_token") {
      for (const auto& [its, one] : value.items()) {
        EXPECT_NE(one, usual["provider_token"][its]) << its;
      }
    } else {
      EXPECT_NE(value, usual[key]) << key;
    }
  }
}

/// The table of docs/differences.md is that of the profiles.
TEST(ProfileFile, ThePageHasEveryValueOfEveryProfile) {
  std::ifstream in(std::string(APNSLAB_SOURCE_DIR) + "/docs/differences.md");
  std::vector<std::string> documented;
  bool is_table = false;
  for (std::string line; std::getline(in, line);) {
    is_table = line.starts_with("| value |") || (is_table && line.starts_with("| "));
    if (is_table && line.starts_with("| `")) {
      documented.push_back(line);
    }
  }
  EXPECT_EQ(find_profile("2013")->http2, find_profile("2016")->http2);
  EXPECT_EQ(find_profile("2021")->http2, find_profile("2025")->http2);
  std::vector<nlohmann::ordered_json> columns;
  for (const char* name : {"2016", "2025", "pedantic"}) {
    columns.push_back(to_json(find_profile(name)->http2));
  }
  std::vector<std::string> rows;
  const auto add = [&rows](const std::string& key, const auto& value_in) {
    std::string row = "| `" + key + "` |";
    for (std::size_t i = 0; i < 3; ++i) {
      row += " " + value_in(i).dump() + " |";
    }
    rows.push_back(row);
  };
  for (const json::ObjectKeys& object : http2_profile_format()) {
    for (const std::string& key : object.keys) {
      if (object.object == "provider_token") {
        add("provider_token." + key,
            [&](std::size_t i) { return columns[i]["provider_token"][key]; });
      } else if (key != "provider_token") {
        add(key, [&](std::size_t i) { return columns[i][key]; });
      }
    }
  }
  EXPECT_THAT(documented, testing::ElementsAreArray(rows));
}

/// What the page calls a switch is one.
TEST(ProfileFile, ThePageNamesOnlySwitchesThatThereAre) {
  std::ifstream in(std::string(APNSLAB_SOURCE_DIR) + "/docs/differences.md");
  std::set<std::string> known;
  for (const json::ObjectKeys& object : http2_profile_format()) {
    for (const std::string& key : object.keys) {
      known.insert(object.object == "provider_token" ? "provider_token." + key : key);
    }
  }
  std::set<std::string> named;
  for (std::string line; std::getline(in, line);) {
    for (const std::string& key : known) {
      const std::string quoted = "`" + key + "`";
      if (line.starts_with("| ") && line.find(quoted) != std::string::npos &&
          !line.starts_with("| " + quoted)) {
        named.insert(key);
      }
    }
  }
  // Those of the SETTINGS and of documented times need no row.
  for (const char* key : {"header_table_size", "max_concurrent_streams", "initial_window",
                          "max_frame_size", "max_header_list_size", "one_stream_until_token",
                          "provider_token", "provider_token.max_age",
                          "provider_token.update_interval", "provider_token.free_invalid"}) {
    named.insert(key);
  }
  EXPECT_EQ(named, known);
}

TEST(ProfileFile, RefusesWhatIsWrongAndSaysWhatWouldBeRight) {
  EXPECT_THAT(refused(R"({"one_stream_after_rejecton":false})"),
              HasSubstr("did you mean \"one_stream_after_rejection\"?"));
  EXPECT_THAT(refused(R"({"one_stream_after_rejection":1})"), HasSubstr("true or false"));
  EXPECT_THAT(refused(R"({"topic_of_other_app":"BadTopics"})"),
              HasSubstr("did you mean \"BadTopic\"?"));
  EXPECT_THAT(refused(R"({"max_frame_size":16383})"), HasSubstr("from 16384 to 16777215"));
  EXPECT_THAT(refused(R"({"initial_window":2147483648})"), HasSubstr("to 2147483647"));
  EXPECT_THAT(refused(R"({"provider_token":{"free_updates":16}})"), HasSubstr("from 0 to 15"));
  EXPECT_THAT(refused(R"({"provider_token":{"accounting":"teams"}})"), HasSubstr("\"team\""));
  for (const char* interval : {"20", R"("20")", R"("1500ms")", R"("-1s")"}) {
    EXPECT_THAT(refused(R"({"provider_token":{"update_interval":)" + std::string(interval) + "}}"),
                HasSubstr("must be a text with whole seconds and their unit"))
        << interval;
  }
}

}  // namespace
}  // namespace apns::mock
