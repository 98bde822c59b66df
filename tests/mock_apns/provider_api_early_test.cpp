// Rejections before the body has come, and what follows a refused stream: by profile.
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/provider_api_by_hand.h"

namespace apns::mock {
namespace {

using http2::StreamId;
using test::ProviderApiByHand;
using testing::ElementsAre;

constexpr const char* kRejected =
    "HEADERS 1 400, DATA 1 \"{\"reason\":\"BadPriority\"}\" END_STREAM";
constexpr const char* kLimited = ", SETTINGS MAX_CONCURRENT_STREAMS=1";

/// A provider API whose profile is the default one but for what is set here.
class ProviderApiEarly : public testing::Test {
 protected:
  void open(EarlyRejection when, std::initializer_list<std::string_view> rules = {}) {
    profile = default_profile();
    profile.http2.early_rejection = when;
    open(rules);
  }

  void open(std::initializer_list<std::string_view> rules = {}) {
    ProviderApiByHand::Setup setup = ProviderApiByHand::under(rules);
    setup.options.profile = &profile;
    api.emplace(std::move(setup));
    api->open_quietly();
  }

  void send_rest(StreamId stream, std::string_view text = "{}") {
    EXPECT_TRUE(api->client().send_data(stream, as_bytes(text), true));
    api->run();
  }

  Profile profile = default_profile();
  std::optional<ProviderApiByHand> api;
};

TEST_F(ProviderApiEarly, UsuallyARequestIsAnsweredWhenItHasEnded) {
  open(EarlyRejection::Never);
  const StreamId stream = api->begin({{"apns-priority", "7"}});
  EXPECT_EQ(api->frames(), "");
  send_rest(stream);
  EXPECT_EQ(api->frames(), std::string(kRejected) + kLimited);
}

TEST_F(ProviderApiEarly, AnEarlyRejectionDoesNotWaitForTheBody) {
  open(EarlyRejection::Answer);
  const StreamId stream = api->begin({{"apns-priority", "7"}});
  EXPECT_EQ(api->frames(), std::string(kRejected) + kLimited);
  EXPECT_EQ(api->answer(stream).text(), "400 {\"reason\":\"BadPriority\"}");
  send_rest(stream);
  EXPECT_EQ(api->frames(), "") << "the rest is dropped";
  EXPECT_EQ(api->push({}).text(), "200") << "the connection goes on";
  EXPECT_EQ(api->api().counters().violations, 0U);
  EXPECT_THAT(api->story(), ElementsAre("1 opened", "1 rejected nth 1 400 BadPriority rule",
                                        "1 accepted nth 2 200"));
}

TEST_F(ProviderApiEarly, MayAskForNoMore) {
  open(EarlyRejection::AnswerAndReset);
  (void)api->begin({{"apns-priority", "7"}});
  EXPECT_EQ(api->frames(), std::string(kRejected) + kLimited + ", RST_STREAM 1 NO_ERROR");
  EXPECT_EQ(api->push({}).text(), "200");
}

TEST_F(ProviderApiEarly, ARequestThatHasEndedIsNotReset) {
  open(EarlyRejection::AnswerAndReset);
  (void)api->push({{"apns-priority", "7"}}, "");
  EXPECT_EQ(api->frames(), std::string(kRejected) + kLimited);
}

TEST_F(ProviderApiEarly, TheDeviceTokenIsPartOfTheHeaderSection) {
  open(EarlyRejection::Answer);
  const StreamId bad = api->begin({{":path", "/3/device/xyz"}});
  EXPECT_EQ(api->answer(bad).text(), "400 {\"reason\":\"BadDeviceToken\"}");
}

TEST_F(ProviderApiEarly, MagicDeviceTokensToo) {
  open(EarlyRejection::Answer);
  const StreamId magic = api->begin({{":path", "/3/device/fa11040001" + std::string(54, '0')}});
  EXPECT_EQ(api->answer(magic).text(), "400 {\"reason\":\"BadCollapseId\"}");
}

TEST_F(ProviderApiEarly, WhatNeedsThePayloadIsStillSaidBehindIt) {
  open(EarlyRejection::Answer);
  const StreamId stream = api->begin({});
  EXPECT_EQ(api->frames(), "");
  send_rest(stream, std::string(4097, ' '));
  EXPECT_EQ(api->answer(stream).text(), "413 {\"reason\":\"PayloadTooLarge\"}");
}

TEST_F(ProviderApiEarly, ARuleFiresWithTheHeaderSectionAndOnce) {
  open(EarlyRejection::Answer, {"nth=1: reject=BadTopic", "nth=2: delay=1s",
                                "nth=3: no_answer=true", "nth=4: reset_stream=CANCEL"});
  const StreamId rejected = api->begin({});
  EXPECT_EQ(api->answer(rejected).text(), "400 {\"reason\":\"BadTopic\"}");
  send_rest(rejected);
  const StreamId late = api->begin({});
  send_rest(late);
  api->advance(std::chrono::seconds(1));
  EXPECT_EQ(api->answer(late).text(), "200");
  const StreamId lost = api->begin({});
  send_rest(lost);
  EXPECT_EQ(api->answer(lost).text(), "");
  const StreamId reset = api->begin({});
  EXPECT_EQ(api->answer(reset).text(), "reset CANCEL");
  for (std::size_t rule = 0; rule < 4; ++rule) {
    EXPECT_EQ(api->rules().num_fired(rule), 1U);
  }
  EXPECT_THAT(
      api->story(),
      ElementsAre("1 opened", "1 rejected nth 1 400 BadTopic fault:fault-1", "1 fired fault-1 of 2",
                  "1 accepted nth 2 200 1000000us fault:fault-2", "1 fired fault-2 of 4",
                  "1 discarded nth 3 fault:fault-3 unanswered", "1 fired fault-3 of 6",
                  "1 discarded nth 4 fault:fault-4 unanswered", "1 fired fault-4 of 8"));
}

TEST_F(ProviderApiEarly, ADelayedOneThatHasEndedMeanwhileIsNotReset) {
  open(EarlyRejection::AnswerAndReset, {": reject=BadTopic delay=1s"});
  const StreamId stream = api->begin({});
  send_rest(stream);
  api->advance(std::chrono::seconds(1));
  EXPECT_EQ(api->frames(),
            "HEADERS 1 400, DATA 1 \"{\"reason\":\"BadTopic\"}\" END_STREAM, "
            "SETTINGS MAX_CONCURRENT_STREAMS=1");
}

TEST_F(ProviderApiEarly, TheProfileOf2016RejectsEarly) {
  profile = *find_profile("2016");
  open();
  (void)api->begin({{"apns-priority", "7"}});
  EXPECT_EQ(api->frames(), std::string(kRejected) + kLimited);
}

// ---- Streams above the limit ----

TEST_F(ProviderApiEarly, AStreamAboveTheLimitIsRefusedAndItsBodyDrawsAnotherReset) {
  profile.http2.limit_before_ack = true;  // so that a correct client can be above it
  open({"nth=1: settings.max_concurrent_streams=1 no_answer=true"});
  (void)api->send({});
  (void)api->send({});  // sent before the limit has come
  api->run();
  EXPECT_EQ(api->frames(),
            "SETTINGS MAX_CONCURRENT_STREAMS=1, RST_STREAM 3 REFUSED_STREAM, "
            "RST_STREAM 3 STREAM_CLOSED");
}

TEST_F(ProviderApiEarly, PedanticallyItIsResetOnce) {
  profile = *find_profile("pedantic");
  profile.http2.limit_before_ack = true;
  open({"nth=1: settings.max_concurrent_streams=1 no_answer=true"});
  (void)api->send({});
  (void)api->send({});
  api->run();
  EXPECT_EQ(api->frames(), "SETTINGS MAX_CONCURRENT_STREAMS=1, RST_STREAM 3 REFUSED_STREAM");
}

TEST_F(ProviderApiEarly, In2016TheConnectionIsOver) {
  profile = *find_profile("2016");
  profile.http2.limit_before_ack = true;
  open({"nth=1: settings.max_concurrent_streams=1 no_answer=true"});
  (void)api->send({});
  (void)api->send({});
  api->run();
  EXPECT_EQ(api->frames(),
            "SETTINGS MAX_CONCURRENT_STREAMS=1, GOAWAY 1 REFUSED_STREAM "
            "\"Maximum active streams violated for this endpoint.\"");
  EXPECT_EQ(api->how_closed(), Close::CloseNotifyThenDrain);
}

}  // namespace
}  // namespace apns::mock
