#include "tests/apns/http2/oracle/conversation.h"

#include <algorithm>
#include <utility>

namespace apns::http2::test {

std::size_t WireCutter::frame_len(std::size_t at) {
  const ByteView rest = wire_.subspan(at);
  if (rest.size() < kFrameHeaderLen) {
    is_whole_ = false;
    return rest.size();
  }
  const std::size_t len = kFrameHeaderLen + decode_frame_header(rest).payload_len;
  is_whole_ &= len <= rest.size();
  return std::min(len, rest.size());
}

ByteView WireCutter::next() {
  std::size_t len = 0;
  is_whole_ = true;
  if (std::exchange(is_preface_next_, false)) {
    len = std::min(kPreface.size(), wire_.size());
    is_whole_ = len == kPreface.size();
  } else {
    len = frame_len(0);
    const FrameHeader first = is_whole_ ? decode_frame_header(wire_) : FrameHeader{};
    bool goes_on = (first.is(FrameType::Headers) || first.is(FrameType::PushPromise)) &&
                   !first.has(flag::kEndHeaders);
    while (goes_on && is_whole_ && len < wire_.size()) {
      const std::size_t at = len;
      len += frame_len(at);
      if (is_whole_) {
        const FrameHeader header = decode_frame_header(wire_.subspan(at));
        goes_on = header.is(FrameType::Continuation) && header.stream == first.stream &&
                  !header.has(flag::kEndHeaders);
      }
    }
    is_whole_ &= !goes_on;
  }
  const ByteView part = wire_.first(len);
  wire_ = wire_.subspan(len);
  return part;
}

}  // namespace apns::http2::test
