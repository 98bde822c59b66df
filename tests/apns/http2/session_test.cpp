#include "apns/http2/session.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/apns/http2/session_recorder.h"

namespace apns::http2 {
namespace {

using std::chrono::seconds;

constexpr auto kIncremental = Representation::Incremental;

std::vector<Field> request_fields(std::string_view path = "/3/device/ab") {
  return {{":method", "POST"}, {":scheme", "https"}, {":path", path}, {":authority", "localhost"}};
}

const std::array kOk = {Field{":status", "200"}};

/// A client and a server that hand each other their bytes; the server answers 200 when a request
/// has ended, unless a test says otherwise.
class SessionPair : public ::testing::Test {
 protected:
  SessionPair() {
    client_options.role = Role::Client;
    client_options.settings = {{SettingId::EnablePush, 0}};
    server_options.settings = {{SettingId::MaxConcurrentStreams, 100}};
  }

  void connect() {
    client = std::make_unique<Session>(client_options, at_client, client_scratch, now);
    server = std::make_unique<Session>(server_options, at_server, server_scratch, now);
    at_server.on_message = [this](const Message& message) {
      if (message.end_stream) {
        answer(message.stream);
      }
    };
    at_server.on_data = [this](StreamId stream, bool end) {
      if (end) {
        answer(stream);
      }
    };
  }

  /// Connects, and forgets what the greeting told.
  void connected() {
    connect();
    run();
    (void)at_client.take();
    (void)at_server.take();
  }

  void answer(StreamId stream) {
    if (!is_silent) {
      EXPECT_TRUE(server->send_headers(stream, kOk, true));
    }
  }

  /// Until neither has anything for the other.
  void run() {
    while (move(*client, *server) || move(*server, *client)) {
    }
  }

  bool move(Session& from, Session& to) {
    const ByteView bytes = from.pending();
    if (bytes.empty()) {
      return false;
    }
    const Bytes copy(bytes.begin(), bytes.end());
    from.sent(copy.size(), now);
    EXPECT_EQ(to.feed(copy, now), copy.size());
    return true;
  }

  StreamId post(std::string_view content) {
    const StreamId id = client->open_stream(request_fields(), false);
    EXPECT_TRUE(client->send_data(id, as_bytes(content), true));
    return id;
  }

  TimePoint now{};
  SessionOptions client_options;
  SessionOptions server_options;
  HpackScratch client_scratch;
  HpackScratch server_scratch;
  SessionRecorder at_client;
  SessionRecorder at_server;
  std::unique_ptr<Session> client;
  std::unique_ptr<Session> server;
  bool is_silent = false;
};

TEST_F(SessionPair, SpeaksAsSoonAsItIsMade) {
  connect();
  EXPECT_EQ(to_hex(server->pending()),
            "000006040000000000"  // SETTINGS
            "000300000064");      // MAX_CONCURRENT_STREAMS 100
  EXPECT_EQ(to_hex(client->pending()), to_hex(as_bytes(kPreface)) +
                                           "000006040000000000"
                                           "000200000000");
  run();
  EXPECT_EQ(at_client.take(), "settings MAX_CONCURRENT_STREAMS=100; acked at 15");
  EXPECT_EQ(at_server.take(), "settings ENABLE_PUSH=0; acked at 39");
  EXPECT_TRUE(client->is_acked());
  EXPECT_EQ(client->num_openable(), 100U);
}

TEST_F(SessionPair, ARequestIsAnsweredAndItsStreamForgotten) {
  connected();
  const StreamId id = post("hello");
  client->set_user(id, 7);
  run();
  EXPECT_EQ(at_server.take(),
            "1 request :method=POST :scheme=https :path=/3/device/ab :authority=localhost; "
            "1 data 5, end; 1 closed done");
  EXPECT_EQ(at_server.content, "hello");
  EXPECT_EQ(at_client.take(), "1 response :status=200, end; 1 closed done");
  EXPECT_EQ(client->num_streams() + server->num_streams(), 0U);
  EXPECT_EQ(server->last_peer_stream(), 1U);
}

TEST_F(SessionPair, TrailersEndARequest) {
  connected();
  const StreamId id = client->open_stream(request_fields(), false);
  EXPECT_TRUE(client->send_data(id, as_bytes("x"), false));
  const std::array trailers = {Field{"checksum", "1", field_name::kOther, kIncremental}};
  EXPECT_TRUE(client->send_headers(id, trailers, true));
  run();
  EXPECT_EQ(at_server.take(),
            "1 request :method=POST :scheme=https :path=/3/device/ab :authority=localhost; "
            "1 data 1; 1 trailers checksum=1, end; 1 closed done");
}

TEST_F(SessionPair, ContentWaitsForWindowsInTurn) {
  connected();
  const std::string large(100'000, 'a');
  const StreamId one = post(large);
  const StreamId two = post(large);
  EXPECT_EQ(client->num_streams(), 2U);
  run();
  EXPECT_EQ(at_server.content.size(), 200'000U);
  const std::string told = at_client.take();
  EXPECT_NE(told.find(std::to_string(one) + " closed done"), std::string::npos) << told;
  EXPECT_NE(told.find(std::to_string(two) + " closed done"), std::string::npos) << told;
}

TEST_F(SessionPair, HeldWindowsStopContentAndLetGoRelease) {
  connected();
  server->hold_windows(true);
  const StreamId id = post(std::string(100'000, 'a'));
  run();
  EXPECT_EQ(at_server.content.size(), 65'535U);
  EXPECT_EQ(client->send_window(), 0);
  EXPECT_EQ(client->queued_bytes(), 100'000U - 65'535U);
  EXPECT_TRUE(client->has_queued(id));
  server->hold_windows(false);
  run();
  EXPECT_GT(client->send_window(), 0);
  EXPECT_EQ(client->queued_bytes(), 0U);
  EXPECT_FALSE(client->has_queued(id));
  EXPECT_EQ(at_server.content.size(), 100'000U);
  EXPECT_NE(at_client.take().find("1 closed done"), std::string::npos);
}

TEST_F(SessionPair, AWindowThatGoesNegativeWaits) {
  connected();
  is_silent = true;
  server->hold_windows(true);
  const StreamId id = client->open_stream(request_fields(), false);
  EXPECT_TRUE(client->send_data(id, as_bytes(std::string(60'000, 'a')), false));
  run();
  const std::array smaller = {Setting(SettingId::InitialWindowSize, 10)};
  EXPECT_TRUE(server->send_settings(smaller));
  run();
  EXPECT_TRUE(client->send_data(id, as_bytes(std::string(100, 'b')), true));
  run();
  EXPECT_EQ(at_server.content.size(), 60'000U);  // the window stands at 10 - 60,000
  server->hold_windows(false);
  run();
  EXPECT_EQ(at_server.content.size(), 60'100U);
}

TEST_F(SessionPair, TheLimitBindsFromTheAcknowledgementOn) {
  connect();
  is_silent = true;
  server_options.settings = {{SettingId::MaxConcurrentStreams, 1}};
  connect();
  // Before the server's SETTINGS have come, the client knows of no limit.
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(client->open_stream(request_fields(), true), 0U);
  }
  run();
  EXPECT_EQ(server->num_streams(), 3U);
  EXPECT_EQ(client->num_openable(), 0U);
  EXPECT_EQ(client->open_stream(request_fields(), true), 0U);
}

TEST_F(SessionPair, ShutDownTakesTwoStepsAndWaitsForStreams) {
  connected();
  is_silent = true;
  const StreamId id = client->open_stream(request_fields(), true);
  run();
  (void)at_server.take();
  server->at(now);
  server->shut_down(ErrorCode::NoError, "{\"reason\":\"Shutdown\"}");
  run();
  EXPECT_EQ(
      at_client.take(),
      "goaway 2147483647 NO_ERROR ; ping goaway 2; goaway 1 NO_ERROR {\"reason\":\"Shutdown\"}");
  EXPECT_EQ(server->close(), Close::None);
  EXPECT_EQ(client->num_openable(), 0U);
  is_silent = false;
  answer(id);
  run();
  EXPECT_EQ(at_client.take(), "1 response :status=200, end; 1 closed done");
  now += seconds(1);
  server->on_time(now);
  EXPECT_EQ(server->close(), Close::CloseNotifyThenDrain);
}

TEST_F(SessionPair, AShutDownDoesNotWaitForThePingForEver) {
  connected();
  client->ignore_pings(true);
  server->shut_down();
  run();
  EXPECT_EQ(server->deadline(), now + seconds(1));
  now += seconds(1);
  server->on_time(now);
  EXPECT_EQ(server->close(), Close::CloseNotifyThenDrain);
}

TEST_F(SessionPair, GoawayLeavesLaterStreamsUnprocessed) {
  connected();
  is_silent = true;
  for (int i = 0; i < 3; ++i) {
    (void)client->open_stream(request_fields(), true);
  }
  run();
  server->goaway(3, ErrorCode::NoError, "bye");
  run();
  EXPECT_EQ(at_client.take(), "goaway 3 NO_ERROR bye; 5 closed unprocessed");
}

TEST_F(SessionPair, WhatIsBehindOurGoawayIsDroppedWithItsContent) {
  connected();
  server->goaway(0, ErrorCode::NoError);
  const StreamId id = post("never seen");
  EXPECT_TRUE(move(*client, *server));
  EXPECT_EQ(id, 1U);
  EXPECT_EQ(at_server.take(), "");
  EXPECT_EQ(server->close(), Close::None);
  EXPECT_EQ(server->last_peer_stream(), 0U);
  run();
  EXPECT_EQ(at_client.take(), "goaway 0 NO_ERROR ; 1 closed unprocessed");
}

TEST_F(SessionPair, AResetIsToldAndWhatFollowsDropped) {
  connected();
  is_silent = true;
  const StreamId id = client->open_stream(request_fields(), false);
  run();
  (void)at_server.take();
  EXPECT_TRUE(server->reset(id, ErrorCode::RefusedStream));
  EXPECT_TRUE(client->send_data(id, as_bytes("on its way"), false));
  EXPECT_TRUE(move(*client, *server));
  EXPECT_EQ(at_server.take(), "1 closed reset REFUSED_STREAM");
  run();
  EXPECT_EQ(at_client.take(), "1 closed reset by peer REFUSED_STREAM");
  EXPECT_EQ(server->close(), Close::None);
}

TEST_F(SessionPair, AMalformedRequestIsResetAndTheNextIsServed) {
  connected();
  std::vector<Field> fields = request_fields();
  fields.push_back({"Upper", "x"});
  (void)client->open_stream(fields, true);
  (void)client->open_stream(request_fields(), true);
  run();
  EXPECT_EQ(at_client.take(),
            "1 closed reset by peer PROTOCOL_ERROR; 3 response :status=200, end; 3 closed done");
}

TEST_F(SessionPair, SettingsThatAreNotAcknowledgedEndTheConnection) {
  connect();
  (void)move(*client, *server);
  EXPECT_EQ(server->deadline(), now + seconds(10));
  now += seconds(10);
  server->on_time(now);
  EXPECT_EQ(at_server.take(),
            "settings ENABLE_PUSH=0; violation http2/settings-are-acknowledged, connection 0");
  EXPECT_EQ(server->close(), Close::CloseNotifyThenDrain);
}

// Search over HTTP/2, seed 4947.
TEST_F(SessionPair, APeerThatIsGoneOwesNoAcknowledgement) {
  is_silent = true;
  connected();
  (void)client->open_stream(request_fields(), true);
  run();
  (void)at_server.take();
  const std::array changed = {Setting(SettingId::MaxConcurrentStreams, 7)};
  ASSERT_TRUE(server->send_settings(changed));
  server->ended(End::Fin, now);
  now += seconds(10);
  server->on_time(now);
  EXPECT_EQ(at_server.take(), "");
  EXPECT_FALSE(server->is_over()) << "it has a request to answer yet";
}

TEST_F(SessionPair, HttpOneIsAnsweredAsApplesFrontEndDoes) {
  const std::string request = "POST /3/device/ab HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (std::size_t split = 1; split <= request.size(); ++split) {
    connect();
    server->sent(server->pending().size(), now);
    (void)server->feed(as_bytes(request).first(split), now);
    (void)server->feed(as_bytes(request).subspan(split), now);
    const std::string debug = "Unexpected HTTP/1.x request: POST /3/device/ab ";
    Bytes goaway;
    append_goaway(goaway, 0, ErrorCode::ProtocolError, debug);
    EXPECT_EQ(to_hex(server->pending()), to_hex(goaway)) << split;
    EXPECT_EQ(server->close(), Close::CloseNotifyThenDrain);
  }
}

TEST_F(SessionPair, ASilentPeerIsGivenUp) {
  connect();
  now += seconds(10);
  server->on_time(now);
  EXPECT_EQ(at_server.take(), "bound preface 10000000000");
  EXPECT_EQ(server->close(), Close::CloseNotifyThenDrain);
}

TEST_F(SessionPair, ARequestThatNeverEndsIsReset) {
  connected();
  (void)client->open_stream(request_fields(), false);
  run();
  now += seconds(60);
  EXPECT_LE(server->deadline(), now);
  server->on_time(now);
  run();
  EXPECT_EQ(at_client.take(), "1 closed reset by peer CANCEL");
  EXPECT_EQ(server->deadline(), kNever);
}

TEST_F(SessionPair, AnswersOfOneFeedAreOneRun) {
  connected();
  for (int i = 0; i < 50; ++i) {
    (void)client->open_stream(request_fields(), true);
  }
  (void)move(*client, *server);
  // One HEADERS frame each: nine bytes and the index of :status 200.
  EXPECT_EQ(server->pending().size(), 50U * 10U);
}

TEST(Http2StreamTable, FindsWhatIsThereWhateverWasErased) {
  StreamTable table;
  for (StreamId id = 1; id < 4000; id += 2) {
    table.insert(id).user = id;
    if (id % 3 == 0) {
      table.erase(id);
    }
  }
  for (StreamId id = 1; id < 4000; id += 2) {
    const Stream* stream = table.find(id);
    ASSERT_EQ(stream != nullptr, id % 3 != 0) << id;
    if (stream != nullptr) {
      EXPECT_EQ(stream->user, id);
      table.erase(id);
    }
  }
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace apns::http2
