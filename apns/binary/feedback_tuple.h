#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "apns/base/bytes.h"
#include "apns/base/result.h"
#include "apns/binary/wire.h"
#include "apns/model/device_token.h"

namespace apns::binary {

/// What the feedback service says of one device: since when its app is gone.
struct FeedbackTuple {
  std::uint32_t timestamp = 0;  // UNIX seconds
  DeviceToken device_token;

  [[nodiscard]] bool operator==(const FeedbackTuple&) const = default;

  [[nodiscard]] std::size_t wire_len() const {
    return kFeedbackHeaderLen + device_token.bytes().size();
  }
};

/// Appends wire_len() bytes to `out`: timestamp (4), token length (2), token.
void encode_feedback_tuple(const FeedbackTuple& tuple, Bytes& out);

enum class FeedbackError : std::uint8_t {
  EmptyToken,    // token length 0
  TokenTooLong,  // token length above DeviceToken::kMaxLen
};

/// Details of an error, for people and reports.
struct FeedbackErrorInfo {
  FeedbackError error = FeedbackError::EmptyToken;
  std::uint64_t offset = 0;     // of the token length in the stream
  std::uint16_t token_len = 0;  // as declared

  [[nodiscard]] bool operator==(const FeedbackErrorInfo&) const = default;
};

/// Decodes the stream of a feedback service, in any split. Keeps the tuple that has begun, at most
/// 106 bytes, and allocates nothing.
///
///   next("5c2aad80 0020 ..32..")  -> tuple, input advanced behind it
///   next("5c2aad80 00")           -> NeedMore, everything consumed; at_boundary() is false: an end
///                                    of stream here is a truncation, of the tuple at
///                                    tuple_offset()
///   next("5c2aad80 0000")         -> EmptyToken, as in every later call
///
/// An error is given once the length has arrived, at the same offset in every split, and is final:
/// where the next tuple begins cannot be known.
/// Source: "Local and Remote Notification Programming Guide", Binary Provider API, The Feedback
/// Service; docs/wire/feedback.md.
class FeedbackDecoder {
 public:
  [[nodiscard]] Decoded<FeedbackTuple, FeedbackErrorInfo> next(ByteReader& in);

  /// True between tuples. False after an error.
  [[nodiscard]] bool at_boundary() const { return num_kept_ == 0; }

  /// Where the tuple begins that is not whole yet: the bytes of all whole ones.
  [[nodiscard]] std::uint64_t tuple_offset() const { return tuple_offset_; }

  /// Bytes of that tuple that have arrived; after an error, its header's.
  [[nodiscard]] std::size_t num_kept() const { return num_kept_; }

 private:
  /// Takes from `in` until `len` bytes are kept. False: there were not enough.
  [[nodiscard]] bool keep(std::size_t len, ByteReader& in);

  std::array<std::byte, kFeedbackHeaderLen + DeviceToken::kMaxLen> kept_{};
  std::size_t num_kept_ = 0;
  std::uint64_t tuple_offset_ = 0;
  std::optional<FeedbackErrorInfo> error_;
};

}  // namespace apns::binary
