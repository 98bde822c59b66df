// RFC 9113 section 5: stream states and numbers, errors, extensions; RFC 7540's dependencies.
#include <string>

#include "tests/apns/http2/conformance_case.h"

namespace apns::http2::test {

namespace {

using enum ErrorCode;

constexpr std::string_view kStates = "RFC 9113 section 5.1";
constexpr std::string_view kNumbers = "RFC 9113 section 5.1.1";
constexpr std::string_view kConcurrency = "RFC 9113 section 5.1.2";
constexpr std::string_view kDependencies = "RFC 7540 section 5.3.1";
constexpr std::string_view kErrors = "RFC 9113 section 5.4";
constexpr std::string_view kExtending = "RFC 9113 section 5.5";

FrameSequence half_closed() {
  return peer().get(1, "/hold");
}

FrameSequence closed() {
  return peer().get(1);
}

FrameSequence reset_by_us() {
  return peer().post(1, "/reset");
}

FrameSequence reset_by_peer() {
  return peer().post(1).rst_stream(1);
}

Expect idle_error() {
  return connection_error(Rule::FrameOnIdleStream, ProtocolError, 0);
}

Expect closed_error(const std::string& before) {
  return connection_error(Rule::FrameOnClosedStream, StreamClosed, 1, before);
}

Expect continuation_error(StreamId last_stream, const std::string& before = {}) {
  return connection_error(Rule::ContinuationWithoutBlock, ProtocolError, last_stream, before);
}

std::vector<Case> idle_rows() {
  return {
      {"idle-data", kStates, "http2/5.1/1", "sends DATA on an idle stream", peer().data(1, "x"),
       idle_error()},
      {"idle-rst-stream", kStates, "http2/5.1/2 http2/6.4/2", "resets an idle stream",
       peer().rst_stream(1), idle_error()},
      {"idle-window-update", kStates, "http2/5.1/3", "opens the window of an idle stream",
       peer().window_update(1, 100), idle_error()},
      {"idle-continuation", kStates, "http2/5.1/4", "sends CONTINUATION on an idle stream",
       peer().continuation(1, get_block()), continuation_error(0)},
      {"idle-window-update-even", kStates, "",
       "opens the window of a stream that only the server could open", peer().window_update(2, 1),
       idle_error()},
      {"idle-rst-stream-even", kStates, "", "resets a stream that only the server could open",
       peer().rst_stream(2), idle_error()},
      {"idle-data-even", kStates, "", "sends DATA on a stream that only the server could open",
       peer().data(2, "x"), idle_error()},
      {"idle-priority", kStates, "generic/2/1", "gives an idle stream a priority",
       peer().priority(1, 0, 255).ping("12345678"), frames("PING ACK \"12345678\"")},
  };
}

std::vector<Case> half_closed_rows() {
  const FrameSequence no_window = peer().settings({{SettingId::InitialWindowSize, 0}}).get(1);
  return {
      {"half-closed-data", kStates, "http2/5.1/5 http2/6.1/2", "sends DATA behind END_STREAM",
       half_closed().data(1, "x"), stream_error(Rule::FrameOnHalfClosedStream, StreamClosed, 1)},
      {"half-closed-headers", kStates, "http2/5.1/6", "sends HEADERS behind END_STREAM",
       half_closed().get(1), stream_error(Rule::FrameOnHalfClosedStream, StreamClosed, 1)},
      {"half-closed-continuation", kStates, "http2/5.1/7", "sends CONTINUATION behind END_STREAM",
       half_closed().continuation(1, get_block()), continuation_error(1)},
      {"half-closed-trailers-data", kStates, "", "sends DATA behind its trailers",
       peer().post(1, "/hold").headers(1, {{"a", "b"}}).data(1, "x"),
       stream_error(Rule::FrameOnHalfClosedStream, StreamClosed, 1)},
      {"half-closed-window-update", kStates, "generic/2/2", "opens the window behind END_STREAM",
       FrameSequence(no_window).window_update(1, 1),
       then(frames("SETTINGS ACK, HEADERS 1 200, DATA 1 \"o\""), "")},
      {"half-closed-priority", kStates, "generic/2/3", "gives a priority behind END_STREAM",
       FrameSequence(no_window).priority(1, 0, 255).window_update(1, 2),
       frames("SETTINGS ACK, " + ok(1))},
      {"half-closed-rst-stream", kStates, "generic/2/4", "resets a stream behind END_STREAM",
       half_closed().rst_stream(1).ping("12345678"), frames("PING ACK \"12345678\"")},
      {"half-closed-local", kStates, "", "goes on with its content though the answer is complete",
       peer().post(1, "/early").data(1, "a", 0).window_update(1, 1).data(1, "b"), answered({1})},
      {"half-closed-local-rst-stream", kStates, "", "resets a stream that is answered already",
       peer().post(1, "/early").rst_stream(1, NoError), answered({1})},
      {"half-closed-local-trailers", kStates, "", "sends trailers though the answer is complete",
       peer().post(1, "/early").headers(1, {{"a", "b"}}), answered({1})},
  };
}

std::vector<Case> closed_rows() {
  return {
      {"reset-then-data", kStates, "http2/5.1/8", "sends DATA behind its RST_STREAM",
       reset_by_peer().data(1, "x"), closed_error("")},
      {"reset-then-headers", kStates, "http2/5.1/9", "sends HEADERS behind its RST_STREAM",
       reset_by_peer().get(1), closed_error("")},
      {"reset-then-continuation", kStates, "http2/5.1/10",
       "sends CONTINUATION behind its RST_STREAM", reset_by_peer().continuation(1, get_block()),
       continuation_error(1)},
      {"reset-then-window-update", kStates, "", "opens the window behind its RST_STREAM",
       reset_by_peer().window_update(1, 1), nothing()},
      {"reset-twice", kStates, "", "resets a stream twice", reset_by_peer().rst_stream(1),
       nothing()},
      {"closed-data", kStates, "http2/5.1/11", "sends DATA on a closed stream",
       closed().data(1, "x"), closed_error(ok(1))},
      {"closed-headers", kStates, "http2/5.1/12", "sends HEADERS on a closed stream",
       closed().get(1), closed_error(ok(1))},
      {"closed-continuation", kStates, "http2/5.1/13", "sends CONTINUATION on a closed stream",
       closed().continuation(1, get_block()), continuation_error(1, ok(1))},
      {"closed-priority", kStates, "generic/2/5", "gives a closed stream a priority",
       closed().priority(1, 0, 255).ping("12345678"), frames(ok(1) + ", PING ACK \"12345678\"")},
      {"closed-window-update", kStates, "", "opens the window of a closed stream",
       closed().window_update(1, 100), answered({1})},
      {"closed-rst-stream", kStates, "", "resets a closed stream", closed().rst_stream(1),
       answered({1})},
      {"we-reset-data", kStates, "", "goes on with content of a stream that was reset under it",
       reset_by_us().data(1, "a", 0).data(1, "b"), frames("RST_STREAM 1 CANCEL")},
      {"we-reset-trailers", kStates, "", "sends trailers of a stream that was reset under it",
       reset_by_us().headers(1, {{"a", "b"}}), frames("RST_STREAM 1 CANCEL")},
      {"we-reset-window-update", kStates, "",
       "opens the window of a stream that was reset under it", reset_by_us().window_update(1, 1),
       frames("RST_STREAM 1 CANCEL")},
      {"we-reset-rst-stream", kStates, "", "resets a stream that was reset under it",
       reset_by_us().rst_stream(1), frames("RST_STREAM 1 CANCEL")},
      {"skipped-data", kStates, "", "sends DATA on a stream that a higher one has closed",
       peer().get(5).data(3, "x"),
       connection_error(Rule::FrameOnClosedStream, StreamClosed, 5, ok(5))},
      {"skipped-window-update", kStates, "", "opens the window of a stream that was jumped over",
       peer().get(5).window_update(3, 1), answered({5})},
  };
}

std::vector<Case> number_rows() {
  const Tune two = [](SessionOptions& options) {
    options.settings = {{SettingId::MaxConcurrentStreams, 2}};
  };
  const Tune one_at_once = [](SessionOptions& options) {
    options.settings = {{SettingId::MaxConcurrentStreams, 1}};
    options.limit_before_ack = true;
  };
  const Tune one = [](SessionOptions& options) {
    options.settings = {{SettingId::MaxConcurrentStreams, 1}};
  };
  return {
      {"even-stream", kNumbers, "http2/5.1.1/1", "opens stream 2", peer().get(2),
       connection_error(Rule::StreamIdOfOtherSide, ProtocolError, 0)},
      {"lower-stream", kNumbers, "http2/5.1.1/2", "opens stream 3 behind stream 5",
       peer().get(5).get(3), connection_error(Rule::StreamIdNotGreater, ProtocolError, 5, ok(5))},
      {"numbers-with-gaps", kNumbers, "", "leaves numbers out", peer().get(5).get(101),
       answered({5, 101})},
      {"last-number", kNumbers, "", "uses the last number there is", peer().get(kMaxStreamId),
       last(answered({kMaxStreamId}))},
      {"concurrency", kConcurrency, "http2/5.1.2/1", "opens a stream more than it may",
       peer().get(1, "/hold").get(3, "/hold").get(5).rst_stream(3),
       then(stream_error(Rule::TooManyStreams, RefusedStream, 5), ok(1)), two},
      {"concurrency-with-content", kConcurrency, "", "sends the content of a refused stream",
       peer().get(1, "/hold").get(3, "/hold").post(5).data(5, "x").rst_stream(3),
       then(stream_error(Rule::TooManyStreams, RefusedStream, 5), ok(1)), two},
      {"concurrency-freed", kConcurrency, "", "opens a stream when another has ended",
       peer().get(1, "/hold").get(3).get(5), then(answered({3, 5}), ok(1)), two},
      {"concurrency-before-ack", kConcurrency, "",
       "opens streams before it has acknowledged the limit",
       peer()
           .preface()
           .settings()
           .get(1, "/hold")
           .get(3, "/hold")
           .settings_ack()
           .rst_stream(3)
           .rst_stream(1),
       frames("SETTINGS ACK"), one, true},
      {"concurrency-at-once", kConcurrency, "",
       "opens streams before it has acknowledged a limit that binds at once",
       peer().preface().settings().get(1, "/hold").get(3).rst_stream(1).settings_ack(),
       stream_error(Rule::TooManyStreams, RefusedStream, 3, "SETTINGS ACK"), one_at_once, true},
  };
}

std::vector<Case> other_rows() {
  return {
      {"headers-self-dependency", kDependencies, "http2/5.3.1/1",
       "opens a stream that depends on itself",
       peer().headers(1, join({priority_fields(1), get_block()}), kWhole | flag::kPriority),
       stream_error(Rule::SelfDependency, ProtocolError, 1)},
      {"priority-self-dependency", kDependencies, "http2/5.3.1/2",
       "makes an open stream depend on itself", peer().get(1, "/hold").priority(1, 1),
       stream_error(Rule::SelfDependency, ProtocolError, 1)},
      {"error-closes", kErrors, "http2/5.4.1/1 http2/5.4.1/2",
       "breaks a rule behind a request: GOAWAY names the request, the connection ends",
       peer().get(1).frame(FrameType::Ping, 0, 3, as_bytes("12345678")).get(3),
       connection_error(Rule::PingOnStream, ProtocolError, 1, ok(1))},
      {"error-leaves-others", kErrors, "", "breaks a rule on one of three streams",
       peer().get(1, "/hold").get(3, "/hold").get(5, "/hold").window_update(3, 0),
       then(stream_error(Rule::StreamIncrementZero, ProtocolError, 3), ok(1) + ", " + ok(5))},
      {"extension-frame", kExtending, "http2/5.5/1", "sends a frame of an extension",
       peer().frame(0x0A, 0, 1, Bytes(8)).ping("12345678"), frames("PING ACK \"12345678\"")},
      {"extension-in-block", kExtending, "http2/5.5/2",
       "sends a frame of an extension within a header block",
       peer().headers(1, get_block(), kEndStream).frame(0x0A, 0, 1, Bytes(8)),
       connection_error(Rule::BlockInterrupted, ProtocolError, 1)},
  };
}

}  // namespace

std::vector<Case> stream_rows() {
  std::vector<Case> all = idle_rows();
  for (const auto& rows : {half_closed_rows(), closed_rows(), number_rows(), other_rows()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace apns::http2::test
