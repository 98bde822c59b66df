// RFC 9113 sections 3 and 4: how a connection starts, and what a frame is.
#include <string>

#include "tests/apns/http2/conformance_case.h"

namespace apns::http2::test {

namespace {

using enum ErrorCode;

constexpr std::string_view kPrefaceSection = "RFC 9113 section 3.4";
constexpr std::string_view kFormat = "RFC 9113 section 4.1";
constexpr std::string_view kSize = "RFC 9113 section 4.2";
constexpr std::string_view kBlocks = "RFC 9113 section 4.3";

constexpr std::uint8_t kUnknownType = 0x16;

constexpr bool kBare = true;

Bytes zeros(std::size_t len) {
  return Bytes(len);
}

FrameSequence open_block(StreamId stream = 1) {
  return peer().headers(stream, get_block(), kEndStream);
}

Expect interrupted() {
  return connection_error(Rule::BlockInterrupted, ProtocolError, 1);
}

std::vector<Case> preface_rows() {
  return {
      {"preface", kPrefaceSection, "http2/3.5/1 generic/1/1", "starts as it should",
       peer().preface().settings().settings_ack(), frames("SETTINGS ACK"), nullptr, kBare},
      {"preface-and-request", kPrefaceSection, "",
       "sends a request before it has seen the server's SETTINGS",
       peer().preface().settings().get(1), frames("SETTINGS ACK, " + ok(1)), nullptr, kBare},
      {"preface-other-text", kPrefaceSection, "http2/3.5/2", "begins with other text",
       peer().raw("THIS IS NOT THE PREFACE!\r\n\r\n").settings(),
       connection_error(Rule::PrefaceInvalid, ProtocolError, 0), nullptr, kBare},
      {"preface-http1", kPrefaceSection, "", "speaks HTTP/1.1",
       peer().raw("GET / HTTP/1.1\r\nhost: a\r\n\r\n"),
       connection_error(Rule::PrefaceInvalid, ProtocolError, 0), nullptr, kBare},
      {"preface-last-byte", kPrefaceSection, "", "has the last byte of the preface wrong",
       peer().raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r").settings(),
       connection_error(Rule::PrefaceInvalid, ProtocolError, 0), nullptr, kBare},
      {"preface-missing", kPrefaceSection, "", "begins with SETTINGS", peer().settings(),
       connection_error(Rule::PrefaceInvalid, ProtocolError, 0), nullptr, kBare},
      {"first-frame-ping", kPrefaceSection, "", "sends PING before SETTINGS",
       peer().preface().ping("12345678").settings(),
       connection_error(Rule::FirstFrameNotSettings, ProtocolError, 0), nullptr, kBare},
      {"first-frame-headers", kPrefaceSection, "", "sends HEADERS before SETTINGS",
       peer().preface().get(1).settings(),
       connection_error(Rule::FirstFrameNotSettings, ProtocolError, 0), nullptr, kBare},
      {"first-frame-unknown", kPrefaceSection, "", "sends an unknown frame before SETTINGS",
       peer().preface().frame(kUnknownType, 0, 0, {}).settings(),
       connection_error(Rule::FirstFrameNotSettings, ProtocolError, 0), nullptr, kBare},
      {"first-frame-ack", kPrefaceSection, "", "acknowledges SETTINGS before its own",
       peer().preface().settings_ack().settings(),
       connection_error(Rule::FirstFrameNotSettings, ProtocolError, 0), nullptr, kBare},
  };
}

std::vector<Case> format_rows() {
  return {
      {"unknown-type", kFormat, "http2/4.1/1", "sends a frame of unknown type, then PING",
       peer().frame(kUnknownType, 0, 0, zeros(8)).ping("12345678"),
       frames("PING ACK \"12345678\"")},
      {"unknown-type-on-stream", kFormat, "", "sends an unknown frame within a request",
       peer().post(1).frame(kUnknownType, 0xFF, 1, zeros(100)).data(1, "x"), answered({1})},
      {"unknown-type-on-idle-stream", kFormat, "", "sends an unknown frame on an idle stream",
       peer().frame(kUnknownType, 0, 9, zeros(1)), nothing()},
      {"unknown-type-255", kFormat, "", "sends an empty frame of type 255",
       peer().frame(0xFF, 0xFF, 1, {}), nothing()},
      {"undefined-flags-ping", kFormat, "http2/4.1/2", "sets all flags of PING that mean nothing",
       peer().ping("12345678", 0xFE), frames("PING ACK \"12345678\"")},
      {"undefined-flags-settings", kFormat, "", "sets undefined flags of SETTINGS",
       peer().frame(FrameType::Settings, 0xFE, 0, {}), frames("SETTINGS ACK")},
      {"undefined-flags-headers", kFormat, "", "sets undefined flags of HEADERS",
       peer().headers(1, get_block(), kWhole | 0xD2), answered({1})},
      {"undefined-flags-data", kFormat, "", "sets undefined flags of DATA",
       peer().post(1).data(1, "x", kEndStream | 0xF6), answered({1})},
      {"undefined-flags-window-update", kFormat, "", "sets flags of WINDOW_UPDATE",
       peer().frame(FrameType::WindowUpdate, 0xFF, 0, hex("00000001")), nothing()},
      {"undefined-flags-goaway", kFormat, "", "sets flags of RST_STREAM and PRIORITY",
       peer()
           .get(1, "/hold")
           .frame(FrameType::Priority, 0xFF, 1, priority_fields(0))
           .frame(FrameType::RstStream, 0xFF, 1, hex("00000008")),
       nothing()},
      {"reserved-bit-ping", kFormat, "http2/4.1/3", "sets the reserved bit of the stream",
       peer().frame(FrameType::Ping, 0, 0x8000'0000U, as_bytes("12345678")),
       frames("PING ACK \"12345678\"")},
      {"reserved-bit-request", kFormat, "", "sets the reserved bit throughout a request",
       peer().headers(0x8000'0001U, post_block(), kEndHeaders).data(0x8000'0001U, "x"),
       answered({1})},
      {"reserved-bit-window-update", kFormat, "", "sets the reserved bit of an increment",
       peer().window_update(0, 0x8000'0001U), nothing()},
  };
}

std::vector<Case> size_rows() {
  const Tune wide = [](SessionOptions& options) {
    options.settings.push_back(Setting{SettingId::MaxFrameSize, 32'768});
  };
  const auto too_large = [](FrameType type, StreamId stream) {
    return peer().frame_header(kMinMaxFrameSize + 1, static_cast<std::uint8_t>(type), 0, stream);
  };
  return {
      {"data-16384", kSize, "http2/4.2/1", "sends the largest DATA that one may",
       peer().post(1).content(1, kMinMaxFrameSize), answered({1})},
      {"data-16385", kSize, "http2/4.2/2", "sends a DATA frame too large",
       peer().post(1).data(1, std::string(kMinMaxFrameSize + 1, 'x')),
       connection_error(Rule::DataTooLarge, FrameSizeError, 1)},
      {"headers-16384", kSize, "", "sends the largest HEADERS that one may",
       peer().headers(1, get_block("/", {{"a", std::string(kMinMaxFrameSize - 60, 'x')}})),
       answered({1})},
      {"headers-16385", kSize, "http2/4.2/3", "sends a HEADERS frame too large",
       peer().headers(1, Bytes(kMinMaxFrameSize + 1)),
       connection_error(Rule::FrameTooLarge, FrameSizeError, 0)},
      {"continuation-16385", kSize, "", "sends a CONTINUATION frame too large",
       open_block().frame(FrameType::Continuation, kEndHeaders, 1, Bytes(kMinMaxFrameSize + 1)),
       connection_error(Rule::FrameTooLarge, FrameSizeError, 1)},
      {"settings-16386", kSize, "", "announces a SETTINGS frame too large",
       peer().frame_header(16'386, 4, 0, 0),
       connection_error(Rule::FrameTooLarge, FrameSizeError, 0)},
      {"unknown-16385", kSize, "", "announces an unknown frame too large",
       peer().frame_header(kMinMaxFrameSize + 1, kUnknownType, 0, 0),
       connection_error(Rule::FrameTooLarge, FrameSizeError, 0)},
      {"goaway-16385", kSize, "", "announces a GOAWAY frame too large",
       too_large(FrameType::Goaway, 0), connection_error(Rule::FrameTooLarge, FrameSizeError, 0)},
      {"length-2^24-1", kSize, "", "announces the longest frame there is",
       peer().frame_header(0xFF'FFFF, 1, kWhole, 1),
       connection_error(Rule::FrameTooLarge, FrameSizeError, 0)},
      {"data-20000-announced", kSize, "", "uses a SETTINGS_MAX_FRAME_SIZE of the server's",
       peer().post(1).data(1, std::string(20'000, 'x')), answered({1}), wide},
      {"data-32769-announced", kSize, "", "goes past a SETTINGS_MAX_FRAME_SIZE of the server's",
       peer().post(1).data(1, std::string(32'769, 'x')),
       connection_error(Rule::DataTooLarge, FrameSizeError, 1), wide},
  };
}

std::vector<Case> block_rows() {
  const Bytes block = get_block();
  const ByteView half = ByteView(block).first(block.size() / 2);
  const ByteView rest = ByteView(block).subspan(block.size() / 2);
  return {
      {"block-undecodable", kBlocks, "http2/4.3/1", "sends a header block that breaks off",
       peer().headers(1, hex("40")), connection_error(Rule::Compression, CompressionError, 1)},
      {"block-then-priority", kBlocks, "http2/4.3/2 http2/6.2/1",
       "sends PRIORITY within a header block", open_block().priority(1, 0), interrupted()},
      {"block-then-other-headers", kBlocks, "http2/4.3/3 http2/6.2/2",
       "sends HEADERS of another stream within a header block", open_block().get(3), interrupted()},
      {"block-then-headers", kBlocks, "", "sends HEADERS of the same stream within a header block",
       open_block().get(1), interrupted()},
      {"block-then-data", kBlocks, "", "sends DATA within a header block",
       open_block().data(1, "x"), interrupted()},
      {"block-then-settings", kBlocks, "", "sends SETTINGS within a header block",
       open_block().settings(), interrupted()},
      {"block-then-ping", kBlocks, "", "sends PING within a header block",
       open_block().ping("12345678"), interrupted()},
      {"block-then-window-update", kBlocks, "", "sends WINDOW_UPDATE within a header block",
       open_block().window_update(0, 1), interrupted()},
      {"block-then-rst-stream", kBlocks, "", "sends RST_STREAM within a header block",
       open_block().rst_stream(1), interrupted()},
      {"block-then-goaway", kBlocks, "", "sends GOAWAY within a header block",
       open_block().goaway(0), interrupted()},
      {"block-in-three", kBlocks, "", "cuts a header block in the middle of a field",
       peer().headers(1, half, kEndStream).continuation(1, {}, 0).continuation(1, rest),
       answered({1})},
      {"block-empty-first", kBlocks, "", "sends a HEADERS frame without a byte of its block",
       peer().headers(1, ByteView{}, kEndStream).continuation(1, block), answered({1})},
      {"block-of-refused-stream", kBlocks, "",
       "adds to the dynamic table in a malformed request, and refers to it in the next",
       peer()
           .headers(1, join({get_block("/", {{"UPPER", "x"}}), hpack_literal("a", "b", 0x40)}))
           .headers(3, join({get_block("/fields"), hex("be")})),
       stream_error(Rule::FieldNameIllegal, ProtocolError, 1)},
      {"block-of-reset-stream", kBlocks, "",
       "adds to the dynamic table in trailers that the server does not want any more",
       peer()
           .post(1, "/reset")
           .headers(1, hpack_literal("a", "b", 0x40))
           .headers(3, join({get_block("/fields"), hex("be")})),
       frames("RST_STREAM 1 CANCEL, " + ok(3, "a=b;"))},
  };
}

}  // namespace

std::vector<Case> start_rows() {
  std::vector<Case> all = preface_rows();
  for (const auto& rows : {format_rows(), size_rows(), block_rows()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  for (Case& row : all) {
    if (row.id == "block-of-refused-stream") {
      row.expect.frames += ", " + ok(3, "a=b;");
    }
  }
  return all;
}

}  // namespace apns::http2::test
