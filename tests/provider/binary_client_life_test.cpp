// Connecting, and connecting again. How a client ends: binary_client_end_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/provider/binary_client_fixture.h"

namespace apns::provider {
namespace {

using test::BinaryClientTest;
using test::hanging;
using test::refused;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

class BinaryClientLife : public BinaryClientTest {};

TEST_F(BinaryClientLife, DialsWhenThereIsSomethingToSend) {
  watch_dials([](std::uint64_t) { return LinkOptions{}; });
  (void)client();
  host.run_for(1min);
  EXPECT_THAT(dialled, IsEmpty());
  send(2);
  EXPECT_EQ(dialled.size(), 1U);
  host.run_for(1min);
  EXPECT_EQ(dialled.size(), 1U);
  EXPECT_EQ(client().stats().connections, 1U);
}

TEST_F(BinaryClientLife, LosesNothingWhenConnectsAreRefused) {
  watch_dials([](std::uint64_t connection) { return connection <= 3 ? refused() : LinkOptions{}; });
  send(3);
  host.run_for(10s);
  EXPECT_THAT(gateway.payloads(1), ElementsAre("1", "2", "3"));
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent", "3 sent"));
  ASSERT_EQ(dialled.size(), 4U);
  // An attempt takes two ways; the pause behind it is at least half of its whole.
  Duration whole = options.backoff_first;
  for (std::size_t i = 1; i < dialled.size(); ++i) {
    const Duration pause = dialled[i] - dialled[i - 1] - 2 * kOneWay;
    EXPECT_GE(pause, whole / 2) << "attempt " << i;
    EXPECT_LT(pause, whole) << "attempt " << i;
    whole *= 2;
  }
}

TEST_F(BinaryClientLife, ThePauseGrowsToItsLimit) {
  options.backoff_first = 1s;
  options.backoff_max = 5s;
  options.max_attempts = 8;
  watch_dials([](std::uint64_t) { return refused(); });
  send(1);
  host.run_for(5min);
  ASSERT_EQ(dialled.size(), 8U);
  for (std::size_t i = 4; i < dialled.size(); ++i) {
    const Duration pause = dialled[i] - dialled[i - 1] - 2 * kOneWay;
    EXPECT_GE(pause, 2500ms);
    EXPECT_LT(pause, 5s);
  }
}

TEST(BinaryClientJitter, IsDrawnFromTheSeed) {
  class Run final : public BinaryClientLife {
   public:
    explicit Run(std::uint64_t seed) {
      options.seed = seed;
      watch_dials([](std::uint64_t) { return refused(); });
      send(1);
      host.run_for(1min);
    }

    void TestBody() override {}

    using BinaryClientLife::dialled;
  };

  EXPECT_EQ(Run(1).dialled, Run(1).dialled);
  EXPECT_NE(Run(1).dialled, Run(2).dialled);
}

TEST_F(BinaryClientLife, GivesUpAfterItsAttemptsAndIsOfUseAfterwards) {
  options.max_attempts = 4;
  watch_dials([](std::uint64_t connection) { return connection <= 4 ? refused() : LinkOptions{}; });
  send(2);
  host.run_for(10s);
  EXPECT_EQ(dialled.size(), 4U);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left", "2 rejected: never left"));
  EXPECT_EQ(client().last_error(), gateway.at.to_string() + " refused");
  send(1);
  EXPECT_EQ(dialled.size(), 5U) << "the count starts over";
  host.run_for(10s);
  EXPECT_EQ(sink.lines.back(), "3 sent");
}

// field reports A34, node-apn/node-apn#191. Proves the rule binary/hanging-connect-is-bounded.
TEST_F(BinaryClientLife, TimesAHangingConnectOutAndTriesAgain) {
  options.connect_limit = 3s;
  watch_dials([](std::uint64_t connection) { return connection == 1 ? hanging() : LinkOptions{}; });
  send(1);
  host.run_for(3s - 1ns);
  EXPECT_EQ(dialled.size(), 1U);
  host.run_for(200ms);
  EXPECT_EQ(dialled.size(), 2U);
  host.run_for(2s);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent"));
}

TEST_F(BinaryClientLife, TellsTheCallerWhenConnectsHangAndTheWindowIsFull) {
  options.window_len = 2;
  options.max_attempts = 2;
  options.connect_limit = 1s;
  watch_dials([](std::uint64_t) { return hanging(); });
  send(2);
  EXPECT_EQ(send_one(), SendResult::Full);
  host.run_for(10s);
  EXPECT_EQ(dialled.size(), 2U);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left", "2 rejected: never left"));
  EXPECT_EQ(sink.num_writable, 1);
}

TEST_F(BinaryClientLife, NoticesAnIdleCloseAndSendsTheNextOnANewConnectionAtOnce) {
  send(1);
  host.run_for(2s);
  ASSERT_THAT(sink.lines, ElementsAre("1 sent"));
  gateway.connection(1)->close(Close::CloseNotifyThenDrain);
  host.run_for(1h);
  EXPECT_EQ(host.num_open(), 0U);
  watch_dials([](std::uint64_t) { return LinkOptions{}; });
  send(1);
  EXPECT_THAT(dialled, ElementsAre(host.now()));
  host.run_for(2s);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent"));
  EXPECT_THAT(gateway.payloads(2), ElementsAre("2"));
}

TEST_F(BinaryClientLife, DoesNotHammerAGatewayThatDropsEveryConnection) {
  options.max_attempts = 5;
  gateway.on_notification = [](auto& connection, std::size_t) { connection.close(Close::Reset); };
  watch_dials([](std::uint64_t) { return LinkOptions{}; });
  sink.on_outcomes = [this] { send(1); };
  send(1);
  host.run_for(1s);
  EXPECT_LE(dialled.size(), 5U) << "each drop is answered by a new connection at once";
  EXPECT_GE(dialled.size(), 2U);
}

TEST_F(BinaryClientLife, ReplacesAConnectionOnceWhateverItSaysOnItsWayOut) {
  gateway.on_notification = [](auto& connection, std::size_t nth) {
    if (connection.number == 1 && nth == 300) {
      connection.say("08080000012c").close(Close::Reset);
    }
  };
  send(2000);
  host.run_for(3s);
  EXPECT_EQ(gateway.num_accepted, 2U);
  EXPECT_EQ(sink.lines.size(), 2000U);
  EXPECT_EQ(sink.by_ticket.at(300).kind, OutcomeKind::Rejected);
  EXPECT_EQ(gateway.payloads(2).front(), "301");
  EXPECT_EQ(gateway.payloads(2).size(), 1700U);
}

TEST_F(BinaryClientLife, GivesUpByTimeToo) {
  options.give_up_after = 3s;
  options.max_attempts = 1000;
  watch_dials([](std::uint64_t) { return refused(); });
  send(2);
  host.run_for(2900ms);
  EXPECT_THAT(sink.lines, IsEmpty());
  host.run_for(200ms);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left", "2 rejected: never left"));
  const std::size_t before = dialled.size();
  host.run_for(1min);
  EXPECT_EQ(dialled.size(), before);
  send(1);
  EXPECT_EQ(dialled.size(), before + 1) << "what comes later begins anew, at once";
}

TEST_F(BinaryClientLife, GivesUpAConnectThatHangsAtTheTimeLimit) {
  options.give_up_after = 3s;
  options.connect_limit = 1min;
  links = [](std::uint64_t) { return hanging(); };
  send(1);
  host.run_for(3100ms);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left"));
  EXPECT_EQ(host.num_open(), 0U) << "the attempt was dropped";
}

TEST_F(BinaryClientLife, AGatewayThatTakesNothingCountsAsLostAtTheWriteLimit) {
  options.write_limit = 5s;
  links = [](std::uint64_t connection) {
    LinkOptions link;
    link.stalled_server = connection == 1;
    link.window = connection == 1 ? 50 : 65536;
    return link;
  };
  send(4);  // two of which go out
  host.run_for(4900ms);
  EXPECT_EQ(gateway.num_accepted, 1U);
  EXPECT_THAT(sink.lines, IsEmpty());
  host.run_for(200ms);
  EXPECT_EQ(gateway.num_accepted, 2U);
  EXPECT_THAT(client().last_error(), testing::HasSubstr("takes nothing any more"));
  const std::size_t num_unknown = sink.lines.size();
  EXPECT_GE(num_unknown, 1U);
  EXPECT_EQ(gateway.payloads(2).size(), 4 - num_unknown);
  EXPECT_EQ(gateway.payloads(2).back(), "4");
  host.run_for(30s);
  EXPECT_EQ(sink.by_ticket.size(), 4U);
  EXPECT_EQ(host.num_open(), 1U) << "the stalled one was dropped";
}

TEST_F(BinaryClientLife, TheSilenceOfAGatewayThatDoesNotReadProvesNothing) {
  gateway.reads = false;
  links = [](std::uint64_t) {
    LinkOptions link;
    link.window = 50;
    return link;
  };
  send(4);  // two of which go out
  host.run_for(10s);
  EXPECT_THAT(sink.lines, IsEmpty());
  gateway.reads = true;
  gateway.connection(1)->look();
  host.run_for(900ms);
  EXPECT_THAT(gateway.payloads(1), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(sink.lines, IsEmpty()) << "the silence begins anew";
  host.run_for(200ms);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent", "3 sent", "4 sent"));
}

TEST_F(BinaryClientLife, AGatewayThatTakesLittleByLittleIsNotStalled) {
  options.write_limit = 1s;
  options.settle_after = 2s;
  links = [](std::uint64_t) {
    LinkOptions link;
    link.window = 10;
    link.latency = 100ms;
    return link;
  };
  send(10);
  host.run_for(1min);
  EXPECT_EQ(gateway.num_accepted, 1U);
  EXPECT_EQ(sink.lines.size(), 10U);
  EXPECT_EQ(sink.lines.back(), "10 sent");
}

TEST_F(BinaryClientLife, ClosesAConnectionOnWhichNothingIsOpen) {
  options.idle_limit = 10s;
  send(1);
  host.run_for(10900ms);
  EXPECT_EQ(host.num_open(), 1U) << "idle is counted from the last outcome";
  host.run_for(200ms);
  EXPECT_EQ(host.num_open(), 0U);
  send(1);
  host.run_for(2s);
  EXPECT_THAT(gateway.payloads(2), ElementsAre("2"));
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent"));
}

TEST_F(BinaryClientLife, ARefusedCertificateStopsIt) {
  tls::Failure failure;
  failure.alert_received = 46;
  send(2);
  client().tls_failed(PeerInfo{}, failure);
  host.run_for(1min);
  EXPECT_EQ(client().last_error(),
            "the gateway refused our certificate (alert certificate_unknown). Use a certificate of "
            "this environment that has neither expired nor been revoked.");
  EXPECT_EQ(sink.lines.size(), 2U);
  EXPECT_EQ(send_one(), SendResult::Stopped);
}

TEST_F(BinaryClientLife, AGatewayWeDoNotTrustStopsIt) {
  tls::Failure failure;
  failure.alert_sent = 48;
  failure.text = "self-signed certificate in chain";
  send(1);
  client().tls_failed(PeerInfo{}, failure);
  EXPECT_EQ(client().last_error(),
            "we refused the gateway's certificate (unknown_ca): self-signed certificate in chain. "
            "Trust its CA with --ca, or use the state folder that the service uses.");
  EXPECT_EQ(send_one(), SendResult::Stopped);
}

TEST_F(BinaryClientLife, AnotherTlsFailureCountsAsALostConnectionAndIsRemembered) {
  const auto fail = [this](std::optional<std::uint8_t> sent, std::optional<std::uint8_t> received) {
    tls::Failure failure;
    failure.alert_sent = sent;
    failure.alert_received = received;
    failure.text = "these bytes are not TLS";
    PeerInfo peer;
    peer.connection = 1;
    client().tls_failed(peer, failure);
  };
  links = [](std::uint64_t connection) { return connection <= 2 ? refused() : LinkOptions{}; };
  send(1);
  fail(std::nullopt, 80);  // internal_error: a gateway in trouble
  host.run_for(1ms);
  EXPECT_EQ(client().last_error(), gateway.at.to_string() + ": these bytes are not TLS");
  host.run_for(110ms);
  EXPECT_EQ(client().last_error(), gateway.at.to_string() + " refused") << "of the next attempt";
  fail(70, std::nullopt);  // protocol_version: no certificate's fault
  fail(std::nullopt, 20);  // bad_record_mac
  host.run_for(5s);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent"));
}

TEST_F(BinaryClientLife, WhatWasDiscardedIsNotSettledBeforeItIsWrittenAgain) {
  // The next connection comes up long after the tail would have been settled on the first.
  options.backoff_first = 4s;
  links = [](std::uint64_t connection) { return connection == 2 ? refused() : LinkOptions{}; };
  script(1, 3, {"080800000001"});
  send(3);
  host.run_for(1990ms);
  EXPECT_EQ(gateway.num_accepted, 1U);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: 8 (invalid token)"));
  host.run_for(10s);
  EXPECT_THAT(gateway.payloads(2), ElementsAre("2", "3"));
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: 8 (invalid token)", "2 sent", "3 sent"));
}

TEST_F(BinaryClientLife, WhatIsInDoubtIsNotSettledBeforeItIsWrittenAgain) {
  options.resend_unknown = true;
  options.backoff_first = 4s;
  script(1, 2, {}, Close::Reset);
  send(2);
  host.run_for(1990ms);
  EXPECT_EQ(gateway.num_accepted, 1U);
  EXPECT_THAT(sink.lines, IsEmpty());
  host.run_for(10s);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent"));
}

TEST_F(BinaryClientLife, WhatWasDiscardedHasNeverLeftAndWhatIsInDoubtIsUnknown) {
  options.resend_unknown = true;
  options.max_attempts = 2;
  links = [](std::uint64_t connection) { return connection >= 2 ? refused() : LinkOptions{}; };
  script(1, 3, {"080800000001"});
  send(3);
  host.run_for(10s);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: 8 (invalid token)", "2 rejected: never left",
                                      "3 rejected: never left"));

  links = [](std::uint64_t connection) { return connection >= 5 ? refused() : LinkOptions{}; };
  script(2, 2, {}, Close::Reset);
  send(2);
  host.run_for(10s);
  EXPECT_EQ(sink.lines.size(), 5U);
  EXPECT_EQ(sink.lines.back(), "5 unknown: the connection was lost without an error packet");
}

}  // namespace
}  // namespace apns::provider
