#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "apns/http2/session.h"
#include "tests/apns/http2/session_recorder.h"

// One end, and the frames of a peer that are rare: what came of comparing with libnghttp2.

namespace apns::http2 {
namespace {

constexpr std::string_view kGetBlock = "828487";  // GET / https, from the static table

class SessionEdges : public ::testing::Test {
 protected:
  void be(Role role) {
    options.role = role;
    session = std::make_unique<Session>(options, events, scratch, now);
    if (role == Role::Server) {
      const ByteView preface = as_bytes(kPreface);
      wire.assign(preface.begin(), preface.end());
    }
    append_settings(wire, {});
    (void)exchange();
    (void)events.take();
  }

  /// Feeds `wire`; what comes back, in hex.
  std::string exchange() {
    EXPECT_EQ(session->feed(wire, now), wire.size());
    wire.clear();
    std::string sent = to_hex(session->pending());
    if (!session->pending().empty()) {
      session->sent(session->pending().size(), now);
    }
    return sent;
  }

  void headers(StreamId stream, std::string_view block_hex, bool end_stream) {
    Bytes block;
    EXPECT_TRUE(parse_hex(block_hex, block));
    append_headers(wire, stream, block, end_stream);
  }

  void data(StreamId stream, std::size_t len, std::uint8_t flags = 0) {
    const Bytes content(len, std::byte{'a'});
    append_frame(wire, static_cast<std::uint8_t>(FrameType::Data), flags, stream, content);
  }

  static std::string reset_hex(StreamId stream, ErrorCode code) {
    Bytes bytes;
    append_rst_stream(bytes, stream, code);
    return to_hex(bytes);
  }

  TimePoint now{};
  SessionOptions options;
  HpackScratch scratch;
  SessionRecorder events;
  std::unique_ptr<Session> session;
  Bytes wire;
};

// RFC 9113 section 6.9.2: the window may be below zero then, and the peer waits for an update.
TEST_F(SessionEdges, AWindowThatShrinksUnderContentIsGivenBack) {
  options.settings = {{SettingId::InitialWindowSize, 1000}};
  be(Role::Server);
  headers(1, kGetBlock, false);
  data(1, 16'384);  // within the 65,535 that count until the acknowledgement
  EXPECT_EQ(exchange(), "");
  append_settings_ack(wire);
  Bytes update;
  append_window_update(update, 1, 16'384);
  EXPECT_EQ(exchange(), to_hex(update));
}

// RFC 9113 section 6.9.1: a frame without length needs no window.
TEST_F(SessionEdges, AnEndComesWhateverTheWindow) {
  options.settings = {{SettingId::InitialWindowSize, 1000}};
  be(Role::Server);
  session->hold_windows(true);
  headers(1, kGetBlock, false);
  data(1, 16'384);
  append_settings_ack(wire);
  data(1, 0, flag::kEndStream);
  EXPECT_EQ(exchange(), "");
  EXPECT_EQ(events.take(),
            "1 request :method=GET :path=/ :scheme=https; 1 data 16384; acked at 16438; "
            "1 data 0, end");
}

TEST_F(SessionEdges, AWindowThatShrinksIsNotGivenBackWhileItIsHeld) {
  options.settings = {{SettingId::InitialWindowSize, 1000}};
  be(Role::Server);
  session->hold_windows(true);
  headers(1, kGetBlock, false);
  data(1, 16'384);
  append_settings_ack(wire);
  EXPECT_EQ(exchange(), "");
}

// RFC 9113 section 5.1, closed: a WINDOW_UPDATE may be late, and RST_STREAM must not be sent.
TEST_F(SessionEdges, AnIncrementOf0OnAClosedStreamIsNoMatter) {
  be(Role::Server);
  headers(1, kGetBlock, true);
  (void)exchange();
  EXPECT_TRUE(session->send_data(1, as_bytes("x"), true));
  (void)exchange();
  (void)events.take();
  append_window_update(wire, 1, 0);
  EXPECT_EQ(exchange(), "");
  EXPECT_EQ(events.take(), "");
}

// RFC 9110 section 9.3.6: a client ignores the content-length of a 2xx to CONNECT.
TEST_F(SessionEdges, AConnectThatSucceedsHasNoContentLength) {
  be(Role::Client);
  const std::vector<Field> fields = {{":method", "CONNECT"}, {":authority", "a:443"}};
  EXPECT_EQ(session->open_stream(fields, false), 1U);
  headers(1, "88 0f0d0135", false);  // :status 200, content-length: 5
  data(1, 7);
  (void)exchange();
  EXPECT_EQ(events.take(), "1 response :status=200 content-length=5; 1 data 7");
}

TEST_F(SessionEdges, AConnectThatFailsHasAContentLength) {
  be(Role::Client);
  const std::vector<Field> fields = {{":method", "CONNECT"}, {":authority", "a:443"}};
  EXPECT_EQ(session->open_stream(fields, false), 1U);
  headers(1, "8c 0f0d0135", false);  // :status 400, content-length: 5
  data(1, 7);
  EXPECT_NE(exchange().find(reset_hex(1, ErrorCode::ProtocolError)), std::string::npos);
}

// RFC 9113 section 5.1: what follows END_STREAM is wrong, whatever we have said meanwhile.
TEST_F(SessionEdges, AResetDoesNotExcuseWhatFollowsTheEnd) {
  be(Role::Server);
  headers(1, kGetBlock, false);
  headers(1, "00 0141 0178", true);  // trailers, a name in upper case: A = x
  EXPECT_EQ(exchange(), reset_hex(1, ErrorCode::ProtocolError));
  (void)events.take();
  data(1, 1);
  (void)exchange();
  EXPECT_EQ(events.take(), "violation http2/frame-on-a-closed-stream, connection 1");
}

// RFC 9113 section 6.2: padding that leaves no room for the block, not a frame that is too short.
TEST_F(SessionEdges, PaddingOverThePriorityIsTooLong) {
  struct Case {
    std::string_view payload;
    std::string_view told;
  };

  for (const Case& of : {Case{"05 0000000000 80 0000000000", "violation http2/hpack, connection 1"},
                         Case{"06 0000000000 0000000000", "violation http2/padding, connection 1"},
                         Case{"00 00000000", "violation http2/headers-length, connection 1"},
                         Case{"04 00000000", "violation http2/headers-length, connection 1"}}) {
    be(Role::Server);
    Bytes payload;
    EXPECT_TRUE(parse_hex(of.payload, payload));
    append_frame(wire, static_cast<std::uint8_t>(FrameType::Headers),
                 flag::kEndHeaders | flag::kPadded | flag::kPriority, 1, payload);
    (void)exchange();
    EXPECT_EQ(events.take(), of.told) << of.payload;
  }
}

// RFC 9113 section 6.6: a promise belongs to a stream of the client's.
TEST_F(SessionEdges, APromiseCannotPromiseMore) {
  be(Role::Client);
  const std::vector<Field> fields = {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}};
  EXPECT_EQ(session->open_stream(fields, true), 1U);
  Bytes payload;
  EXPECT_TRUE(parse_hex("00000002 828487 410161", payload));  // GET / https, :authority: a
  append_frame(wire, static_cast<std::uint8_t>(FrameType::PushPromise), flag::kEndHeaders, 1,
               payload);
  EXPECT_NE(exchange().find(reset_hex(2, ErrorCode::RefusedStream)), std::string::npos);
  (void)events.take();
  payload[3] = std::byte{4};
  append_frame(wire, static_cast<std::uint8_t>(FrameType::PushPromise), flag::kEndHeaders, 2,
               payload);
  (void)exchange();
  EXPECT_EQ(events.take(), "violation http2/push-promise-state, connection 2");
}

// What came behind the first line of something else makes it no request of HTTP/1.x.
TEST_F(SessionEdges, AnAnswerToAStrangerDoesNotDependOnHowItsBytesAreCut) {
  const std::string_view stranger = "EHLO\r\nGET / HTTP/1.1\r\n";
  for (std::size_t cut = 1; cut <= stranger.size(); ++cut) {
    session = std::make_unique<Session>(options, events, scratch, now);
    session->sent(session->pending().size(), now);
    (void)session->feed(as_bytes(stranger).first(cut), now);
    if (!session->is_over()) {
      (void)session->feed(as_bytes(stranger).subspan(cut), now);
    }
    EXPECT_EQ(as_text(session->pending()).find("Unexpected"), std::string_view::npos) << cut;
  }
}

// RFC 9110 section 4.2.3: nor has a scheme.
TEST_F(SessionEdges, TheSchemeHasNoCase) {
  be(Role::Server);
  headers(1, "82 86 04 012a", true);  // GET http *
  (void)exchange();
  EXPECT_EQ(events.take(), "violation http2/path, stream 1");
  headers(3, "82 06 0448545450 04 012a", true);  // GET HTTP *
  (void)exchange();
  EXPECT_EQ(events.take(), "violation http2/path, stream 3");
}

// RFC 9110 section 10.1.4, RFC 5234 section 2.3: the word has no case.
TEST_F(SessionEdges, TheWordTrailersHasNoCase) {
  be(Role::Server);
  headers(1, std::string(kGetBlock) + "00 027465 08547261696c657273", true);
  (void)exchange();
  EXPECT_EQ(events.take(), "1 request :method=GET :path=/ :scheme=https te=Trailers, end");
}

}  // namespace
}  // namespace apns::http2
