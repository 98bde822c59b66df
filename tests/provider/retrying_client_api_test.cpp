// What goes again, by the real client, opposite the provider API, in the memory host: every
// notification is accepted once, in the end, and the ledger says so.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"
#include "mock_apns/ledger.h"
#include "mock_apns/provider_api.h"
#include "mock_apns/world/team_keys.h"
#include "mock_apns/world/world.h"
#include "provider/http2_client.h"
#include "provider/provider_token_key.h"
#include "provider/provider_tokens.h"
#include "provider/retrying_client.h"
#include "tests/golden/provider_token_golden.h"
#include "tests/provider/recording_sink.h"
#include "tests/support/checked_engine.h"
#include "tests/support/credentials.h"
#include "tests/support/provider_tokens.h"

namespace apns::provider {
namespace {

using apns::test::Credentials;
using testing::Each;
using testing::EndsWith;
using testing::Pair;
using namespace std::chrono_literals;

/// Plain: TLS changes nothing about what goes again.
class RetryingClientAndApi : public testing::Test {
 public:
  RetryingClientAndApi() : ledger(mock::Ledger::Options{}), world({}, clock, &ledger) {}

  ~RetryingClientAndApi() override {
    if (client_) {
      client_->release_dialer();
    }
  }

  /// Before the first use.
  void listen(const std::vector<std::string>& faults) {
    std::vector<mock::FaultRule> parsed;
    parsed.reserve(faults.size());
    for (const std::string& fault : faults) {
      parsed.push_back(mock::parse_fault(fault));
    }
    rules = std::make_unique<mock::FaultRules>(std::move(parsed), 7);
    mock::ProviderApiOptions made;
    made.world = &world;
    made.team_keys = &keys;
    if (options.provider_token == nullptr) {
      made.plain_identity = std::make_shared<const auth::CertificateIdentity>(
          *auth::read_certificate_identity(Credentials::shared().provider.certificate.get()));
    }
    api = std::make_unique<mock::ProviderApi>(made, clock, &ledger, rules.get(),
                                              [](const mock::ServiceProblem& /*problem*/) {});
    host = std::make_unique<MemoryHost>(clock, 7);
    inner.service = host->listen(Endpoint{"localhost", 0}, *api);
    const auto make = [this](OutcomeSink& to) {
      return std::make_unique<Http2Client>(inner, apns::test::checked(plain_transport()), to);
    };
    client_ = std::make_unique<RetryingClient>(options, sink, make);
    client_->use_dialer(host->make_dialer(*client_));
  }

  RetryingClient& client() { return *client_; }

  /// Payloads say their tickets.
  [[nodiscard]] static Notification notification(std::uint64_t ticket) {
    return Notification{.device_token = *DeviceToken::parse(std::string(64, 'a')),
                        .payload = R"({"aps":{"alert":")" + std::to_string(ticket) + "\"}}",
                        .topic = "com.example.app",
                        .push_type = PushType::Alert};
  }

  /// Sends `n` as fast as the client takes them, then drains.
  void send_all(std::uint64_t n) {
    std::uint64_t ticket = 0;
    const auto send_more = [&] {
      while (ticket < n &&
             client().try_send(notification(ticket + 1), ticket + 1) == SendResult::Queued) {
        ++ticket;
      }
    };
    sink.on_writable = send_more;
    send_more();
    ASSERT_TRUE(host->run_until([&] { return ticket == n; }, host->now() + 5min));
    client().drain(2min);
    ASSERT_TRUE(host->run_until([this] { return sink.num_drained > 0; }, host->now() + 5min));
    EXPECT_EQ(client().num_open(), 0U);
  }

  /// How often each payload was accepted, by the ledger.
  [[nodiscard]] std::map<std::string, int> accepted() const {
    std::map<std::string, int> times;
    for (const mock::LedgerEvent& event : ledger.snapshot()) {
      if (event.kind == mock::EventKind::Notification) {
        times[event.payload] += event.outcome == mock::EventOutcome::Accepted ? 1 : 0;
      }
    }
    return times;
  }

  /// Each of them was sent, and the ledger has each accepted once.
  void expect_all_sent(std::size_t n) const {
    EXPECT_EQ(sink.lines.size(), n);
    EXPECT_THAT(sink.lines, Each(EndsWith(" sent")));
    EXPECT_EQ(accepted().size(), n);
    EXPECT_THAT(accepted(), Each(Pair(testing::_, 1)));
    EXPECT_EQ(api->counters().accepted, n);
    EXPECT_EQ(api->counters().violations, 0U);
  }

  // What the engines use outlives the host, which holds them.
  ManualClock clock;
  mock::Ledger ledger;
  mock::World world;
  mock::TeamKeys keys;
  // A provider that renews its token too late.
  ProviderTokens tokens{clock, ProviderTokenAges{2h, 20min}};
  std::unique_ptr<ProviderTokenSource> source =
      tokens.source(make_token_signer({golden::kP8, "KEY0000001", "TEAM000001", {}}));
  std::unique_ptr<mock::FaultRules> rules;
  std::unique_ptr<mock::ProviderApi> api;
  std::unique_ptr<MemoryHost> host;
  test::RecordingSink sink;
  Http2ClientOptions inner;
  RetryOptions options;

 private:
  std::unique_ptr<RetryingClient> client_;
};

// Field report E75, jchambers/pushy#865; field report E77, node-apn/node-apn#640.
// Field report I138, rpush/rpush#567.
TEST_F(RetryingClientAndApi, AGoawayEvery200RequestsLosesAndDoublesNothing) {
  listen({"nth=200: goaway.last_nth=199"});
  send_all(2000);
  expect_all_sent(2000);
  EXPECT_GE(client().stats().connections, 10U);
  EXPECT_GE(client().stats().retries, 10U);
}

// Field report D57, jchambers/pushy#356: the limit counts as broken, and all that is open is in
// doubt.
TEST_F(RetryingClientAndApi, AGoawayWithAnErrorCodeIsTheSame) {
  listen({"connection=1 nth=100: goaway.last_nth=99 goaway.code=REFUSED_STREAM"});
  send_all(500);
  expect_all_sent(500);
  EXPECT_EQ(client().stats().connections, 2U);
}

// Field report D55, jchambers/pushy#476; field report D65, Pr0Ger/PyAPNs2#55.
TEST_F(RetryingClientAndApi, WhatIsRefusedAndResetAgainIsAcceptedOnce) {
  listen({R"(nth="every 7": reset_stream=REFUSED_STREAM reset_again=true)"});
  send_all(2000);
  expect_all_sent(2000);
  EXPECT_EQ(client().stats().connections, 1U);
  EXPECT_GE(client().stats().retries, 2000U / 7);
}

// Field report D55: the limit falls to 1 behind a rejection.
TEST_F(RetryingClientAndApi, TheLimitOfOneBehindARejectionIsObeyed) {
  listen({R"(nth="every 10": reject=ServiceUnavailable)"});
  send_all(1000);
  expect_all_sent(1000);
  EXPECT_EQ(client().stats().retries, api->counters().rejected);
}

TEST_F(RetryingClientAndApi, AServiceThatIsUnavailableForAWhileGetsThemInTheEnd) {
  listen({"until=2s: reject=ServiceUnavailable"});
  send_all(50);
  expect_all_sent(50);
  EXPECT_LE(client().stats().retries, 50U * 4);
}

// What never gets better comes to an end.
TEST_F(RetryingClientAndApi, AServiceThatStaysUnavailableEndsWithTheAttempts) {
  listen({": reject=InternalServerError"});
  send_all(10);
  EXPECT_THAT(sink.lines, Each(EndsWith(" rejected: 500 InternalServerError")));
  EXPECT_EQ(api->counters().rejected, 10U * options.limits.max_attempts);
  EXPECT_EQ(client().stats().given_up, 10U);
  EXPECT_FALSE(sink.answers.at(1).apns_id.empty());
}

TEST_F(RetryingClientAndApi, AShutDownOfTheServiceIsOnlyAnotherConnection) {
  listen({"connection=1 nth=20: reject=Shutdown", "connection=1 nth=21: goaway.reason=Shutdown"});
  send_all(200);
  expect_all_sent(200);
  EXPECT_EQ(client().stats().connections, 2U);
}

// Field report J145, edamov/pushok#92: many are under way with a token that is too old. Each goes
// once more, with the next one, by another connection.
TEST_F(RetryingClientAndApi, AWaveWithAnOldProviderTokenIsAcceptedWithTheNext) {
  keys.add(apns::test::TokenSource().team_key());
  inner.provider_token = options.provider_token = source.get();
  listen({});
  ASSERT_EQ(client().try_send(notification(1000), 1000), SendResult::Queued);
  ASSERT_TRUE(host->run_until([this] { return sink.lines.size() == 1; }, host->now() + 1min));
  host->run_for(61min);
  send_all(50);
  expect_all_sent(51);
  EXPECT_EQ(source->number(), 2U);
  EXPECT_EQ(client().stats().retries, 50U);
  EXPECT_EQ(client().stats().connections, 2U);
}

// A connection is lost with requests on it: at most once by default.
TEST_F(RetryingClientAndApi, WhatIsUnknownGoesAgainOnlyWhereItMay) {
  listen({"connection=1 nth=100: close=rst"});
  send_all(300);
  const auto count = [this](OutcomeKind kind) {
    return std::ranges::count_if(sink.by_ticket,
                                 [kind](const auto& one) { return one.second.kind == kind; });
  };
  EXPECT_GT(count(OutcomeKind::Unknown), 0);
  EXPECT_EQ(count(OutcomeKind::Sent) + count(OutcomeKind::Unknown), 300);
  for (const auto& [payload, times] : accepted()) {
    EXPECT_LE(times, 1) << payload;
  }
}

TEST_F(RetryingClientAndApi, AtLeastOnceMeansThatAllAreSent) {
  options.limits.on_unknown = OnUnknown::SendAgain;
  listen({"connection=1 nth=100: close=rst"});
  send_all(300);
  EXPECT_THAT(sink.lines, Each(EndsWith(" sent")));
  EXPECT_EQ(accepted().size(), 300U);
  for (const auto& [payload, times] : accepted()) {
    EXPECT_GE(times, 1) << payload;
  }
}

}  // namespace
}  // namespace apns::provider
