#include "scenarios/deviations/http2_deviator.h"

#include <algorithm>

namespace apns::scenarios {
namespace {

/// Of what a client that has not asked for more takes.
constexpr std::size_t kMaxFrame = http2::kFrameHeaderLen + http2::kMinMaxFrameSize;

bool is_preface(ByteView bytes) {
  return as_text(bytes.first(std::min(bytes.size(), http2::kPreface.size()))) == http2::kPreface;
}

std::size_t len_of(ByteView frames) {
  return http2::kFrameHeaderLen + http2::decode_frame_header(frames).payload_len;
}

Bytes copy(ByteView bytes) {
  return Bytes(bytes.begin(), bytes.end());
}

}  // namespace

std::size_t Http2Deviator::frame_len(ByteView bytes) const {
  return is_preface(bytes) ? http2::kPreface.size() : len_of(bytes);
}

Bytes Http2Deviator::outgoing(std::uint64_t connection, ByteView frame) {
  if (is_preface(frame)) {
    return copy(frame);
  }
  return to_service(Frame{connection, http2::decode_frame_header(frame), frame})
      .value_or(copy(frame));
}

Bytes Http2Deviator::incoming(std::uint64_t connection, ByteView bytes) {
  Bytes& partial = partial_[connection];
  partial.insert(partial.end(), bytes.begin(), bytes.end());
  Bytes out;
  ByteView rest(partial);
  while (rest.size() >= http2::kFrameHeaderLen) {
    const std::size_t len = len_of(rest);
    if (len > kMaxFrame) {
      out.insert(out.end(), rest.begin(), rest.end());  // these are no frames
      rest = {};
      break;
    }
    if (rest.size() < len) {
      break;
    }
    const ByteView frame = rest.first(len);
    const Bytes instead = to_provider(Frame{connection, http2::decode_frame_header(frame), frame})
                              .value_or(copy(frame));
    out.insert(out.end(), instead.begin(), instead.end());
    rest = rest.subspan(frame.size());
  }
  partial.erase(partial.begin(), partial.end() - static_cast<std::ptrdiff_t>(rest.size()));
  return out;
}

}  // namespace apns::scenarios
