#pragma once

#include <string_view>

/// Streams of the feedback service in literal bytes, as hex. Written by hand after
/// docs/wire/feedback.md, never by an encoder.
namespace apns::golden {

// "Local and Remote Notification Programming Guide", Binary Provider API, The Feedback Service.
inline constexpr std::string_view kFeedbackTupleHex =
    "5c2aad80"                                                           // 2019-01-01T00:00:00Z
    "0020"                                                               // token length 32
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";  // device token

// The shortest token, then the one above: nothing stands between tuples.
inline constexpr std::string_view kTwoFeedbackTuplesHex =
    "5c2aad7f"                                                           // 2018-12-31T23:59:59Z
    "0001"                                                               // token length 1
    "a1"                                                                 // device token
    "5c2aad80"                                                           // 2019-01-01T00:00:00Z
    "0020"                                                               // token length 32
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";  // device token

// The header of a TLS 1.0 alert record, which a reader of the bare socket took for tuples: a time
// in 1981, and the first byte of a length; jpoz/APNS#8.
inline constexpr std::string_view kTlsAlertRecordHex = "1503010020";

}  // namespace apns::golden
