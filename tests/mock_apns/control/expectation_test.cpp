#include "mock_apns/control/expectation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/control/event_feed.h"

namespace apns::mock::control {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

class ExpectationTest : public testing::Test {
 protected:
  std::uint64_t accepted(std::string_view alert) {
    const std::string payload = R"({"aps":{"alert":")" + std::string(alert) + R"("}})";
    LedgerRecord record;
    record.kind = EventKind::Notification;
    record.outcome = EventOutcome::Accepted;
    record.payload = as_bytes(payload);
    record.payload_is_json = true;
    return ledger.add(0, record);
  }

  void opened() { ledger.add(0, LedgerRecord()); }

  Expectation expect(std::string_view body) {
    return Expectation(read_expect_plan(json::parse(body, "")), ledger, TimePoint{});
  }

  static Json body_of(const std::optional<Response>& response) {
    return Json::parse(response.value().body);
  }

  Ledger ledger{{.keep = 100}};
};

const char* const kHello =
    R"({"match":{"event":"notification","payload":{"aps":{"alert":"Hello"}}},"count":1,"within":"2s"})";

TEST_F(ExpectationTest, WhatIsThereAlreadyCounts) {
  accepted("Hello");
  auto expectation = expect(kHello);
  const auto response = expectation.poll({});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200U);
  EXPECT_EQ(body_of(response)["count"], 1);
  EXPECT_EQ(body_of(response)["items"][0]["seq"], 1);
}

TEST_F(ExpectationTest, WaitsForWhatComes) {
  auto expectation = expect(kHello);
  EXPECT_FALSE(expectation.poll(TimePoint(1s)));
  opened();
  EXPECT_FALSE(expectation.poll(TimePoint(1s)));
  accepted("Hello");
  EXPECT_EQ(expectation.poll(TimePoint(1s))->status, 200U);
}

TEST_F(ExpectationTest, SaysWhatCameNearest) {
  opened();
  accepted("Hallo");
  accepted("Bye");
  auto expectation = expect(kHello);
  EXPECT_FALSE(expectation.poll(TimePoint(1999ms)));
  const auto response = expectation.poll(TimePoint(2s));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 409U);
  const Json body = body_of(response);
  EXPECT_EQ(body["title"], "Expected 1, found 0 within 2s");
  ASSERT_EQ(body["nearest"].size(), 2U);
  EXPECT_EQ(body["nearest"][0]["seq"], 3);  // of equals the newest
  EXPECT_EQ(
      body["nearest"][1]["differs"],
      Json::parse(R"([{"pointer":"/payload/aps/alert","expected":"Hello","actual":"Hallo"}])"));
}

TEST_F(ExpectationTest, OneTooManyIsAProblemAtOnce) {
  accepted("Hello");
  accepted("Hello");
  auto expectation = expect(kHello);
  const auto response = expectation.poll({});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 409U);
  EXPECT_EQ(body_of(response)["title"], "Expected 1, found 2 within 2s");
  EXPECT_EQ(body_of(response)["items"].size(), 2U);
}

TEST_F(ExpectationTest, NoneIsWatchedForToTheEnd) {
  const char* const none = R"({"match":{"event":"notification"},"count":0,"within":"1s"})";
  auto quiet = expect(none);
  EXPECT_FALSE(quiet.poll(TimePoint(999ms)));
  EXPECT_EQ(quiet.poll(TimePoint(1s))->status, 200U);
  auto spoiled = expect(none);
  EXPECT_FALSE(spoiled.poll(TimePoint(500ms)));
  accepted("Hello");
  EXPECT_EQ(spoiled.poll(TimePoint(500ms))->status, 409U);
}

TEST_F(ExpectationTest, ACountMayBeARange) {
  auto expectation = expect(R"({"match":{},"count":{"min":2,"max":3}})");
  accepted("a");
  EXPECT_FALSE(expectation.poll({}));
  accepted("b");
  EXPECT_EQ(expectation.poll({})->status, 200U);
}

TEST_F(ExpectationTest, LooksBehindASeqOnly) {
  accepted("Hello");
  auto expectation = expect(R"({"match":{},"after":1,"within":"1s"})");
  EXPECT_FALSE(expectation.poll({}));
  accepted("Hello");
  EXPECT_EQ(body_of(expectation.poll({}))["items"][0]["seq"], 2);
}

TEST_F(ExpectationTest, SaysWhatFellOutOfTheLedger) {
  for (int i = 0; i < 150; ++i) {
    accepted("Hello");
  }
  auto expectation = expect(R"({"match":{},"count":{"min":1}})");
  EXPECT_EQ(body_of(expectation.poll({}))["dropped"], 50);
}

std::string problem_of(std::string_view body) {
  try {
    (void)read_expect_plan(json::parse(body, ""));
  } catch (const json::Error& error) {
    return std::string(error.reason());
  }
  return "none";
}

TEST(ExpectPlan, RefusesWhatCannotBeMeant) {
  EXPECT_EQ(problem_of("{}"), R"(expect needs "match")");
  EXPECT_THAT(problem_of(R"({"match":{},"within":2})"), HasSubstr(R"(like "200ms", "5s")"));
  EXPECT_THAT(problem_of(R"({"match":{},"within":"2"})"), HasSubstr(R"(like "200ms", "5s")"));
  EXPECT_THAT(problem_of(R"({"match":{},"within":"11m"})"), HasSubstr(R"(up to "10m")"));
  EXPECT_THAT(problem_of(R"({"match":{},"count":{"min":3,"max":2}})"),
              HasSubstr("min is above max"));
  EXPECT_THAT(problem_of(R"({"match":{},"count":-1})"), HasSubstr("count must be"));
}

TEST(EventFeed, TellsWhatComesWithItsSeq) {
  Ledger ledger({.keep = 2});
  LedgerRecord record;
  record.kind = EventKind::Violation;
  record.outcome = EventOutcome::Must;
  EventMatcher violations;
  violations.require("event", "violation");
  EventFeed feed(violations, ledger, 0, TimePoint{});
  EXPECT_EQ(feed.next({}), "");
  ledger.add(0, LedgerRecord());
  EXPECT_EQ(feed.next({}), "");
  ledger.add(0, record);
  EXPECT_THAT(feed.next({}), testing::StartsWith("id: 2\nevent: violation\ndata: {\"seq\":2,"));
  EXPECT_EQ(feed.next({}), "");
}

TEST(EventFeed, TellsWhatWasMissed) {
  Ledger ledger({.keep = 2});
  EventFeed feed({}, ledger, 0, TimePoint{});
  for (int i = 0; i < 5; ++i) {
    ledger.add(0, LedgerRecord());
  }
  EXPECT_THAT(feed.next({}),
              testing::StartsWith("event: dropped\ndata: {\"dropped\":3}\n\nid: 4\n"));
}

TEST(EventFeed, KeepsAQuietConnection) {
  Ledger ledger({.keep = 2});
  EventFeed feed({}, ledger, 0, TimePoint{});
  EXPECT_EQ(feed.next(TimePoint(14s)), "");
  EXPECT_EQ(feed.next(TimePoint(15s)), ": still here\n\n");
  EXPECT_EQ(feed.next(TimePoint(16s)), "");
}

}  // namespace
}  // namespace apns::mock::control
