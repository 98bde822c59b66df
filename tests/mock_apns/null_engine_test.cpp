// A null endpoint and clients of its own session: by hand, and in the memory host with TLS and
// without.
#include "mock_apns/null_engine.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/memory_host.h"
#include "mock_apns/null_endpoint.h"
#include "tests/apns/http2/session_recorder.h"
#include "tests/support/credentials.h"
#include "tests/support/tls_pair.h"

namespace apns::mock {
namespace {

using http2::Field;
using http2::Session;
using http2::SessionOptions;
using http2::SessionRecorder;
using http2::StreamId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::string_view kPayload = R"({"aps":{"alert":"Hello"}})";
constexpr const char* kAnswer =
    " response :status=200 apns-id=[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}, end";

const std::array kFields = {Field{":method", "POST"}, Field{":scheme", "https"},
                            Field{":authority", "localhost"}, Field{":path", "/3/device/a1"},
                            Field{"apns-topic", "com.example.app"}};

std::uint64_t count_of(const NullCounters& counters, http2::Rule rule) {
  return counters.violations.at(static_cast<std::size_t>(rule));
}

/// One plain connection and a client of it, which hand each other their bytes.
class NullByHand : public testing::Test, protected EngineHost {
 protected:
  NullByHand() { options.role = http2::Role::Client; }

  void open(std::string_view tls_version = "") {
    PeerInfo peer;
    peer.connection = ++num_opened;
    peer.tls_version = tls_version;
    client = std::make_unique<Session>(options, told, scratch, now);
    engine = endpoint.accepted(peer, *this, now);
  }

  /// Opens, and forgets what the greeting told.
  void greet() {
    open();
    run();
    (void)told.take();
  }

  void run() {
    while (move(*client, *engine) || move(*engine, *client)) {
    }
  }

  StreamId post() {
    const StreamId stream = client->open_stream(kFields, false);
    EXPECT_TRUE(client->send_data(stream, as_bytes(kPayload), true));
    return stream;
  }

  void say(std::string_view text) { EXPECT_EQ(engine->feed(as_bytes(text), now), text.size()); }

  void wake(Engine& /*engine*/) override { ++num_wakes; }

  bool move(Engine& from, Engine& to) {
    if (from.pending().empty() || to.close() != Close::None) {
      return false;
    }
    const Bytes bytes(from.pending().begin(), from.pending().end());
    from.sent(bytes.size(), now);
    EXPECT_EQ(to.feed(bytes, now), bytes.size());
    return true;
  }

  TimePoint now{};
  test::FixedClock world_clock;
  std::vector<std::string> problems;
  NullEndpoint endpoint{1, 7, world_clock, [this](const ServiceProblem& problem) {
                          problems.push_back(std::to_string(problem.connection) + " " +
                                             std::string(problem.area) + " " + problem.text);
                        }};
  SessionOptions options;
  SessionRecorder told;
  http2::HpackScratch scratch;
  std::unique_ptr<Session> client;
  std::unique_ptr<Engine> engine;
  std::uint64_t num_opened = 0;
  std::size_t num_wakes = 0;
};

TEST_F(NullByHand, SaysOfItselfWhatAppleDoes) {
  open();
  run();
  EXPECT_THAT(told.lines,
              testing::Contains("settings HEADER_TABLE_SIZE=4096 MAX_CONCURRENT_STREAMS=1000 "
                                "INITIAL_WINDOW_SIZE=65535 MAX_FRAME_SIZE=16384 "
                                "MAX_HEADER_LIST_SIZE=8000"));
}

TEST_F(NullByHand, AnswersWhatHasComeWhole) {
  greet();
  const StreamId stream = client->open_stream(kFields, false);
  run();
  EXPECT_TRUE(client->send_data(stream, as_bytes(kPayload), false));
  run();
  EXPECT_THAT(told.lines, IsEmpty());
  EXPECT_TRUE(client->send_data(stream, {}, true));
  run();
  EXPECT_THAT(told.lines, ElementsAre(MatchesRegex(std::string("1") + kAnswer), "1 closed done"));
  EXPECT_EQ(endpoint.counters().requests, 1U);
}

TEST_F(NullByHand, AnswersRequestsWithoutContentAndWithTrailers) {
  greet();
  (void)client->open_stream(kFields, true);
  const StreamId with_trailers = client->open_stream(kFields, false);
  EXPECT_TRUE(client->send_headers(with_trailers, std::array{Field{"x-checksum", "1"}}, true));
  run();
  EXPECT_THAT(told.lines, ElementsAre(MatchesRegex(std::string("1") + kAnswer), "1 closed done",
                                      MatchesRegex(std::string("3") + kAnswer), "3 closed done"));
  EXPECT_EQ(endpoint.counters().requests, 2U);
}

TEST_F(NullByHand, ServesAThousandStreamsAtOnceInOneRun) {
  constexpr std::uint64_t kNum = 1000;
  greet();
  for (std::uint64_t i = 0; i < kNum; ++i) {
    ASSERT_NE(post(), 0U);
  }
  EXPECT_EQ(client->num_openable(), 0U);
  while (move(*client, *engine)) {
  }
  EXPECT_EQ(endpoint.counters().requests, kNum);
  run();
  EXPECT_EQ(told.lines.size(), 2 * kNum);
  EXPECT_EQ(client->num_streams(), 0U);
}

TEST_F(NullByHand, CountsResetsAndAnswersNone) {
  greet();
  const StreamId stream = client->open_stream(kFields, false);
  run();
  EXPECT_TRUE(client->reset(stream, http2::ErrorCode::Cancel));
  run();
  EXPECT_EQ(endpoint.counters().requests, 0U);
  EXPECT_EQ(endpoint.counters().resets, 1U);
}

// RFC 7541 section 4.2: the client's decoder insists on it.
TEST_F(NullByHand, FollowsTheClientsHeaderTable) {
  options.settings = {{http2::SettingId::HeaderTableSize, 0}};
  greet();
  post();
  run();
  post();
  run();
  EXPECT_THAT(told.lines, ElementsAre(MatchesRegex(std::string("1") + kAnswer), "1 closed done",
                                      MatchesRegex(std::string("3") + kAnswer), "3 closed done"));
}

TEST_F(NullByHand, SaysWhyStrangersAreNotServed) {
  const struct {
    const char* tls;
    std::string_view bytes;
    const char* problem;
  } cases[] = {
      {"TLSv1.3", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
       "these are HTTP/1 bytes, and this port speaks HTTP/2 only: \"GET / HTTP/1.1\". For curl: "
       "--http2, or --http2-prior-knowledge."},
      {"", "POST /3/device/a1 HTTP/1.1\r\n\r\n", "For curl: --http2-prior-knowledge."},
      {"", std::string_view("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", 11),
       "these are TLS bytes, and this port speaks HTTP/2 without TLS."},
      {"TLSv1.2", std::string_view("\x00\x00\x20 0123456789abcdef0123456789", 30),
       "the first bytes are 000020203031"},
  };

  for (const auto& row : cases) {
    SCOPED_TRACE(row.problem);
    problems.clear();
    open(row.tls);
    say(row.bytes);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_THAT(problems[0], StartsWith(std::to_string(num_opened) + " http2 "));
    EXPECT_THAT(problems[0], HasSubstr(row.problem));
    EXPECT_NE(engine->close(), Close::None);
  }
  EXPECT_EQ(count_of(endpoint.counters(), http2::Rule::PrefaceInvalid), std::size(cases));
}

TEST_F(NullByHand, CountsEveryViolationAndTellsOfTheFirst) {
  greet();
  for (int i = 0; i < 2; ++i) {
    const StreamId stream = client->open_stream(kFields, false);
    Bytes bytes;
    http2::append_frame(bytes, static_cast<std::uint8_t>(http2::FrameType::Priority), 0, stream,
                        as_bytes(std::string_view("\0", 1)));
    client->raw(bytes);
  }
  run();
  EXPECT_EQ(count_of(endpoint.counters(), http2::Rule::PriorityLength), 2U);
  EXPECT_THAT(problems,
              ElementsAre("1 http2 stream 1: a PRIORITY frame's length is not 5 (RFC 9113 section "
                          "6.3, http2/priority-length)."));
}

TEST_F(NullByHand, CountsBounds) {
  greet();
  now += http2::Limits{}.message + 1s;
  const StreamId stream = client->open_stream(kFields, false);
  run();
  now += http2::Limits{}.message + 1s;
  engine->on_time(now);
  run();
  EXPECT_EQ(endpoint.counters().bounds.at(static_cast<std::size_t>(http2::Bound::MessageTime)), 1U);
  EXPECT_THAT(problems, ElementsAre("1 http2 stream " + std::to_string(stream) +
                                    ": a request takes longer than 60 s (message)."));
}

TEST_F(NullByHand, EndsInTwoStepsBehindWhatIsOpen) {
  greet();
  const StreamId stream = client->open_stream(kFields, false);
  run();
  endpoint.shut_down(0);
  EXPECT_EQ(num_wakes, 1U);
  run();
  EXPECT_THAT(told.lines, testing::Contains(HasSubstr("goaway 2147483647 NO_ERROR")));
  EXPECT_THAT(told.lines, testing::Contains(HasSubstr("goaway 1 NO_ERROR")));
  EXPECT_EQ(engine->close(), Close::None);
  EXPECT_TRUE(client->send_data(stream, as_bytes(kPayload), true));
  run();
  EXPECT_EQ(endpoint.counters().requests, 1U);
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
}

// The host had accepted it, and its handshake ends only now.
TEST_F(NullByHand, AConnectionThatOpensBehindTheShutDownIsEnded) {
  endpoint.shut_down(0);
  open();
  run();
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
}

TEST_F(NullByHand, EndsAfterTheClientsGoaway) {
  greet();
  const StreamId stream = client->open_stream(kFields, false);
  client->goaway(0, http2::ErrorCode::NoError);
  run();
  EXPECT_EQ(engine->close(), Close::None);
  EXPECT_TRUE(client->send_data(stream, {}, true));
  run();
  EXPECT_EQ(endpoint.counters().requests, 1U);
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
}

// ---- In the memory host ----

struct HostCase {
  const char* name;
  bool with_tls;
  std::size_t split_max;  // bytes per delivery; 0: as written
};

/// Dials the endpoint with as many clients as a test wants.
class NullInMemory : public testing::TestWithParam<HostCase>, protected DialEvents {
 protected:
  NullInMemory() {
    server_options.alpn = {"h2"};
    server_options.max_version = tls::Version::Tls13;
    server_options.peer_certificate = tls::PeerCertificate::Optional;
    server_context.emplace(server_options);
    tls::ClientOptions client_options;  // no certificate
    client_options.authorities = {
        test::Credentials::shared().factory.authority().certificate.get()};
    client_options.server_name = "localhost";
    client_options.alpn = {"h2"};
    client_context.emplace(client_options);
    session_options.role = http2::Role::Client;
    if (GetParam().with_tls) {
      endpoint.use_tls(*server_context);
      transport = tls::make_transport(*client_context, world_clock, tls_scratch, nullptr, {});
    }
    host.set_links([](std::uint64_t /*connection*/) {
      LinkOptions link;
      link.split_min = GetParam().split_max == 0 ? 0 : 1;
      link.split_max = GetParam().split_max;
      return link;
    });
    host.listen(at, endpoint);
    dialer = host.make_dialer(*this);
  }

  std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& engine_host,
                                    TimePoint now) override {
    return transport(
        peer, engine_host,
        [this](const PeerInfo& known, EngineHost& /*inner*/, TimePoint when) {
          EXPECT_EQ(known.alpn, GetParam().with_tls ? "h2" : "");
          auto session =
              std::make_unique<Session>(session_options, told[known.connection], scratch, when);
          for (int i = 0; i < kNumPosts; ++i) {
            const StreamId stream = session->open_stream(kFields, false);
            EXPECT_TRUE(session->send_data(stream, as_bytes(kPayload), true));
          }
          return session;
        },
        now);
  }

  void gone(std::uint64_t connection, Gone why, const std::string& /*detail*/,
            TimePoint /*now*/) override {
    over[connection] = why;
  }

  void on_alarm(TimePoint /*now*/) override {}

  static constexpr int kNumPosts = 50;

  const Endpoint at{"null", 2197};
  ManualClock clock;
  test::FixedClock world_clock;
  tls::ServerOptions server_options = test::Credentials::shared().server_options();
  std::optional<tls::Context> server_context;
  std::optional<tls::Context> client_context;
  std::vector<std::unique_ptr<tls::Scratch>> tls_scratch = tls::make_scratch(1);
  Transport transport = plain_transport();
  SessionOptions session_options;
  http2::HpackScratch scratch;
  std::map<std::uint64_t, SessionRecorder> told;
  std::map<std::uint64_t, Gone> over;
  NullEndpoint endpoint{1, 7, world_clock, {}};
  MemoryHost host{clock, 3};
  std::unique_ptr<Dialer> dialer;
};

TEST_P(NullInMemory, ServesSeveralClientsAndEndsThem) {
  constexpr std::uint64_t kNumClients = 3;
  for (std::uint64_t i = 0; i < kNumClients; ++i) {
    dialer->dial(at, 10s);
  }
  EXPECT_TRUE(
      host.run_until([this] { return endpoint.counters().requests == kNumClients * kNumPosts; },
                     host.now() + 60s));
  host.run_for(1s);
  for (auto& [connection, recorder] : told) {
    const auto num_done =
        std::count_if(recorder.lines.begin(), recorder.lines.end(),
                      [](const std::string& line) { return line.ends_with(" closed done"); });
    EXPECT_EQ(num_done, kNumPosts) << connection;
  }
  EXPECT_EQ(endpoint.counters().connections, kNumClients);
  endpoint.shut_down(0);
  host.run_for(10s);
  EXPECT_EQ(host.num_open(), 0U);
  EXPECT_EQ(over.size(), kNumClients);
}

INSTANTIATE_TEST_SUITE_P(
    Hosts, NullInMemory,
    testing::Values(HostCase{"Plain", false, 0}, HostCase{"PlainInPieces", false, 40},
                    HostCase{"Tls", true, 0}, HostCase{"TlsInPieces", true, 40}),
    [](const testing::TestParamInfo<HostCase>& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace apns::mock
