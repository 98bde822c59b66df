// What fault rules do to requests of the provider API, its engine driven by hand.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/provider_api_by_hand.h"

namespace apns::mock {
namespace {

using http2::StreamId;
using test::ProviderApiByHand;

using Lines = std::vector<std::string>;

// ---- Each action, for the second of three requests that arrive together ----

struct Case {
  const char* name;
  const char* rule;
  std::string frames;  // of what the service says
  Close close = Close::None;
  Lines story;  // of the three, and of the rule
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

const std::string kFirst = "HEADERS 1 200 END_STREAM";
const std::string kThird = ", HEADERS 5 200 END_STREAM";
const Lines kAllAccepted = {"1 accepted nth 1 200", "1 accepted nth 2 200 fault:fault-1",
                            "1 fired fault-1 of 3", "1 accepted nth 3 200"};
const Lines kSecondLost = {"1 accepted nth 1 200", "1 discarded nth 2 fault:fault-1 unanswered",
                           "1 fired fault-1 of 3", "1 accepted nth 3 200"};
const Lines kSecondLostAndOver = {
    "1 accepted nth 1 200", "1 discarded nth 2 fault:fault-1 unanswered", "1 fired fault-1 of 3"};

Lines second_rejected(const std::string& as) {
  return {"1 accepted nth 1 200", "1 rejected nth 2 " + as + " fault:fault-1",
          "1 fired fault-1 of 3", "1 accepted nth 3 200"};
}

/// Behind a rejection the service allows one stream, and all again behind the next acceptance.
std::string rejection_frames(const std::string& status, const std::string& body) {
  return kFirst + ", HEADERS 3 " + status + ", DATA 3 \"" + body +
         "\" END_STREAM, SETTINGS MAX_CONCURRENT_STREAMS=1" + kThird +
         ", SETTINGS MAX_CONCURRENT_STREAMS=1000";
}

std::vector<Case> cases() {
  return {
      {"Reason", "nth=2: reject=BadDeviceToken",
       rejection_frames("400", R"({"reason":"BadDeviceToken"})"), Close::None,
       second_rejected("400 BadDeviceToken")},
      {"ReasonOfTheToken",
       "device_token=A1A1: reject=TooManyRequests times=1",
       "HEADERS 1 429, DATA 1 \"{\"reason\":\"TooManyRequests\"}\" END_STREAM, "
       "SETTINGS MAX_CONCURRENT_STREAMS=1, HEADERS 3 200 END_STREAM, "
       "SETTINGS MAX_CONCURRENT_STREAMS=1000, HEADERS 5 200 END_STREAM",
       Close::None,
       {"1 rejected nth 1 429 TooManyRequests fault:fault-1", "1 fired fault-1 of 2",
        "1 accepted nth 2 200", "1 accepted nth 3 200"}},
      {"OtherPushType",
       "push_type=voip: reject=BadDeviceToken",
       kFirst + ", HEADERS 3 200 END_STREAM" + kThird,
       Close::None,
       {"1 accepted nth 1 200", "1 accepted nth 2 200", "1 accepted nth 3 200"}},
      {"ForTheGateway",
       "nth=2: reject.binary=8",
       kFirst + ", HEADERS 3 200 END_STREAM" + kThird,
       Close::None,
       {"1 accepted nth 1 200", "1 accepted nth 2 200", "1 accepted nth 3 200"}},
      {"ForBoth", "nth=2: reject.binary=8 reject.http2=BadTopic",
       rejection_frames("400", R"({"reason":"BadTopic"})"), Close::None,
       second_rejected("400 BadTopic")},
      {"Gone", "nth=2: reject=Unregistered",
       rejection_frames("410", R"({"reason":"Unregistered","timestamp":1735689600000})"),
       Close::None, second_rejected("410 Unregistered since 1735689600000")},
      {"GoneThen", "nth=2: reject=Unregistered timestamp=1454948015990",
       rejection_frames("410", R"({"reason":"Unregistered","timestamp":1454948015990})"),
       Close::None, second_rejected("410 Unregistered since 1454948015990")},
      {"StatusOfTheReason", "nth=2: reject=TooManyRequests status=503",
       rejection_frames("503", R"({"reason":"TooManyRequests"})"), Close::None,
       second_rejected("503 TooManyRequests")},
      {"StatusAlone", "nth=2: status=500",
       rejection_frames("500", R"({"reason":"InternalServerError"})"), Close::None,
       second_rejected("500 InternalServerError")},
      {"StatusThatNoReasonHas", "nth=2: status=418",
       kFirst + ", HEADERS 3 418 END_STREAM, SETTINGS MAX_CONCURRENT_STREAMS=1" + kThird +
           ", SETTINGS MAX_CONCURRENT_STREAMS=1000",
       Close::None, second_rejected("418")},
      {"StatusOfSuccess",
       "nth=2: status=202",
       kFirst + ", HEADERS 3 202 END_STREAM" + kThird,
       Close::None,
       {"1 accepted nth 1 200", "1 accepted nth 2 202 fault:fault-1", "1 fired fault-1 of 3",
        "1 accepted nth 3 200"}},
      {"NoAnswer", "nth=2: no_answer=true", kFirst + kThird, Close::None, kSecondLost},
      {"ResetStream", "nth=2: reset_stream=REFUSED_STREAM",
       kFirst + ", RST_STREAM 3 REFUSED_STREAM" + kThird, Close::None, kSecondLost},
      {"ResetTwice", "nth=2: reset_stream=REFUSED_STREAM reset_again=true",
       kFirst + ", RST_STREAM 3 REFUSED_STREAM, RST_STREAM 3 STREAM_CLOSED" + kThird, Close::None,
       kSecondLost},
      {"ResetWithAnyCode", "nth=2: reset_stream=4294967295",
       kFirst + ", RST_STREAM 3 error 0xffffffff" + kThird, Close::None, kSecondLost},
      {"Settings", "nth=2: settings.max_concurrent_streams=1 settings.initial_window_size=0",
       kFirst +
           ", HEADERS 3 200 END_STREAM, "
           "SETTINGS MAX_CONCURRENT_STREAMS=1 INITIAL_WINDOW_SIZE=0" +
           kThird,
       Close::None, kAllAccepted},
      {"AllSettings",
       "nth=2: settings.header_table_size=0 settings.max_frame_size=20000 "
       "settings.max_header_list_size=1",
       kFirst +
           ", HEADERS 3 200 END_STREAM, "
           "SETTINGS HEADER_TABLE_SIZE=0 MAX_FRAME_SIZE=20000 MAX_HEADER_LIST_SIZE=1" +
           kThird,
       Close::None, kAllAccepted},
      {"Goaway",
       "nth=2: goaway.reason=Shutdown",
       kFirst + ", HEADERS 3 200 END_STREAM, GOAWAY 3 NO_ERROR \"{\"reason\":\"Shutdown\"}\"",
       Close::CloseNotifyThenDrain,
       {"1 accepted nth 1 200", "1 accepted nth 2 200 fault:fault-1", "1 fired fault-1 of 3"}},
      {"GoawayWithoutReasonTwice",
       "nth=2: goaway.code=ENHANCE_YOUR_CALM goaway.count=2 close=rst",
       kFirst + ", HEADERS 3 200 END_STREAM, GOAWAY 3 ENHANCE_YOUR_CALM, "
                "GOAWAY 3 ENHANCE_YOUR_CALM",
       Close::Reset,
       {"1 accepted nth 1 200", "1 accepted nth 2 200 fault:fault-1", "1 fired fault-1 of 3"}},
      {"GoawayTwiceHidesItsReason",
       "nth=2: goaway.reason=Shutdown goaway.count=2",
       kFirst + ", HEADERS 3 200 END_STREAM, GOAWAY 3 NO_ERROR \"{\"reason\":\"Shutdown\"}\", "
                "GOAWAY 3 NO_ERROR",
       Close::CloseNotifyThenDrain,
       {"1 accepted nth 1 200", "1 accepted nth 2 200 fault:fault-1", "1 fired fault-1 of 3"}},
      {"GoawayForTheOneBefore", "nth=2: goaway.last_nth=1", kFirst + ", GOAWAY 1 NO_ERROR",
       Close::CloseNotifyThenDrain, kSecondLostAndOver},
      {"GoawayForNone", "nth=2: goaway.last_nth=0 close=half-open", kFirst + ", GOAWAY 0 NO_ERROR",
       Close::Vanish, kSecondLostAndOver},
      {"GoawayKeptOpen",
       "nth=2: goaway.keep_open=true",
       kFirst + ", HEADERS 3 200 END_STREAM, GOAWAY 3 NO_ERROR",
       Close::None,
       {"1 accepted nth 1 200", "1 accepted nth 2 200 fault:fault-1", "1 fired fault-1 of 3"}},
      {"GoawayForOneThatIsYetToCome", "nth=2: goaway.last_nth=3 goaway.keep_open=true",
       kFirst + ", HEADERS 3 200 END_STREAM, GOAWAY 5 NO_ERROR" + kThird, Close::None,
       kAllAccepted},
      {"RejectAndGoaway",
       "nth=2: reject=Shutdown goaway.reason=Shutdown",
       kFirst + ", HEADERS 3 503, DATA 3 \"{\"reason\":\"Shutdown\"}\" END_STREAM, "
                "SETTINGS MAX_CONCURRENT_STREAMS=1, "
                "GOAWAY 3 NO_ERROR \"{\"reason\":\"Shutdown\"}\"",
       Close::CloseNotifyThenDrain,
       {"1 accepted nth 1 200", "1 rejected nth 2 503 Shutdown fault:fault-1",
        "1 fired fault-1 of 3"}},
      {"Close", "nth=2: close=fin", kFirst, Close::CloseNotifyThenDrain, kSecondLostAndOver},
      {"Truncate", "nth=2: close=fin-without-close-notify", kFirst, Close::FinOnly,
       kSecondLostAndOver},
      {"Rst", "nth=2: close=rst", kFirst, Close::Reset, kSecondLostAndOver},
      {"HalfOpen", "nth=2: close=half-open", kFirst, Close::Vanish, kSecondLostAndOver},
      {"AnswerAndClose",
       "nth=2: status=200 close=rst",
       kFirst + ", HEADERS 3 200 END_STREAM",
       Close::Reset,
       {"1 accepted nth 1 200", "1 accepted nth 2 200 fault:fault-1", "1 fired fault-1 of 3"}},
      {"RejectAndClose",
       "nth=2: reject=BadTopic close=fin",
       kFirst + ", HEADERS 3 400, DATA 3 \"{\"reason\":\"BadTopic\"}\" END_STREAM, "
                "SETTINGS MAX_CONCURRENT_STREAMS=1",
       Close::CloseNotifyThenDrain,
       {"1 accepted nth 1 200", "1 rejected nth 2 400 BadTopic fault:fault-1",
        "1 fired fault-1 of 3"}},
      {"Raw", "nth=2: raw=0000080600000000006162636465666768",
       kFirst + ", HEADERS 3 200 END_STREAM, PING \"abcdefgh\"" + kThird, Close::None,
       kAllAccepted},
      {"RawInPlaceOfARejection", "nth=2: reject=BadTopic raw=00000403000000000300000002",
       kFirst + ", RST_STREAM 3 INTERNAL_ERROR" + kThird, Close::None,
       second_rejected("400 BadTopic")},
      {"RawAndClose", "nth=2: raw=00000403000000000300000002 close=rst",
       kFirst + ", RST_STREAM 3 INTERNAL_ERROR", Close::Reset, kSecondLostAndOver},
  };
}

class ProviderApiUnder : public testing::TestWithParam<Case> {};

TEST_P(ProviderApiUnder, DoesWhatTheRuleSays) {
  const Case& row = GetParam();
  ProviderApiByHand api(ProviderApiByHand::under({row.rule}));
  api.open_quietly();
  for (int i = 0; i < 3; ++i) {
    (void)api.send({});
  }
  api.run();
  EXPECT_EQ(api.frames(), row.frames);
  EXPECT_EQ(api.how_closed(), row.close);
  Lines story = api.story();
  story.erase(story.begin());
  EXPECT_EQ(story, row.story);
}

INSTANTIATE_TEST_SUITE_P(Rule, ProviderApiUnder, testing::ValuesIn(cases()),
                         [](const auto& row) { return std::string(row.param.name); });

// ---- Rules as such ----

TEST(ProviderApiFault, TimesAreCountedForTheWholeService) {
  ProviderApiByHand api(ProviderApiByHand::under({"nth=1: reject=BadTopic times=2"}));
  for (const char* expected :
       {"400 {\"reason\":\"BadTopic\"}", "400 {\"reason\":\"BadTopic\"}", "200"}) {
    api.open();
    EXPECT_EQ(api.push({}).text(), expected);
  }
}

TEST(ProviderApiFault, ARuleForAPushTypeLooksAtWhatWasSent) {
  ProviderApiByHand api(ProviderApiByHand::under({"push_type=background: reject=TooManyRequests"}));
  api.open_quietly();
  EXPECT_EQ(api.push({}).text(), "200");
  EXPECT_EQ(api.push({{"apns-push-type", "alert"}}).text(), "200");
  EXPECT_EQ(api.push({{"apns-push-type", "background"}, {"apns-priority", "5"}}).status, "429");
}

TEST(ProviderApiFault, ARuleForATopicLooksAtWhatWasSent) {
  ProviderApiByHand::Setup setup =
      ProviderApiByHand::under({"topic=com.example.app.voip: reject=BadTopic times=1"});
  ProviderApiByHand api(std::move(setup));
  api.open(nullptr);
  (void)api.push({{"apns-topic", "com.example.app.voip"}});
  EXPECT_EQ(api.rules().num_fired(0), 1U) << "though there is no provider token";
}

TEST(ProviderApiFault, RulesAreForRequestsThatHaveEnded) {
  ProviderApiByHand api(ProviderApiByHand::under({": reject=BadTopic times=1"}));
  api.open_quietly();
  const StreamId stream = api.begin({});
  EXPECT_TRUE(api.client().reset(stream, http2::ErrorCode::Cancel));
  api.run();
  EXPECT_EQ(api.rules().num_fired(0), 0U);
  EXPECT_EQ(api.push({}).status, "400");
}

TEST(ProviderApiFault, RejectionsAreCountedByTheirReason) {
  ProviderApiByHand api(
      ProviderApiByHand::under({"nth=2: reject=BadTopic", "nth=3: status=418",
                                "nth=4: reset_stream=CANCEL", "nth=5: no_answer=true"}));
  api.open_quietly();
  for (int i = 0; i < 5; ++i) {
    (void)api.push({});
  }
  const ProviderApiCounters counters = api.api().counters();
  EXPECT_EQ(counters.rejected, 2U);
  EXPECT_EQ(counters.rejected_with.at(static_cast<std::size_t>(Reason::BadTopic)), 1U);
  EXPECT_EQ(counters.discarded, 2U);
  EXPECT_EQ(counters.accepted, 1U);
}

TEST(ProviderApiFault, DecidesTheSameWithoutALedger) {
  for (const Case& row : cases()) {
    ProviderApiByHand::Setup setup = ProviderApiByHand::under({row.rule});
    setup.with_ledger = false;
    ProviderApiByHand api(std::move(setup));
    api.open_quietly();
    for (int i = 0; i < 3; ++i) {
      (void)api.send({});
    }
    api.run();
    EXPECT_EQ(api.frames(), row.frames) << row.name;
    EXPECT_EQ(api.how_closed(), row.close) << row.name;
  }
}

}  // namespace
}  // namespace apns::mock
