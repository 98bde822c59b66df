#include "apns/http2/frame.h"

#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace apns::http2 {
namespace {

std::string hex(const Bytes& bytes) {
  return to_hex(bytes);
}

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  EXPECT_TRUE(parse_hex(text, bytes)) << text;
  return bytes;
}

TEST(Http2Frame, HeaderIsReadAsTheRfcLaysItOut) {
  // length 0x0102 03, type 1, flags 0x25, reserved bit and stream 0x7ffffffe
  const Bytes bytes = from_hex("010203 01 25 fffffffe");
  const FrameHeader header = decode_frame_header(bytes);
  EXPECT_EQ(header.payload_len, 0x010203U);
  EXPECT_TRUE(header.is(FrameType::Headers));
  EXPECT_EQ(header.flags, 0x25);
  EXPECT_EQ(header.stream, 0x7FFF'FFFEU);
}

TEST(Http2Frame, EncodersWriteTheBytesOfTheRfc) {
  const auto made = [](auto append) {
    Bytes out;
    append(out);
    return hex(out);
  };
  const std::array settings = {Setting(SettingId::MaxConcurrentStreams, 1000),
                               Setting(0xABCD, 0x01020304)};
  EXPECT_EQ(made([&](Bytes& out) { append_settings(out, settings); }),
            "00000c040000000000"  // 12 bytes, SETTINGS
            "0003000003e8"        // MAX_CONCURRENT_STREAMS 1000
            "abcd01020304");
  EXPECT_EQ(made([](Bytes& out) { append_settings_ack(out); }), "000000040100000000");
  EXPECT_EQ(made([](Bytes& out) { append_ping(out, as_bytes("12345678"), true); }),
            "0000080601000000003132333435363738");
  EXPECT_EQ(made([](Bytes& out) {
              append_goaway(out, 0, ErrorCode::NoError,
                            "{\"reason\":\"BadCertificateEnvironment\"}");
            }),
            "00002e070000000000"  // the frame of docs/wire/http2.md: 46 bytes
            "00000000"
            "00000000" +
                to_hex(as_bytes("{\"reason\":\"BadCertificateEnvironment\"}")));
  EXPECT_EQ(made([](Bytes& out) { append_rst_stream(out, 3, ErrorCode::RefusedStream); }),
            "00000403000000000300000007");
  EXPECT_EQ(made([](Bytes& out) { append_window_update(out, 1, 0x7FFF'FFFF); }),
            "0000040800000000017fffffff");
}

TEST(Http2Frame, AHeaderBlockIsCutIntoContinuations) {
  Bytes out;
  append_headers(out, 5, as_bytes("abcde"), true, 2);
  EXPECT_EQ(hex(out),
            "000002010100000005"
            "6162"
            "000002090000000005"
            "6364"
            "000001090400000005"
            "65");
  out.clear();
  append_headers(out, 5, {}, false, 2);
  EXPECT_EQ(hex(out), "000000010400000005");
}

TEST(Http2Frame, PaddingIsStripped) {
  FrameHeader header{.payload_len = 0, .type = 0, .flags = flag::kPadded, .stream = 1};
  EXPECT_EQ(to_hex(*strip_padding(header, from_hex("02 aabb 0000"))), "aabb");
  EXPECT_EQ(to_hex(*strip_padding(header, from_hex("00"))), "");
  EXPECT_EQ(to_hex(*strip_padding(header, from_hex("01 00"))), "");
  EXPECT_FALSE(strip_padding(header, {}));
  EXPECT_FALSE(strip_padding(header, from_hex("01")));
  EXPECT_FALSE(strip_padding(header, from_hex("05 aabb 0000")));
  header.flags = 0;
  EXPECT_EQ(to_hex(*strip_padding(header, from_hex("05 aabb"))), "05aabb");
}

TEST(Http2Frame, TextsNameWhatIsKnownAndNumberWhatIsNot) {
  EXPECT_EQ(frame_text({34, 1, 5, 1}), "HEADERS, stream 1, 34 bytes, END_STREAM END_HEADERS");
  EXPECT_EQ(frame_text({0, 4, 1, 0}), "SETTINGS, stream 0, 0 bytes, ACK");
  EXPECT_EQ(frame_text({1, 0x2A, 0xFF, 7}), "type 0x2a, stream 7, 1 bytes");
  EXPECT_EQ(error_code_text(11), "ENHANCE_YOUR_CALM");
  EXPECT_EQ(error_code_text(0xFFFFFFFF), "error 0xffffffff");
  EXPECT_EQ(setting_text(6), "MAX_HEADER_LIST_SIZE");
  EXPECT_EQ(setting_text(0), "setting 0x0");
}

}  // namespace
}  // namespace apns::http2
