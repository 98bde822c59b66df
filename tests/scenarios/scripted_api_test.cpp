// What the steps of a connection do, seen from a client's session and in the ledger.
#include "scenarios/runner/scripted_api.h"

#include <map>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/json/document.h"
#include "scenarios/runner/script_reader.h"

namespace apns::scenarios {
namespace {

using http2::StreamId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// A client's session and a scripted connection, driven by hand.
class Talk final : private EngineHost, private http2::SessionEvents {
 public:
  /// `steps` is what a scenario has as `connections`.
  explicit Talk(const std::string& connections)
      : scripts_(read_connections(json::parse(connections, "a.json"))),
        rules_({}, 0),
        api_(scripts_, {{http2::SettingId::MaxConcurrentStreams, 7}}, clock_, ledger_, rules_) {
    client_options_.role = http2::Role::Client;
  }

  void open(std::uint64_t connection = 1) {
    PeerInfo peer;
    peer.connection = connection;
    engine_ = api_.accepted(peer, *this, clock_.io_now());
    http2::SessionEvents& events = *this;
    client_ = std::make_unique<http2::Session>(client_options_, events, scratch_, clock_.io_now());
    run();
  }

  [[nodiscard]] bool is_scripted(std::uint64_t connection) const {
    return api_.is_scripted(connection);
  }

  StreamId send(bool is_whole = true) {
    const std::string path = "/3/device/" + std::string(64, 'a');
    const std::array fields = {http2::Field{":method", "POST"},
                               http2::Field{":scheme", "https"},
                               http2::Field{":path", path},
                               http2::Field{":authority", "x"},
                               http2::Field{"apns-topic", "com.example.app"},
                               http2::Field{"apns-push-type", "alert"}};
    const StreamId stream = client_->open_stream(fields, false);
    if (is_whole) {
      EXPECT_TRUE(client_->send_data(stream, as_bytes("{}"), true));
    }
    run();
    return stream;
  }

  void advance(Duration span) {
    clock_.advance_to(clock_.io_now() + span);
    engine_->on_time(clock_.io_now());
    run();
  }

  void hang_up() { engine_.reset(); }

  http2::Session& client() { return *client_; }

  Engine& engine() { return *engine_; }

  /// What the client heard, in order.
  [[nodiscard]] std::vector<std::string> heard() { return std::exchange(heard_, {}); }

  /// "accepted 1", "closed service fin".
  [[nodiscard]] std::vector<std::string> ledger() const {
    std::vector<std::string> lines;
    for (const mock::LedgerEvent& event : ledger_.snapshot()) {
      std::string line = to_string(event.outcome);
      if (event.kind == mock::EventKind::Notification) {
        line += " " + std::to_string(event.nth);
      } else if (event.outcome == mock::EventOutcome::Closed) {
        line += " " + event.by + " " + event.close;
      }
      lines.push_back(line);
    }
    return lines;
  }

  [[nodiscard]] std::vector<mock::LedgerEvent> events() const { return ledger_.snapshot(); }

  void run() {
    while (move(*client_, *engine_) || move(*engine_, *client_)) {
    }
  }

 private:
  void wake(Engine& /*engine*/) override {}

  bool move(Engine& from, Engine& to) {
    if (from.pending().empty()) {
      return false;
    }
    const Bytes bytes(from.pending().begin(), from.pending().end());
    from.sent(bytes.size(), clock_.io_now());
    (void)to.feed(bytes, clock_.io_now());
    return true;
  }

  void message(const http2::Message& message) override {
    heard_.push_back(std::to_string(message.stream) + " " + std::to_string(message.head.status));
  }

  void data(StreamId stream, ByteView content, bool end_stream) override {
    heard_.push_back(std::to_string(stream) + " " + std::string(as_text(content)) +
                     (end_stream ? "." : ""));
  }

  void closed(StreamId stream, http2::StreamEnd end, http2::ErrorCode code,
              std::uint64_t /*user*/) override {
    if (end == http2::StreamEnd::ResetByPeer) {
      heard_.push_back(std::to_string(stream) + " " +
                       http2::error_code_text(static_cast<std::uint32_t>(code)));
    } else if (end == http2::StreamEnd::Unprocessed) {
      heard_.push_back(std::to_string(stream) + " unprocessed");
    }
  }

  void settings(std::span<const http2::Setting> entries, std::uint64_t /*position*/) override {
    std::string line = "settings";
    for (const http2::Setting& entry : entries) {
      line += " " + http2::setting_text(entry.id) + "=" + std::to_string(entry.value);
    }
    heard_.push_back(line);
  }

  void ping(ByteView /*opaque*/, bool is_ack) override {
    heard_.push_back(is_ack ? "pong" : "ping");
  }

  void goaway(StreamId last_stream, http2::ErrorCode code, std::string_view debug) override {
    heard_.push_back("goaway " + std::to_string(last_stream) + " " +
                     http2::error_code_text(static_cast<std::uint32_t>(code)) + " " +
                     std::string(debug));
  }

  std::vector<ConnectionScript> scripts_;
  ManualClock clock_;
  mock::Ledger ledger_{mock::Ledger::Options()};
  mock::FaultRules rules_;
  ScriptedApi api_;
  http2::SessionOptions client_options_;
  http2::HpackScratch scratch_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<http2::Session> client_;
  std::vector<std::string> heard_;
};

TEST(ScriptedApi, ServesOnlyConnectionsWithSteps) {
  const Talk talk(R"([{}, {"steps": [{"answer": "1-"}]}])");
  EXPECT_FALSE(talk.is_scripted(1));
  EXPECT_TRUE(talk.is_scripted(2));
  EXPECT_FALSE(talk.is_scripted(3));
}

TEST(ScriptedApi, SaysTheSettingsOfTheServiceOrItsOwn) {
  Talk talk(R"([{"steps": [{"answer": "1-"}]},
                {"settings": {}, "steps": [{"answer": "1-"}]},
                {"settings": {"initial_window_size": 0, "max_concurrent_streams": 2},
                 "steps": [{"answer": "1-"}]}])");
  talk.open(1);
  EXPECT_THAT(talk.heard(), ElementsAre("settings MAX_CONCURRENT_STREAMS=7"));
  talk.open(2);
  EXPECT_THAT(talk.heard(), ElementsAre("settings"));
  talk.open(3);
  EXPECT_THAT(talk.heard(), ElementsAre("settings MAX_CONCURRENT_STREAMS=2 INITIAL_WINDOW_SIZE=0"));
}

TEST(ScriptedApi, AnswersWhatIsThereAndWhatComes) {
  Talk talk(R"([{"steps": [{"wait_for": {"requests": 2}}, {"answer": "1,3-"}]}])");
  talk.open();
  (void)talk.heard();
  talk.send();
  EXPECT_THAT(talk.heard(), IsEmpty()) << "two are waited for";
  talk.send();
  EXPECT_THAT(talk.heard(), ElementsAre("1 200"));
  talk.send();
  EXPECT_THAT(talk.heard(), ElementsAre("5 200"));
  talk.hang_up();
  EXPECT_THAT(talk.ledger(),
              ElementsAre("opened", "accepted 1", "accepted 3", "discarded 2", "closed service "));
}

TEST(ScriptedApi, RejectsWithAReasonAndATime) {
  Talk talk(R"([{"steps": [{"answer": 1, "reject": "Unregistered", "timestamp": 7},
                           {"answer": 2, "status": 429},
                           {"answer": 3, "status": 400, "body": {"reason": "New", "more": [1]}, "split": 9}]}])");
  talk.open();
  (void)talk.heard();
  talk.send();
  EXPECT_THAT(talk.heard(), ElementsAre("1 410", R"(1 {"reason":"Unregistered","timestamp":7}.)"));
  talk.send();
  EXPECT_THAT(talk.heard(), ElementsAre("3 429"));
  talk.send();
  EXPECT_THAT(talk.heard(),
              ElementsAre("5 400", R"(5 {"reason")", R"(5 :"New","m)", R"(5 ore":[1]}.)"));
  const std::vector<mock::LedgerEvent> events = talk.events();
  ASSERT_THAT(events, SizeIs(4));
  EXPECT_EQ(events[1].outcome, mock::EventOutcome::Rejected);
  EXPECT_EQ(events[1].status, 410);
  EXPECT_EQ(events[1].reason, "Unregistered");
  EXPECT_EQ(events[1].timestamp, 7U);
  EXPECT_EQ(events[1].topic, "com.example.app");
  EXPECT_EQ(events[1].push_type, "alert");
  EXPECT_EQ(events[1].payload, "{}");
  EXPECT_EQ(events[1].device_token, std::string(64, 'a'));
  EXPECT_EQ(events[1].cause, "script");
  EXPECT_EQ(events[2].reason, "");
  EXPECT_EQ(events[3].reason, "New");
}

TEST(ScriptedApi, AnswersBeforeTheBodyWhenToldTo) {
  Talk talk(R"([{"steps": [{"answer": 1, "before_body": true}, {"answer": 2}]}])");
  talk.open();
  (void)talk.heard();
  talk.send(false);
  EXPECT_THAT(talk.heard(), ElementsAre("1 200"));
  talk.send(false);
  EXPECT_THAT(talk.heard(), IsEmpty());
}

TEST(ScriptedApi, DiscardsWhatAGoawayLeavesOut) {
  Talk talk(R"([{"steps": [{"wait_for": {"requests": 3}},
                           {"goaway": {"last_nth": 1, "code": "ENHANCE_YOUR_CALM", "reason": "Shutdown"}},
                           {"answer": "1-"}]}])");
  talk.open();
  (void)talk.heard();
  talk.send();
  talk.send();
  talk.send();
  EXPECT_THAT(talk.heard(), ElementsAre(R"(goaway 1 ENHANCE_YOUR_CALM {"reason":"Shutdown"})",
                                        "3 unprocessed", "5 unprocessed", "1 200"));
  EXPECT_THAT(talk.ledger(), ElementsAre("opened", "discarded 2", "discarded 3", "accepted 1"));
}

TEST(ScriptedApi, NamesTheLastStreamOfAGoawayItself) {
  Talk talk(R"([{"steps": [{"wait_for": {"requests": 1}},
                           {"goaway": {"last_stream": 2147483647, "debug": "max_age"}},
                           {"goaway": {}}, {"goaway": {"last_nth": 0}}]}])");
  talk.open();
  (void)talk.heard();
  talk.send();
  EXPECT_THAT(talk.heard(), ElementsAre("goaway 2147483647 NO_ERROR max_age", "goaway 1 NO_ERROR ",
                                        "goaway 0 NO_ERROR ", "1 unprocessed"));
}

TEST(ScriptedApi, ResetsStreamsAndResetsThemAgain) {
  Talk talk(R"([{"steps": [{"wait_for": {"requests": 2}},
                           {"reset_stream": {"1-2": "REFUSED_STREAM"}}, {"reset_stream": {"1": 5}}]}])");
  talk.open();
  (void)talk.heard();
  talk.send();
  talk.send();
  EXPECT_THAT(talk.heard(), ElementsAre("1 REFUSED_STREAM", "3 REFUSED_STREAM"));
  EXPECT_THAT(talk.ledger(), ElementsAre("opened", "discarded 1", "discarded 2"));
  EXPECT_FALSE(talk.client().is_over()) << "a second reset is no error";
}

TEST(ScriptedApi, LetsTimePass) {
  Talk talk(R"([{"steps": [{"hold": "50ms"}, {"settings": {"max_concurrent_streams": 1}},
                           {"hold": "50ms"}, {"close": "fin"}]}])");
  talk.open();
  (void)talk.heard();
  talk.advance(std::chrono::milliseconds(49));
  EXPECT_THAT(talk.heard(), IsEmpty());
  talk.advance(std::chrono::milliseconds(1));
  EXPECT_THAT(talk.heard(), ElementsAre("settings MAX_CONCURRENT_STREAMS=1"));
  talk.advance(std::chrono::milliseconds(49));
  EXPECT_EQ(talk.engine().close(), Close::None);
  talk.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(talk.engine().close(), Close::CloseNotifyThenDrain);
  talk.hang_up();
  EXPECT_THAT(talk.ledger(), ElementsAre("opened", "closed service fin"));
}

TEST(ScriptedApi, EndsAsItIsTold) {
  struct Case {
    const char* word;
    Close close;
    const char* ledger;
  };

  for (const Case& row :
       {Case{"fin", Close::CloseNotifyThenDrain, "fin"},
        Case{"fin-without-close-notify", Close::FinOnly, "fin"}, Case{"rst", Close::Reset, "rst"},
        Case{"half-open", Close::Vanish, "half-open"}}) {
    Talk talk(R"([{"steps": [{"close": ")" + std::string(row.word) + R"("}]}])");
    talk.open();
    EXPECT_EQ(talk.engine().close(), row.close) << row.word;
    talk.hang_up();
    EXPECT_EQ(talk.ledger().back(), "closed service " + std::string(row.ledger));
  }
}

TEST(ScriptedApi, IgnoresPingsAndSaysAnyBytes) {
  Talk talk(R"([{"steps": [{"ignore_ping": true}, {"wait_for": {"requests": 1}},
                           {"raw": "0000080600000000000102030405060708"}, {"ignore_ping": false}]}])");
  talk.open();
  (void)talk.heard();
  talk.client().ping(as_bytes("12345678").first<http2::kPingLen>());
  talk.run();
  EXPECT_THAT(talk.heard(), IsEmpty());
  talk.send();
  EXPECT_THAT(talk.heard(), ElementsAre("ping"));
  talk.client().ping(as_bytes("12345678").first<http2::kPingLen>());
  talk.run();
  EXPECT_THAT(talk.heard(), ElementsAre("pong"));
}

TEST(ScriptedApi, WithholdsWindows) {
  Talk talk(R"([{"steps": [{"withhold_window": true}, {"answer": "1-"}]}])");
  talk.open();
  const std::int64_t before = talk.client().send_window();
  for (int i = 0; i < 7; ++i) {
    talk.send();
  }
  EXPECT_EQ(talk.client().send_window(), before - 14);
}

TEST(ScriptedApi, LetsTheProviderEndTheConnection) {
  Talk talk(R"([{"steps": [{"wait_for": {"requests": 1}}]}])");
  talk.open();
  talk.send();
  talk.client().goaway(0, http2::ErrorCode::NoError);
  talk.run();
  EXPECT_EQ(talk.engine().close(), Close::CloseNotifyThenDrain);
  talk.hang_up();
  EXPECT_THAT(talk.ledger(), ElementsAre("opened", "discarded 1", "closed provider fin"));
}

TEST(ScriptedApi, TellsTheLedgerOfARuleThatTheProviderBreaks) {
  Talk talk(R"([{"steps": [{"answer": "1-"}]}])");
  talk.open();
  Bytes bytes;
  http2::append_window_update(bytes, 0, 0);
  talk.client().raw(bytes);
  talk.run();
  ASSERT_THAT(talk.events(), SizeIs(2));
  EXPECT_EQ(talk.events()[1].kind, mock::EventKind::Violation);
  EXPECT_EQ(talk.events()[1].rule, "http2/connection-increment-0");
}

struct ErrorCase {
  const char* name;
  const char* connections;
  const char* error;

  friend void PrintTo(const ErrorCase& row, std::ostream* out) { *out << row.name; }
};

class ScriptErrors : public testing::TestWithParam<ErrorCase> {};

TEST_P(ScriptErrors, SayWhereWhatAndWhatWouldBeRight) {
  try {
    (void)read_connections(json::parse(GetParam().connections, "a.json"));
    FAIL() << "it was accepted";
  } catch (const json::Error& error) {
    EXPECT_STREQ(error.what(), GetParam().error);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, ScriptErrors,
    testing::Values(
        ErrorCase{"UnknownVerb", R"([{"steps": [{"anwser": "1"}]}])",
                  "a.json:1:14: \"anwser\" is not a key of step; did you mean \"answer\"? Keys: "
                  "wait_for, answer, goaway, settings, reset_stream, hold, withhold_window, "
                  "ignore_ping, raw, close, reject, status, timestamp, body, split, before_body."},
        ErrorCase{"TwoVerbs", R"([{"steps": [{"answer": "1", "hold": "1s"}]}])",
                  "a.json:1:13: A step does exactly one thing: wait_for, answer, goaway, settings, "
                  "reset_stream, hold, withhold_window, ignore_ping, raw or close."},
        ErrorCase{"RejectAlone", R"([{"steps": [{"hold": "1s", "reject": "Shutdown"}]}])",
                  "a.json:1:13: reject, status, timestamp, body, split and before_body go with "
                  "\"answer\" only."},
        ErrorCase{"UnknownReason", R"([{"steps": [{"answer": 1, "reject": "Shutdow"}]}])",
                  "a.json:1:37: \"Shutdow\" is not a reason; did you mean \"Shutdown\"? There are: "
                  "BadCollapseId, BadDeviceToken, BadExpirationDate, BadMessageId, BadPriority, "
                  "BadTopic, DeviceTokenNotForTopic, DuplicateHeaders, IdleTimeout, "
                  "InvalidPushType, MissingDeviceToken, MissingTopic, PayloadEmpty, "
                  "TopicDisallowed, BadCertificate, BadCertificateEnvironment, "
                  "ExpiredProviderToken, Forbidden, InvalidProviderToken, MissingProviderToken, "
                  "UnrelatedKeyIdInToken, BadEnvironmentKeyIdInToken, BadEnvironmentKeyInToken, "
                  "BadPath, MethodNotAllowed, ExpiredToken, Unregistered, PayloadTooLarge, "
                  "TooManyProviderTokenUpdates, TooManyRequests, InternalServerError, "
                  "ServiceUnavailable, Shutdown."},
        ErrorCase{
            "TimestampAlone", R"([{"steps": [{"answer": 1, "timestamp": 7}]}])",
            "a.json:1:13: timestamp is part of a rejection. Add \"reject\": \"Unregistered\"."},
        ErrorCase{"TwoBodies", R"([{"steps": [{"answer": 1, "reject": "Shutdown", "body": ""}]}])",
                  "a.json:1:13: The body of a rejection says its reason. Keep reject or body."},
        ErrorCase{"UnknownCode", R"([{"steps": [{"goaway": {"code": "REFUSED"}}]}])",
                  "a.json:1:33: \"REFUSED\" is not an error code. There are: NO_ERROR, "
                  "PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, "
                  "STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, "
                  "CONNECT_ERROR, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY, HTTP_1_1_REQUIRED."},
        ErrorCase{"TwoLastStreams",
                  R"([{"steps": [{"goaway": {"last_nth": 1, "last_stream": 1}}]}])",
                  "a.json:1:24: last_nth and last_stream both name the last stream. Keep one of "
                  "them."},
        ErrorCase{
            "NumbersThatAreNone", R"([{"steps": [{"reset_stream": {"0": "CANCEL"}}]}])",
            "a.json:1:31: \"0\" is not a set of numbers from 1. Write \"4\" or \"1-3,5-47\"."},
        ErrorCase{"OddHex", R"([{"steps": [{"raw": "abc"}]}])",
                  "a.json:1:21: raw is hex: an even number of digits, at least two."},
        ErrorCase{"SettingsWithoutSteps", R"([{"settings": {}}])",
                  "a.json:1:2: A connection without steps is served as usual, with the settings of "
                  "the service. Give it steps, or leave its settings out."}),
    [](const testing::TestParamInfo<ErrorCase>& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace apns::scenarios
