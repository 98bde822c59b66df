// RFC 9113 sections 3 to 7 as a client sees them: settings, numbers, push, GOAWAY, windows.
#include <string>

#include "tests/apns/http2/client_conformance.h"

namespace apns::http2::test {

namespace {

using enum ErrorCode;

constexpr std::string_view kPrefaceSection = "RFC 9113 section 3.4";
constexpr std::string_view kFormat = "RFC 9113 section 4.1";
constexpr std::string_view kSize = "RFC 9113 section 4.2";
constexpr std::string_view kBlocks = "RFC 9113 section 4.3";
constexpr std::string_view kStates = "RFC 9113 section 5.1";
constexpr std::string_view kConcurrency = "RFC 9113 section 5.1.2";
constexpr std::string_view kRstStream = "RFC 9113 section 6.4";
constexpr std::string_view kSettings = "RFC 9113 section 6.5.2";
constexpr std::string_view kPush = "RFC 9113 section 6.6";
constexpr std::string_view kPing = "RFC 9113 section 6.7";
constexpr std::string_view kGoaway = "RFC 9113 section 6.8";
constexpr std::string_view kWindow = "RFC 9113 section 6.9";

constexpr bool kBare = true;

const Tune kWithPush = [](SessionOptions& options) { options.settings.clear(); };

Bytes ok_block() {
  return hpack_block({{":status", "200"}});
}

/// The answer to stream 1, and what the caller hears of it.
FrameSequence answer(StreamId stream = 1) {
  return peer().headers(stream, ok_block());
}

std::string answer_events(StreamId stream = 1) {
  const std::string number = std::to_string(stream);
  return "response " + number + " 200 end, closed " + number + " done";
}

ClientExpect events(std::string text) {
  return ClientExpect{"", std::move(text)};
}

ClientExpect frames(std::string text, std::string event_text = {}) {
  return ClientExpect{std::move(text), std::move(event_text)};
}

/// A client's GOAWAY names the server's last stream: none, or that of a promise.
ClientExpect connection_error(Rule rule, ErrorCode code, StreamId last_stream = 0,
                              std::string event_text = {}) {
  return ClientExpect{"GOAWAY " + std::to_string(last_stream) + " " +
                          error_code_text(static_cast<std::uint32_t>(code)) + ", closed",
                      std::move(event_text),
                      {rule},
                      false};
}

std::vector<ClientCase> first_rows() {
  return {
      {"first-frame-ping",
       kPrefaceSection,
       "sends PING before SETTINGS",
       {},
       peer().ping("12345678"),
       connection_error(Rule::FirstFrameNotSettings, ProtocolError),
       nullptr,
       kBare},
      {"first-frame-goaway",
       kPrefaceSection,
       "says GOAWAY before SETTINGS",
       {},
       peer().goaway(0),
       connection_error(Rule::FirstFrameNotSettings, ProtocolError),
       nullptr,
       kBare},
      {"speaks-http1",
       kPrefaceSection,
       "answers in HTTP/1.1",
       {},
       peer().raw("HTTP/1.1 400 Bad Request\r\n\r\n"),
       connection_error(Rule::FrameTooLarge, FrameSizeError),
       nullptr,
       kBare},
      {"unknown-frame",
       kFormat,
       "sends an unknown frame within an answer",
       {"GET"},
       peer().headers(1, ok_block(), kEndHeaders).frame(0x16, 0xFF, 1, Bytes(9)).data(1, "x"),
       events("response 1 200, data 1 \"x\" end, closed 1 done")},
      {"frame-too-large",
       kSize,
       "announces a frame too large",
       {"GET"},
       peer().frame_header(kMinMaxFrameSize + 1, 1, kWhole, 1),
       connection_error(Rule::FrameTooLarge, FrameSizeError)},
      {"block-undecodable",
       kBlocks,
       "sends a header block that breaks off",
       {"GET"},
       peer().headers(1, hex("40")),
       connection_error(Rule::Compression, CompressionError)},
      {"block-interrupted",
       kBlocks,
       "sends PING within a header block",
       {"GET"},
       peer().headers(1, ok_block(), kEndStream).ping("12345678"),
       connection_error(Rule::BlockInterrupted, ProtocolError)},
      {"block-in-two",
       kBlocks,
       "sends a header block in two frames",
       {"GET"},
       peer().headers(1, ByteView(ok_block()).first(0), kEndStream).continuation(1, ok_block()),
       events(answer_events())},
      {"priority",
       kFormat,
       "gives priorities",
       {"GET"},
       peer().priority(1, 0).priority(7, 1).headers(1, join({priority_fields(0), ok_block()}),
                                                    kWhole | flag::kPriority),
       events(answer_events())},
      {"padded",
       kFormat,
       "pads its answer",
       {"GET"},
       peer()
           .frame(FrameType::Headers, kEndHeaders | flag::kPadded, 1,
                  join({hex("02"), ok_block(), hex("0000")}))
           .frame(FrameType::Data, kEndStream | flag::kPadded, 1, hex("03 6f6b 000000")),
       events("response 1 200, data 1 \"ok\" end, closed 1 done")},
  };
}

std::vector<ClientCase> state_rows() {
  return {
      {"idle-headers",
       kStates,
       "answers a request that there was not",
       {"GET"},
       peer().headers(9, ok_block()),
       connection_error(Rule::FrameOnIdleStream, ProtocolError)},
      {"idle-headers-even",
       kStates,
       "opens a stream without a promise",
       {"GET"},
       peer().headers(2, ok_block()),
       connection_error(Rule::FrameOnIdleStream, ProtocolError)},
      {"idle-data",
       kStates,
       "sends DATA on an idle stream",
       {"GET"},
       peer().data(3, "x"),
       connection_error(Rule::FrameOnIdleStream, ProtocolError)},
      {"idle-rst-stream",
       kStates,
       "resets an idle stream",
       {"GET"},
       peer().rst_stream(3),
       connection_error(Rule::FrameOnIdleStream, ProtocolError)},
      {"idle-window-update",
       kStates,
       "opens the window of an idle stream",
       {"GET"},
       peer().window_update(3, 1),
       connection_error(Rule::FrameOnIdleStream, ProtocolError)},
      {"closed-data",
       kStates,
       "sends DATA on a closed stream",
       {"GET"},
       answer().data(1, "x"),
       connection_error(Rule::FrameOnClosedStream, StreamClosed, 0, answer_events())},
      {"closed-headers",
       kStates,
       "answers twice",
       {"GET"},
       answer().headers(1, ok_block()),
       connection_error(Rule::FrameOnClosedStream, StreamClosed, 0, answer_events())},
      {"closed-window-update",
       kStates,
       "opens the window of a closed stream",
       {"GET"},
       answer().window_update(1, 1).rst_stream(1).priority(1, 0),
       events(answer_events())},
      {"half-closed-data",
       kStates,
       "sends DATA behind the end of its answer",
       {"POST"},
       answer().data(1, "x"),
       ClientExpect{"RST_STREAM 1 STREAM_CLOSED",
                    "response 1 200 end, closed 1 reset STREAM_CLOSED",
                    {Rule::FrameOnHalfClosedStream}}},
      {"rst-stream",
       kRstStream,
       "refuses a request",
       {"GET", "GET"},
       peer().rst_stream(1, RefusedStream).raw(answer(3).bytes()),
       events("closed 1 by peer REFUSED_STREAM, " + answer_events(3))},
      {"concurrency",
       kConcurrency,
       "allows one stream at a time",
       {"GET"},
       peer().settings({{SettingId::MaxConcurrentStreams, 1}}).raw(answer().bytes()),
       frames("SETTINGS ACK", answer_events())},
      {"ping",
       kPing,
       "sends PING",
       {"GET"},
       peer().ping("12345678").raw(answer().bytes()),
       frames("PING ACK \"12345678\"", answer_events())},
  };
}

std::vector<ClientCase> setting_rows() {
  return {
      {"enable-push-1",
       kSettings,
       "sets ENABLE_PUSH to 1",
       {},
       peer().settings({{SettingId::EnablePush, 1}}),
       connection_error(Rule::EnablePushFromServer, ProtocolError)},
      {"enable-push-2",
       kSettings,
       "sets ENABLE_PUSH to 2",
       {},
       peer().settings({{SettingId::EnablePush, 2}}),
       connection_error(Rule::EnablePushValue, ProtocolError)},
      {"enable-push-0",
       kSettings,
       "sets ENABLE_PUSH to 0",
       {},
       peer().settings({{SettingId::EnablePush, 0}}),
       frames("SETTINGS ACK")},
      {"settings-as-apns",
       kSettings,
       "sends the settings of Apple's service",
       {"GET"},
       peer()
           .settings({{SettingId::HeaderTableSize, 4'096},
                      {SettingId::MaxConcurrentStreams, 1'000},
                      {SettingId::InitialWindowSize, 65'535},
                      {SettingId::MaxFrameSize, 16'384},
                      {SettingId::MaxHeaderListSize, 8'000}})
           .raw(answer().bytes()),
       frames("SETTINGS ACK", answer_events())},
      {"window-3",
       kWindow,
       "opens a window of three bytes by two",
       {"POST hello"},
       peer().window_update(1, 1).raw(answer().bytes()),
       frames("DATA 1 \"hello\" END_STREAM", answer_events())},
      {"increment-0",
       kWindow,
       "adds nothing to a stream's window",
       {"POST"},
       peer().window_update(1, 0),
       ClientExpect{"RST_STREAM 1 PROTOCOL_ERROR",
                    "closed 1 reset PROTOCOL_ERROR",
                    {Rule::StreamIncrementZero}}},
      {"stream-window-exceeded",
       kWindow,
       "goes past the client's window",
       {"GET"},
       peer().headers(1, ok_block(), kEndHeaders).data(1, "0123456789a"),
       ClientExpect{"RST_STREAM 1 FLOW_CONTROL_ERROR",
                    "response 1 200, closed 1 reset FLOW_CONTROL_ERROR",
                    {Rule::StreamWindowExceeded}},
       [](SessionOptions& options) {
         options.settings.push_back(Setting{SettingId::InitialWindowSize, 10});
       }},
  };
}

std::vector<ClientCase> push_rows() {
  const Bytes block = get_block();
  const auto refused = [](std::string more) {
    return ClientExpect{"RST_STREAM 2 REFUSED_STREAM", "promise 1 2" + std::move(more)};
  };
  return {
      {"push-promise",
       kPush,
       "promises a stream; the client does not want it",
       {"GET"},
       peer().push_promise(1, 2, block).raw(answer().bytes()),
       refused(", " + answer_events()),
       kWithPush},
      {"push-promise-and-response",
       kPush,
       "sends the promised response all the same",
       {"GET"},
       peer()
           .push_promise(1, 2, block)
           .headers(2, ok_block(), kEndHeaders)
           .data(2, "x")
           .raw(answer().bytes()),
       refused(", " + answer_events()),
       kWithPush},
      {"push-promise-in-two",
       kPush,
       "promises in two frames",
       {"GET"},
       peer()
           .push_promise(1, 2, ByteView(block).first(9), 0)
           .continuation(1, ByteView(block).subspan(9)),
       refused(""),
       kWithPush},
      {"push-promise-disabled",
       kPush,
       "promises though the client has said no",
       {"GET"},
       peer().push_promise(1, 2, block),
       connection_error(Rule::PushPromiseDisabled, ProtocolError)},
      {"push-promise-before-ack",
       kPush,
       "promises before it has acknowledged that the client has said no",
       {"GET"},
       peer().settings().push_promise(1, 2, block).settings_ack(),
       ClientExpect{"SETTINGS ACK, RST_STREAM 2 REFUSED_STREAM", "promise 1 2"},
       nullptr,
       kBare},
      {"push-promise-on-0",
       kPush,
       "promises on stream 0",
       {"GET"},
       peer().push_promise(0, 2, block),
       connection_error(Rule::PushPromiseOnConnection, ProtocolError),
       kWithPush},
      {"push-promise-on-idle",
       kPush,
       "promises on a stream that the client has not opened",
       {"GET"},
       peer().push_promise(3, 2, block),
       connection_error(Rule::PushPromiseState, ProtocolError),
       kWithPush},
      {"push-promise-on-closed",
       kPush,
       "promises on a closed stream",
       {"GET"},
       answer().push_promise(1, 2, block),
       connection_error(Rule::PushPromiseState, ProtocolError, 0, answer_events()),
       kWithPush},
      {"push-promise-on-half-closed",
       kPush,
       "promises behind the end of its answer",
       {"POST"},
       answer().push_promise(1, 2, block),
       connection_error(Rule::PushPromiseState, ProtocolError, 0, "response 1 200 end"),
       kWithPush},
      {"push-promise-odd",
       kPush,
       "promises a stream with an odd number",
       {"GET"},
       peer().push_promise(1, 3, block),
       connection_error(Rule::PromisedIdIllegal, ProtocolError),
       kWithPush},
      {"push-promise-stream-0",
       kPush,
       "promises stream 0",
       {"GET"},
       peer().push_promise(1, 0, block),
       connection_error(Rule::PromisedIdIllegal, ProtocolError),
       kWithPush},
      {"push-promise-lower",
       kPush,
       "promises stream 2 behind stream 4",
       {"GET"},
       peer().push_promise(1, 4, block).push_promise(1, 2, block),
       ClientExpect{"RST_STREAM 4 REFUSED_STREAM, GOAWAY 4 PROTOCOL_ERROR, closed",
                    "promise 1 4",
                    {Rule::PromisedIdIllegal},
                    false},
       kWithPush},
      {"push-promise-short",
       kPush,
       "promises in a frame of three bytes",
       {"GET"},
       peer().frame(FrameType::PushPromise, kEndHeaders, 1, Bytes(3)),
       connection_error(Rule::PushPromiseLength, FrameSizeError),
       kWithPush},
      {"push-promise-padding",
       kPush,
       "pads a promise by more than there is",
       {"GET"},
       peer().frame(FrameType::PushPromise, kEndHeaders | flag::kPadded, 1, hex("0800000002")),
       connection_error(Rule::PaddingTooLong, ProtocolError),
       kWithPush},
      {"push-promise-malformed",
       kPush,
       "promises a request without :path",
       {"GET"},
       peer().push_promise(1, 2, hpack_block({{":method", "GET"}, {":scheme", "https"}})),
       ClientExpect{"RST_STREAM 2 PROTOCOL_ERROR", "", {Rule::PseudoMissing}},
       kWithPush},
  };
}

std::vector<ClientCase> goaway_rows() {
  const auto no_more = [](std::string text) {
    return ClientExpect{"", std::move(text), {}, true, true};
  };
  return {
      {"goaway",
       kGoaway,
       "says GOAWAY for the second of two requests, then answers the first",
       {"GET", "GET"},
       peer().goaway(1).raw(answer().bytes()),
       no_more("goaway 1 NO_ERROR, closed 3 unprocessed NO_ERROR, " + answer_events())},
      {"goaway-two-steps",
       kGoaway,
       "says GOAWAY for no stream yet, then for the second",
       {"GET", "GET"},
       peer().goaway(kMaxStreamId).goaway(1).raw(answer().bytes()),
       no_more("goaway 2147483647 NO_ERROR, goaway 1 NO_ERROR, closed 3 unprocessed NO_ERROR, " +
               answer_events())},
      {"goaway-with-code",
       kGoaway,
       "says GOAWAY with a code and debug data",
       {"GET"},
       peer().goaway(0, EnhanceYourCalm, "{\"reason\":\"Shutdown\"}"),
       no_more("goaway 0 ENHANCE_YOUR_CALM, closed 1 unprocessed ENHANCE_YOUR_CALM")},
      {"goaway-unknown-code",
       kGoaway,
       "says GOAWAY with an unknown code",
       {"GET"},
       peer().goaway(1, static_cast<ErrorCode>(0xFF)).raw(answer().bytes()),
       no_more("goaway 1 error 0xff, " + answer_events())},
      {"goaway-grows",
       kGoaway,
       "says GOAWAY twice, with a higher stream",
       {"GET", "GET"},
       peer().goaway(1).goaway(3),
       connection_error(Rule::GoawayIdIncreased, ProtocolError, 0,
                        "goaway 1 NO_ERROR, closed 3 unprocessed NO_ERROR")},
      // Legal is to drop it as well; a server that answers what it says it will not is not trusted.
      {"goaway-answer-above",
       kGoaway,
       "answers a request above its GOAWAY",
       {"GET", "GET"},
       peer().goaway(1).raw(answer(3).bytes()).raw(answer().bytes()),
       connection_error(Rule::FrameOnClosedStream, StreamClosed, 0,
                        "goaway 1 NO_ERROR, closed 3 unprocessed NO_ERROR")},
  };
}

}  // namespace

std::vector<ClientCase> client_connection_rows() {
  std::vector<ClientCase> all = first_rows();
  for (const auto& rows : {state_rows(), setting_rows(), push_rows(), goaway_rows()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace apns::http2::test
