// What a server does on purpose: pauses, windows that it keeps, GOAWAY of its own making.
#include <chrono>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "apns/http2/session.h"
#include "tests/apns/http2/frame_sequence.h"
#include "tests/apns/http2/frame_transcript.h"
#include "tests/apns/http2/session_recorder.h"

namespace apns::http2 {
namespace {

using test::FrameSequence;
using test::FrameTranscript;
using namespace std::chrono_literals;

class SessionMoods : public testing::Test {
 protected:
  void serve() {
    session = std::make_unique<Session>(options, events, scratch, now);
    feed(FrameSequence().preface().settings().settings_ack());
    (void)said();
    (void)events.take();
  }

  std::size_t feed(const FrameSequence& frames) { return session->feed(frames.bytes(), now); }

  /// What went out since the last call.
  std::string said() {
    while (!session->pending().empty()) {
      transcript.feed(session->pending());
      session->sent(session->pending().size(), now);
    }
    return transcript.take_text();
  }

  void pass(Duration span) {
    now += span;
    session->on_time(now);
  }

  /// From outside a call of the session's, as a host's wake is.
  void pause(bool paused) {
    session->at(now);
    session->pause_reading(paused);
  }

  TimePoint now{};
  SessionOptions options;
  HpackScratch scratch;
  SessionRecorder events;
  FrameTranscript transcript{FrameTranscript::Details::With};
  std::unique_ptr<Session> session;
};

TEST_F(SessionMoods, APauseBeginsBehindTheFrameThatIsBeingTaken) {
  serve();
  events.on_message = [this](const Message& message) {
    if (message.stream == 3) {
      session->pause_reading(true);
    }
  };
  const FrameSequence both = FrameSequence().get(1).get(3);
  const FrameSequence all = FrameSequence().raw(both.bytes()).get(5);
  EXPECT_EQ(feed(all), both.bytes().size());
  EXPECT_FALSE(session->wants_read());
  pause(false);
  EXPECT_TRUE(session->wants_read());
  EXPECT_EQ(feed(FrameSequence().get(5)), all.bytes().size() - both.bytes().size());
  EXPECT_EQ(session->num_streams(), 3U);
}

TEST_F(SessionMoods, APauseIsNoPartOfThePeersTime) {
  options.settings = {{SettingId::MaxConcurrentStreams, 10}};
  session = std::make_unique<Session>(options, events, scratch, now);
  feed(FrameSequence().preface().settings().post(1));
  (void)said();
  (void)events.take();
  now += 9s;
  pause(true);
  EXPECT_EQ(session->deadline(), kNever);
  pass(1h);
  EXPECT_EQ(events.take(), "");
  pause(false);
  pass(1s - 1ns);  // ten seconds to acknowledge SETTINGS, nine of which had passed
  EXPECT_EQ(events.take(), "");
  EXPECT_EQ(session->deadline(), now + 1ns);
  feed(FrameSequence().settings_ack());
  (void)events.take();
  pass(50s);  // a minute to end the request
  EXPECT_EQ(events.take(), "");
  pass(1ns);
  EXPECT_EQ(said(), "RST_STREAM 1 CANCEL");
}

TEST_F(SessionMoods, AShutDownIsNotHeldUpByAPause) {
  serve();
  pause(true);
  session->shut_down(ErrorCode::NoError, "why");
  pass(1s);
  EXPECT_EQ(said(), "GOAWAY 2147483647 NO_ERROR, PING \"goaway 2\", GOAWAY 0 NO_ERROR \"why\"");
  EXPECT_EQ(session->close(), Close::CloseNotifyThenDrain);
}

TEST_F(SessionMoods, ARequestMayTakeAsLongAsItsWindowIsHeld) {
  serve();
  session->hold_windows(true);
  feed(FrameSequence().post(1).content(1, 40'000, 0));
  pass(1h);
  EXPECT_EQ(said(), "");
  session->at(now);
  session->hold_windows(false);
  EXPECT_EQ(said(), "WINDOW_UPDATE 0 40000, WINDOW_UPDATE 1 40000");
  pass(1min - 1ns);
  EXPECT_EQ(said(), "");
  pass(1ns);
  EXPECT_EQ(said(), "RST_STREAM 1 CANCEL");
}

TEST_F(SessionMoods, AGoawayDropsTheOpenStreamsAboveItsLastOne) {
  serve();
  feed(FrameSequence().get(1).get(3).post(5).get(7));
  (void)events.take();
  session->goaway(3, ErrorCode::NoError, "why");
  EXPECT_EQ(said(), "GOAWAY 3 NO_ERROR \"why\"");
  EXPECT_EQ(events.take(), "5 closed unprocessed; 7 closed unprocessed");
  EXPECT_EQ(session->num_streams(), 2U);
  // What still comes for them is no fault of the peer, and draws nothing.
  feed(FrameSequence().data(5, "x").rst_stream(7).get(9).get(9));
  EXPECT_EQ(said(), "");
  EXPECT_EQ(events.take(), "");
  ASSERT_TRUE(session->said_goaway());
  EXPECT_EQ(session->said_goaway()->last_stream, 3U);
  EXPECT_EQ(session->said_goaway()->debug, "why");
}

TEST_F(SessionMoods, AGoawayMayNameTheStreamBeforeTheOneThatDrawsIt) {
  serve();
  events.on_data = [this](StreamId stream, bool /*end*/) {
    session->goaway(stream - 2, ErrorCode::NoError);
  };
  feed(FrameSequence().get(1).post(3).data(3, "x"));
  EXPECT_EQ(said(), "GOAWAY 1 NO_ERROR");
  EXPECT_EQ(session->num_streams(), 1U);
}

TEST_F(SessionMoods, AShutDownBehindAGoawayDoesNotTakeItBack) {
  serve();
  feed(FrameSequence().get(1).get(3));
  session->goaway(1, ErrorCode::NoError);
  session->shut_down();
  pass(1s);
  EXPECT_EQ(said(), "GOAWAY 1 NO_ERROR, GOAWAY 1 NO_ERROR, PING \"goaway 2\", GOAWAY 1 NO_ERROR");
}

TEST_F(SessionMoods, TheGoawayOfAnErrorIsRemembered) {
  serve();
  EXPECT_FALSE(session->said_goaway());
  feed(FrameSequence().get(1).data(0, "x"));
  ASSERT_TRUE(session->said_goaway());
  EXPECT_EQ(session->said_goaway()->last_stream, 1U);
  EXPECT_EQ(session->said_goaway()->code, ErrorCode::ProtocolError);
}

TEST_F(SessionMoods, ARefusalIsSaidAgainForContentThatFollows) {
  options.reset_again = true;
  serve();
  feed(FrameSequence().post(1));
  EXPECT_TRUE(session->reset(1, ErrorCode::RefusedStream));
  feed(FrameSequence().data(1, "x", 0).data(1, "y"));
  EXPECT_EQ(said(),
            "RST_STREAM 1 REFUSED_STREAM, RST_STREAM 1 STREAM_CLOSED, RST_STREAM 1 STREAM_CLOSED");
  EXPECT_FALSE(session->is_over());
}

TEST_F(SessionMoods, OnlyWhatWasRefusedIsResetAgain) {
  options.reset_again = true;
  serve();
  feed(FrameSequence().post(1));
  EXPECT_TRUE(session->reset(1, ErrorCode::NoError));
  feed(FrameSequence().data(1, "x"));
  EXPECT_EQ(said(), "RST_STREAM 1 NO_ERROR");
}

TEST_F(SessionMoods, OtherwiseContentOfAStreamThatWasResetDrawsNothing) {
  serve();
  feed(FrameSequence().post(1));
  EXPECT_TRUE(session->reset(1, ErrorCode::RefusedStream));
  feed(FrameSequence().data(1, "x"));
  EXPECT_EQ(said(), "RST_STREAM 1 REFUSED_STREAM");
}

TEST_F(SessionMoods, AForgottenStreamIsGoneWithoutAWord) {
  options.settings = {{SettingId::MaxConcurrentStreams, 1}};
  serve();
  feed(FrameSequence().post(1));
  (void)events.take();
  EXPECT_TRUE(session->forget(1));
  EXPECT_EQ(events.take(), "1 closed reset");
  EXPECT_FALSE(session->forget(1));
  feed(FrameSequence().data(1, "x").get(3));
  EXPECT_EQ(said(), "");
  EXPECT_EQ(session->num_streams(), 1U) << "it counts for nothing";
}

}  // namespace
}  // namespace apns::http2
