#include "apns/binary/feedback_tuple.h"

#include <algorithm>

namespace apns::binary {

void encode_feedback_tuple(const FeedbackTuple& tuple, Bytes& out) {
  const ByteView token = tuple.device_token.bytes();
  ByteWriter writer(out);
  writer.write(tuple.timestamp);
  writer.write(static_cast<std::uint16_t>(token.size()));
  writer.write(token);
}

bool FeedbackDecoder::keep(std::size_t len, ByteReader& in) {
  if (num_kept_ < len) {
    const ByteView part = in.read_view(std::min(len - num_kept_, in.left()));
    std::copy(part.begin(), part.end(), kept_.begin() + static_cast<std::ptrdiff_t>(num_kept_));
    num_kept_ += part.size();
  }
  return num_kept_ >= len;
}

Decoded<FeedbackTuple, FeedbackErrorInfo> FeedbackDecoder::next(ByteReader& in) {
  using NeedMore = Decoded<FeedbackTuple, FeedbackErrorInfo>::NeedMore;
  if (error_) {
    return *error_;
  }
  if (!keep(kFeedbackHeaderLen, in)) {
    return NeedMore{};
  }
  ByteReader header(kept_);
  const auto timestamp = header.read<std::uint32_t>();
  const auto token_len = header.read<std::uint16_t>();
  if (token_len == 0 || token_len > DeviceToken::kMaxLen) {
    error_ = FeedbackErrorInfo{
        .error = token_len == 0 ? FeedbackError::EmptyToken : FeedbackError::TokenTooLong,
        .offset = tuple_offset_ + kTimestampLen,
        .token_len = token_len};
    return *error_;
  }
  if (!keep(kFeedbackHeaderLen + token_len, in)) {
    return NeedMore{};
  }
  tuple_offset_ += num_kept_;
  num_kept_ = 0;
  return FeedbackTuple{timestamp, *DeviceToken::from_bytes(header.read_view(token_len))};
}

}  // namespace apns::binary
