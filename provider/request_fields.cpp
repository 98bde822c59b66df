#include "provider/request_fields.h"

#include <algorithm>
#include <charconv>

namespace apns::provider {

namespace {

using http2::Representation;

template <std::size_t n>
std::string_view digits_of(std::uint64_t value, std::array<char, n>& digits) {
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), static_cast<std::size_t>(end - digits.data())};
}

}  // namespace

std::span<const http2::Field> RequestFields::of(const Notification& notification,
                                                std::string_view authorization) {
  num_fields_ = 0;
  add(":method", "POST", Representation::Indexed);
  add(":scheme", "https", Representation::Indexed);
  add(":path", path_of(notification.device_token), Representation::WithoutIndexing);
  add(":authority", authority_, Representation::Incremental);
  if (!authorization.empty()) {
    add("authorization", authorization, Representation::Incremental);
  }
  if (!notification.topic.empty()) {
    add("apns-topic", notification.topic, Representation::Incremental);
  }
  if (notification.push_type) {
    add("apns-push-type", row_of(*notification.push_type).name, Representation::Incremental);
  }
  if (notification.priority) {
    add("apns-priority", digits_of(*notification.priority, priority_), Representation::Incremental);
  }
  if (notification.expiration) {
    add_changing("apns-expiration", digits_of(*notification.expiration, expiration_),
                 is_expiration_sent_);
  }
  if (!notification.collapse_id.empty()) {
    add_changing("apns-collapse-id", notification.collapse_id, is_collapse_id_sent_);
  }
  if (!notification.apns_id.empty()) {
    add_changing("apns-id", notification.apns_id, is_apns_id_sent_);
  }
  if (content_length_) {
    add("content-length", digits_of(notification.payload.size(), length_),
        Representation::WithoutIndexing);
  }
  return std::span(fields_).first(num_fields_);
}

bool RequestFields::is_legal(const Notification& notification) {
  return http2::is_field_value(notification.topic) && http2::is_field_value(notification.apns_id) &&
         http2::is_field_value(notification.collapse_id);
}

void RequestFields::add_changing(std::string_view name, std::string_view value, bool& was_sent) {
  add(name, value, was_sent ? Representation::Indexed : Representation::Incremental);
  was_sent = true;
}

void RequestFields::add(std::string_view name, std::string_view value,
                        Representation representation) {
  http2::Field& field = fields_.at(num_fields_++);
  field.name = name;
  field.value = value;
  field.representation = representation;
}

std::string_view RequestFields::path_of(const DeviceToken& token) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  char* out = std::ranges::copy(kPathBegin, path_.data()).out;
  for (const std::byte byte : token.bytes()) {
    *out++ = kDigits[std::to_integer<unsigned>(byte) >> 4U];
    *out++ = kDigits[std::to_integer<unsigned>(byte) & 0xFU];
  }
  return {path_.data(), static_cast<std::size_t>(out - path_.data())};
}

}  // namespace apns::provider
