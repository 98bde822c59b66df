#include "apns/payload/payload_shape.h"

#include <charconv>
#include <cstdint>

#include "apns/json/scanner.h"

namespace apns {

namespace {

using json::is_key;
using json::Scanner;

bool is_text(std::string_view value) {
  return value.starts_with('"');
}

bool is_dictionary(std::string_view value) {
  return value.starts_with('{');
}

/// Without a fraction, and not negative.
bool is_count(std::string_view value) {
  std::int64_t count = 0;
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, count);
  return read.ec == std::errc{} && read.ptr == end && count >= 0;
}

/// A number other than 0, or true.
bool is_flag(std::string_view value) {
  double number = 0;
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number);
  return value == "true" || (read.ec == std::errc{} && read.ptr == end && number != 0);
}

/// A key that counts where it is met first.
struct Key {
  std::string_view name;
  bool PayloadShape::*is_there;
  bool (*has_its_type)(std::string_view value);  // null: any
};

constexpr Key kApsKeys[] = {
    {"alert", &PayloadShape::has_alert,
     [](std::string_view value) { return is_text(value) || is_dictionary(value); }},
    {"badge", &PayloadShape::has_badge, is_count},
    {"sound", &PayloadShape::has_sound,
     [](std::string_view value) { return is_text(value) || is_dictionary(value); }},
    {"content-available", &PayloadShape::content_available, is_flag},
    {"content-changed", &PayloadShape::has_content_changed, nullptr},
    {"event", &PayloadShape::has_event, nullptr},
    {"content-state", &PayloadShape::has_content_state, nullptr},
    {"timestamp", &PayloadShape::has_timestamp, nullptr},
};

bool read_aps(Scanner& in, PayloadShape& shape) {
  std::uint32_t met = 0;  // a bit for each key
  return json::scan_object(in, [&shape, &met](std::string_view key, Scanner& at) {
    std::string_view value;
    if (!at.read_value(value)) {
      return false;
    }
    for (std::uint32_t bit = 1; const Key& known : kApsKeys) {
      if (is_key(key, known.name) && (met & bit) == 0) {
        met |= bit;
        shape.*known.is_there = known.has_its_type == nullptr || known.has_its_type(value);
      }
      bit <<= 1U;
    }
    return true;
  });
}

}  // namespace

PayloadShape read_payload_shape(std::string_view payload) {
  PayloadShape shape;
  Scanner in(payload);
  bool met_aps = false;
  bool has_mdm = false;
  const bool is_whole =
      json::scan_object(in, [&shape, &met_aps, &has_mdm](std::string_view key, Scanner& at) {
        if (is_key(key, "aps") && !met_aps) {
          met_aps = true;
          shape.has_aps = at.next() == '{';
          return shape.has_aps ? read_aps(at, shape) : at.skip_value();
        }
        has_mdm = has_mdm || (is_key(key, "mdm") && at.next() == '"');
        return at.skip_value();
      });
  if (!is_whole || in.next() != '\0') {
    return {};
  }
  shape.is_object = true;
  shape.is_management = has_mdm && !met_aps;
  return shape;
}

PushType suggest_push_type(const PayloadShape& shape) {
  if (shape.is_management) {
    return PushType::Mdm;
  }
  if (shape.is_live_activity()) {
    return PushType::LiveActivity;
  }
  if (shape.has_content_changed) {
    return PushType::Widgets;
  }
  return shape.is_background() ? PushType::Background : PushType::Alert;
}

}  // namespace apns
