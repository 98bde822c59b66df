#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "apns/http2/field.h"
#include "apns/model/notification.h"

namespace apns::provider {

/// The header section of a notification's request, one connection after the other.
///
///   :method POST, :scheme https, :path /3/device/a1b2..., :authority localhost:2197
///   authorization, apns-topic, apns-push-type, apns-priority     enter the dynamic table
///   apns-expiration, apns-collapse-id, apns-id                   their names do, with the first
///   content-length                                               a literal, as the path is
///
/// Source: "Sending notification requests to APNs" for the fields, "Setting up a connection to
/// APNs" for what is to be indexed: names of fields once, and values that rarely change.
class RequestFields {
 public:
  /// `authority` outlives it.
  RequestFields(std::string_view authority, bool content_length)
      : authority_(authority), content_length_(content_length) {}

  /// Views into this object, which the next call ends, and into the arguments. `authorization`
  /// empty: absent.
  [[nodiscard]] std::span<const http2::Field> of(const Notification& notification,
                                                 std::string_view authorization);

  /// Can the topic, apns-id and collapse id stand in header fields at all? RFC 9113 section 8.2.1.
  [[nodiscard]] static bool is_legal(const Notification& notification);

 private:
  static constexpr std::string_view kPathBegin = "/3/device/";
  static constexpr std::size_t kMaxFields = 12;
  static constexpr std::size_t kMaxDigits = 20;

  /// A field whose value is another one each time: its name is to be in the table.
  void add_changing(std::string_view name, std::string_view value, bool& was_sent);
  void add(std::string_view name, std::string_view value, http2::Representation representation);
  [[nodiscard]] std::string_view path_of(const DeviceToken& token);

  std::string_view authority_;
  bool content_length_;
  bool is_expiration_sent_ = false;  // on this connection
  bool is_collapse_id_sent_ = false;
  bool is_apns_id_sent_ = false;
  std::array<char, kPathBegin.size() + 2 * DeviceToken::kMaxLen> path_{};
  std::array<char, kMaxDigits> priority_{};
  std::array<char, kMaxDigits> expiration_{};
  std::array<char, kMaxDigits> length_{};
  std::array<http2::Field, kMaxFields> fields_{};
  std::size_t num_fields_ = 0;
};

}  // namespace apns::provider
