#include "apns/binary/notification_codec.h"

#include <algorithm>
#include <cassert>

namespace apns::binary {

// Two paths give the same result. decode_whole() runs when a notification is known to be whole in
// the input: no state, views into the input. Everything else goes piece by piece through resume().
// They agree because the rules stand in one place, check_item() and apply_item(), and because both
// ask them item by item, in the order of the wire; what is refused before the items begin (command,
// frame length) never reaches decode_whole().

namespace {

constexpr std::size_t kMaxFieldLen = 0xFFFF;

/// Length of the fixed fields in front of the first part of variable length.
std::size_t header_len(Command command) {
  switch (command) {
    case Command::Simple:
      return kSimpleHeaderLen;
    case Command::Enhanced:
      return kEnhancedHeaderLen;
    default:
      return kFrameHeaderLen;
  }
}

/// Length of the notification at the front of `in`, command included, as soon as that can be told;
/// `in` may be shorter. Nullopt: too few bytes to tell, or a frame length that is refused.
std::optional<std::size_t> whole_len(ByteReader in) {
  const Command command{in.peek()};
  if (!in.has(header_len(command))) {
    return std::nullopt;
  }
  if (command == Command::Framed) {
    in.skip(kCommandLen);
    const std::size_t frame_len = in.read<std::uint32_t>();
    return frame_len > kMaxFrameLen ? std::nullopt : std::optional(kFrameHeaderLen + frame_len);
  }
  in.skip(header_len(command) - kLengthLen);
  const std::size_t token_len = in.read<std::uint16_t>();
  if (!in.has(token_len + kLengthLen)) {
    return std::nullopt;
  }
  in.skip(token_len);
  const std::size_t payload_len = in.read<std::uint16_t>();
  return in.position() + payload_len;
}

/// Length of the items that have only one; 0: any length.
constexpr std::size_t fixed_len(Item item) {
  switch (item) {
    case Item::Identifier:
      return kIdentifierLen;
    case Item::Expiration:
      return kExpirationLen;
    case Item::Priority:
      return kPriorityLen;
    default:
      return 0;
  }
}

/// The rule that an item breaks by its header alone. `frame_left` counts the bytes of the frame
/// behind the header.
inline std::optional<FrameError> check_item(Item item, std::size_t len, std::size_t frame_left) {
  if (len > frame_left) {
    return FrameError::ItemPastFrame;
  }
  if (fixed_len(item) != 0 && len != fixed_len(item)) {
    return FrameError::BadItemLength;
  }
  return std::nullopt;
}

void count(std::uint8_t& saturating) {
  if (saturating < 0xFF) {
    ++saturating;
  }
}

/// Enters an item that passed check_item(), or the field of command 0 or 1 that it stands for.
/// `kept` is its data; empty when it was skipped.
void apply_item(NotificationView& view, Item item, std::size_t len, ByteView kept) {
  const auto note_duplicate = [&view](bool seen) {
    if (seen) {
      count(view.num_duplicate_items);
    }
  };
  switch (item) {
    case Item::DeviceToken:
      note_duplicate(view.has_device_token);
      view.has_device_token = true;
      view.device_token_len = len;
      view.device_token = kept;
      return;
    case Item::Payload:
      note_duplicate(view.has_payload);
      view.has_payload = true;
      view.payload_len = len;
      view.payload = kept;
      return;
    case Item::Identifier:
      note_duplicate(view.identifier.has_value());
      view.identifier = ByteReader(kept).read<std::uint32_t>();
      return;
    case Item::Expiration:
      note_duplicate(view.expiration.has_value());
      view.expiration = ByteReader(kept).read<std::uint32_t>();
      return;
    case Item::Priority:
      note_duplicate(view.priority.has_value());
      view.priority = ByteReader(kept).read<std::uint8_t>();
      return;
    default:
      count(view.num_unknown_items);
      return;
  }
}

void write_field(ByteWriter& writer, ByteView field) {
  writer.write(static_cast<std::uint16_t>(field.size()));
  writer.write(field);
}

/// Writes into bytes that are known to be enough.
class SpanWriter {
 public:
  explicit SpanWriter(std::span<std::byte> out) : out_(out) {}

  template <std::unsigned_integral T>
  void write(T value) {
    for (std::size_t i = sizeof(T); i > 0; --i) {
      out_[at_ + i - 1] = static_cast<std::byte>(value);
      value = static_cast<T>(static_cast<std::uint64_t>(value) >> 8U);
    }
    at_ += sizeof(T);
  }

  void write_item(Item item, ByteView data) {
    write_item_header(item, data.size());
    std::copy(data.begin(), data.end(), out_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += data.size();
  }

  template <std::unsigned_integral T>
  void write_item(Item item, T value) {
    write_item_header(item, sizeof(T));
    write(value);
  }

  [[nodiscard]] std::size_t num_written() const { return at_; }

 private:
  void write_item_header(Item item, std::size_t len) {
    write(static_cast<std::uint8_t>(item));
    write(static_cast<std::uint16_t>(len));
  }

  std::span<std::byte> out_;
  std::size_t at_ = 0;
};

}  // namespace

std::size_t framed_len(const Notification& notification) {
  return kFrameHeaderLen + (kItemHeaderLen + notification.device_token.bytes().size()) +
         (kItemHeaderLen + notification.payload.size()) + (kItemHeaderLen + kIdentifierLen) +
         (notification.expiration ? kItemHeaderLen + kExpirationLen : 0) +
         (notification.priority ? kItemHeaderLen + kPriorityLen : 0);
}

void encode_framed(const Notification& notification, std::uint32_t identifier,
                   std::span<std::byte> out) {
  assert(notification.payload.size() <= kMaxFieldLen);
  assert(out.size() == framed_len(notification));
  SpanWriter writer(out);
  writer.write(static_cast<std::uint8_t>(Command::Framed));
  writer.write(static_cast<std::uint32_t>(out.size() - kFrameHeaderLen));
  writer.write_item(Item::DeviceToken, notification.device_token.bytes());
  writer.write_item(Item::Payload, as_bytes(notification.payload));
  writer.write_item(Item::Identifier, identifier);
  if (notification.expiration) {
    writer.write_item(Item::Expiration, *notification.expiration);
  }
  if (notification.priority) {
    writer.write_item(Item::Priority, *notification.priority);
  }
  assert(writer.num_written() == out.size());
}

void encode_notification(const Notification& notification, std::uint32_t identifier,
                         Command command, Bytes& out) {
  assert(command != Command::Error);
  assert(notification.payload.size() <= kMaxFieldLen);
  if (command == Command::Framed) {
    const std::size_t before = out.size();
    out.resize(before + framed_len(notification));
    encode_framed(notification, identifier, std::span(out).subspan(before));
    return;
  }
  ByteWriter writer(out);
  writer.write(static_cast<std::uint8_t>(command));
  if (command == Command::Enhanced) {
    writer.write(identifier);
    writer.write(notification.expiration.value_or(kLatestExpiration));
  }
  write_field(writer, notification.device_token.bytes());
  write_field(writer, as_bytes(notification.payload));
}

std::string_view to_string(FrameError error) {
  switch (error) {
    case FrameError::BadCommand:
      return "not a command of the binary provider API";
    case FrameError::ItemPastFrame:
      return "item past the end of the frame";
    case FrameError::BadItemLength:
      return "wrong length of a fixed item";
    case FrameError::FrameTooLong:
      return "frame longer than any legal one";
  }
  assert(false);
  return {};
}

NotificationDecoder::NotificationDecoder(std::size_t payload_keep_limit)
    : payload_keep_limit_(payload_keep_limit) {}

Decoded<NotificationView, FrameErrorInfo> NotificationDecoder::next(ByteReader& in) {
  if (error_) {
    return *error_;
  }
  if (stage_ == Stage::Boundary) {
    release_storage();
    if (in.left() == 0) {
      return Outcome::NeedMore{};
    }
    if (in.peek() > static_cast<std::uint8_t>(Command::Framed)) {
      return fail(FrameError::BadCommand, NotificationView{}, 0);
    }
    const std::optional<std::size_t> len = whole_len(ByteReader(in.rest()));
    if (len && in.has(*len)) {
      return decode_whole(ByteReader(in.read_view(*len)));
    }
    expect_notification(Command{in.peek()});
  }
  return resume(in);
}

NotificationDecoder::Outcome NotificationDecoder::decode_whole(ByteReader frame) {
  NotificationView view;
  view.wire_len = frame.left();
  view.command = Command{frame.read<std::uint8_t>()};
  if (view.command == Command::Framed) {
    frame.skip(kFrameHeaderLen - kCommandLen);
    if (const auto error = decode_whole_items(frame, view)) {
      return *error;
    }
    return view;
  }
  if (view.command == Command::Enhanced) {
    view.identifier = frame.read<std::uint32_t>();
    view.expiration = frame.read<std::uint32_t>();
  }
  for (const Item field : {Item::DeviceToken, Item::Payload}) {
    const std::size_t len = frame.read<std::uint16_t>();
    const ByteView data = frame.read_view(len);
    apply_item(view, field, len, is_kept(field, len) ? data : ByteView{});
  }
  return view;
}

std::optional<FrameErrorInfo> NotificationDecoder::decode_whole_items(ByteReader frame,
                                                                      NotificationView& view) {
  while (frame.left() > 0) {
    if (!frame.has(kItemHeaderLen)) {
      return fail(FrameError::ItemPastFrame, view, frame.position());
    }
    const Item item{frame.read<std::uint8_t>()};
    const std::size_t len = frame.read<std::uint16_t>();
    if (const auto error = check_item(item, len, frame.left())) {
      return fail(*error, view, frame.position() - kLengthLen);
    }
    const ByteView data = frame.read_view(len);
    apply_item(view, item, len, is_kept(item, len) ? data : ByteView{});
  }
  return std::nullopt;
}

NotificationDecoder::Outcome NotificationDecoder::resume(ByteReader& in) {
  while (stage_ != Stage::Boundary) {
    const bool in_data = stage_ == Stage::Data;
    if (!(in_data ? take_data(in) : take_header(in))) {
      return Outcome::NeedMore{};
    }
    if (const auto error = in_data ? finish_data() : finish_header()) {
      return *error;
    }
  }
  view_.wire_len = taken_;
  return view_;
}

bool NotificationDecoder::take_header(ByteReader& in) {
  const ByteView part = in.read_view(std::min(header_left_, in.left()));
  std::ranges::copy(part, std::span(fixed_).subspan(header_len_ - header_left_).begin());
  header_left_ -= part.size();
  taken_ += part.size();
  return header_left_ == 0;
}

bool NotificationDecoder::take_data(ByteReader& in) {
  const ByteView part = in.read_view(std::min(item_left_, in.left()));
  if (!data_.empty()) {
    std::ranges::copy(part, data_.subspan(item_len_ - item_left_).begin());
  }
  item_left_ -= part.size();
  taken_ += part.size();
  return item_left_ == 0;
}

std::optional<FrameErrorInfo> NotificationDecoder::finish_header() {
  ByteReader header(ByteView(fixed_).first(header_len_));
  if (stage_ == Stage::PayloadHeader) {
    expect_data(Item::Payload, header.read<std::uint16_t>());
    return std::nullopt;
  }
  if (stage_ == Stage::ItemHeader) {
    const Item item{header.read<std::uint8_t>()};
    const std::size_t len = header.read<std::uint16_t>();
    if (const auto error = check_item(item, len, frame_end_ - taken_)) {
      return fail(*error, view_, taken_ - kLengthLen);
    }
    expect_data(item, len);
    return std::nullopt;
  }
  header.skip(kCommandLen);
  if (view_.command == Command::Framed) {
    const std::size_t frame_len = header.read<std::uint32_t>();
    if (frame_len > kMaxFrameLen) {
      return fail(FrameError::FrameTooLong, view_, kCommandLen);
    }
    frame_end_ = taken_ + frame_len;
    return expect_item_or_end();
  }
  if (view_.command == Command::Enhanced) {
    view_.identifier = header.read<std::uint32_t>();
    view_.expiration = header.read<std::uint32_t>();
  }
  expect_data(Item::DeviceToken, header.read<std::uint16_t>());
  return std::nullopt;
}

std::optional<FrameErrorInfo> NotificationDecoder::finish_data() {
  apply_item(view_, item_, item_len_, data_);
  if (view_.command == Command::Framed) {
    return expect_item_or_end();
  }
  if (item_ == Item::DeviceToken) {
    expect_header(Stage::PayloadHeader, kLengthLen);
  } else {
    stage_ = Stage::Boundary;
  }
  return std::nullopt;
}

void NotificationDecoder::expect_notification(Command command) {
  view_ = NotificationView{};
  view_.command = command;
  taken_ = 0;
  expect_header(Stage::Header, header_len(command));
}

void NotificationDecoder::expect_header(Stage stage, std::size_t len) {
  stage_ = stage;
  header_len_ = len;
  header_left_ = len;
}

std::optional<FrameErrorInfo> NotificationDecoder::expect_item_or_end() {
  const std::size_t left = frame_end_ - taken_;
  if (left == 0) {
    stage_ = Stage::Boundary;
    return std::nullopt;
  }
  if (left < kItemHeaderLen) {
    return fail(FrameError::ItemPastFrame, view_, taken_);
  }
  expect_header(Stage::ItemHeader, kItemHeaderLen);
  return std::nullopt;
}

void NotificationDecoder::expect_data(Item item, std::size_t len) {
  stage_ = Stage::Data;
  item_ = item;
  item_len_ = len;
  item_left_ = len;
  data_ = {};
  if (item == Item::Payload) {
    release_storage();  // of a payload item that this one replaces
  }
  if (!is_kept(item, len)) {
    return;
  }
  switch (item) {
    case Item::DeviceToken:
      data_ = std::span(token_).first(len);
      return;
    case Item::Payload:
      payload_.resize(len);
      data_ = payload_;
      return;
    default:
      data_ = std::span(fixed_).first(len);
      return;
  }
}

bool NotificationDecoder::is_kept(Item item, std::size_t len) const {
  switch (item) {
    case Item::DeviceToken:
      return len <= DeviceToken::kMaxLen;
    case Item::Payload:
      return len <= payload_keep_limit_;
    case Item::Identifier:
    case Item::Expiration:
    case Item::Priority:
      return true;
    default:
      return false;
  }
}

FrameErrorInfo NotificationDecoder::fail(FrameError error, const NotificationView& view,
                                         std::size_t offset) {
  error_ = FrameErrorInfo{.error = error, .identifier = view.identifier, .offset = offset};
  release_storage();
  return *error_;
}

void NotificationDecoder::release_storage() {
  if (payload_.capacity() > 0) {
    Bytes().swap(payload_);
  }
}

}  // namespace apns::binary
