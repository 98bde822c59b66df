#include "mock_apns/control/event_matcher.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/control/problem.h"

namespace apns::mock::control {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

LedgerEvent hello() {
  LedgerEvent event;
  event.seq = 41;
  event.kind = EventKind::Notification;
  event.outcome = EventOutcome::Rejected;
  event.connection = 3;
  event.nth = 7;
  event.topic = "com.example.app";
  event.payload = R"({"aps":{"alert":"Hello","badge":2},"list":[1,{"a":1,"b":2}]})";
  event.payload_is_json = true;
  event.status = 8;
  event.why = Why{"binary/device-token-known", "a token", "register it"};
  return event;
}

EventMatcher matcher(std::string_view match) {
  return EventMatcher(json::parse(match, ""));
}

struct Case {
  const char* match;
  bool matches;
};

class EventMatches : public testing::TestWithParam<Case> {};

TEST_P(EventMatches, WhenItHasAllThatIsAsked) {
  const EventMatcher made = matcher(GetParam().match);
  EXPECT_EQ(made.matches(hello()), GetParam().matches) << GetParam().match;
  EXPECT_EQ(made.differences(hello()).empty(), GetParam().matches) << GetParam().match;
}

INSTANTIATE_TEST_SUITE_P(
    All, EventMatches,
    testing::Values(Case{"{}", true}, Case{R"({"event":"notification"})", true},
                    Case{R"({"event":"delivery"})", false},
                    Case{R"({"event":"notification","outcome":"rejected","status":8})", true},
                    Case{R"({"status":"8"})", false}, Case{R"({"connection":3})", true},
                    Case{R"({"connection":"3"})", false}, Case{R"({"topic":"com.example"})", false},
                    Case{R"({"payload":{"aps":{"alert":"Hello"}}})", true},
                    Case{R"({"payload":{"aps":{"alert":"Hallo"}}})", false},
                    Case{R"({"payload":{"aps":{"alert":{"title":"Hello"}}}})", false},
                    Case{R"({"payload":{"list":[1,{"a":1}]}})", true},
                    Case{R"({"payload":{"list":[1]}})", false},
                    Case{R"({"payload":{"other":1}})", false},
                    Case{R"({"why":{"rule":"binary/device-token-known"}})", true},
                    Case{R"({"identifier":1})", false}, Case{R"({"topic":null})", false}));

TEST(EventMatcher, SaysWhereAnEventDiffers) {
  const auto differs =
      matcher(
          R"({"event":"notification","payload":{"aps":{"alert":"Hallo","badge":2},"x/y":1},"status":8})")
          .differences(hello());
  EXPECT_THAT(differs, ElementsAre(Difference{"/payload/aps/alert", "Hallo", "Hello"},
                                   Difference{"/payload/x~1y", 1, std::nullopt}));
}

TEST(EventMatcher, TakesFiltersAsTheyArePrinted) {
  EventMatcher filter;
  filter.require("status", "8");
  filter.require("topic", "com.example.app");
  filter.require("event", "notification");
  EXPECT_TRUE(filter.matches(hello()));
  filter.require("nth", "8");
  EXPECT_FALSE(filter.matches(hello()));
}

TEST(EventMatcher, TakesWhatHttp2Has) {
  LedgerEvent event = hello();
  event.protocol = Protocol::Http2;
  event.status = 410;
  event.reason = "Unregistered";
  event.push_type = "alert";
  event.stream = 13;
  event.timestamp = 1454948015990;
  EventMatcher filter;
  filter.require("protocol", "http2");
  filter.require("reason", "Unregistered");
  filter.require("push_type", "alert");
  filter.require("stream", "13");
  filter.require("timestamp", "1454948015990");
  EXPECT_TRUE(filter.matches(event));
  EXPECT_FALSE(filter.matches(hello()));
  EXPECT_TRUE(matcher(R"({"status":410,"reason":"Unregistered","stream":13})").matches(event));
  EXPECT_FALSE(matcher(R"({"reason":"ExpiredToken"})").matches(event));
  EXPECT_FALSE(matcher(R"({"apns_id":"x"})").matches(event));
}

std::string problem_of(std::string_view match) {
  try {
    (void)matcher(match);
  } catch (const json::Error& error) {
    return error.what();
  }
  return "none";
}

TEST(EventMatcher, RefusesWhatTheLedgerNeverHas) {
  EXPECT_THAT(problem_of(R"({"evnt":"notification"})"),
              HasSubstr(R"("evnt" is not a key of match; did you mean "event"?)"));
  EXPECT_THAT(problem_of(R"({"event":"notificaton"})"),
              HasSubstr(R"(did you mean "notification"?)"));
  EXPECT_THAT(problem_of(R"({"event":"notification","outcome":"delivered"})"),
              HasSubstr("There are: accepted, rejected, discarded."));
  EXPECT_THAT(problem_of(R"({"outcome":"acepted"})"), HasSubstr(R"(did you mean "accepted"?)"));
  EXPECT_THAT(problem_of("[]"), HasSubstr("match must be an object, not an array."));
  EventMatcher filter;
  EXPECT_THROW(filter.require("evnt", "x"), Problem);
  try {
    filter.require("event", "notificaton");
    FAIL() << "there is no such event";
  } catch (const Problem& problem) {
    EXPECT_THAT(problem.what(),
                HasSubstr(R"(did you mean "notification"? There are: connection, )"));
  }
}

// docs/ledger.md lists the keys in tables of its own, `like this`.
TEST(LedgerKeys, AreThoseOfTheDocument) {
  std::ifstream file(std::string(APNSLAB_SOURCE_DIR) + "/docs/ledger.md");
  ASSERT_TRUE(file);
  std::vector<std::string> missing;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) {
      continue;
    }
    const std::string cell = line.substr(1, line.find('|', 1) - 1);
    const std::regex word("`([a-z_]+)`");
    for (std::sregex_iterator it(cell.begin(), cell.end(), word), end; it != end; ++it) {
      const std::string key = (*it)[1];
      if (std::ranges::find(ledger_keys(), key) == ledger_keys().end()) {
        missing.push_back(key);
      }
    }
  }
  EXPECT_THAT(missing, IsEmpty());
}

}  // namespace
}  // namespace apns::mock::control
