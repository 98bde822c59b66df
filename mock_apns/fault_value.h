#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "apns/base/time.h"
#include "apns/json/document.h"
#include "mock_apns/fault_rule.h"

/// Inside of fault_syntax.h: the values that a fault rule's keys take.
namespace apns::mock::syntax {

/// Why a rule is refused, before it is known how to say where: thrown here, turned into FaultError
/// or json::Error by fault_syntax.cpp.
struct Refusal {
  json::Position position;
  std::string can_never_fire;  // not empty: what is to blame, as "goaway"; `reason` says why
  std::string reason;
  json::Error::Flaw flaw = json::Error::Flaw::Value;
};

[[noreturn]] void refuse(json::Position position, std::string reason);
[[noreturn]] void refuse_unknown_key(json::Position position, std::string reason);
[[noreturn]] void refuse_as_never(json::Position position, std::string blamed,
                                  std::string_view reason);

/// A value as it was written.
struct Scalar {
  enum class Form : std::uint8_t {
    Word,  // of the command line: the key decides what it is
    Number,
    Text,
    Boolean,
    Other,  // null, array, empty object: no key takes it
  };
  Form form = Form::Word;
  std::string text;         // Other: what it is, "an array"
  json::Position position;  // of the value, not of its key
};

/// What a key takes.
struct ValueType {
  enum class Kind : std::uint8_t {
    Whole,        // low to high -> uint64_t
    Choice,       // one of `choices` -> its index, uint64_t
    Status,       // 1 to 255 -> uint64_t
    Reason,       // by its name -> Reason
    Reject,       // either of these two
    PushType,     // by its name -> string
    ErrorCode,    // of HTTP/2, by its name or number -> uint64_t
    Latency,      // -> Latency
    Numbers,      // -> NumberMatch
    Probability,  // -> double
    Time,         // above 0, up to kMaxDuration -> Duration
    HexPrefix,    // of a device token -> string in lower case
    HexBytes,     // -> Bytes
    Text,         // not empty -> string
    Name,         // fit for a ledger line and a URL -> string
    Flag,         // -> bool
    Identifier,   // of an error packet -> IdentifierValue
  };
  Kind kind = Kind::Text;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::span<const std::string_view> choices = {};
};

[[nodiscard]] constexpr ValueType whole_from(std::uint64_t low, std::uint64_t high) {
  return {.kind = ValueType::Kind::Whole, .low = low, .high = high};
}

[[nodiscard]] constexpr ValueType one_of(std::span<const std::string_view> choices) {
  return {.kind = ValueType::Kind::Choice, .choices = choices};
}

inline constexpr ValueType kStatus{.kind = ValueType::Kind::Status};
inline constexpr ValueType kReason{.kind = ValueType::Kind::Reason};
inline constexpr ValueType kReject{.kind = ValueType::Kind::Reject};
inline constexpr ValueType kPushType{.kind = ValueType::Kind::PushType};
inline constexpr ValueType kErrorCode{.kind = ValueType::Kind::ErrorCode};
inline constexpr ValueType kLatency{.kind = ValueType::Kind::Latency};
inline constexpr ValueType kNumbers{.kind = ValueType::Kind::Numbers};
inline constexpr ValueType kProbability{.kind = ValueType::Kind::Probability};
inline constexpr ValueType kTime{.kind = ValueType::Kind::Time};
inline constexpr ValueType kHexPrefix{.kind = ValueType::Kind::HexPrefix};
inline constexpr ValueType kHexBytes{.kind = ValueType::Kind::HexBytes};
inline constexpr ValueType kText{.kind = ValueType::Kind::Text};
inline constexpr ValueType kName{.kind = ValueType::Kind::Name};
inline constexpr ValueType kFlag{.kind = ValueType::Kind::Flag};
inline constexpr ValueType kIdentifier{.kind = ValueType::Kind::Identifier};

/// Long enough for any test, short enough to add to any time. Our choice.
inline constexpr Duration kMaxDuration = std::chrono::hours(24);

struct IdentifierValue {
  ErrorPacketFault::Identifier kind = ErrorPacketFault::Identifier::Own;
  std::uint32_t number = 0;
};

using Parsed = std::variant<std::uint64_t, NumberMatch, double, Duration, std::string, bool,
                            IdentifierValue, Bytes, Reason, Latency>;

/// The alternative is the one that `type` names. Throws Refusal at the value; `name` is the key's,
/// for people.
[[nodiscard]] Parsed parse_value(const ValueType& type, std::string_view name, const Scalar& value);

/// "a whole number from 0 to 6".
[[nodiscard]] std::string describe(const ValueType& type);

}  // namespace apns::mock::syntax
