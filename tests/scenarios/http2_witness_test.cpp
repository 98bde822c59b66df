#include "scenarios/runner/http2_witness.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::scenarios {
namespace {

using http2::ErrorCode;
using http2::FrameType;
using testing::ElementsAre;
using testing::IsEmpty;

Bytes headers(http2::StreamId stream, bool end_stream) {
  Bytes out;
  http2::append_headers(out, stream, as_bytes("block"), end_stream);
  return out;
}

Bytes reset(http2::StreamId stream, ErrorCode code) {
  Bytes out;
  http2::append_rst_stream(out, stream, code);
  return out;
}

Bytes goaway(http2::StreamId last, ErrorCode code = ErrorCode::NoError) {
  Bytes out;
  http2::append_goaway(out, last, code, "why");
  return out;
}

/// A provider whose bytes are on their way at once, unless they are kept back. Bytes come and go in
/// pieces of so many.
class Talk {
 public:
  explicit Talk(std::size_t piece) : piece_(piece) { go(as_bytes(http2::kPreface)); }

  void go(ByteView bytes) {
    in_pieces(bytes, [this](ByteView piece) { witness_.goes(piece); });
  }

  /// The provider says so, but it is not written yet.
  void keep(ByteView bytes) { pending_.insert(pending_.end(), bytes.begin(), bytes.end()); }

  void flush() {
    go(pending_);
    pending_.clear();
  }

  void come(ByteView bytes) {
    in_pieces(bytes, [this](ByteView piece) {
      witness_.before(pending_);
      witness_.after(piece, pending_);
    });
  }

  [[nodiscard]] const WireFacts& facts() const { return witness_.facts(); }

 private:
  template <class Task>
  void in_pieces(ByteView bytes, const Task& task) const {
    while (!bytes.empty()) {
      const std::size_t n = std::min(piece_, bytes.size());
      task(bytes.first(n));
      bytes = bytes.subspan(n);
    }
  }

  std::size_t piece_;
  Bytes pending_;
  Http2Witness witness_;
};

class Witness : public testing::TestWithParam<std::size_t> {
 protected:
  Talk talk{GetParam()};
};

TEST_P(Witness, SeesAnswersThatComeWhole) {
  talk.go(headers(1, false));
  talk.go(headers(3, false));
  talk.come(headers(1, false));
  EXPECT_THAT(talk.facts().answered, IsEmpty());
  Bytes data;
  http2::append_frame(data, static_cast<std::uint8_t>(FrameType::Data), http2::flag::kEndStream, 1,
                      as_bytes("a body that is longer than what is kept of it"));
  talk.come(data);
  EXPECT_THAT(talk.facts().answered, ElementsAre(1));
  talk.come(headers(3, true));
  talk.come(headers(5, true));
  EXPECT_THAT(talk.facts().answered, ElementsAre(1, 3)) << "nobody asked on stream 5";
}

TEST_P(Witness, DoesNotCountWhatTheProviderHasGivenUp) {
  talk.go(headers(1, true));
  talk.go(headers(3, true));
  talk.go(reset(1, ErrorCode::Cancel));
  talk.keep(reset(3, ErrorCode::Cancel));
  talk.come(headers(1, true));
  talk.come(headers(3, true));
  EXPECT_THAT(talk.facts().answered, IsEmpty());
}

TEST_P(Witness, DoesNotCountWhatComesBehindAnErrorOfTheService) {
  talk.go(headers(1, true));
  talk.keep(goaway(0, ErrorCode::ProtocolError));
  talk.come(headers(1, true));
  EXPECT_THAT(talk.facts().answered, IsEmpty());
}

TEST_P(Witness, SeesRefusalsUnlessSomethingCameBefore) {
  talk.go(headers(1, true));
  talk.go(headers(3, true));
  talk.go(headers(5, true));
  talk.come(reset(1, ErrorCode::RefusedStream));
  talk.come(reset(1, ErrorCode::StreamClosed));
  talk.come(reset(3, ErrorCode::Cancel));
  talk.come(reset(3, ErrorCode::RefusedStream));
  talk.come(headers(5, true));
  talk.come(reset(5, ErrorCode::RefusedStream));
  EXPECT_THAT(talk.facts().refused, ElementsAre(1));
  EXPECT_TRUE(talk.facts().is_disowned(1));
  EXPECT_FALSE(talk.facts().is_disowned(3));
}

TEST_P(Witness, SeesStreamsThatAreOpenedBehindAGoaway) {
  talk.go(headers(1, true));
  talk.keep(headers(3, true));
  talk.come(goaway(7));
  talk.come(goaway(3));
  talk.flush();
  EXPECT_THAT(talk.facts().behind_goaway, IsEmpty()) << "it was on its way";
  talk.go(headers(3, true));
  talk.go(headers(5, true));
  EXPECT_THAT(talk.facts().behind_goaway, ElementsAre(5));
  EXPECT_EQ(talk.facts().last_stream, 3U);
  EXPECT_TRUE(talk.facts().is_disowned(5));
}

TEST_P(Witness, KnowsWhetherSettingsAreAcknowledged) {
  Bytes settings;
  http2::append_settings(settings, {});
  Bytes ack;
  http2::append_settings_ack(ack);
  EXPECT_FALSE(talk.facts().owes_ack);
  talk.come(ack);
  EXPECT_FALSE(talk.facts().owes_ack) << "that is the service's";
  talk.keep(ack);
  talk.come(settings);
  EXPECT_FALSE(talk.facts().owes_ack) << "said, and on its way";
  talk.flush();
  talk.come(settings);
  EXPECT_TRUE(talk.facts().owes_ack);
}

INSTANTIATE_TEST_SUITE_P(Pieces, Witness, testing::Values(1, 7, 1000),
                         [](const testing::TestParamInfo<std::size_t>& row) {
                           return "Of" + std::to_string(row.param);
                         });

}  // namespace
}  // namespace apns::scenarios
