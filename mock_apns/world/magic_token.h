#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "apns/base/bytes.h"
#include "mock_apns/fault_rule.h"

namespace apns::mock {

/// A device token that says what is to become of it, so that any provider can be steered through
/// without being touched:
///
///   fa11 · what (4 hex digits) · argument (4) · 52 digits that are the sender's
///
/// Of 32 bytes; one whose `what` or argument is not in the table is an ordinary device token.
struct MagicToken {
  enum class Fate : std::uint8_t {
    Faulty,       // the service does what `action` or `http2` says
    Offline,      // accepted; the phone is offline, and it stays stored
    Uninstalled,  // accepted; the app is gone, and the service learns of it
  };

  Fate fate = Fate::Faulty;
  // Fate::Faulty: the same over both interfaces, as far as they have words for it.
  FaultAction action;      // of the gateway
  FaultAction http2;       // of the provider API
  std::uint8_t times = 0;  // how often it does so, then it is accepted; 0: always
};

/// Pure. Nullopt: not a magic one.
[[nodiscard]] std::optional<MagicToken> parse_magic_token(ByteView token);

/// Is it worth parsing? True for what begins with fa11 and is 32 bytes long.
[[nodiscard]] inline bool looks_magic(ByteView token) {
  return token.size() == 32 && token[0] == std::byte{0xfa} && token[1] == std::byte{0x11};
}

/// One kind of magic device token, for the table that people read.
struct MagicRow {
  std::string prefix;    // hex; behind it zeros, or what `argument` says
  std::string draws;     // what becomes of the notification on the gateway
  std::string http2;     // and over HTTP/2
  std::string argument;  // what the next four digits mean
};

/// In the order of the digits behind fa11.
[[nodiscard]] std::span<const MagicRow> magic_rows();

}  // namespace apns::mock
