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
    profile_ = default_profile();
    profile_.http2.early_rejection = when;
    open(rules);
  }

  void open(std::initializer_list<std::string_view> rules = {}) {
    ProviderApiByHand::Setup setup = ProviderApiByHand::under(rules);
    setup.options.profile = &profile_;
    api_.emplace(std::move(setup));
    api_->open_quietly();
  }

  void send_rest(StreamId stream, std::string_view text = "{}") {
    EXPECT_TRUE(api_->client().send_data(stream, as_bytes(text), true));
    api_->run();
  }

  Profile profile_ = default_profile();
  std::optional<ProviderApiByHand> api_;
};

TEST_F(ProviderApiEarly, UsuallyARequestIsAnsweredWhenItHasEnded) {
  open(EarlyRejection::Never);
  const StreamId stream = api_->begin({{"apns-priority", "7"}});
  EXPECT_EQ(api_->frames(), "");
  send_rest(stream);
  EXPECT_EQ(api_->frames(), std::string(kRejected) + kLimited);
}

TEST_F(ProviderApiEarly, AnEarlyRejectionDoesNotWaitForTheBody) {
  open(EarlyRejection::Answer);
  const StreamId stream = api_->begin({{"apns-priority", "7"}});
  EXPECT_EQ(api_->frames(), std::string(kRejected) + kLimited);
  EXPECT_EQ(api_->answer(stream).text(), "400 {\"reason\":\"BadPriority\"}");
  send_rest(stream);
  EXPECT_EQ(api_->frames(), "") << "the rest is dropped";
  EXPECT_EQ(api_->push({}).text(), "200") << "the connection goes on";
  EXPECT_EQ(api_->api().counters().violations, 0U);
  EXPECT_THAT(api_->story(), ElementsAre("1 opened", "1 rejected nth 1 400 BadPriority rule",
                                         "1 accepted nth 2 200"));
}

TEST_F(ProviderApiEarly, MayAskForNoMore) {
  open(EarlyRejection::AnswerAndReset);
  (void)api_->begin({{"apns-priority", "7"}});
  EXPECT_EQ(api_->frames(), std::string(kRejected) + kLimited + ", RST_STREAM 1 NO_ERROR");
  EXPECT_EQ(api_->push({}).text(), "200");
}

TEST_F(ProviderApiEarly, ARequestThatHasEndedIsNotReset) {
  open(EarlyRejection::AnswerAndReset);
  (void)api_->push({{"apns-priority", "7"}}, "");
  EXPECT_EQ(api_->frames(), std::string(kRejected) + kLimited);
}

TEST_F(ProviderApiEarly, TheDeviceTokenIsPartOfTheHeaderSection) {
  open(EarlyRejection::Answer);
  const StreamId bad = api_->begin({{":path", "/3/device/xyz"}});
  EXPECT_EQ(api_->answer(bad).text(), "400 {\"reason\":\"BadDeviceToken\"}");
}

TEST_F(ProviderApiEarly, MagicDeviceTokensToo) {
  open(EarlyRejection::Answer);
  const StreamId magic = api_->begin({{":path", "/3/device/fa11040001" + std::string(54, '0')}});
  EXPECT_EQ(api_->answer(magic).text(), "400 {\"reason\":\"BadCollapseId\"}");
}

TEST_F(ProviderApiEarly, WhatNeedsThePayloadIsStillSaidBehindIt) {
  open(EarlyRejection::Answer);
  const StreamId stream = api_->begin({});
  EXPECT_EQ(api_->frames(), "");
  send_rest(stream, std::string(4097, ' '));
  EXPECT_EQ(api_->answer(stream).text(), "413 {\"reason\":\"PayloadTooLarge\"}");
}

TEST_F(ProviderApiEarly, ARuleFiresWithTheHeaderSectionAndOnce) {
  open(EarlyRejection::Answer, {"nth=1: reject=BadTopic", "nth=2: delay=1s",
                                "nth=3: no_answer=true", "nth=4: reset_stream=CANCEL"});
  const StreamId rejected = api_->begin({});
  EXPECT_EQ(api_->answer(rejected).text(), "400 {\"reason\":\"BadTopic\"}");
  send_rest(rejected);
  const StreamId late = api_->begin({});
  send_rest(late);
  api_->advance(std::chrono::seconds(1));
  EXPECT_EQ(api_->answer(late).text(), "200");
  const StreamId lost = api_->begin({});
  send_rest(lost);
  EXPECT_EQ(api_->answer(lost).text(), "");
  const StreamId reset = api_->begin({});
  EXPECT_EQ(api_->answer(reset).text(), "reset CANCEL");
  for (std::size_t rule = 0; rule < 4; ++rule) {
    EXPECT_EQ(api_->rules().num_fired(rule), 1U);
  }
  EXPECT_THAT(
      api_->story(),
      ElementsAre("1 opened", "1 rejected nth 1 400 BadTopic fault:fault-1", "1 fired fault-1 of 2",
                  "1 accepted nth 2 200 1000000us fault:fault-2", "1 fired fault-2 of 4",
                  "1 discarded nth 3 fault:fault-3 unanswered", "1 fired fault-3 of 6",
                  "1 discarded nth 4 fault:fault-4 unanswered", "1 fired fault-4 of 8"));
}

TEST_F(ProviderApiEarly, ADelayedOneThatHasEndedMeanwhileIsNotReset) {
  open(EarlyRejection::AnswerAndReset, {": reject=BadTopic delay=1s"});
  const StreamId stream = api_->begin({});
  send_rest(stream);
  api_->advance(std::chrono::seconds(1));
  EXPECT_EQ(api_->frames(),
            "HEADERS 1 400, DATA 1 \"{\"reason\":\"BadTopic\"}\" END_STREAM, "
            "SETTINGS MAX_CONCURRENT_STREAMS=1");
}

TEST_F(ProviderApiEarly, TheProfileOf2016RejectsEarly) {
  profile_ = *find_profile("2016");
  open();
  (void)api_->begin({{"apns-priority", "7"}});
  EXPECT_EQ(api_->frames(), std::string(kRejected) + kLimited);
}

// ---- Streams above the limit ----

TEST_F(ProviderApiEarly, AStreamAboveTheLimitIsRefusedAndItsBodyDrawsAnotherReset) {
  profile_.http2.limit_before_ack = true;  // so that a correct client can be above it
  open({"nth=1: settings.max_concurrent_streams=1 no_answer=true"});
  (void)api_->send({});
  (void)api_->send({});  // sent before the limit has come
  api_->run();
  EXPECT_EQ(api_->frames(),
            "SETTINGS MAX_CONCURRENT_STREAMS=1, RST_STREAM 3 REFUSED_STREAM, "
            "RST_STREAM 3 STREAM_CLOSED");
}

TEST_F(ProviderApiEarly, PedanticallyItIsResetOnce) {
  profile_ = *find_profile("pedantic");
  profile_.http2.limit_before_ack = true;
  open({"nth=1: settings.max_concurrent_streams=1 no_answer=true"});
  (void)api_->send({});
  (void)api_->send({});
  api_->run();
  EXPECT_EQ(api_->frames(), "SETTINGS MAX_CONCURRENT_STREAMS=1, RST_STREAM 3 REFUSED_STREAM");
}

TEST_F(ProviderApiEarly, In2016TheConnectionIsOver) {
  profile_ = *find_profile("2016");
  profile_.http2.limit_before_ack = true;
  open({"nth=1: settings.max_concurrent_streams=1 no_answer=true"});
  (void)api_->send({});
  (void)api_->send({});
  api_->run();
  EXPECT_EQ(api_->frames(),
            "SETTINGS MAX_CONCURRENT_STREAMS=1, GOAWAY 1 REFUSED_STREAM "
            "\"Maximum active streams violated for this endpoint.\"");
  EXPECT_EQ(api_->how_closed(), Close::CloseNotifyThenDrain);
}

}  // namespace
}  // namespace apns::mock
