// One connection after the other: what ends them, and what becomes of what was open.
#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/random.h"
#include "tests/provider/http2_client_fixture.h"
#include "tests/support/probe_engine.h"

namespace apns::provider {
namespace {

using http2::ErrorCode;
using http2::StreamId;
using test::Http2ClientWorld;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using namespace std::chrono_literals;

class Http2ClientConnections : public test::Http2ClientTest {};

INSTANTIATE_TEST_SUITE_P(Http2, Http2ClientConnections, testing::Bool(), test::transport_name);

TEST_P(Http2ClientConnections, GoawayEndsWhatItNamesAndLeavesTheRest) {
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t nth) {
    if (nth == 4 && at.number == 1) {
      at.say_goaway(3, ErrorCode::NoError, R"({"reason":"Shutdown"})");
      at.accept(1);
      at.accept(3);
    } else if (at.number == 2) {
      at.accept(stream);
    }
  };
  send(4);
  run_until_settled(4);
  EXPECT_THAT(sink.lines, testing::UnorderedElementsAre(
                              "1 sent", "2 sent", "3 rejected: the service did not process it",
                              "4 rejected: the service did not process it"));
  EXPECT_THAT(client().last_error(), HasSubstr("GOAWAY (NO_ERROR): Shutdown, "));
  send(1);
  run_until_settled(5);
  EXPECT_THAT(api.payloads(2), ElementsAre("5"));
  EXPECT_EQ(client().stats().goaways, 1U);
  host.run_for(20s);
  EXPECT_EQ(host.num_open(), 1U);  // the first has been closed
}

// Section 6.8: an end in two steps. What is sent meanwhile goes by another connection.
TEST_P(Http2ClientConnections, AShutDownInTwoStepsLosesNothing) {
  std::vector<StreamId> waiting;
  api.on_request = [&](Connection& at, StreamId stream, std::uint64_t /*nth*/) {
    if (at.number == 1) {
      waiting.push_back(stream);
    } else {
      at.accept(stream);
    }
  };
  send(5);
  host.run_for(10ms);
  api.connection(1)->session().shut_down(ErrorCode::NoError, R"({"reason":"Shutdown"})");
  api.connection(1)->wake();
  host.run_for(10ms);
  send(5);
  run_until_settled(5);
  EXPECT_THAT(api.payloads(2), ElementsAre("6", "7", "8", "9", "10"));
  for (const StreamId stream : waiting) {
    api.connection(1)->accept(stream);
  }
  run_until_settled(10);
  for (const auto& [ticket, outcome] : sink.by_ticket) {
    EXPECT_EQ(outcome.kind, OutcomeKind::Sent) << ticket;
  }
  EXPECT_EQ(client().stats().goaways, 1U);
}

// Spec 3.4: a second GOAWAY without debug data followed in 2016; others came without any.
TEST_P(Http2ClientConnections, GoawayTwiceAndWithoutAWord) {
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t nth) {
    if (at.number == 1 && nth == 3) {
      at.session().goaway(5, ErrorCode::NoError, R"({"reason":"Shutdown"})");
      at.session().goaway(3, ErrorCode::NoError);
      at.accept(1);
      at.accept(3);
    } else if (at.number == 2) {
      at.say_goaway(stream, ErrorCode::NoError, {});
      at.accept(stream);
    }
  };
  send(3);
  run_until_settled(3);
  EXPECT_THAT(sink.lines, testing::UnorderedElementsAre(
                              "1 sent", "2 sent", "3 rejected: the service did not process it"));
  send(1);
  run_until_settled(4);
  EXPECT_EQ(sink.lines.back(), "4 sent");
  EXPECT_EQ(client().stats().goaways, 2U);
  host.run_for(20s);
  EXPECT_EQ(host.num_open(), 0U);
}

// Spec 3.4, sideshow/apns2#93: SETTINGS, GOAWAY with the reason, close. Connecting again would only
// draw it again.
TEST_P(Http2ClientConnections, ACertificateOfTheOtherEnvironmentStopsTheClient) {
  api.on_accepted = [](Connection& at) {
    at.session().goaway(0, ErrorCode::NoError, R"({"reason":"BadCertificateEnvironment"})");
    at.session().hang_up(Close::CloseNotifyThenDrain);
  };
  send(3);
  run_until_settled(3);
  for (const std::string& line : sink.lines) {
    EXPECT_THAT(line, AnyOf(HasSubstr("never left"), HasSubstr("did not process")));
  }
  EXPECT_EQ(send_one(), SendResult::Stopped);
  EXPECT_THAT(client().last_error(), HasSubstr("BadCertificateEnvironment"));
  host.run_for(60s);
  EXPECT_EQ(api.num_accepted, 1U);
  drain(1s);
  run_until_drained();
}

/// Field report E79: what a GOAWAY may say behind its eight bytes: whatever a service likes.
struct GoawayCase {
  const char* name;
  std::string debug;
  const char* told;
  bool is_final;  // about our credential
};

TEST_P(Http2ClientConnections, GoawayMayCarryAnything) {
  const std::string wide(16'376, 'x');  // fills a frame
  const std::vector<GoawayCase> cases = {
      {"nothing", "", "", false},
      {"plain text", "go away", "GOAWAY (NO_ERROR): go away", false},
      {"16 KiB", wide, "GOAWAY (NO_ERROR): xxxx", false},
      {"no UTF-8", "\xff\xfe\x01", "GOAWAY (NO_ERROR): ...", false},
      {"cut off", R"({"reason":"BadCert)", R"(GOAWAY (NO_ERROR): {"reason":"BadCert)", false},
      {"a list", R"(["BadCertificate"])", R"(GOAWAY (NO_ERROR): ["BadCertificate"])", false},
      {"no text", R"({"reason":7})", R"(GOAWAY (NO_ERROR): {"reason":7})", false},
      {"a new reason", R"({"reason":"TooWindy"})", "GOAWAY (NO_ERROR): TooWindy", false},
      {"a reason of answers", R"({"reason":"IdleTimeout"})", "GOAWAY (NO_ERROR): IdleTimeout, ",
       false},
      {"a certificate", R"({"reason":"BadCertificate"})", "GOAWAY (NO_ERROR): BadCertificate, ",
       true},
      {"blanks, and more keys",
       R"( { "timestamp" : [ 1 ] , "reason" : "BadCertificateEnvironment" } )",
       "GOAWAY (NO_ERROR): BadCertificateEnvironment, ", true},
      {"16 KiB behind it",
       R"({"reason":"BadCertificateEnvironment","x":")" + wide.substr(50) + "\"}",
       "GOAWAY (NO_ERROR): BadCertificateEnvironment, ", true},
  };
  for (const GoawayCase& row : cases) {
    SCOPED_TRACE(row.name);
    Http2ClientWorld world(GetParam());
    world.api.on_request = [&row](Connection& at, StreamId stream, std::uint64_t /*nth*/) {
      if (at.number == 1) {
        at.say_goaway(0, ErrorCode::NoError, row.debug);
      } else {
        at.accept(stream);
      }
    };
    world.send(1);
    world.run_until_settled(1);
    EXPECT_THAT(world.sink.lines, ElementsAre("1 rejected: the service did not process it"));
    EXPECT_THAT(world.client().last_error(), HasSubstr(row.told));
    EXPECT_LE(world.client().last_error().size(), 400U);
    if (row.is_final) {
      EXPECT_EQ(world.send_one(), SendResult::Stopped);
    } else {
      world.send(1);
      world.run_until_settled(2);
      EXPECT_EQ(world.sink.lines.back(), "2 sent");
    }
  }
}

// The same each time behind the SETTINGS, with no end of notifications.
TEST_P(Http2ClientConnections, AServiceThatAlwaysClosesIsNotMetWithHaste) {
  api.on_accepted = [](Connection& at) { at.hang_up(Close::FinOnly); };
  sink.on_outcomes = [this] { (void)send_one(); };
  send(1);
  host.run_for(30s);
  EXPECT_THAT(sink.lines, SizeIs(testing::Ge(5)));
  EXPECT_THAT(sink.lines, testing::Each(HasSubstr("unknown: the connection was lost")));
  EXPECT_LE(api.num_accepted, 10U) << "100 ms, doubled each time";
  EXPECT_THAT(client().last_error(), HasSubstr("ended the connection without a word"));
}

// golang/go#17265: the stream limit of 2016 was enforced so, in plain text.
TEST_P(Http2ClientConnections, GoawayInPlainTextIsToldAsItCame) {
  api.on_request = [](Connection& at, StreamId /*stream*/, std::uint64_t /*nth*/) {
    at.say_goaway(0, ErrorCode::RefusedStream,
                  "Maximum active streams violated for this endpoint.\n");
  };
  send(1);
  run_until_settled(1);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: the service did not process it"));
  EXPECT_THAT(client().last_error(),
              HasSubstr("GOAWAY (REFUSED_STREAM): Maximum active streams violated for this "
                        "endpoint.."));
}

TEST_P(Http2ClientConnections, AConnectionThatEndsLeavesInDoubtWhatWentOut) {
  for (const Close how :
       {Close::CloseNotifyThenDrain, Close::CloseNotify, Close::FinOnly, Close::Reset}) {
    Http2ClientWorld world(GetParam());
    world.api.on_request = [how](Connection& at, StreamId stream, std::uint64_t nth) {
      if (at.number == 1 && nth == 2) {
        at.accept(1);
        at.hang_up(how);
      } else if (at.number == 2) {
        at.accept(stream);
      }
    };
    world.send(3);
    world.run_until_settled(3);
    EXPECT_THAT(world.sink.lines.at(1), StartsWith("2 unknown: the connection was lost"));
    EXPECT_THAT(world.sink.lines.at(2), StartsWith("3 unknown: the connection was lost"));
    world.send(1);
    world.run_until_settled(4);
    EXPECT_EQ(world.sink.lines.back(), "4 sent");
  }
}

TEST_P(Http2ClientConnections, WhatIsNoHttp2IsSaidSo) {
  api.on_accepted = [](Connection& at) {
    // As long as it goes before anything else, its own SETTINGS included, it is what an HTTP/1.1
    // server says; here it stands behind them.
    at.session().raw(as_bytes("HTTP/1.1 400 Bad Request\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n"));
  };
  options.dial.max_attempts = 2;
  send(1);
  run_until_settled(1);
  EXPECT_THAT(client().last_error(), HasSubstr("broke a rule of HTTP/2: "));
}

// Its SETTINGS came, and ours were not acknowledged: SETTINGS_TIMEOUT.
TEST_P(Http2ClientConnections, AServiceThatReadsNothingIsGivenUp) {
  options.request_limit = 5min;
  links = [](std::uint64_t /*connection*/) {
    LinkOptions link;
    link.stalled_server = true;
    return link;
  };
  send(1);
  run_until_settled(1);
  EXPECT_EQ(sink.by_ticket.at(1).kind, GetParam() ? OutcomeKind::Rejected : OutcomeKind::Unknown);
}

/// Takes connections, and says nothing.
class SilentService final : public AcceptEvents {
 public:
  std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host,
                                   TimePoint /*now*/) override {
    probes.push_back(std::make_unique<apns::test::Probe>());
    return std::make_unique<apns::test::ProbeEngine>(*probes.back(), peer, host);
  }

  void gone(const PeerInfo& /*peer*/, Gone /*why*/, TimePoint /*now*/) override {}

  std::vector<std::unique_ptr<apns::test::Probe>> probes;
};

TEST_P(Http2ClientConnections, AServiceThatSaysNothingIsGivenUp) {
  SilentService service;
  MemoryHost other(clock, 7);
  options.service = other.listen(Endpoint{"silent", 0}, service);
  options.dial.max_attempts = 2;
  options.request_limit = 5min;
  Http2Client alone(options, plain_transport(), sink);
  alone.use_dialer(other.make_dialer(alone));
  ASSERT_EQ(alone.try_send(notification("1"), 1), SendResult::Queued);
  ASSERT_TRUE(other.run_until([this] { return !sink.lines.empty(); }, other.now() + 1min));
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left"));
  EXPECT_THAT(service.probes, SizeIs(2));
  EXPECT_THAT(alone.last_error(), HasSubstr("does not speak HTTP/2, or not in time"));
  alone.release_dialer();
}

TEST_P(Http2ClientConnections, DialsAgainWithPausesUntilItGivesUp) {
  std::vector<TimePoint> dialled;
  links = [&](std::uint64_t /*connection*/) {
    dialled.push_back(host.now());
    return test::refused();
  };
  options.dial.max_attempts = 4;
  send(2);
  run_until_settled(2);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left", "2 rejected: never left"));
  ASSERT_THAT(dialled, SizeIs(4));
  EXPECT_GE(dialled[1] - dialled[0], 50ms);
  EXPECT_LE(dialled[1] - dialled[0], 101ms);
  EXPECT_GE(dialled[3] - dialled[2], 200ms);
  EXPECT_THAT(client().last_error(), HasSubstr("refused"));
  send(1);  // begins anew, at once
  EXPECT_THAT(dialled, SizeIs(5));
}

TEST_P(Http2ClientConnections, WhatWaitsTooLongForAConnectionNeverLeft) {
  options.request_limit = 1s;
  links = [](std::uint64_t /*connection*/) { return test::hanging(); };
  send(1);
  host.run_for(500ms);
  send(1);
  host.run_for(500ms);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left"));
  host.run_for(500ms);
  EXPECT_THAT(sink.lines, SizeIs(2));
}

TEST_P(Http2ClientConnections, GivesUpAfterAWhileHoweverManyAttempts) {
  options.dial.give_up_after = 3s;
  options.dial.max_attempts = 1000;
  options.request_limit = 1h;
  links = [](std::uint64_t /*connection*/) { return test::refused(); };
  send(1);
  host.run_for(3s);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left"));
}

/// Fields whose outcome must agree with what the service saw.
void check_against_service(const Http2ClientWorld& world, const std::string& where) {
  std::set<std::string> whole;
  for (const apns::test::ScriptedApi::Request& request : world.api.requests) {
    if (request.is_whole) {
      EXPECT_TRUE(whole.insert(request.payload).second) << where << ": twice " << request.payload;
    }
  }
  for (const auto& [ticket, outcome] : world.sink.by_ticket) {
    if (outcome.reason == OutcomeReason::Unsent) {
      EXPECT_EQ(whole.count(std::to_string(ticket)), 0U) << where << ": it did leave, " << ticket;
    } else if (outcome.kind == OutcomeKind::Sent) {
      EXPECT_EQ(whole.count(std::to_string(ticket)), 1U) << where << ": sent, " << ticket;
    }
  }
  EXPECT_THAT(world.api.violations, IsEmpty()) << where;
}

/// One conversation whose first connection is cut after `bytes`. False: that was past its end.
bool cut_after(bool with_tls, bool to_server, std::uint64_t bytes) {
  Http2ClientWorld world(with_tls);
  std::uint64_t num_dialled = 0;
  world.links = [&num_dialled, to_server, bytes](std::uint64_t connection) {
    ++num_dialled;
    LinkOptions link;
    if (connection == 1) {
      (to_server ? link.reset_after_to_server : link.reset_after_to_client) = bytes;
    }
    return link;
  };
  world.api.on_request = [](auto& at, StreamId stream, std::uint64_t nth) {
    if (nth % 3 == 0) {
      at.answer(stream, "400", R"({"reason":"BadDeviceToken"})");
    } else {
      at.accept(stream);
    }
  };
  world.send(3);
  world.host.run_for(1s);
  world.send(3);
  world.host.run_for(1s);
  world.drain(10s);
  world.run_until_drained();
  const std::string where = std::string(to_server ? "to the service " : "to the client ") +
                            std::to_string(bytes) + (with_tls ? ", TLS" : "");
  EXPECT_EQ(world.sink.by_ticket.size(), 6U) << where;
  check_against_service(world, where);
  return num_dialled != 1 || world.sink.by_ticket.at(6).kind == OutcomeKind::Unknown ||
         world.api.goaways.empty();
}

TEST_P(Http2ClientConnections, ALossAtAnyByteLeavesOneOutcomeForEach) {
  for (const bool to_server : {true, false}) {
    std::uint64_t bytes = 0;
    // Under TLS most of it is the handshake: a step that meets all that follows in turn.
    const std::uint64_t step = GetParam() ? 7 : 1;
    while (cut_after(GetParam(), to_server, bytes)) {
      bytes += step;
      ASSERT_LT(bytes, 20'000U) << "it never succeeds";
    }
    EXPECT_GT(bytes, 100U);
  }
}

/// What a connection of a random world does at its n-th request.
void act_at_random(Http2ClientWorld::Connection& at, StreamId stream, RandomStream& random) {
  const std::uint64_t draw = random.next() % 100;
  if (draw < 70) {
    at.accept(stream);
  } else if (draw < 78) {
    at.answer(stream, "410", R"({"reason":"Unregistered","timestamp":1})");
  } else if (draw < 82) {
    at.session().reset(stream, draw % 2 == 0 ? ErrorCode::RefusedStream : ErrorCode::Cancel);
  } else if (draw < 86) {
    at.limit_streams(draw % 2 == 0 ? 1 : 200);
    at.accept(stream);
  } else if (draw < 88) {
    at.say_goaway(draw % 2 == 0 || stream < 3 ? stream : stream - 2, ErrorCode::NoError,
                  R"({"reason":"Shutdown"})");
  } else if (draw < 89) {
    at.hang_up(Close::Reset);
  } else if (draw < 90) {
    at.session().shut_down();
    at.accept(stream);
  } else if (draw < 91) {
    at.session().raw(as_bytes("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a"));
  } else if (draw < 93) {
    const std::array settings = {
        http2::Setting(http2::SettingId::InitialWindowSize, draw % 2 == 0 ? 3 : 65'535)};
    at.session().send_settings(settings);
    at.accept(stream);
  }  // else no answer
}

TEST_P(Http2ClientConnections, OneOutcomeForEachWhateverHappens) {
  const std::uint64_t num_seeds = GetParam() ? 40 : 300;
  for (std::uint64_t seed = 1; seed <= num_seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Http2ClientWorld world(GetParam(), seed);
    RandomStream random(seed, 1);
    world.options.request_limit = std::chrono::milliseconds(50 + random.next() % 3000);
    world.options.ping_limit = 500ms;
    world.options.queue_len = 1 + random.next() % 40;
    world.options.max_streams = 1 + random.next() % 60;
    world.options.seed = seed;
    world.api.options.settings = {{http2::SettingId::MaxConcurrentStreams,
                                   1 + static_cast<std::uint32_t>(random.next() % 50)}};
    world.links = [&](std::uint64_t /*connection*/) {
      LinkOptions link;
      const std::uint64_t draw = random.next() % 10;
      link.split_min = 1;
      link.split_max = 1 + random.next() % 200;
      link.refuse = draw == 0;
      if (draw == 1) {
        link.reset_after_to_server = random.next() % 5000;
      } else if (draw == 2) {
        link.reset_after_to_client = random.next() % 5000;
      }
      return link;
    };
    world.api.on_request = [&](auto& at, StreamId stream, std::uint64_t /*nth*/) {
      act_at_random(at, stream, random);
    };
    for (int i = 0; i < 150; ++i) {
      (void)world.send_one();
      world.host.run_for(std::chrono::microseconds(random.next() % 2000));
    }
    world.drain(10s);
    world.run_until_drained();
    EXPECT_EQ(world.sink.by_ticket.size(), world.last_ticket);
    EXPECT_EQ(world.client().num_open(), 0U);
    world.host.run_for(30s);
    EXPECT_EQ(world.host.num_open(), 0U);
    check_against_service(world, "seed");
    if (HasFailure()) {
      return;
    }
  }
}

}  // namespace
}  // namespace apns::provider
