#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "apns/model/binary_status.h"
#include "apns/model/confidence.h"

namespace apns {

/// Why the HTTP/2 interface rejects a notification: the `reason` in the body of an answer, or in
/// the debug data of a GOAWAY frame. Spelled like Apple's strings. A peer may send any text: what
/// find_reason does not know is to be kept as it came.
/// Source: "Handling notification responses from APNs", values of the reason key.
enum class Reason : std::uint8_t {
  BadCollapseId,
  BadDeviceToken,
  BadExpirationDate,
  BadMessageId,
  BadPriority,
  BadTopic,
  DeviceTokenNotForTopic,
  DuplicateHeaders,
  IdleTimeout,
  InvalidPushType,
  MissingDeviceToken,
  MissingTopic,
  PayloadEmpty,
  TopicDisallowed,
  BadCertificate,
  BadCertificateEnvironment,
  ExpiredProviderToken,
  Forbidden,
  InvalidProviderToken,
  MissingProviderToken,
  UnrelatedKeyIdInToken,
  BadEnvironmentKeyIdInToken,  // as the document has it
  BadEnvironmentKeyInToken,    // as the service was seen to send it
  BadPath,
  MethodNotAllowed,
  ExpiredToken,
  Unregistered,
  PayloadTooLarge,
  TooManyProviderTokenUpdates,
  TooManyRequests,
  InternalServerError,
  ServiceUnavailable,
  Shutdown,
};

inline constexpr std::size_t kNumReasons = static_cast<std::size_t>(Reason::Shutdown) + 1;

/// What a provider may do with a notification that was rejected.
enum class Retry : std::uint8_t {
  Never,
  DropDeviceToken,   // never, and send nothing more to its device token
  Again,             // the same once more, with a back-off
  Later,             // too much was sent: after a pause
  NewConnection,     // at once, on another connection
  NewProviderToken,  // at once, with a fresh provider token
};

struct ReasonRow {
  Reason reason;
  std::string_view name;  // as on the wire
  // Of an answer with this reason and no time: {"reason":"BadDeviceToken"}, without blanks, as it
  // was observed (Edujugon/PushNotification#170).
  std::string_view body;
  std::uint16_t status;    // of HTTP
  std::string_view cause;  // what draws it, for people
  Retry retry;             // inferred where Apple's table does not say
  Confidence confidence;   // in name, status and cause together
  std::string_view source;
  std::string_view trigger;  // what draws it from the simulated service; empty: only being told to

  /// The notification may succeed if it is sent again, sooner or later.
  [[nodiscard]] constexpr bool retryable() const {
    return retry != Retry::Never && retry != Retry::DropDeviceToken;
  }
};

/// All rows, in the order of Apple's table: ascending by status, by name within one; the reasons
/// that were added to it later stand behind those. Within a status the order never changes, because
/// device tokens name rows by their number.
[[nodiscard]] std::span<const ReasonRow> reasons();

[[nodiscard]] const ReasonRow& row_of(Reason reason);

/// By its name, letter for letter. Null: there is no such reason.
[[nodiscard]] const ReasonRow* find_reason(std::string_view name);

/// By its status and its number among those with the same one, from 1; 0: the usual one of that
/// status, which is BadDeviceToken, InvalidProviderToken, Unregistered, TooManyRequests or
/// ServiceUnavailable, else the only one. Null: no such status, or no such number.
[[nodiscard]] const ReasonRow* find_reason(unsigned status, unsigned number);

/// The statuses that reasons have, ascending: 400, 403, ... 503.
[[nodiscard]] std::span<const std::uint16_t> reason_statuses();

/// The body of an answer with a time: {"reason":"Unregistered","timestamp":1454948015990}.
/// Milliseconds since 1970. Source: "Handling notification responses from APNs"; the order of the
/// keys is inferred.
[[nodiscard]] std::string reason_body(Reason reason, std::uint64_t timestamp_ms);

/// "400 BadDeviceToken".
[[nodiscard]] std::string reason_text(Reason reason);

/// What the binary gateway says to the same mistake. `Unknown` for what it has no word for, as it
/// judges certificates in the handshake and knows neither provider tokens nor permissions. Our
/// choice: the two interfaces are documented apart.
[[nodiscard]] BinaryStatus nearest_binary_status(Reason reason);

/// The other way round. Nullopt: NoErrors, or a status that is not in Apple's table.
[[nodiscard]] std::optional<Reason> nearest_reason(std::uint8_t binary_status);

}  // namespace apns
