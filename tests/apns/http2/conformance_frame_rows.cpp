// RFC 9113 sections 6.1 to 6.4, 6.6 to 6.8, 6.10 and 7: frames by type, but SETTINGS and windows.
#include <string>

#include "tests/apns/http2/conformance_case.h"

namespace apns::http2::test {

namespace {

using enum ErrorCode;

constexpr std::string_view kData = "RFC 9113 section 6.1";
constexpr std::string_view kHeaders = "RFC 9113 section 6.2";
constexpr std::string_view kPriority = "RFC 9113 section 6.3";
constexpr std::string_view kRstStream = "RFC 9113 section 6.4";
constexpr std::string_view kPushPromise = "RFC 9113 section 8.4";
constexpr std::string_view kPing = "RFC 9113 section 6.7";
constexpr std::string_view kGoaway = "RFC 9113 section 6.8";
constexpr std::string_view kContinuation = "RFC 9113 section 6.10";
constexpr std::string_view kCodes = "RFC 9113 section 7";

constexpr auto kUnknownCode = static_cast<ErrorCode>(0xFF);

const std::string kPong = "PING ACK \"12345678\"";

Bytes padded(ByteView content, std::size_t pad_len) {
  Bytes out;
  ByteWriter writer(out);
  writer.write(static_cast<std::uint8_t>(pad_len));
  writer.write(content);
  writer.write(Bytes(pad_len));
  return out;
}

Expect padding_error(StreamId last_stream) {
  return connection_error(Rule::PaddingTooLong, ProtocolError, last_stream);
}

std::vector<Case> data_rows() {
  const auto data = [](ByteView payload) {
    return peer().post(1, "/echo").frame(FrameType::Data, kEndStream | flag::kPadded, 1, payload);
  };
  return {
      {"data", kData, "generic/3.1/1", "sends one DATA frame",
       peer().post(1, "/echo").data(1, "ab"), frames(ok(1, "ab"))},
      {"data-in-parts", kData, "generic/3.1/2", "sends several DATA frames",
       peer().post(1, "/echo").data(1, "a", 0).data(1, "", 0).data(1, "b", 0).data(1, ""),
       frames(ok(1, "ab"))},
      {"data-padded", kData, "generic/3.1/3", "pads DATA", data(padded(as_bytes("ab"), 5)),
       frames(ok(1, "ab"))},
      {"data-padding-0", kData, "", "pads DATA by nothing", data(padded(as_bytes("ab"), 0)),
       frames(ok(1, "ab"))},
      {"data-padding-only", kData, "", "sends DATA that is all padding", data(padded({}, 255)),
       frames(ok(1, ""))},
      {"data-padding-nonzero", kData, "", "pads DATA with bytes other than zero",
       data(hex("0261 6262ff")), frames(ok(1, "ab"))},
      {"data-on-0", kData, "http2/6.1/1", "sends DATA on stream 0", peer().data(0, "x"),
       connection_error(Rule::DataOnConnection, ProtocolError, 0)},
      {"data-padding-too-long", kData, "http2/6.1/3", "pads DATA by more than there is",
       data(hex("0461 6262")), padding_error(1)},
      {"data-padding-whole", kData, "", "pads DATA by as much as the frame's length",
       data(hex("0400 0000")), padding_error(1)},
      {"data-padding-missing", kData, "", "leaves out the pad length of DATA", data({}),
       padding_error(1)},
  };
}

std::vector<Case> headers_rows() {
  const Bytes block = get_block();
  const auto headers = [](ByteView payload, std::uint8_t flags) {
    return peer().headers(1, payload, static_cast<std::uint8_t>(kWhole | flags));
  };
  constexpr std::uint8_t kBoth = flag::kPadded | flag::kPriority;
  return {
      {"headers", kHeaders, "generic/3.2/1", "sends HEADERS", peer().get(1), answered({1})},
      {"headers-padded", kHeaders, "generic/3.2/2", "pads HEADERS",
       headers(padded(block, 8), flag::kPadded), answered({1})},
      {"headers-priority", kHeaders, "generic/3.2/3", "gives a priority in HEADERS",
       headers(join({priority_fields(0, 255), block}), flag::kPriority), answered({1})},
      {"headers-padded-priority", kHeaders, "", "pads HEADERS and gives a priority",
       headers(padded(join({priority_fields(3, 0, true), block}), 255), kBoth), answered({1})},
      {"headers-on-0", kHeaders, "http2/6.2/3", "sends HEADERS on stream 0", peer().get(0),
       connection_error(Rule::HeadersOnConnection, ProtocolError, 0)},
      {"headers-padding-too-long", kHeaders, "http2/6.2/4", "pads HEADERS by more than there is",
       headers(join({hex("ff"), block}), flag::kPadded), padding_error(0)},
      {"headers-padding-missing", kHeaders, "", "leaves out the pad length of HEADERS",
       headers({}, flag::kPadded), padding_error(0)},
      {"headers-priority-short", kHeaders, "", "sends HEADERS too short for its priority",
       headers(hex("00000000"), flag::kPriority),
       connection_error(Rule::HeadersLength, FrameSizeError, 1)},
      {"headers-padding-eats-priority", kHeaders, "", "pads HEADERS where its priority should be",
       headers(hex("02 00000000 0000"), kBoth), padding_error(1)},
  };
}

std::vector<Case> priority_rows() {
  return {
      {"priority-1", kPriority, "generic/3.3/1", "sends PRIORITY of weight 1",
       peer().priority(1, 0, 0).get(1), answered({1})},
      {"priority-256", kPriority, "generic/3.3/2", "sends PRIORITY of weight 256",
       peer().priority(1, 0, 255).get(1), answered({1})},
      {"priority-dependency", kPriority, "generic/3.3/3", "makes a stream depend on another",
       peer().priority(3, 1, 0).get(1), answered({1})},
      {"priority-exclusive", kPriority, "generic/3.3/4", "makes a stream depend exclusively",
       peer().priority(1, 0, 0, true).get(1), answered({1})},
      {"priority-higher-idle", kPriority, "generic/3.3/5",
       "gives stream 3 a priority before it opens stream 1",
       peer().priority(3, 0, 255).get(1).get(3), answered({1, 3})},
      {"priority-while-open", kPriority, "", "sends PRIORITY between DATA frames",
       peer().post(1).data(1, "a", 0).priority(1, 0).data(1, "b"), answered({1})},
      {"priority-even", kPriority, "", "gives a stream of the server's a priority",
       peer().priority(2, 0), nothing()},
      {"priority-on-0", kPriority, "http2/6.3/1", "sends PRIORITY on stream 0",
       peer().priority(0, 1), connection_error(Rule::PriorityOnConnection, ProtocolError, 0)},
      {"priority-length-4", kPriority, "http2/6.3/2", "sends PRIORITY of 4 bytes",
       peer().get(1, "/hold").frame(FrameType::Priority, 0, 1, Bytes(4)),
       stream_error(Rule::PriorityLength, FrameSizeError, 1)},
      {"priority-length-6", kPriority, "", "sends PRIORITY of 6 bytes",
       peer().get(1, "/hold").frame(FrameType::Priority, 0, 1, Bytes(6)),
       stream_error(Rule::PriorityLength, FrameSizeError, 1)},
  };
}

std::vector<Case> rst_stream_rows() {
  const auto of_length = [](std::size_t len) {
    return peer().get(1, "/hold").frame(FrameType::RstStream, 0, 1, Bytes(len));
  };
  const Expect length_error = connection_error(Rule::RstStreamLength, FrameSizeError, 1);
  return {
      {"rst-stream", kRstStream, "generic/3.4/1", "resets its request",
       peer().post(1).rst_stream(1).ping("12345678"), frames(kPong)},
      {"rst-stream-held", kRstStream, "", "resets one of two requests that wait for their answers",
       peer().get(1, "/hold").get(3, "/hold").rst_stream(1), then(nothing(), ok(3))},
      {"rst-stream-on-0", kRstStream, "http2/6.4/1", "sends RST_STREAM on stream 0",
       peer().rst_stream(0), connection_error(Rule::RstStreamOnConnection, ProtocolError, 0)},
      {"rst-stream-length-3", kRstStream, "http2/6.4/3", "sends RST_STREAM of 3 bytes",
       of_length(3), length_error},
      {"rst-stream-length-5", kRstStream, "", "sends RST_STREAM of 5 bytes", of_length(5),
       length_error},
      {"rst-stream-length-0", kRstStream, "", "sends RST_STREAM of no bytes", of_length(0),
       length_error},
      {"push-promise", kPushPromise, "http2/8.2/1", "sends PUSH_PROMISE",
       peer().get(1, "/hold").push_promise(1, 2, get_block()),
       connection_error(Rule::PushPromiseFromClient, ProtocolError, 1)},
      {"push-promise-on-0", kPushPromise, "", "sends PUSH_PROMISE on stream 0",
       peer().push_promise(0, 2, get_block()),
       connection_error(Rule::PushPromiseFromClient, ProtocolError, 0)},
  };
}

std::vector<Case> ping_rows() {
  const auto of_length = [](std::size_t len) {
    return peer().frame(FrameType::Ping, 0, 0, Bytes(len));
  };
  const Expect length_error = connection_error(Rule::PingLength, FrameSizeError, 0);
  return {
      {"ping", kPing, "http2/6.7/1 generic/3.7/1", "sends PING", peer().ping("12345678"),
       frames(kPong)},
      {"ping-ack", kPing, "http2/6.7/2", "answers a PING that there was not, then sends one",
       peer().ping("abcdefgh", flag::kAck).ping("12345678"), frames(kPong)},
      {"ping-order", kPing, "", "sends three PINGs",
       peer().ping("aaaaaaaa").ping("bbbbbbbb").ping("cccccccc"),
       frames("PING ACK \"aaaaaaaa\", PING ACK \"bbbbbbbb\", PING ACK \"cccccccc\"")},
      {"ping-while-open", kPing, "", "sends PING between the frames of a request",
       peer().post(1).ping("12345678").data(1, "x"), frames(kPong + ", " + ok(1))},
      {"ping-on-stream", kPing, "http2/6.7/3", "sends PING on stream 1",
       peer().frame(FrameType::Ping, 0, 1, as_bytes("12345678")),
       connection_error(Rule::PingOnStream, ProtocolError, 0)},
      {"ping-length-7", kPing, "http2/6.7/4", "sends PING of 7 bytes", of_length(7), length_error},
      {"ping-length-9", kPing, "", "sends PING of 9 bytes", of_length(9), length_error},
      {"ping-length-0", kPing, "", "sends PING of no bytes", of_length(0), length_error},
      {"ping-ack-length-6", kPing, "", "sends an answer to PING of 6 bytes",
       peer().frame(FrameType::Ping, flag::kAck, 0, Bytes(6)), length_error},
  };
}

std::vector<Case> goaway_rows() {
  return {
      {"goaway", kGoaway, "generic/3.8/1", "says GOAWAY", peer().goaway(0), nothing()},
      {"goaway-open-streams", kGoaway, "",
       "says GOAWAY within a request, which is answered to its end",
       peer().post(1).goaway(0, NoError, "bye").data(1, "x"), answered({1})},
      {"goaway-then-request", kGoaway, "",
       "says GOAWAY, which is about the server's streams, and goes on asking",
       peer().goaway(0).get(1).ping("12345678"), frames(ok(1) + ", " + kPong)},
      {"goaway-on-stream", kGoaway, "http2/6.8/1", "sends GOAWAY on stream 1",
       peer().frame(FrameType::Goaway, 0, 1, Bytes(8)),
       connection_error(Rule::GoawayOnStream, ProtocolError, 0)},
      {"goaway-length-7", kGoaway, "", "sends GOAWAY of 7 bytes",
       peer().frame(FrameType::Goaway, 0, 0, Bytes(7)),
       connection_error(Rule::GoawayLength, FrameSizeError, 0)},
      {"goaway-twice", kGoaway, "", "says GOAWAY twice, with a lower stream",
       peer().get(1, "/hold").goaway(kMaxStreamId).goaway(0).goaway(0), then(nothing(), ok(1))},
      {"goaway-grows", kGoaway, "", "says GOAWAY twice, with a higher stream",
       peer().get(1, "/hold").goaway(0).goaway(2),
       connection_error(Rule::GoawayIdIncreased, ProtocolError, 1)},
      {"goaway-of-ours", kGoaway, "", "opens a stream above the one that the server's GOAWAY names",
       peer()
           .get(1, "/away")
           .get(3)
           .post(5)
           .data(5, "x", 0)
           .window_update(5, 1)
           .headers(5, {{"a", "b"}})
           .rst_stream(3)
           .ping("12345678"),
       last(frames("GOAWAY 1 NO_ERROR, " + ok(1) + ", " + kPong))},
      {"goaway-of-ours-compression", kGoaway, "",
       "adds to the dynamic table in a request above the GOAWAY, and refers to it in trailers",
       peer()
           .post(1, "/away")
           .headers(3, join({get_block(), hpack_literal("a", "b", 0x40)}))
           .headers(1, hex("be")),
       last(frames("GOAWAY 1 NO_ERROR, " + ok(1)))},
      {"goaway-in-two-steps", kGoaway, "",
       "opens a stream between the two GOAWAYs of a server that shuts down",
       peer().get(1, "/leave").get(3, "/hold").ping("goaway 2", flag::kAck).get(5).rst_stream(3),
       last(frames("GOAWAY 2147483647 NO_ERROR, PING \"goaway 2\", " + ok(1) +
                   ", GOAWAY 3 NO_ERROR, closed"))},
      {"goaway-in-two-steps-no-answer", kGoaway, "",
       "does not answer the PING between the two GOAWAYs", peer().get(1, "/leave"),
       last(frames("GOAWAY 2147483647 NO_ERROR, PING \"goaway 2\", " + ok(1) +
                   ", GOAWAY 1 NO_ERROR, closed")),
       nullptr, false, std::chrono::seconds(2)},
  };
}

std::vector<Case> continuation_rows() {
  const Bytes block = get_block();
  const ByteView first = ByteView(block).first(10);
  const ByteView second = ByteView(block).subspan(10, 10);
  const ByteView third = ByteView(block).subspan(20);
  const auto stray = [](StreamId last_stream, const std::string& before = {}) {
    return connection_error(Rule::ContinuationWithoutBlock, ProtocolError, last_stream, before);
  };
  return {
      {"continuation", kContinuation, "generic/3.10/1", "sends a header block in two frames",
       peer().headers(1, first, kEndStream).continuation(1, ByteView(block).subspan(10)),
       answered({1})},
      {"continuation-twice", kContinuation, "generic/3.10/2 http2/6.10/1",
       "sends a header block in three frames",
       peer().headers(1, first, kEndStream).continuation(1, second, 0).continuation(1, third),
       answered({1})},
      {"continuation-of-trailers", kContinuation, "", "sends trailers in two frames",
       peer()
           .post(1, "/echo")
           .data(1, "ab", 0)
           .headers(1, hpack_block({{"a", "b"}}), kEndStream)
           .continuation(1, hpack_block({{"c", "d"}})),
       frames(ok(1, "ab a=b;c=d;"))},
      {"continuation-then-data", kContinuation, "http2/6.10/2",
       "sends DATA behind a CONTINUATION that is not the last",
       peer().headers(1, first, 0).continuation(1, second, 0).data(1, "x"),
       connection_error(Rule::BlockInterrupted, ProtocolError, 1)},
      {"continuation-on-0", kContinuation, "http2/6.10/3",
       "goes on with a header block on stream 0",
       peer().headers(1, first, kEndStream).continuation(0, second),
       connection_error(Rule::BlockInterrupted, ProtocolError, 1)},
      {"continuation-on-other", kContinuation, "", "goes on with a header block on stream 3",
       peer().headers(1, first, kEndStream).continuation(3, second),
       connection_error(Rule::BlockInterrupted, ProtocolError, 1)},
      {"continuation-behind-headers", kContinuation, "http2/6.10/4",
       "sends CONTINUATION behind HEADERS with END_HEADERS",
       peer().get(1, "/hold").continuation(1, second), stray(1)},
      {"continuation-behind-continuation", kContinuation, "http2/6.10/5",
       "sends CONTINUATION behind CONTINUATION with END_HEADERS",
       peer()
           .headers(1, first, kEndStream)
           .continuation(1, ByteView(block).subspan(10))
           .continuation(1, second),
       stray(1, ok(1))},
      {"continuation-behind-data", kContinuation, "http2/6.10/6", "sends CONTINUATION behind DATA",
       peer().post(1).data(1, "x", 0).continuation(1, second), stray(1)},
      {"continuation-on-0-alone", kContinuation, "", "sends CONTINUATION on stream 0",
       peer().continuation(0, block),
       connection_error(Rule::ContinuationOnConnection, ProtocolError, 0)},
  };
}

std::vector<Case> code_rows() {
  return {
      {"code-unknown-goaway", kCodes, "http2/7/1", "says GOAWAY with an unknown code",
       peer().goaway(0, kUnknownCode).ping("12345678"), frames(kPong)},
      {"code-unknown-rst-stream", kCodes, "http2/7/2", "resets a stream with an unknown code",
       peer().post(1).rst_stream(1, kUnknownCode).ping("12345678"), frames(kPong)},
  };
}

}  // namespace

std::vector<Case> frame_rows() {
  std::vector<Case> all = data_rows();
  for (const auto& rows : {headers_rows(), priority_rows(), rst_stream_rows(), ping_rows(),
                           goaway_rows(), continuation_rows(), code_rows()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace apns::http2::test
