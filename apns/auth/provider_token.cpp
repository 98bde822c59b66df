#include "apns/auth/provider_token.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include <simdjson.h>

#include "apns/auth/base64url.h"

namespace apns::auth {
namespace {

using Error = ProviderTokenError;
using MaybeError = std::optional<Error>;
namespace dom = simdjson::dom;

constexpr std::string_view kAlgorithm = "ES256";
constexpr std::size_t kMaxLevels = 64;
/// 1973-03-03 in milliseconds, the year 5138 in seconds.
constexpr double kOutOfRange = 1e11;
constexpr std::uint8_t kDerSequence = 0x30;
constexpr std::size_t kShortestDer = 8;  // two numbers of one byte
constexpr std::size_t kLongestDer = 72;

/// The parts of the compact form.
struct Parts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
};

std::optional<Parts> split(std::string_view text) {
  const std::size_t first = text.find('.');
  if (first == std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t second = text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return Parts{.header = text.substr(0, first),
               .claims = text.substr(first + 1, second - first - 1),
               .signature = text.substr(second + 1)};
}

MaybeError decode(std::string_view part, Bytes& out) {
  const std::optional<Base64UrlError> error = decode_base64url(part, out);
  if (!error) {
    return std::nullopt;
  }
  switch (*error) {
    case Base64UrlError::Padded:
      return Error::Padded;
    case Base64UrlError::OtherAlphabet:
      return Error::OtherAlphabet;
    default:
      return Error::NotBase64Url;
  }
}

/// A key of an object that is looked at.
struct Wanted {
  std::string_view key;
  std::optional<dom::element> value = std::nullopt;
};

/// False: one of the keys is there twice.
bool collect(const dom::object& object, std::span<Wanted> wanted) {
  for (const dom::key_value_pair member : object) {
    const auto found = std::find_if(wanted.begin(), wanted.end(),
                                    [&member](const Wanted& row) { return row.key == member.key; });
    if (found == wanted.end()) {
      continue;
    }
    if (found->value) {
      return false;
    }
    found->value = member.value;
  }
  return true;
}

std::optional<std::string_view> text_of(const std::optional<dom::element>& value) {
  std::string_view text;
  if (!value || value->get_string().get(text) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return text;
}

MaybeError check_algorithm(const std::optional<dom::element>& value) {
  const std::optional<std::string_view> name = text_of(value);
  if (!name) {
    return Error::AlgorithmMissing;
  }
  if (*name == kAlgorithm) {
    return std::nullopt;
  }
  if (*name == "none") {
    return Error::AlgorithmNone;
  }
  return name->starts_with("HS") ? Error::AlgorithmSymmetric : Error::AlgorithmOther;
}

/// Into `out`, of a text that has to be there.
MaybeError read_id(const std::optional<dom::element>& value, Error missing, Error malformed,
                   TenCharacterId& out) {
  const std::optional<std::string_view> text = text_of(value);
  if (!text) {
    return missing;
  }
  const std::optional<TenCharacterId> id = TenCharacterId::parse(*text);
  if (!id) {
    return malformed;
  }
  out = *id;
  return std::nullopt;
}

MaybeError read_header(const dom::object& header, ProviderToken& out) {
  std::array wanted{Wanted{"alg"}, Wanted{"kid"}, Wanted{"crit"}};
  if (!collect(header, wanted)) {
    return Error::HeaderKeyTwice;
  }
  if (const MaybeError error = check_algorithm(wanted[0].value)) {
    return error;
  }
  if (wanted[2].value) {
    return Error::CriticalExtension;
  }
  return read_id(wanted[1].value, Error::KeyIdMissing, Error::KeyIdMalformed, out.key_id);
}

/// Nullopt: `text` is not made of digits.
std::optional<double> digits_of(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? static_cast<double>(value) : kOutOfRange;
}

MaybeError read_issued_at(const std::optional<dom::element>& value,
                          const ProviderTokenSyntax& syntax, ProviderToken& out) {
  if (!value) {
    return Error::IssuedAtMissing;
  }
  double seconds = 0;  // exact below kOutOfRange
  if (const std::optional<std::string_view> text = text_of(value)) {
    const std::optional<double> digits = digits_of(*text);
    if (!digits) {
      return Error::IssuedAtNotNumber;
    }
    if (!syntax.text_issued_at) {
      return Error::IssuedAtText;
    }
    seconds = *digits;
    out.issued_at_form = IssuedAtForm::Text;
  } else if (value->get_double().get(seconds) != simdjson::SUCCESS) {
    return Error::IssuedAtNotNumber;
  } else if (value->type() == dom::element_type::DOUBLE) {
    out.issued_at_form = IssuedAtForm::Fraction;
  }
  if (seconds < 0 || seconds >= kOutOfRange) {
    return Error::IssuedAtOutOfRange;
  }
  out.issued_at = std::chrono::sys_seconds(std::chrono::seconds(std::llround(std::floor(seconds))));
  return std::nullopt;
}

MaybeError read_claims(const dom::object& claims, const ProviderTokenSyntax& syntax,
                       ProviderToken& out) {
  std::array wanted{Wanted{"iss"}, Wanted{"iat"}};
  if (!collect(claims, wanted)) {
    return Error::ClaimTwice;
  }
  if (const MaybeError error =
          read_id(wanted[0].value, Error::TeamIdMissing, Error::TeamIdMalformed, out.team_id)) {
    return error;
  }
  return read_issued_at(wanted[1].value, syntax, out);
}

bool looks_like_der(ByteView bytes) {
  return bytes.size() >= kShortestDer && bytes.size() <= kLongestDer &&
         bytes[0] == std::byte{kDerSequence} &&
         std::to_integer<std::size_t>(bytes[1]) == bytes.size() - 2;
}

MaybeError read_signature(ByteView bytes, const ProviderTokenSyntax& syntax, ProviderToken& out) {
  if (bytes.empty()) {
    return Error::SignatureMissing;
  }
  if (bytes.size() == out.signature.size()) {
    std::copy(bytes.begin(), bytes.end(), out.signature.begin());
    return std::nullopt;
  }
  if (!looks_like_der(bytes)) {
    return Error::SignatureLength;
  }
  if (!syntax.der_signature) {
    return Error::SignatureDer;
  }
  const std::optional<Es256Signature> signature = es256_from_der(bytes);
  if (!signature) {
    return Error::SignatureLength;
  }
  out.signature = *signature;
  out.signature_form = SignatureForm::Der;
  return std::nullopt;
}

}  // namespace

struct ProviderTokenParser::Json {
  dom::parser parser;

  /// `text` has padding behind it. What is returned lives until the next call.
  [[nodiscard]] std::optional<dom::object> object(ByteView text) {
    dom::object found;
    const std::string_view view = as_text(text);
    if (parser.parse(view.data(), view.size(), false).get_object().get(found) !=
        simdjson::SUCCESS) {
      return std::nullopt;
    }
    return found;
  }
};

ProviderTokenParser::ProviderTokenParser() : json_(std::make_unique<Json>()) {
  part_.reserve(kMaxProviderTokenLen + simdjson::SIMDJSON_PADDING);
  // Where it cannot, parse() tries again.
  if (json_->parser.allocate(kMaxProviderTokenLen, kMaxLevels) == simdjson::SUCCESS) {
    [[maybe_unused]] const auto error = json_->parser.doc.allocate(kMaxProviderTokenLen);
  }
}

ProviderTokenParser::~ProviderTokenParser() = default;

Result<ProviderToken, ProviderTokenError> ProviderTokenParser::parse(
    std::string_view text, const ProviderTokenSyntax& syntax) {
  if (text.size() > kMaxProviderTokenLen) {
    return Error::TooLong;
  }
  const std::optional<Parts> parts = split(text);
  if (!parts) {
    return Error::NotThreeParts;
  }
  ProviderToken token;
  token.signing_input = text.substr(0, parts->header.size() + 1 + parts->claims.size());
  const auto read = [this](std::string_view part, Error not_json, const auto& read_object) {
    if (const MaybeError error = decode(part, part_)) {
      return error;
    }
    const std::size_t len = part_.size();
    part_.resize(len + simdjson::SIMDJSON_PADDING);
    const std::optional<dom::object> object = json_->object(ByteView(part_).first(len));
    return object ? read_object(*object) : MaybeError(not_json);
  };
  if (const MaybeError error =
          read(parts->header, Error::HeaderNotJson,
               [&](const dom::object& header) { return read_header(header, token); })) {
    return *error;
  }
  if (const MaybeError error =
          read(parts->claims, Error::ClaimsNotJson,
               [&](const dom::object& claims) { return read_claims(claims, syntax, token); })) {
    return *error;
  }
  if (const MaybeError error = decode(parts->signature, part_)) {
    return *error;
  }
  if (const MaybeError error = read_signature(part_, syntax, token)) {
    return *error;
  }
  return token;
}

}  // namespace apns::auth
