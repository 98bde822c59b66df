#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apns/base/bytes.h"
#include "tests/support/provider_api_by_hand.h"

namespace apns::test {

/// A frame of HTTP/2 as it stands on the wire: RFC 9113 section 4.1.
struct WireFrame {
  std::string header;  // hex, 9 bytes
  Bytes payload;

  [[nodiscard]] std::string hex() const { return header + to_hex(payload); }
};

/// Frames that are whole; nothing else may stand in `wire`.
[[nodiscard]] inline std::vector<WireFrame> parse_frames(ByteView wire) {
  constexpr std::size_t kHeaderLen = 9;
  std::vector<WireFrame> frames;
  while (!wire.empty()) {
    EXPECT_GE(wire.size(), kHeaderLen);
    const auto at = [&wire](std::size_t i) { return std::to_integer<std::size_t>(wire[i]); };
    const std::size_t len = (at(0) << 16U) | (at(1) << 8U) | at(2);
    EXPECT_GE(wire.size(), kHeaderLen + len);
    const ByteView payload = wire.subspan(kHeaderLen, len);
    frames.push_back(
        WireFrame{to_hex(wire.first(kHeaderLen)), Bytes(payload.begin(), payload.end())});
    wire = wire.subspan(kHeaderLen + len);
  }
  return frames;
}

/// What one request draws, byte by byte.
struct AnswerBytes {
  Bytes block;          // of HEADERS
  std::string headers;  // the frame's type and flags, hex: "0104"
  std::string body;
  std::string data;  // of DATA, as `headers`: "0001"; empty: there is none

  [[nodiscard]] std::string block_hex() const { return to_hex(block); }
};

/// All that the service says without being asked again; it reaches the client, too.
[[nodiscard]] inline std::vector<WireFrame> take_frames(ProviderApiByHand& api) {
  Bytes said;
  while (!api.engine().pending().empty()) {
    const Bytes run(api.engine().pending().begin(), api.engine().pending().end());
    said.insert(said.end(), run.begin(), run.end());
    api.engine().sent(run.size(), api.clock().io_now());
    EXPECT_EQ(api.client().feed(run, api.clock().io_now()), run.size());
  }
  return parse_frames(said);
}

/// Sends a request as ProviderApiByHand does, and takes its answer from the wire.
[[nodiscard]] inline AnswerBytes ask(ProviderApiByHand& api,
                                     const ProviderApiByHand::Fields& fields,
                                     std::string_view payload) {
  (void)api.send(fields, payload);
  const Bytes asked(api.client().pending().begin(), api.client().pending().end());
  api.client().sent(asked.size(), api.clock().io_now());
  EXPECT_EQ(api.engine().feed(asked, api.clock().io_now()), asked.size());
  AnswerBytes answer;
  for (const WireFrame& frame : take_frames(api)) {
    const std::string type_and_flags = frame.header.substr(6, 4);
    if (type_and_flags.starts_with("01")) {
      answer.headers = type_and_flags;
      answer.block = frame.payload;
    } else if (type_and_flags.starts_with("00")) {
      answer.data = type_and_flags;
      answer.body += as_text(frame.payload);
    }
  }
  return answer;
}

}  // namespace apns::test
