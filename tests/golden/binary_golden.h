#pragma once

#include <string_view>

/// The binary provider API in literal bytes, as hex. Written by hand after docs/wire/binary.md,
/// never by an encoder. Device token: 32 bytes 00 to 1f. Payload:
/// {"aps":{"alert":"Hello","badge":1}}, 35 bytes.
namespace apns::golden {

inline constexpr std::string_view kDeviceTokenHex =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

inline constexpr std::string_view kPayload = R"({"aps":{"alert":"Hello","badge":1}})";

// "Local and Remote Notification Programming Guide", Legacy Notification Format, simple format.
inline constexpr std::string_view kSimpleHex =
    "00"                                                                       // command
    "0020"                                                                     // token length
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"         // device token
    "0023"                                                                     // payload length
    "7b22617073223a7b22616c657274223a2248656c6c6f222c226261646765223a317d7d";  // payload

// Same chapter, enhanced format.
inline constexpr std::string_view kEnhancedHex =
    "01"        // command
    "0000007c"  // identifier 124
    "5c2aad80"  // expiry 2019-01-01T00:00:00Z
    "0020"      // token length
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"         // device token
    "0023"                                                                     // payload length
    "7b22617073223a7b22616c657274223a2248656c6c6f222c226261646765223a317d7d";  // payload

// Enhanced, for a notification without expiration.
inline constexpr std::string_view kEnhancedWithoutExpirationHex =
    "01"                                                                       // command
    "0000007c"                                                                 // identifier 124
    "7fffffff"                                                                 // expiry: the latest
    "0020"                                                                     // token length
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"         // device token
    "0023"                                                                     // payload length
    "7b22617073223a7b22616c657274223a2248656c6c6f222c226261646765223a317d7d";  // payload

// Same guide, Binary Provider API, all five items.
inline constexpr std::string_view kFramedHex =
    "02"        // command
    "0000005b"  // frame length 91 = 56 + 35
    "01"
    "0020"                                                              // item 1, length
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"  // device token
    "02"
    "0023"                                                                    // item 2, length
    "7b22617073223a7b22616c657274223a2248656c6c6f222c226261646765223a317d7d"  // payload
    "03"
    "0004"
    "0000007c"  // item 3: identifier 124
    "04"
    "0004"
    "5c2aad80"  // item 4: expiration
    "05"
    "0001"
    "0a";  // item 5: priority 10

// Framed without expiration and priority.
inline constexpr std::string_view kFramedMinimalHex =
    "02"        // command
    "00000050"  // frame length 80
    "01"
    "0020"                                                              // item 1, length
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"  // device token
    "02"
    "0023"                                                                    // item 2, length
    "7b22617073223a7b22616c657274223a2248656c6c6f222c226261646765223a317d7d"  // payload
    "03"
    "0004"
    "0000007c";  // item 3: identifier 124

// Captured from the real gateway; notnoop/java-apns#349.
inline constexpr std::string_view kErrorPacketHex =
    "08"         // command
    "08"         // status: invalid token
    "0000007c";  // identifier 124, as the provider sent it

}  // namespace apns::golden
