#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace apns::http2 {

/// How a field was, or is to be, written in a header block (RFC 7541 section 6).
enum class Representation : std::uint8_t {
  Indexed,          // both parts from a table
  Incremental,      // literal; enters the dynamic table
  WithoutIndexing,  // literal
  NeverIndexed,     // literal; whoever passes it on must not index it either
};

/// What a field's name is, as a small number, so that nobody compares text per request. Found once,
/// when the name enters the dynamic table, and constant for the static one. Numbers from
/// kFirstCallerName on are the caller's (FieldNames).
namespace field_name {
inline constexpr std::uint16_t kOther = 0;
inline constexpr std::uint16_t kMethod = 1;  // pseudo-header fields, in a row
inline constexpr std::uint16_t kScheme = 2;
inline constexpr std::uint16_t kAuthority = 3;
inline constexpr std::uint16_t kPath = 4;
inline constexpr std::uint16_t kProtocol = 5;  // RFC 8441
inline constexpr std::uint16_t kStatus = 6;
inline constexpr std::uint16_t kContentLength = 7;
inline constexpr std::uint16_t kHost = 8;
inline constexpr std::uint16_t kTe = 9;
inline constexpr std::uint16_t kConnection = 10;  // connection-specific fields, in a row
inline constexpr std::uint16_t kKeepAlive = 11;
inline constexpr std::uint16_t kProxyConnection = 12;
inline constexpr std::uint16_t kTransferEncoding = 13;
inline constexpr std::uint16_t kUpgrade = 14;
inline constexpr std::uint16_t kFirstCallerName = 64;
}  // namespace field_name

/// One field of a header block. The views live as long as what they were decoded from says.
struct Field {
  std::string_view name;
  std::string_view value;
  std::uint16_t name_id = field_name::kOther;
  Representation representation = Representation::Indexed;
  // A decoder has found is_field_name() and is_field_value() true, which it does once, when a field
  // enters a table. False: either is not, or nobody has looked.
  bool is_legal = false;
};

/// RFC 9113 section 8.2.1: neither empty nor with controls, blanks, upper-case letters, colons or
/// bytes above 0x7e. A pseudo-header field's is none, for its colon.
[[nodiscard]] bool is_field_name(std::string_view name);
/// The same section: no NUL, CR or LF, no space or tab at either end.
[[nodiscard]] bool is_field_value(std::string_view value);

/// Names to numbers; immutable once made, so usable from any thread. Knows HTTP/2's own names, and
/// up to kMaxCallerNames of the caller's: the i-th is field_name::kFirstCallerName + i, unless it
/// is one of HTTP/2's own or came earlier.
class FieldNames {
 public:
  static constexpr std::size_t kMaxCallerNames = 64;
  static constexpr std::size_t kMaxNameLen = 64;  // of the caller's; asserted

  explicit FieldNames(std::span<const std::string_view> callers = {});

  // Not copied: slots point into the text.
  FieldNames(const FieldNames&) = delete;
  FieldNames& operator=(const FieldNames&) = delete;

  /// field_name::kOther: not among them. Compares bytes: names are lower case in HTTP/2.
  [[nodiscard]] std::uint16_t find(std::string_view name) const;

  /// find() of a name in HPACK's static table, by its index there, 1 to 61 (0: kOther). The
  /// caller's names may be among them: "authorization".
  [[nodiscard]] std::uint16_t of_static(std::size_t index) const { return static_ids_[index]; }

 private:
  struct Slot {
    std::string_view name;
    std::uint16_t id = field_name::kOther;
  };

  void enter(std::string_view name, std::uint16_t id);

  std::vector<char> text_;         // the caller's names
  std::array<Slot, 256> slots_{};  // open addressing, by length and two characters
  std::array<std::uint16_t, 62> static_ids_{};
};

}  // namespace apns::http2
