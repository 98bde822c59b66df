#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "apns/base/bytes.h"
#include "apns/base/result.h"
#include "apns/binary/wire.h"
#include "apns/model/device_token.h"
#include "apns/model/notification.h"

namespace apns::binary {

/// Appends one notification in the format of `command` (Simple, Enhanced or Framed; assert) to
/// `out`. The payload must fit a 16-bit length (assert); limits of the service are not checked
/// here. Simple drops identifier, expiration and priority; Enhanced drops the priority and sends an
/// absent expiration as kLatestExpiration. Framed writes the items in the order 1, 2, 3, 4, 5,
/// leaving out what is absent.
void encode_notification(const Notification& notification, std::uint32_t identifier,
                         Command command, Bytes& out);

/// The bytes of a notification in command 2, command and frame length included.
[[nodiscard]] std::size_t framed_len(const Notification& notification);

/// The same as encode_notification with Command::Framed, into exactly framed_len() bytes (assert).
void encode_framed(const Notification& notification, std::uint32_t identifier,
                   std::span<std::byte> out);

/// One decoded notification. Views point into the decoder's input or the decoder's own storage and
/// are valid until the next call of next(), or until the input goes away, whichever is first.
struct NotificationView {
  Command command = Command::Simple;
  // Big-endian reading of the four opaque bytes.
  std::optional<std::uint32_t> identifier = std::nullopt;
  std::optional<std::uint32_t> expiration = std::nullopt;  // UNIX seconds
  std::optional<std::uint8_t> priority = std::nullopt;

  // The field or item was there, perhaps empty.
  bool has_device_token = false;
  bool has_payload = false;

  // As declared. Above DeviceToken::kMaxLen, or above the decoder's limit, the bytes were skipped.
  std::size_t device_token_len = 0;
  std::size_t payload_len = 0;

  // Empty when skipped.
  ByteView device_token;
  ByteView payload;

  std::size_t wire_len = 0;              // all bytes of the notification, command included
  std::uint8_t num_duplicate_items = 0;  // the last one won; saturates at 255
  std::uint8_t num_unknown_items = 0;    // ignored; saturates at 255
};

enum class FrameError {
  BadCommand,     // the first byte is not 0, 1 or 2
  ItemPastFrame,  // an item, or an item's header, reaches past the frame's length
  BadItemLength,  // identifier, expiration or priority item of another length than 4, 4, 1
  FrameTooLong,   // frame length above kMaxFrameLen
};

/// In words: "item past the end of the frame".
[[nodiscard]] std::string_view to_string(FrameError error);

/// Details of an error, for the error packet and the ledger.
struct FrameErrorInfo {
  FrameError error = FrameError::BadCommand;
  // If the frame's identifier item had been read by then.
  std::optional<std::uint32_t> identifier = std::nullopt;
  // Of the offending field within the notification, 0 being the command byte: the frame's or the
  // item's length field; for a header that does not fit, the place where it would begin.
  std::size_t offset = 0;

  [[nodiscard]] bool operator==(const FrameErrorInfo&) const = default;
};

/// Decodes a provider's stream, commands 0, 1 and 2 in any mixture and any split, in place where a
/// notification is whole in the input; otherwise what has arrived is kept: at most 100 +
/// payload_keep_limit bytes per decoder and a few of state, whatever lengths the peer declares,
/// since fields over their limit are counted and skipped. No heap storage is held between
/// notifications, and none is used for those that are whole in the input.
///
///   next("02 ..whole..")      -> view, input advanced behind it
///   next("02 ..half..")       -> NeedMore, everything consumed
///   next("..other half 02..") -> view (in own storage), input advanced to the "02"
///   next("47 45 54")          -> BadCommand, nothing consumed, as in every later call
///
/// The same bytes give the same views and errors in every split, error offsets included. An error
/// is given as soon as the field that makes it certain has arrived, without waiting for the rest of
/// the frame; where it leaves the input depends on the split and says nothing.
///
/// A frame of length 0 is legal and gives a view without device token and payload, as does a frame
/// that has neither item: what is missing is for the caller to judge.
/// Source: "Local and Remote Notification Programming Guide", Binary Provider API and Legacy
/// Notification Format; what they leave open is decided in docs/wire/binary.md.
class NotificationDecoder {
 public:
  /// Payloads longer than this are skipped, with their length reported.
  explicit NotificationDecoder(std::size_t payload_keep_limit);

  // Not copied: views point into it.
  NotificationDecoder(const NotificationDecoder&) = delete;
  NotificationDecoder& operator=(const NotificationDecoder&) = delete;

  [[nodiscard]] Decoded<NotificationView, FrameErrorInfo> next(ByteReader& in);

  /// From the next payload item on; one that is arriving stays as it is.
  void set_payload_keep_limit(std::size_t limit) { payload_keep_limit_ = limit; }

  /// True between notifications: an end of stream here truncates nothing. False after an error.
  [[nodiscard]] bool at_boundary() const { return stage_ == Stage::Boundary && !error_; }

  /// Bytes of heap storage held now; never above payload_keep_limit. A view that was assembled from
  /// several inputs keeps its payload until the next call of next(), which gives it back.
  [[nodiscard]] std::size_t held_bytes() const { return payload_.capacity(); }

 private:
  using Outcome = Decoded<NotificationView, FrameErrorInfo>;

  // What the notification that began in an earlier input, or is not whole in this one, waits for.
  enum class Stage : std::uint8_t {
    Boundary,       // a command byte; nothing is held
    Header,         // the fixed fields in front, command included
    ItemHeader,     // command 2
    PayloadHeader,  // commands 0 and 1
    Data,           // the bytes of the item, or of the field that the item stands for
  };

  // In place: `frame` is one whole notification.
  [[nodiscard]] Outcome decode_whole(ByteReader frame);
  [[nodiscard]] std::optional<FrameErrorInfo> decode_whole_items(ByteReader frame,
                                                                 NotificationView& view);

  // Piece by piece. take_x(): takes what `in` has; true once its part is complete. finish_x(): acts
  // on a complete part and says what comes next, or which rule is broken. expect_x(): sets it up.
  [[nodiscard]] Outcome resume(ByteReader& in);
  [[nodiscard]] bool take_header(ByteReader& in);
  [[nodiscard]] bool take_data(ByteReader& in);
  [[nodiscard]] std::optional<FrameErrorInfo> finish_header();
  [[nodiscard]] std::optional<FrameErrorInfo> finish_data();
  void expect_notification(Command command);
  void expect_header(Stage stage, std::size_t len);
  [[nodiscard]] std::optional<FrameErrorInfo> expect_item_or_end();
  void expect_data(Item item, std::size_t len);

  [[nodiscard]] bool is_kept(Item item, std::size_t len) const;
  [[nodiscard]] FrameErrorInfo fail(FrameError error, const NotificationView& view,
                                    std::size_t offset);
  void release_storage();

  std::size_t payload_keep_limit_;
  std::optional<FrameErrorInfo> error_;  // once set, all that next() gives

  // The rest describes the notification in pieces and means nothing at Stage::Boundary.
  Stage stage_ = Stage::Boundary;
  NotificationView view_;      // what is known of it; its views point into token_ and payload_
  std::size_t taken_ = 0;      // its bytes so far, command included
  std::size_t frame_end_ = 0;  // command 2: taken_ at its end

  // A header, or the data of an item of fixed length.
  std::array<std::byte, kEnhancedHeaderLen> fixed_{};
  std::size_t header_len_ = 0;   // the header's, when complete
  std::size_t header_left_ = 0;  // not yet arrived

  // Stage::Data: the item, or the field of command 0 or 1 that it stands for.
  Item item_ = Item::DeviceToken;  // any byte: unknown ids are skipped
  std::size_t item_len_ = 0;       // as declared
  std::size_t item_left_ = 0;      // not yet arrived
  std::span<std::byte> data_;      // item_len_ bytes of fixed_, token_ or payload_; empty: skipped

  std::array<std::byte, DeviceToken::kMaxLen> token_{};
  Bytes payload_;  // empty without capacity, or as long as a payload within the limit was declared
};

}  // namespace apns::binary
