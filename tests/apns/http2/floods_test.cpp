// Peers that ask for more than a provider does: what bounds each, what ends, and what is held.
#include <array>
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "tests/apns/http2/conformance_case.h"
#include "tests/apns/http2/flooded_server.h"
#include "tests/apns/http2/frame_transcript.h"

namespace apns::http2::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMany = 1'000'000;
constexpr std::size_t kKib = 1'024;

StreamId nth(std::size_t i) {
  return static_cast<StreamId>(2 * i + 1);
}

// ---- Frames that cost the server more than the peer ----

TEST(Http2Floods, RapidResetEndsAtTheThousandth) {
  FloodedServer flood;
  const std::size_t said = flood.say_until_over(
      kMany, [](std::size_t i) { return peer().get(nth(i), "/hold").rst_stream(nth(i)); });
  EXPECT_EQ(said, 1'001U);
  EXPECT_EQ(flood.bounds(), "resets 1000 on 0");
  EXPECT_EQ(flood.last_heard(), "GOAWAY 2001 ENHANCE_YOUR_CALM");
  EXPECT_LE(flood.victim.most_streams(), 1U);
  EXPECT_LT(flood.most_held(), 64 * kKib);
  EXPECT_TRUE(flood.serves_other());
}

TEST(Http2Floods, ResetsAtAProvidersPaceGoOn) {
  FloodedServer flood;
  for (std::size_t i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(flood.say(peer().get(nth(i), "/hold").rst_stream(nth(i)))) << i;
    flood.pass(milliseconds(31));  // 32 a second
  }
  EXPECT_EQ(flood.bounds(), "");
  EXPECT_FALSE(flood.victim.session().is_over());
}

TEST(Http2Floods, StreamsThatThePeersErrorsResetCountAsWell) {
  FloodedServer flood;
  const std::size_t said = flood.say_until_over(
      kMany, [](std::size_t i) { return peer().get(nth(i), "/hold").window_update(nth(i), 0); });
  EXPECT_EQ(said, 1'001U);
  EXPECT_EQ(flood.bounds(), "resets 1000 on 0");
  EXPECT_EQ(flood.last_heard(), "GOAWAY 2001 ENHANCE_YOUR_CALM");
  EXPECT_LT(flood.most_held(), 64 * kKib);
}

TEST(Http2Floods, SettingsEndAtTheHundredth) {
  FloodedServer flood;
  // The one that began the connection counts.
  EXPECT_EQ(flood.say_until_over(kMany, [](std::size_t) { return peer().settings(); }), 100U);
  EXPECT_EQ(flood.bounds(), "settings 100 on 0");
  EXPECT_EQ(flood.last_heard(), "GOAWAY 0 ENHANCE_YOUR_CALM");
  EXPECT_TRUE(flood.serves_other());
}

TEST(Http2Floods, SettingsOfManyEntriesAreRefused) {
  FloodedServer flood;
  EXPECT_TRUE(flood.say(peer().frame(FrameType::Settings, 0, 0, Bytes(64 * kSettingLen))));
  EXPECT_EQ(flood.bounds(), "");
  EXPECT_TRUE(flood.say(peer().frame(FrameType::Settings, 0, 0, Bytes(65 * kSettingLen))));
  EXPECT_EQ(flood.bounds(), "settings_entries 64 on 0");
  EXPECT_EQ(flood.last_heard(), "GOAWAY 0 ENHANCE_YOUR_CALM");
}

TEST(Http2Floods, PingsEndAtTheHundredAndFirst) {
  FloodedServer flood;
  EXPECT_EQ(flood.say_until_over(kMany, [](std::size_t) { return peer().ping("12345678"); }), 101U);
  EXPECT_EQ(flood.bounds(), "pings 100 on 0");
  EXPECT_EQ(flood.last_heard(), "GOAWAY 0 ENHANCE_YOUR_CALM");
  EXPECT_TRUE(flood.serves_other());
}

TEST(Http2Floods, EmptyDataEndsWithPaddingOrWithout) {
  for (const bool is_padded : {false, true}) {
    FloodedServer flood;
    ASSERT_TRUE(flood.say(peer().post(1)));
    const std::size_t said = flood.say_until_over(kMany, [is_padded](std::size_t) {
      return is_padded ? peer().frame(FrameType::Data, flag::kPadded, 1, Bytes(1))
                       : peer().data(1, "", 0);
    });
    EXPECT_EQ(said, 101U);
    EXPECT_EQ(flood.bounds(), "empty_data 100 on 0");
    EXPECT_EQ(flood.last_heard(), "GOAWAY 1 ENHANCE_YOUR_CALM");
  }
}

TEST(Http2Floods, FramesThatChangeNothingEnd) {
  const FrameSequence gone = peer().window_update(1, 1'000);
  for (const FrameSequence& frame :
       {peer().priority(1, 0), peer().priority(9, 0), peer().frame(0x2A, 0, 0, Bytes(9)),
        peer().ping("12345678", flag::kAck), peer().goaway(0), gone}) {
    FloodedServer flood;
    ASSERT_TRUE(flood.say(peer().get(1)));
    EXPECT_EQ(flood.say_until_over(kMany, [&frame](std::size_t) { return frame; }), 10'001U);
    EXPECT_EQ(flood.bounds(), "idle_frames 10000 on 0");
    EXPECT_EQ(flood.last_heard(), "GOAWAY 1 ENHANCE_YOUR_CALM");
    EXPECT_LT(flood.most_held(), 64 * kKib);
    EXPECT_TRUE(flood.serves_other());
  }
}

TEST(Http2Floods, DataOfAResetStreamEnds) {
  FloodedServer flood;
  ASSERT_TRUE(flood.say(peer().post(1, "/reset")));
  EXPECT_EQ(flood.say_until_over(kMany, [](std::size_t) { return peer().data(1, "x", 0); }),
            10'001U);
  EXPECT_EQ(flood.bounds(), "idle_frames 10000 on 0");
}

// ---- Header blocks ----

TEST(Http2Floods, ContinuationsEndAtTheirNumber) {
  FloodedServer flood;
  ASSERT_TRUE(flood.say(peer().headers(1, get_block(), kEndStream)));
  EXPECT_EQ(flood.say_until_over(kMany, [](std::size_t) { return peer().continuation(1, {}, 0); }),
            16U);
  EXPECT_EQ(flood.bounds(), "block_frames 16 on 1");
  EXPECT_EQ(flood.last_heard(), "GOAWAY 1 ENHANCE_YOUR_CALM");
  EXPECT_TRUE(flood.serves_other());
}

TEST(Http2Floods, ContinuationsEndAtTheirBytes) {
  FloodedServer flood;
  const Bytes part(kMinMaxFrameSize);
  ASSERT_TRUE(flood.say(peer().headers(1, part, kEndStream)));
  EXPECT_EQ(
      flood.say_until_over(kMany, [&part](std::size_t) { return peer().continuation(1, part, 0); }),
      4U);
  EXPECT_EQ(flood.bounds(), "block_bytes 65536 on 1");
  EXPECT_EQ(flood.last_heard(), "GOAWAY 1 ENHANCE_YOUR_CALM");
  EXPECT_LT(flood.most_held(), 256 * kKib);
  EXPECT_TRUE(flood.serves_other());
}

TEST(Http2Floods, HeaderListOfAMegabyteResetsItsStreamOnly) {
  FloodedServer flood;
  // An entry of 4,000 bytes in the table, then 260 references to it.
  Bytes block = join({get_block(), hpack_literal("a", std::string(4'000 - 33, 'x'), 0x40)});
  block.resize(block.size() + 260, std::byte{0xBE});
  EXPECT_TRUE(flood.say(peer().headers(1, block)));
  EXPECT_EQ(flood.bounds(), "header_list_bytes 65536 on 1");
  EXPECT_EQ(flood.last_heard(), "RST_STREAM 1 ENHANCE_YOUR_CALM");
  EXPECT_LT(flood.most_held(), 256 * kKib);
  EXPECT_TRUE(flood.serves_other());
  // The table is as the peer thinks it is.
  EXPECT_TRUE(flood.say(peer().headers(3, join({get_block(), Bytes{std::byte{0xBE}}}))));
  EXPECT_EQ(flood.last_heard(), "DATA 3 \"ok\" END_STREAM");
}

TEST(Http2Floods, HeaderListsThatAreTooLargeEnd) {
  FloodedServer flood;
  Bytes large = join({get_block(), hpack_literal("a", std::string(4'000 - 33, 'x'), 0x40)});
  large.resize(large.size() + 260, std::byte{0xBE});
  ASSERT_TRUE(flood.say(peer().headers(1, large)));
  Bytes again = get_block();
  again.resize(again.size() + 260, std::byte{0xBE});
  EXPECT_EQ(flood.say_until_over(
                kMany, [&again](std::size_t i) { return peer().headers(nth(i + 1), again); }),
            1'000U);
  EXPECT_TRUE(flood.bounds().ends_with("resets 1000 on 0")) << flood.bounds().size();
  EXPECT_TRUE(flood.serves_other());
}

TEST(Http2Floods, BombsOfReferencesHoldNothing) {
  FloodedServer flood;
  ASSERT_TRUE(flood.say(peer().headers(
      1, join({get_block(), hpack_literal("a", std::string(4'000 - 33, 'x'), 0x40)}))));
  Bytes bomb(60'000, std::byte{0xBE});  // 240 MB of header list
  const ByteView bytes(bomb);
  const auto block = [&bytes](StreamId stream) {
    FrameSequence frames = peer().headers(stream, bytes.first(kMinMaxFrameSize), kEndStream);
    frames.continuation(stream, bytes.subspan(kMinMaxFrameSize, kMinMaxFrameSize), 0);
    frames.continuation(stream, bytes.subspan(std::size_t{2} * kMinMaxFrameSize, kMinMaxFrameSize),
                        0);
    return frames.continuation(stream, bytes.subspan(std::size_t{3} * kMinMaxFrameSize));
  };
  for (std::size_t i = 1; i <= 50; ++i) {
    ASSERT_TRUE(flood.say(block(nth(i))));
    EXPECT_EQ(flood.last_heard(), "RST_STREAM " + std::to_string(nth(i)) + " ENHANCE_YOUR_CALM");
    ASSERT_TRUE(flood.serves_other());
  }
  EXPECT_LT(flood.most_held(), 512 * kKib);
}

TEST(Http2Floods, BombsOfSmallFieldsHoldLittle) {
  FloodedServer flood;
  // :method GET, a byte each: 42 bytes of header list, and a Field of ours.
  const Bytes bomb(kMinMaxFrameSize, std::byte{0x82});
  ASSERT_TRUE(flood.say(peer().headers(1, bomb)));
  EXPECT_EQ(flood.bounds(), "header_list_bytes 65536 on 1");
  EXPECT_LT(flood.most_held(), 256 * kKib);
  EXPECT_TRUE(flood.serves_other());
}

TEST(Http2Floods, InsertionsAndEvictionsHoldOneTable) {
  FloodedServer flood;
  const std::string value(4'000 - 33, 'x');
  for (std::size_t i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(
        flood.say(peer().headers(nth(i), join({get_block(), hpack_literal("a", value, 0x40)}))));
  }
  EXPECT_EQ(flood.bounds(), "");
  EXPECT_LT(flood.most_held(), 128 * kKib);
}

// ---- Streams and windows ----

TEST(Http2Floods, AnswersThatWaitForWindowsAreBounded) {
  FloodedServer flood;
  ASSERT_TRUE(flood.say(peer().settings({{SettingId::InitialWindowSize, 0}})));
  const std::size_t said =
      flood.say_until_over(kMany, [](std::size_t i) { return peer().get(nth(i), "/bytes/16384"); });
  EXPECT_EQ(said, 65U);
  EXPECT_EQ(flood.bounds(), "queued_bytes 1048576 on 0");
  EXPECT_EQ(flood.last_heard(), "GOAWAY 129 ENHANCE_YOUR_CALM");
  EXPECT_LT(flood.most_held(), 1'300 * kKib);
  EXPECT_TRUE(flood.serves_other());
}

TEST(Http2Floods, AnswerThatWaitsTooLongIsReset) {
  FloodedServer flood;
  ASSERT_TRUE(flood.say(peer().settings({{SettingId::InitialWindowSize, 0}}).get(1)));
  flood.pass(seconds(59));
  EXPECT_EQ(flood.bounds(), "");
  flood.pass(seconds(2));
  EXPECT_EQ(flood.bounds(), "window 60000000000 on 1");
  EXPECT_EQ(flood.last_heard(), "RST_STREAM 1 CANCEL");
  EXPECT_EQ(flood.victim.session().num_streams(), 0U);
  EXPECT_FALSE(flood.victim.session().is_over());
}

TEST(Http2Floods, WindowUpdatesByOnesEnd) {
  FloodedServer flood;
  EXPECT_EQ(flood.say_until_over(kMany, [](std::size_t) { return peer().window_update(0, 1); }),
            10'001U);
  EXPECT_EQ(flood.bounds(), "small_windows 10000 on 0");
  EXPECT_EQ(flood.last_heard(), "GOAWAY 0 ENHANCE_YOUR_CALM");
  EXPECT_TRUE(flood.serves_other());
}

/// Ten thousand answers wait, each for its stream's window. Frames that open the connection's,
/// which is open, or one stream's must not cost a look at all of them: 13 bytes would be a tenth of
/// a millisecond, and this test minutes.
TEST(Http2Floods, WindowUpdatesDoNotLookAtAllThatWaits) {
  FloodedServer flood(nullptr, false);
  ASSERT_TRUE(flood.say(peer().preface().settings({{SettingId::InitialWindowSize, 0}})));
  for (std::size_t i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(flood.say(peer().get(nth(i), "/bytes/100")));
  }
  EXPECT_EQ(flood.victim.session().num_streams(), 10'000U);
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(flood.say(peer().repeat(1'000, peer().window_update(0, 256))));
  }
  EXPECT_EQ(flood.bounds(), "");
  for (std::size_t i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(flood.say(peer().window_update(nth(i), 300)));
  }
  EXPECT_EQ(flood.last_heard(),
            "DATA 19999 " + content_text(Bytes(100, std::byte{'x'})) + " END_STREAM");
  EXPECT_EQ(flood.victim.session().num_streams(), 0U);
}

/// What a stream that never catches up holds is what waits, not all that it ever sent.
TEST(Http2Floods, ContentThatIsReadSlowlyHoldsWhatWaits) {
  FloodedServer flood;
  ASSERT_TRUE(flood.say(peer().settings({{SettingId::InitialWindowSize, 0}}).get(1, "/hold")));
  Session& session = flood.victim.session();
  const std::array<Field, 1> head{Field{":status", "200", field_name::kStatus}};
  ASSERT_TRUE(session.send_headers(1, head, false));
  const Bytes piece(10'000);
  ASSERT_TRUE(session.send_data(1, piece, false));
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(session.send_data(1, piece, false));
    ASSERT_TRUE(flood.say(peer().window_update(1, 10'000).window_update(0, 10'000)));
  }
  EXPECT_LT(flood.most_held(), 256 * kKib);
}

TEST(Http2Floods, StreamsBeforeTheSettingsAreAcknowledgedAreBounded) {
  FloodedServer flood(nullptr, false);
  ASSERT_TRUE(flood.say(peer().preface().settings()));
  for (std::size_t i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(flood.say(peer().post(nth(i), "/hold")));
  }
  EXPECT_EQ(flood.bounds(), "");
  EXPECT_EQ(flood.victim.session().num_streams(), 10'000U);
  ASSERT_TRUE(flood.say(peer().get(nth(10'000))));
  EXPECT_EQ(flood.bounds(), "open_streams 10000 on 20001");
  EXPECT_EQ(flood.last_heard(), "RST_STREAM 20001 REFUSED_STREAM");
  // 16,384 slots of about 120 bytes, and what the small server keeps of each request.
  EXPECT_LT(flood.most_held(), 10 * kKib * kKib);
  EXPECT_TRUE(flood.serves_other());
  flood.pass(seconds(11));
  EXPECT_EQ(flood.last_heard(), "GOAWAY 20001 SETTINGS_TIMEOUT");
}

TEST(Http2Floods, RefusedStreamsEnd) {
  FloodedServer flood([](SessionOptions& options) {
    options.settings = {{SettingId::MaxConcurrentStreams, 1}};
  });
  ASSERT_TRUE(flood.say(peer().get(1, "/hold")));
  EXPECT_EQ(flood.say_until_over(kMany, [](std::size_t i) { return peer().get(nth(i + 1)); }),
            1'001U);
  EXPECT_EQ(flood.bounds(), "resets 1000 on 0");
  EXPECT_EQ(flood.last_heard(), "GOAWAY 2003 ENHANCE_YOUR_CALM");
  EXPECT_TRUE(flood.serves_other());
}

// ---- Peers that are slow, or do not read ----

TEST(Http2Floods, PeerThatNeverReadsIsNotReadFrom) {
  FloodedServer flood;
  flood.stop_reading();
  const std::size_t said =
      flood.say_until_over(kMany, [](std::size_t i) { return peer().get(nth(i)); });
  EXPECT_LT(said, 10'000U);
  EXPECT_FALSE(flood.victim.session().wants_read());
  EXPECT_EQ(flood.bounds(), "");
  EXPECT_LT(flood.victim.most_pending(), 65'536U + 64);
  EXPECT_LT(flood.most_held(), 256 * kKib);
  EXPECT_TRUE(flood.serves_other());
  flood.read_again();
  EXPECT_TRUE(flood.victim.session().wants_read());
}

TEST(Http2Floods, PeerThatNeverReadsBigAnswersHoldsWhatIsQueued) {
  FloodedServer flood;
  ASSERT_TRUE(flood.say(
      peer().settings({{SettingId::InitialWindowSize, kMaxWindow}}).window_update(0, 1U << 30U)));
  flood.stop_reading();
  const std::size_t said =
      flood.say_until_over(kMany, [](std::size_t i) { return peer().get(nth(i), "/bytes/10000"); });
  EXPECT_LT(said, 10U);
  EXPECT_LT(flood.victim.most_pending(), 65'536U + 10'100);
  EXPECT_LT(flood.most_held(), 512 * kKib);
}

TEST(Http2Floods, SlowContentIsGivenUp) {
  FloodedServer flood;
  ASSERT_TRUE(flood.say(peer().post(1)));
  for (int i = 0; i < 5; ++i) {
    flood.pass(seconds(11));
    ASSERT_TRUE(flood.say(peer().data(1, "x", 0)));
  }
  EXPECT_EQ(flood.bounds(), "");
  flood.pass(seconds(6));
  EXPECT_EQ(flood.bounds(), "message 60000000000 on 1");
  EXPECT_EQ(flood.last_heard(), "RST_STREAM 1 CANCEL");
  EXPECT_FALSE(flood.victim.session().is_over());
  EXPECT_TRUE(flood.say(peer().data(1, "x", 0).get(3)));
  EXPECT_EQ(flood.last_heard(), "DATA 3 \"ok\" END_STREAM");
}

TEST(Http2Floods, LimitsAreToldInTheirUnit) {
  EXPECT_EQ(limit_text(Bound::BlockBytes, 65'536), "65536");
  EXPECT_EQ(limit_text(Bound::SmallWindows, 10'000), "10000");
  EXPECT_EQ(limit_text(Bound::PrefaceTime, 10'000'000'000), "10 s");
  EXPECT_EQ(limit_text(Bound::WindowTime, 1'500'000'000), "1500 ms");
}

TEST(Http2Floods, HalfAHeaderBlockIsGivenUp) {
  FloodedServer flood;
  ASSERT_TRUE(flood.say(peer().headers(1, get_block(), kEndStream)));
  flood.pass(seconds(9));
  EXPECT_EQ(flood.bounds(), "");
  flood.pass(seconds(2));
  EXPECT_EQ(flood.bounds(), "block 10000000000 on 1");
  EXPECT_EQ(flood.last_heard(), "GOAWAY 1 ENHANCE_YOUR_CALM");
  EXPECT_TRUE(flood.serves_other());
}

TEST(Http2Floods, SilenceInPlaceOfThePrefaceIsGivenUp) {
  FloodedServer flood(nullptr, false);
  flood.pass(seconds(9));
  EXPECT_EQ(flood.bounds(), "");
  flood.pass(seconds(2));
  EXPECT_EQ(flood.bounds(), "preface 10000000000 on 0");
  EXPECT_EQ(flood.last_heard(), "GOAWAY 0 PROTOCOL_ERROR");
}

TEST(Http2Floods, PrefaceWithoutSettingsIsGivenUp) {
  FloodedServer flood(nullptr, false);
  ASSERT_TRUE(flood.say(peer().preface()));
  flood.pass(seconds(11));
  EXPECT_EQ(flood.bounds(), "preface 10000000000 on 0");
  EXPECT_EQ(flood.last_heard(), "GOAWAY 0 PROTOCOL_ERROR");
}

TEST(Http2Floods, HalfAPrefaceIsNone) {
  FloodedServer flood(nullptr, false);
  ASSERT_TRUE(flood.say(peer().raw("PRI * HTTP/2.0\r\n")));
  flood.pass(seconds(11));
  EXPECT_EQ(flood.bounds(), "");
  EXPECT_EQ(flood.victim.server().rules, std::vector<Rule>{Rule::PrefaceInvalid});
  EXPECT_EQ(flood.last_heard(), "GOAWAY 0 PROTOCOL_ERROR");
}

/// Half a frame: its length is believed only up to what it may be.
TEST(Http2Floods, HalfAFrameHoldsNoMoreThanAFrame) {
  FloodedServer flood;
  ASSERT_TRUE(flood.say(peer().post(1).frame_header(kMinMaxFrameSize, 0, 0, 1).raw("x")));
  EXPECT_LT(flood.most_held(), 32 * kKib);
  flood.pass(seconds(61));
  EXPECT_EQ(flood.bounds(), "message 60000000000 on 1");
}

}  // namespace

}  // namespace apns::http2::test
