// RFC 9113 section 6.9: flow control, to the byte.
#include <string>

#include "tests/apns/http2/conformance_case.h"

namespace apns::http2::test {

namespace {

using enum ErrorCode;

constexpr std::string_view kFrame = "RFC 9113 section 6.9";
constexpr std::string_view kWindow = "RFC 9113 section 6.9.1";
constexpr std::string_view kInitial = "RFC 9113 section 6.9.2";

const std::string kAcked = "SETTINGS ACK";

FrameSequence window(std::uint32_t size) {
  return peer().settings({{SettingId::InitialWindowSize, size}});
}

std::vector<Case> form_rows() {
  const Expect length_error = connection_error(Rule::WindowUpdateLength, FrameSizeError, 0);
  const auto of_length = [](std::size_t len) {
    return peer().frame(FrameType::WindowUpdate, 0, 0, Bytes(len));
  };
  return {
      {"window-update", kFrame, "generic/3.9/1", "opens the connection's window",
       peer().window_update(0, 1).get(1), answered({1})},
      {"window-update-stream", kFrame, "generic/3.9/2", "opens a stream's window",
       peer().post(1).window_update(1, 1).data(1, "x"), answered({1})},
      {"increment-0", kFrame, "http2/6.9/1", "adds nothing to the connection's window",
       peer().window_update(0, 0),
       connection_error(Rule::ConnectionIncrementZero, ProtocolError, 0)},
      {"increment-0-reserved-bit", kFrame, "", "adds nothing, but sets the reserved bit",
       peer().window_update(0, 0x8000'0000U),
       connection_error(Rule::ConnectionIncrementZero, ProtocolError, 0)},
      {"increment-0-stream", kFrame, "http2/6.9/2", "adds nothing to a stream's window",
       peer().get(1, "/hold").window_update(1, 0),
       stream_error(Rule::StreamIncrementZero, ProtocolError, 1)},
      {"window-update-length-3", kFrame, "http2/6.9/3", "sends WINDOW_UPDATE of 3 bytes",
       of_length(3), length_error},
      {"window-update-length-5", kFrame, "", "sends WINDOW_UPDATE of 5 bytes", of_length(5),
       length_error},
      {"window-update-length-0-stream", kFrame, "", "sends WINDOW_UPDATE of no bytes on a stream",
       peer().get(1, "/hold").frame(FrameType::WindowUpdate, 0, 1, {}),
       connection_error(Rule::WindowUpdateLength, FrameSizeError, 1)},
  };
}

std::vector<Case> sending_rows() {
  return {
      {"window-1", kWindow, "http2/6.9.1/1", "has a window of one byte", window(1).get(1),
       frames(kAcked + ", HEADERS 1 200, DATA 1 \"o\"")},
      {"window-1-then-1", kWindow, "", "opens a window of one byte by one byte",
       window(1).get(1).window_update(1, 1),
       frames(kAcked + ", HEADERS 1 200, DATA 1 \"o\", "
                       "DATA 1 \"k\" END_STREAM")},
      {"window-0-empty", kWindow, "", "asks for nothing through a closed window",
       window(0).get(1, "/bytes/0"), frames(kAcked + ", HEADERS 1 200, DATA 1 \"\" END_STREAM")},
      {"window-0-head", kWindow, "", "sends HEAD with a closed window",
       window(0).headers(1, {{":method", "HEAD"}, {":scheme", "https"}, {":path", "/"}}),
       frames(kAcked + ", HEADERS 1 200 END_STREAM")},
      {"window-0-trailers", kWindow, "", "asks for trailers behind content that must wait",
       window(0).get(1, "/trailers").window_update(1, 2),
       frames(kAcked + ", HEADERS 1 200, DATA 1 \"ok\", HEADERS 1 trailers END_STREAM")},
      {"window-connection-used-up", kWindow, "",
       "asks for 65,535 bytes, then for more, then opens the window by ten",
       peer()
           .get(1, "/bytes/65535")
           .get(3, "/bytes/20")
           .window_update(0, 10)
           .rst_stream(3)
           .window_update(0, 100),
       frames("HEADERS 1 200, DATA 1 16384 bytes, DATA 1 16384 bytes, DATA 1 16384 bytes, "
              "DATA 1 16383 bytes END_STREAM, HEADERS 3 200, DATA 3 \"xxxxxxxxxx\"")},
      {"window-two-streams", kWindow, "", "opens the windows of two streams in turn",
       window(0).get(1).get(3).window_update(3, 2).window_update(1, 2),
       frames(kAcked + ", HEADERS 1 200, HEADERS 3 200, DATA 3 \"ok\" END_STREAM, "
                       "DATA 1 \"ok\" END_STREAM")},
      {"window-reset-while-waiting", kWindow, "", "resets a stream whose content waits",
       window(0).get(1).rst_stream(1).get(3).window_update(3, 2),
       frames(kAcked + ", HEADERS 1 200, HEADERS 3 200, DATA 3 \"ok\" END_STREAM")},
      {"window-overflow", kWindow, "http2/6.9.1/2", "takes the connection's window past 2^31-1",
       peer().window_update(0, kMaxWindow).window_update(0, kMaxWindow),
       connection_error(Rule::ConnectionWindowOverflow, FlowControlError, 0)},
      {"window-at-most", kWindow, "", "takes the connection's window to 2^31-1",
       peer().window_update(0, kMaxWindow - kDefaultWindow), nothing()},
      {"window-overflow-by-one", kWindow, "", "takes the connection's window to 2^31",
       peer().window_update(0, kMaxWindow - kDefaultWindow).window_update(0, 1),
       connection_error(Rule::ConnectionWindowOverflow, FlowControlError, 0)},
      {"window-overflow-stream", kWindow, "http2/6.9.1/3", "takes a stream's window past 2^31-1",
       peer().get(1, "/hold").window_update(1, kMaxWindow).window_update(1, kMaxWindow),
       stream_error(Rule::StreamWindowOverflow, FlowControlError, 1)},
      {"window-at-most-stream", kWindow, "", "takes a stream's window to 2^31-1",
       peer().get(1, "/hold").window_update(1, kMaxWindow - kDefaultWindow),
       then(nothing(), ok(1))},
      {"window-overflow-stream-by-one", kWindow, "", "takes a stream's window to 2^31",
       peer().get(1, "/hold").window_update(1, kMaxWindow - kDefaultWindow + 1),
       stream_error(Rule::StreamWindowOverflow, FlowControlError, 1)},
  };
}

std::vector<Case> receiving_rows() {
  const Tune wide_streams = [](SessionOptions& options) {
    options.settings = {{SettingId::InitialWindowSize, 1'000'000}};
  };
  const Tune ten = [](SessionOptions& options) {
    options.settings = {{SettingId::InitialWindowSize, 10}};
  };
  return {
      {"stream-window-exact", kWindow, "", "uses a stream's window up to the byte",
       peer().post(1).data(1, "0123456789"), answered({1}), ten},
      {"stream-window-exceeded", kWindow, "", "goes past a stream's window by a byte",
       peer().post(1).data(1, "0123456789a", 0),
       stream_error(Rule::StreamWindowExceeded, FlowControlError, 1), ten},
      {"stream-window-padding", kWindow, "", "goes past a stream's window by padding",
       peer().post(1).frame(FrameType::Data, kEndStream | flag::kPadded, 1,
                            hex("0a 00 00000000000000000000")),
       stream_error(Rule::StreamWindowExceeded, FlowControlError, 1), ten},
      {"stream-window-given-back", kWindow, "", "sends twice what a stream's window takes",
       peer().post(1).data(1, "0123456789", 0).data(1, "0123456789"),
       frames("WINDOW_UPDATE 1 10, " + ok(1)), ten},
      {"connection-window-exact", kWindow, "",
       "uses the connection's window up to the byte while none is given back",
       peer().post(1, "/stall").content(1, kDefaultWindow),
       frames("WINDOW_UPDATE 0 49152, WINDOW_UPDATE 1 49152, " + ok(1)), wide_streams},
      {"connection-window-exceeded", kWindow, "",
       "goes past the connection's window by a byte while none is given back",
       peer().post(1, "/stall").content(1, kDefaultWindow + 1),
       connection_error(Rule::ConnectionWindowExceeded, FlowControlError, 1), wide_streams},
      {"windows-given-back", kWindow, "", "sends four times what the connection's window takes",
       peer().post(1).content(1, 262'144),
       frames("WINDOW_UPDATE 0 32768, WINDOW_UPDATE 0 32768, WINDOW_UPDATE 0 32768, "
              "WINDOW_UPDATE 0 32768, WINDOW_UPDATE 0 32768, WINDOW_UPDATE 0 32768, "
              "WINDOW_UPDATE 0 32768, " +
              ok(1) + ", WINDOW_UPDATE 0 32768"),
       wide_streams},
      {"windows-of-reset-stream", kWindow, "",
       "sends much content of streams that were reset: the connection's window comes back",
       peer().post(1, "/reset").content(1, 32'768).post(3).data(3, "x"),
       frames("RST_STREAM 1 CANCEL, WINDOW_UPDATE 0 32768, " + ok(3))},
  };
}

std::vector<Case> initial_rows() {
  return {
      {"initial-window-later", kInitial, "http2/6.9.2/1",
       "opens the window of a waiting answer by SETTINGS",
       window(0).get(1).settings({{SettingId::InitialWindowSize, 1}}),
       frames(kAcked + ", HEADERS 1 200, " + kAcked + ", DATA 1 \"o\"")},
      {"initial-window-negative", kInitial, "http2/6.9.2/2",
       "takes a window below zero by SETTINGS, then opens it",
       window(3)
           .get(1, "/bytes/5")
           .settings({{SettingId::InitialWindowSize, 2}})
           .window_update(1, 1)
           .window_update(1, 1),
       frames(kAcked + ", HEADERS 1 200, DATA 1 \"xxx\", " + kAcked + ", DATA 1 \"x\"")},
      {"initial-window-negative-by-settings", kInitial, "",
       "takes a window below zero by SETTINGS and brings it back by SETTINGS",
       window(100)
           .get(1, "/bytes/110")
           .settings({{SettingId::InitialWindowSize, 0}})
           .settings({{SettingId::InitialWindowSize, 99}})
           .settings({{SettingId::InitialWindowSize, 102}})
           .window_update(1, 8),
       frames(kAcked + ", HEADERS 1 200, DATA 1 " + '"' + std::string(100, 'x') + "\", " + kAcked +
              ", " + kAcked + ", " + kAcked + ", DATA 1 \"xx\", DATA 1 \"xxxxxxxx\" END_STREAM")},
      {"initial-window-not-of-connection", kInitial, "",
       "opens the streams' windows while the connection's is used up",
       peer()
           .get(1, "/bytes/65535")
           .get(3, "/bytes/1")
           .settings({{SettingId::InitialWindowSize, 1'000'000}})
           .window_update(0, 100),
       frames("HEADERS 1 200, DATA 1 16384 bytes, DATA 1 16384 bytes, DATA 1 16384 bytes, "
              "DATA 1 16383 bytes END_STREAM, HEADERS 3 200, " +
              kAcked + ", DATA 3 \"x\" END_STREAM")},
      {"initial-window-too-large", kInitial, "http2/6.9.2/3", "sets INITIAL_WINDOW_SIZE to 2^32-1",
       window(0xFFFF'FFFF), connection_error(Rule::InitialWindowValue, FlowControlError, 0)},
      {"initial-window-overflow", kInitial, "", "takes an open stream's window past 2^31-1",
       peer()
           .get(1, "/hold")
           .window_update(1, kMaxWindow - kDefaultWindow)
           .settings({{SettingId::InitialWindowSize, kDefaultWindow + 1}}),
       connection_error(Rule::InitialWindowOverflow, FlowControlError, 1)},
      {"initial-window-at-most", kInitial, "", "takes an open stream's window to 2^31-1",
       peer()
           .get(1, "/hold")
           .window_update(1, kMaxWindow - kDefaultWindow - 1)
           .settings({{SettingId::InitialWindowSize, kDefaultWindow + 1}}),
       then(frames(kAcked), ok(1))},
  };
}

}  // namespace

std::vector<Case> window_rows() {
  std::vector<Case> all = form_rows();
  for (const auto& rows : {sending_rows(), receiving_rows(), initial_rows()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace apns::http2::test
