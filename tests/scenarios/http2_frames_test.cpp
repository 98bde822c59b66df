#include "scenarios/runner/http2_frames.h"

#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/http2/hpack_encoder.h"

namespace apns::scenarios {
namespace {

using http2::ErrorCode;
using http2::Field;
using http2::Representation;
using testing::ElementsAre;
using testing::EndsWith;
using testing::SizeIs;

std::string token_path() {
  return "/3/device/" + std::string(64, 'a');
}

/// The header blocks of one direction.
class Blocks {
 public:
  Bytes headers(http2::StreamId stream, const std::vector<Field>& fields, bool end_stream) {
    Bytes block;
    encoder_.begin_block(block);
    for (const Field& field : fields) {
      encoder_.add(block, field.name, field.value, field.representation);
    }
    Bytes out;
    http2::append_headers(out, stream, block, end_stream);
    return out;
  }

 private:
  http2::HpackEncoder encoder_;
};

void append(Bytes& out, const Bytes& more) {
  out.insert(out.end(), more.begin(), more.end());
}

Bytes data(http2::StreamId stream, std::string_view content, bool end_stream) {
  Bytes out;
  http2::append_frame(out, static_cast<std::uint8_t>(http2::FrameType::Data),
                      end_stream ? http2::flag::kEndStream : 0, stream, as_bytes(content));
  return out;
}

TEST(Http2Frames, NamesTheFieldsOfARequestButNeitherTokensNorPayloads) {
  Http2Frames frames(Http2Frames::Direction::ToService);
  frames.add(as_bytes(http2::kPreface));
  Blocks blocks;
  frames.add(blocks.headers(
      1,
      {Field{":method", "POST"}, Field{":path", token_path()},
       Field{"authorization", "bearer secret"}, Field{"apns-topic", "com.example.app"}},
      false));
  frames.add(data(1, "secret", true));
  const std::vector<std::string> lines = frames.lines();
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_THAT(lines[0], EndsWith("   HEADERS, stream 1, :method POST, :path /3/device/aaaa…aaaa, "
                                 "authorization (not shown), apns-topic com.example.app"));
  EXPECT_EQ(lines[1],
            "00 00 06 00 01 00 00 00 01 73 65 63 72 65 74   DATA, stream 1, 6 bytes, END_STREAM");
}

TEST(Http2Frames, NamesWhatAServiceSays) {
  Http2Frames frames(Http2Frames::Direction::ToProvider);
  Blocks blocks;
  frames.add(blocks.headers(1, {Field{":status", "400"}, Field{"apns-id", "ID"}}, false));
  frames.add(data(1, R"({"reason":"BadTopic"})", true));
  Bytes rest;
  http2::append_rst_stream(rest, 3, ErrorCode::RefusedStream);
  http2::append_goaway(rest, 9, ErrorCode::NoError, R"({"reason":"Shutdown"})");
  frames.add(rest);
  const std::vector<std::string> lines = frames.lines();
  ASSERT_THAT(lines, SizeIs(4));
  EXPECT_THAT(lines[0], EndsWith("   HEADERS, stream 1, :status 400, apns-id ID"));
  EXPECT_THAT(lines[1],
              EndsWith(R"(   DATA, stream 1, 21 bytes, END_STREAM, {"reason":"BadTopic"})"));
  EXPECT_EQ(lines[2],
            "00 00 04 03 00 00 00 00 03 00 00 00 07   RST_STREAM, stream 3, REFUSED_STREAM");
  EXPECT_THAT(lines[3], EndsWith(R"(   GOAWAY, last stream 9, NO_ERROR, {"reason":"Shutdown"})"));
}

TEST(Http2Frames, NamesFramesOfTheConnection) {
  Http2Frames frames(Http2Frames::Direction::ToProvider);
  Bytes bytes;
  const std::array settings = {http2::Setting(http2::SettingId::MaxConcurrentStreams, 1),
                               http2::Setting(http2::SettingId::InitialWindowSize, 0)};
  http2::append_settings(bytes, settings);
  http2::append_settings_ack(bytes);
  http2::append_ping(bytes, as_bytes("12345678"), true);
  http2::append_window_update(bytes, 0, 7);
  frames.add(bytes);
  EXPECT_THAT(frames.lines(),
              ElementsAre(EndsWith("   SETTINGS, MAX_CONCURRENT_STREAMS 1, INITIAL_WINDOW_SIZE 0"),
                          EndsWith("   SETTINGS, ACK"), EndsWith("   PING, ACK"),
                          EndsWith("   WINDOW_UPDATE, stream 0, 7")));
}

TEST(Http2Frames, KeepsTheLastFour) {
  Http2Frames frames(Http2Frames::Direction::ToProvider);
  for (http2::StreamId stream = 1; stream <= 11; stream += 2) {
    Bytes bytes;
    http2::append_rst_stream(bytes, stream, ErrorCode::Cancel);
    frames.add(bytes);
  }
  const std::vector<std::string> lines = frames.lines();
  ASSERT_THAT(lines, SizeIs(4));
  EXPECT_THAT(lines[0], EndsWith("stream 5, CANCEL"));
  EXPECT_THAT(lines[3], EndsWith("stream 11, CANCEL"));
}

TEST(Http2Frames, DecodesHeaderSectionsThatAreNotShown) {
  // The third refers to what the first put into the table.
  Http2Frames frames(Http2Frames::Direction::ToProvider);
  Blocks blocks;
  for (http2::StreamId stream = 1; stream <= 21; stream += 2) {
    frames.add(blocks.headers(
        stream, {Field{":status", "410"}, Field{"a", "b", 0, Representation::Incremental}}, true));
  }
  EXPECT_THAT(frames.lines().back(), EndsWith("HEADERS, stream 21, :status 410, a b, END_STREAM"));
}

TEST(Http2Frames, SaysWhatIsNotWholeAndWhatCannotBeDecoded) {
  Http2Frames frames(Http2Frames::Direction::ToProvider);
  Bytes bytes;
  http2::append_headers(bytes, 1, as_bytes("\xff\xff\xff\xff\xff\xff\xff"), true);
  http2::append_headers(bytes, 3, as_bytes("\x88"), true);
  append(bytes, data(3, "cut", true));
  bytes.pop_back();
  frames.add(bytes);
  EXPECT_THAT(frames.lines(),
              ElementsAre(EndsWith("HEADERS, stream 1, cannot be decoded, END_STREAM"),
                          EndsWith("HEADERS, stream 3, not decoded, END_STREAM"),
                          EndsWith("   not whole")));
}

TEST(Http2Frames, AreTheSameInAnySplit) {
  Blocks blocks;
  Bytes bytes(as_bytes(http2::kPreface).begin(), as_bytes(http2::kPreface).end());
  append(bytes, blocks.headers(1, {Field{":method", "POST"}, Field{":path", token_path()}}, false));
  append(bytes, data(1, "{}", true));
  http2::append_settings_ack(bytes);
  const auto lines_of = [&bytes](std::size_t at) {
    Http2Frames frames(Http2Frames::Direction::ToService);
    frames.add(ByteView(bytes).first(at));
    frames.add(ByteView(bytes).subspan(at));
    return frames.lines();
  };
  const std::vector<std::string> whole = lines_of(0);
  ASSERT_THAT(whole, SizeIs(3));
  for (std::size_t at = 1; at < bytes.size(); ++at) {
    EXPECT_EQ(lines_of(at), whole) << at;
  }
}

}  // namespace
}  // namespace apns::scenarios
