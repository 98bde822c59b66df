#include "mock_apns/fault_value.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apns/http2/frame.h"
#include "apns/http2/wire.h"
#include "apns/model/device_token.h"
#include "apns/model/push_type.h"

namespace apns::mock::syntax {

namespace {

using Kind = ValueType::Kind;

constexpr std::size_t kMaxHexDigits = 2 * DeviceToken::kMaxLen;
constexpr std::size_t kMaxRawDigits = 32768;  // the bytes of a TLS record
constexpr std::size_t kMaxNameLen = 64;
constexpr std::uint64_t kMaxIdentifier = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kMaxErrorCode = std::numeric_limits<std::uint32_t>::max();

}  // namespace

void refuse(json::Position position, std::string reason) {
  throw Refusal{.position = position, .can_never_fire = {}, .reason = std::move(reason)};
}

void refuse_unknown_key(json::Position position, std::string reason) {
  throw Refusal{.position = position,
                .can_never_fire = {},
                .reason = std::move(reason),
                .flaw = json::Error::Flaw::UnknownKey};
}

void refuse_as_never(json::Position position, std::string blamed, std::string_view reason) {
  throw Refusal{
      .position = position, .can_never_fire = std::move(blamed), .reason = std::string(reason)};
}

std::string describe(const ValueType& type) {
  switch (type.kind) {
    case Kind::Whole:
      return fmt::format("a whole number from {} to {}", type.low, type.high);
    case Kind::Choice:
      return fmt::format("one of: {}", fmt::join(type.choices, ", "));
    case Kind::Status:
      return "a status from 1 to 255, such as 8 (invalid token)";
    case Kind::Reason:
      return "a reason, such as BadDeviceToken";
    case Kind::Reject:
      return "a reason, such as BadDeviceToken, or a binary status from 1 to 255, such as 8 "
             "(invalid token)";
    case Kind::PushType:
      return fmt::format("one of: {}", fmt::join(push_type_names(), ", "));
    case Kind::ErrorCode:
      return fmt::format("an error code of HTTP/2, such as REFUSED_STREAM, or its number, up to {}",
                         kMaxErrorCode);
    case Kind::Latency:
      return "a time (\"40ms\"), two of them (\"20ms-80ms\") or points that ascend (\"p50=40ms "
             "p99=200ms\")";
    case Kind::Numbers:
      return "a number from 1 (\"4\"), a range (\"2-5\", \"6-\") or \"every 500\"";
    case Kind::Probability:
      return "a number from 0 to 1";
    case Kind::Time:
      return "a time with its unit (us, ms, s, m, h) above 0 and up to 24h, such as 200ms";
    case Kind::HexPrefix:
      return fmt::format("1 to {} hex digits, the beginning of a device token", kMaxHexDigits);
    case Kind::HexBytes:
      return fmt::format("bytes in hex, an even number of digits from 2 to {}", kMaxRawDigits);
    case Kind::Text:
      return "a text that is not empty";
    case Kind::Name:
      return fmt::format("1 to {} letters, digits, \"-\", \"_\" or \".\"", kMaxNameLen);
    case Kind::Flag:
      return "true or false";
    case Kind::Identifier:
      return fmt::format("\"own\", \"previous\" or a whole number from 0 to {}", kMaxIdentifier);
  }
  return {};
}

namespace {

bool is_text(const Scalar& value) {
  return value.form == Scalar::Form::Word || value.form == Scalar::Form::Text;
}

bool is_number(const Scalar& value) {
  return value.form == Scalar::Form::Word || value.form == Scalar::Form::Number;
}

[[noreturn]] void refuse_value(const ValueType& type, std::string_view name, const Scalar& value) {
  const char* const kind = value.form == Scalar::Form::Text ? "the text " : "";
  const char* const quote = is_text(value) ? "\"" : "";
  refuse(value.position, fmt::format("{} must be {}, not {}{}{}{}.", name, describe(type), kind,
                                     quote, value.text, quote));
}

// The whole text and nothing else.
template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint64_t> parse_whole(const Scalar& value, std::uint64_t low,
                                         std::uint64_t high) {
  const auto number = parse_number<std::uint64_t>(value.text);
  if (!is_number(value) || !number || *number < low || *number > high) {
    return std::nullopt;
  }
  return number;
}

std::optional<double> parse_probability(const Scalar& value) {
  const auto number = parse_number<double>(value.text);
  // Written so that "nan" fails.
  const bool fits = number && *number >= 0 && *number <= 1;
  if (!is_number(value) || !fits) {
    return std::nullopt;
  }
  return number;
}

std::optional<NumberMatch> parse_numbers(std::string_view text) {
  constexpr std::string_view kEvery = "every ";
  const auto from_one = [](std::string_view digits) {
    const auto number = parse_number<std::uint64_t>(digits);
    return number == 0U ? std::nullopt : number;
  };
  NumberMatch match;
  if (text.starts_with(kEvery)) {
    const auto every = from_one(text.substr(kEvery.size()));
    match.every = every.value_or(1);
    return every ? std::optional(match) : std::nullopt;
  }
  const std::size_t dash = text.find('-');
  const bool is_open = dash != std::string_view::npos && dash + 1 == text.size();
  const auto first = from_one(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : from_one(text.substr(dash + 1));
  if (!first || (!last && !is_open)) {
    return std::nullopt;
  }
  match.first = *first;
  match.last = last.value_or(match.last);
  return match;
}

std::optional<NumberMatch> read_numbers(std::string_view name, const Scalar& value) {
  const auto match = parse_numbers(value.text);
  if (!match || (!is_number(value) && !is_text(value))) {
    return std::nullopt;
  }
  if (match->first > match->last) {
    refuse(value.position, fmt::format("{} \"{}\" is reversed. Write \"{}-{}\".", name, value.text,
                                       match->last, match->first));
  }
  return match;
}

/// The index; nullopt: it is none of them, nor like one.
std::optional<std::uint64_t> read_choice(std::span<const std::string> choices,
                                         std::string_view name, const Scalar& value) {
  if (!is_text(value)) {
    return std::nullopt;
  }
  const auto choice = std::ranges::find(choices, value.text);
  if (choice != choices.end()) {
    return static_cast<std::uint64_t>(choice - choices.begin());
  }
  const std::string_view meant = json::nearest(value.text, choices);
  if (meant.empty()) {
    return std::nullopt;
  }
  refuse(value.position,
         fmt::format("\"{}\" is not a value of {}; did you mean \"{}\"? Values: {}.", value.text,
                     name, meant, fmt::join(choices, ", ")));
}

std::optional<std::uint64_t> read_status(const Scalar& value) {
  const auto status = parse_whole(value, 0, 255);
  if (status == 0U) {
    refuse(value.position,
           "reject must not be 0: that status means no error, and nothing would be rejected. "
           "Use 1 to 255, such as 8 (invalid token).");
  }
  return status;
}

std::optional<Reason> read_reason(const Scalar& value) {
  if (!is_text(value)) {
    return std::nullopt;
  }
  if (const ReasonRow* row = find_reason(value.text)) {
    return row->reason;
  }
  std::vector<std::string> names;
  for (const ReasonRow& row : reasons()) {
    names.emplace_back(row.name);
  }
  const std::string_view meant = json::nearest(value.text, names);
  if (meant.empty()) {
    return std::nullopt;
  }
  refuse(value.position,
         fmt::format("\"{}\" is not a reason; did you mean \"{}\"?", value.text, meant));
}

std::optional<std::string> read_push_type(std::string_view name, const Scalar& value) {
  return read_choice(push_type_names(), name, value) ? std::optional(value.text) : std::nullopt;
}

std::optional<std::uint64_t> read_error_code(std::string_view name, const Scalar& value) {
  if (const auto number = parse_whole(value, 0, kMaxErrorCode)) {
    return number;
  }
  std::vector<std::string> names;
  for (auto code = static_cast<std::uint32_t>(http2::ErrorCode::NoError);
       code <= static_cast<std::uint32_t>(http2::ErrorCode::Http11Required); ++code) {
    names.push_back(http2::error_code_text(code));
  }
  return read_choice(names, name, value);
}

std::optional<Latency> parse_latency(const Scalar& value) {
  return is_text(value) ? Latency::parse(value.text) : std::nullopt;
}

std::optional<Duration> parse_time(const Scalar& value) {
  const auto ns = json::parse_duration_ns(value.text);
  if (!is_text(value) || !ns || *ns == 0 || Duration(*ns) > kMaxDuration) {
    return std::nullopt;
  }
  return Duration(*ns);
}

std::optional<std::string> parse_text_of(const Scalar& value, std::size_t max_len,
                                         std::string_view allowed) {
  if (!is_text(value) || value.text.empty() || value.text.size() > max_len ||
      value.text.find_first_not_of(allowed) != std::string::npos) {
    return std::nullopt;
  }
  return value.text;
}

std::optional<std::string> parse_hex_prefix(const Scalar& value) {
  auto text = parse_text_of(value, kMaxHexDigits, "0123456789abcdefABCDEF");
  if (text) {
    // The bit that makes letters small is set in digits anyway.
    std::ranges::transform(*text, text->begin(),
                           [](char c) { return static_cast<char>(c | 0x20); });
  }
  return text;
}

std::optional<Bytes> parse_hex_bytes(const Scalar& value) {
  Bytes bytes;
  const auto text = parse_text_of(value, kMaxRawDigits, "0123456789abcdefABCDEF");
  return text && parse_hex(*text, bytes) ? std::optional(std::move(bytes)) : std::nullopt;
}

std::optional<std::string> parse_name(const Scalar& value) {
  return parse_text_of(value, kMaxNameLen,
                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
}

std::optional<std::string> parse_any_text(const Scalar& value) {
  if (!is_text(value) || value.text.empty()) {
    return std::nullopt;
  }
  return value.text;
}

std::optional<bool> parse_flag(const Scalar& value) {
  const bool is_flag = value.form == Scalar::Form::Word || value.form == Scalar::Form::Boolean;
  if (!is_flag || (value.text != "true" && value.text != "false")) {
    return std::nullopt;
  }
  return value.text == "true";
}

std::optional<IdentifierValue> parse_identifier(const Scalar& value) {
  using Identifier = ErrorPacketFault::Identifier;
  if (is_text(value) && value.text == "own") {
    return IdentifierValue{.kind = Identifier::Own};
  }
  if (is_text(value) && value.text == "previous") {
    return IdentifierValue{.kind = Identifier::Previous};
  }
  const auto number = parse_whole(value, 0, kMaxIdentifier);
  if (!number) {
    return std::nullopt;
  }
  return IdentifierValue{.kind = Identifier::Number, .number = static_cast<std::uint32_t>(*number)};
}

}  // namespace

Parsed parse_value(const ValueType& type, std::string_view name, const Scalar& value) {
  const auto wanted = [&type, name, &value](auto found) -> Parsed {
    if (!found) {
      refuse_value(type, name, value);
    }
    return *std::move(found);
  };
  switch (type.kind) {
    case Kind::Whole:
      return wanted(parse_whole(value, type.low, type.high));
    case Kind::Choice:
      return wanted(read_choice(std::vector<std::string>(type.choices.begin(), type.choices.end()),
                                name, value));
    case Kind::Status:
      return wanted(read_status(value));
    case Kind::Reason:
      return wanted(read_reason(value));
    case Kind::Reject:
      if (is_text(value) && !value.text.empty() && value.text.front() >= 'A') {
        return wanted(read_reason(value));
      }
      return wanted(read_status(value));
    case Kind::PushType:
      return wanted(read_push_type(name, value));
    case Kind::ErrorCode:
      return wanted(read_error_code(name, value));
    case Kind::Latency:
      return wanted(parse_latency(value));
    case Kind::Numbers:
      return wanted(read_numbers(name, value));
    case Kind::Probability:
      return wanted(parse_probability(value));
    case Kind::Time:
      return wanted(parse_time(value));
    case Kind::HexPrefix:
      return wanted(parse_hex_prefix(value));
    case Kind::HexBytes:
      return wanted(parse_hex_bytes(value));
    case Kind::Text:
      return wanted(parse_any_text(value));
    case Kind::Name:
      return wanted(parse_name(value));
    case Kind::Flag:
      return wanted(parse_flag(value));
    case Kind::Identifier:
      return wanted(parse_identifier(value));
  }
  return {};
}

}  // namespace apns::mock::syntax
