#include "mock_apns/world/payload_document.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "apns/base/bytes.h"

namespace apns::mock {

namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kDigits = "0123456789";

/// The four hex digits at `at`; the text is JSON, so they are there.
std::uint32_t code_unit(std::string_view text, std::size_t at) {
  std::uint32_t value = 0;
  for (const char c : text.substr(at, 4)) {
    const std::uint32_t digit = kDigits.find(c) != std::string_view::npos
                                    ? static_cast<std::uint32_t>(c - '0')
                                    : static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
    value = value << 4U | digit;
  }
  return value;
}

bool is_high(std::uint32_t unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}

bool is_low(std::uint32_t unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

/// JSON text in which integers of 19 digits and more are written as fractions: simdjson refuses
/// those beyond 64 bits, and phones do not.
std::string without_big_integers(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 8);
  bool is_in_text = false;
  for (std::size_t at = 0; at < json.size();) {
    std::size_t len = 1;
    if (is_in_text && json[at] == '\\') {
      len = 2;
    } else if (json[at] == '"') {
      is_in_text = !is_in_text;
    } else if (!is_in_text && kDigits.find(json[at]) != std::string_view::npos) {
      len = std::min(json.find_first_not_of("0123456789+-.eE", at), json.size()) - at;
    }
    const std::string_view run = json.substr(at, len);
    out += run;
    out += len >= 19 && run.find_first_not_of(kDigits) == std::string_view::npos ? ".0" : "";
    at += len;
  }
  return out;
}

std::string flaw_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::DEPTH_ERROR:
      return "more than 1,024 levels";
    case simdjson::NUMBER_ERROR:
      return "a number beyond the range of a double";
    case simdjson::STRING_ERROR:
      return "a lone surrogate";
    default:
      return "something that no common reader takes";
  }
}

void find_aps(PayloadDocument& document) {
  const auto& object = document.object;
  const auto aps = object.at_key("aps");
  document.has_aps = aps.error() == simdjson::SUCCESS;
  if (aps.get_object().get(document.aps) == simdjson::SUCCESS) {
    document.form = Payload::Form::Dictionary;
  } else if (object.size() == 0) {
    document.form = Payload::Form::WalletPass;
  } else if (!document.has_aps && object.at_key("mdm").is_string()) {
    document.form = Payload::Form::Management;
  } else {
    document.form = Payload::Form::NoAps;
  }
}

}  // namespace

std::size_t find_lone_surrogate(std::string_view json) {
  for (std::size_t at = json.find('\\'); at < json.size(); at = json.find('\\', at)) {
    if (json.substr(at, 2) != "\\u") {
      at += 2;
      continue;
    }
    const std::size_t begin = at;
    const std::uint32_t unit = code_unit(json, at + 2);
    at += 6;
    if (is_high(unit) && json.substr(at, 2) == "\\u" && is_low(code_unit(json, at + 2))) {
      at += 6;
    } else if (is_high(unit) || is_low(unit)) {
      return begin;
    }
  }
  return std::string_view::npos;
}

PayloadDocument PayloadReader::Parser::parse(std::string_view json) {
  PayloadDocument document;
  dom::element root;
  auto error = simdjson::EMPTY;
  const auto parse_copy = [&] {
    const std::size_t len = copy.size();
    copy.resize(len + PayloadChecker::kPadding);
    error = dom.parse(copy.data(), len, false).get(root);
    copy.resize(len);
  };
  copy = json;
  parse_copy();
  if (error != simdjson::SUCCESS) {
    if (!checker.is_json(as_bytes(json), false)) {
      return document;
    }
    copy = without_big_integers(json);
    parse_copy();
  }
  document.form = Payload::Form::Unreadable;
  if (error != simdjson::SUCCESS) {
    document.flaw = flaw_of(error);
  } else if (find_lone_surrogate(json) != std::string_view::npos) {
    document.flaw = flaw_of(simdjson::STRING_ERROR);
  } else if (root.get_object().get(document.object) == simdjson::SUCCESS) {
    find_aps(document);
  } else {
    document.form = Payload::Form::NotAnObject;
  }
  return document;
}

std::string text_at(const dom::object& object, std::string_view key) {
  std::string_view text;
  return object.at_key(key).get_string().get(text) == simdjson::SUCCESS ? std::string(text)
                                                                        : std::string();
}

std::optional<double> number_at(const dom::object& object, std::string_view key) {
  double number = 0;
  return object.at_key(key).get_double().get(number) == simdjson::SUCCESS
             ? std::optional<double>(number)
             : std::nullopt;
}

std::optional<std::int64_t> seconds_at(const dom::object& object, std::string_view key) {
  // Beyond any date, and far from where a sum of two of them overflows.
  constexpr double kMost = 1e12;
  const std::optional<double> number = number_at(object, key);
  return number ? std::optional(static_cast<std::int64_t>(std::clamp(*number, -kMost, kMost)))
                : std::nullopt;
}

bool flag_at(const dom::object& object, std::string_view key) {
  bool is_true = false;
  return number_at(object, key).value_or(0) != 0 ||
         (object.at_key(key).get_bool().get(is_true) == simdjson::SUCCESS && is_true);
}

}  // namespace apns::mock
