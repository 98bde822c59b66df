#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "apns/http2/message.h"
#include "apns/model/push_type.h"

namespace apns::mock {

/// The header fields that the provider API knows; all others are ignored. Source: "Sending
/// notification requests to APNs", table of headers.
enum class PushField : std::uint8_t {
  Authorization,
  Topic,
  PushType,
  Id,
  Expiration,
  Priority,
  CollapseId,
};

inline constexpr std::size_t kNumPushFields = static_cast<std::size_t>(PushField::CollapseId) + 1;

/// "apns-topic".
[[nodiscard]] std::string_view name_of(PushField field);
/// The number that a session with push_field_names() gives it.
[[nodiscard]] std::uint16_t name_id_of(PushField field);
/// All of them, in the order of their numbers: for http2::SessionOptions.
[[nodiscard]] std::span<const std::string_view> push_field_names();

/// The longest apns-collapse-id, in bytes. Source: as above.
inline constexpr std::size_t kMaxCollapseIdLen = 64;

/// A request's header section, read as far as it can be read; views into the message. What is there
/// and not in order is absent here, and its text is in `texts`.
struct PushHead {
  static constexpr std::string_view kDevicePath = "/3/device/";

  explicit PushHead(const http2::Message& message);

  [[nodiscard]] bool has(PushField field) const { return (present_ & bit(field)) != 0; }

  /// The first one's; empty: not there, or empty.
  [[nodiscard]] std::string_view text(PushField field) const {
    return texts_[static_cast<std::size_t>(field)];
  }

  [[nodiscard]] bool is_repeated(PushField field) const { return (repeated_ & bit(field)) != 0; }

  [[nodiscard]] bool has_repeated() const { return repeated_ != 0; }

  std::string_view method;
  std::string_view path;
  bool is_device_path = false;
  std::string_view device_token;  // what stands behind kDevicePath; hex, if all is well

  std::optional<PushType> push_type;
  std::optional<std::uint8_t> priority;
  std::optional<std::uint32_t> expiration;  // UNIX seconds; later ones than 32 bits hold are 2^32-1
  bool is_id_uuid = false;

 private:
  [[nodiscard]] static std::uint8_t bit(PushField field) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(field));
  }

  std::array<std::string_view, kNumPushFields> texts_{};
  std::uint8_t present_ = 0;
  std::uint8_t repeated_ = 0;
};

/// Whole seconds since 1970, digits only: a fraction draws BadExpirationDate (observed:
/// parse-community/parse-server#4558), and so does a sign. Larger numbers than 32 bits hold are
/// taken as the largest that they do. Nullopt: it is none.
[[nodiscard]] std::optional<std::uint32_t> parse_expiration(std::string_view text);

/// 10, 5 or 1, written so.
[[nodiscard]] std::optional<std::uint8_t> parse_priority(std::string_view text);

}  // namespace apns::mock
