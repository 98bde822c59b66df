#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace apns {

/// Status byte of the binary gateway's error packet.
/// Source: "Local and Remote Notification Programming Guide", Binary Provider API, table of error
/// codes; 10 and 128 are missing from older editions. A peer may send any byte: treat what is not
/// listed as `Unknown`.
enum class BinaryStatus : std::uint8_t {
  NoErrors = 0,
  ProcessingError = 1,
  MissingDeviceToken = 2,
  MissingTopic = 3,
  MissingPayload = 4,
  InvalidTokenSize = 5,
  InvalidTopicSize = 6,
  InvalidPayloadSize = 7,
  InvalidToken = 8,
  Shutdown = 10,  // the identifier names the last notification that was accepted, not a bad one
  ProtocolError = 128,
  Unknown = 255,
};

struct BinaryStatusRow {
  BinaryStatus status;
  std::string_view name;   // in words, as Apple's table has it: "invalid token"
  std::string_view cause;  // what draws it, for people
  bool retryable;  // the named notification may succeed if sent again; Shutdown's was accepted
};

/// All rows, ascending.
[[nodiscard]] std::span<const BinaryStatusRow> binary_statuses();

/// Null: the byte is not in Apple's table.
[[nodiscard]] const BinaryStatusRow* find_binary_status(std::uint8_t status);

/// "8 (invalid token)"; "77 (not in Apple's table)".
[[nodiscard]] std::string binary_status_text(std::uint8_t status);

}  // namespace apns
