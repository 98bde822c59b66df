#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "apns/base/bytes.h"
#include "apns/http2/frame.h"
#include "apns/http2/hpack_decoder.h"
#include "apns/http2/hpack_scratch.h"

namespace apns::http2::test {

/// What one side sent, a line for each frame, so that a test can say it whole:
///
///   SETTINGS              SETTINGS ACK            PING ACK "12345678"
///   HEADERS 1 200         HEADERS 3 GET / END_STREAM         HEADERS 1 trailers END_STREAM
///   DATA 1 "ok" END_STREAM                        DATA 1 16384 bytes
///   RST_STREAM 1 PROTOCOL_ERROR                   GOAWAY 1 PROTOCOL_ERROR
///   WINDOW_UPDATE 0 32768
///
/// With details also what SETTINGS and GOAWAY hold:
///
///   SETTINGS MAX_CONCURRENT_STREAMS=1     GOAWAY 5 NO_ERROR "why"
///
/// A header block counts as one line, however many frames it comes in.
class FrameTranscript {
 public:
  enum class Details : bool { Without, With };

  explicit FrameTranscript(Details details = Details::Without) : details_(details) {}

  /// Bytes that follow those of the calls before; frames that are not whole wait.
  void feed(ByteView bytes);

  /// The lines since the last call.
  [[nodiscard]] std::vector<std::string> take();
  /// The same with ", " between them.
  [[nodiscard]] std::string take_text();

 private:
  void take_frame(const FrameHeader& header, ByteView payload);
  [[nodiscard]] std::string details_of(const FrameHeader& header, ByteView payload) const;
  void take_block(const FrameHeader& header, ByteView fragment);
  [[nodiscard]] std::string block_text();

  const Details details_;
  FieldNames names_;
  HpackDecoder decoder_{names_};
  HpackScratch scratch_;
  Bytes partial_;
  Bytes block_;
  FrameHeader block_header_;
  std::vector<std::string> lines_;
};

/// "ok" in quotes where it is short and printable, else "16384 bytes".
[[nodiscard]] std::string content_text(ByteView content);

[[nodiscard]] std::string join_text(const std::vector<std::string>& lines);

}  // namespace apns::http2::test
