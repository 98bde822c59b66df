#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "apns/base/bytes.h"
#include "apns/binary/notification_codec.h"

namespace apns::binary::test {

/// A NotificationView with its bytes copied, so that runs over different splits can be compared.
struct SeenNotification {
  Command command = Command::Simple;
  std::optional<std::uint32_t> identifier;
  std::optional<std::uint32_t> expiration;
  std::optional<std::uint8_t> priority;
  bool has_device_token = false;
  bool has_payload = false;
  std::size_t device_token_len = 0;
  std::size_t payload_len = 0;
  Bytes device_token;
  Bytes payload;
  std::size_t wire_len = 0;
  std::uint8_t num_duplicate_items = 0;
  std::uint8_t num_unknown_items = 0;

  explicit SeenNotification(const NotificationView& view);
  [[nodiscard]] bool operator==(const SeenNotification&) const = default;
};

/// All that a decoder said about a stream.
struct DecodeLog {
  std::vector<SeenNotification> notifications;
  std::optional<FrameErrorInfo> error;
  bool at_boundary = true;
  std::string broken_promise;  // an answer that the decoder's header excludes; empty: none

  [[nodiscard]] bool operator==(const DecodeLog&) const = default;
};

/// One line, the parts joined by "; ". A notification is its command and what it has of
///   identifier=7 expiration=0 priority=10 token=a1a2 payload=7b7d wire=17 duplicates=1 unknown=1
/// (an empty field is "empty", one above 16 bytes "300 bytes", a skipped one "300 skipped"), an
/// error its words, its offset and the identifier if known: "item past the end of the frame at 6,
/// identifier=7". "partial": the stream ends inside a notification.
[[nodiscard]] std::string to_text(const DecodeLog& log);

/// For GoogleTest.
void PrintTo(const DecodeLog& log, std::ostream* out);

/// Drives a NotificationDecoder; a subject for split_feed.h. After an error it keeps asking, and
/// expects the same.
class NotificationRecorder {
 public:
  explicit NotificationRecorder(std::size_t payload_keep_limit);

  void feed(ByteView part);
  [[nodiscard]] DecodeLog finish() const;

  /// Feeds taken to see the error, if there was one.
  [[nodiscard]] std::size_t num_feeds_to_error() const { return num_feeds_to_error_; }

 private:
  void check_promises(const NotificationView& view);

  NotificationDecoder decoder_;
  std::size_t payload_keep_limit_;
  DecodeLog log_;
  std::size_t num_feeds_ = 0;
  std::size_t num_feeds_to_error_ = 0;
};

}  // namespace apns::binary::test
