#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "apns/http2/frame.h"
#include "apns/http2/hpack_decoder.h"
#include "scenarios/runner/frame_keeper.h"

namespace apns::scenarios {

/// Of HTTP/2: the last frames, header sections decoded. Provider tokens and the payloads of
/// notifications are not shown.
///
///   HEADERS, stream 1, :status 400, apns-id 27CF...
///   DATA, stream 1, 27 bytes, END_STREAM, {"reason":"BadDeviceToken"}
///   GOAWAY, last stream 9, NO_ERROR, {"reason":"Shutdown"}
class Http2Frames final : public FrameKeeper {
 public:
  enum class Direction : std::uint8_t {
    ToService,   // the connection preface, then frames
    ToProvider,  // frames
  };

  explicit Http2Frames(Direction direction);

  void add(ByteView bytes) override;
  [[nodiscard]] std::vector<std::string> lines() const override;

 private:
  /// What of it a line needs.
  struct Kept {
    http2::FrameHeader header;
    Bytes bytes;         // the first of them, frame header included
    std::string fields;  // of a header section
  };

  /// Takes what is whole off the front of partial_.
  void take_frames();
  void keep(const http2::FrameHeader& header, ByteView frame);
  /// Header blocks have to be decoded in order, whether or not they are shown.
  [[nodiscard]] std::string decode(const http2::FrameHeader& header, ByteView payload);
  [[nodiscard]] std::string describe(const Kept& kept) const;

  const Direction direction_;
  bool is_preface_due_;
  Bytes partial_;
  std::deque<Kept> kept_;
  http2::FieldNames names_;
  http2::HpackScratch scratch_;
  http2::HpackDecoder decoder_;
  Bytes block_;  // of a header section in several frames
  bool is_undecodable_ = false;
};

}  // namespace apns::scenarios
