#include "mock_apns/push_request.h"

#include <algorithm>
#include <limits>

#include "apns/model/uuid.h"

namespace apns::mock {

namespace {

constexpr std::array<std::string_view, kNumPushFields> kNames = {
    "authorization",   "apns-topic",    "apns-push-type",  "apns-id",
    "apns-expiration", "apns-priority", "apns-collapse-id"};

constexpr std::uint16_t kFirst = http2::field_name::kFirstCallerName;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string_view name_of(PushField field) {
  return kNames.at(static_cast<std::size_t>(field));
}

std::uint16_t name_id_of(PushField field) {
  return static_cast<std::uint16_t>(kFirst + static_cast<std::uint16_t>(field));
}

std::span<const std::string_view> push_field_names() {
  return kNames;
}

PushHead::PushHead(const http2::Message& message)
    : method(message.head.method), path(message.head.path) {
  for (const http2::Field& field : message.fields) {
    if (field.name_id < kFirst || field.name_id >= kFirst + kNumPushFields) {
      continue;
    }
    const auto which = static_cast<PushField>(field.name_id - kFirst);
    if (has(which)) {
      repeated_ |= bit(which);
      continue;
    }
    present_ |= bit(which);
    texts_[static_cast<std::size_t>(which)] = field.value;
  }
  is_device_path = path.starts_with(kDevicePath);
  if (is_device_path) {
    device_token = path.substr(kDevicePath.size());
    // Neither more levels nor a query: nothing is known of what they would draw. Our choice.
    is_device_path =
        std::ranges::none_of(device_token, [](char c) { return c == '/' || c == '?'; });
  }
  if (const PushTypeRow* row = find_push_type(text(PushField::PushType)); row != nullptr) {
    push_type = row->type;
  }
  priority = parse_priority(text(PushField::Priority));
  expiration = parse_expiration(text(PushField::Expiration));
  is_id_uuid = is_uuid(text(PushField::Id));
}

std::optional<std::uint32_t> parse_expiration(std::string_view text) {
  constexpr std::uint64_t kLatest = std::numeric_limits<std::uint32_t>::max();
  if (text.empty() || !std::ranges::all_of(text, is_digit)) {
    return std::nullopt;
  }
  std::uint64_t seconds = 0;
  for (const char digit : text) {
    seconds = std::min(kLatest, seconds * 10 + static_cast<std::uint64_t>(digit - '0'));
  }
  return static_cast<std::uint32_t>(seconds);
}

std::optional<std::uint8_t> parse_priority(std::string_view text) {
  if (text == "10") {
    return std::uint8_t{10};
  }
  if (text == "5" || text == "1") {
    return static_cast<std::uint8_t>(text[0] - '0');
  }
  return std::nullopt;
}

}  // namespace apns::mock
