#pragma once

#include <string>

#include "mock_apns/ledger_event.h"

namespace apns::mock {

/// One line of JSON without the newline; keys in the order of docs/ledger.md. Valid whatever the
/// provider sent: bytes that are not UTF-8 become U+FFFD, and such a payload is there as
/// "payload_hex" too.
[[nodiscard]] std::string to_json_line(const LedgerEvent& event);

/// One line for people, in UTC; device tokens are shortened, control characters become "?". Empty:
/// not worth a line (a connection that opens or ends as it should, a fault that the line of its
/// notification names).
///
///   10:14:09.774  accepted  binary #2  com.example.app  a1a1…a1a1  id 7
///   10:14:09.790  rejected  binary #2  com.example.app  fa11…0000  id 8     8 (invalid token)
///   10:14:09.795  rejected  http2 #1   com.example.app  a1a1…a1a1  alert    503 Shutdown
///   10:14:09.801  delivered binary #2  com.example.app  a1a1…a1a1  phone: lock screen "Hello"
[[nodiscard]] std::string to_text_line(const LedgerEvent& event);

}  // namespace apns::mock
