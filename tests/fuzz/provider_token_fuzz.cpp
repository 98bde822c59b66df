#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

#include "apns/auth/base64url.h"
#include "apns/auth/provider_token.h"
#include "mock_apns/provider_token_check.h"

// Input: one byte of options, then what they say:
// - bit 2 clear: provider tokens as they are sent, a line each;
// - bit 2 set: a line of header, a line of claims, and signature bytes, which are encoded here, so
// that what changes is not lost in base64.
// Bits 0 and 1 are ProviderTokenSyntax. Checked:
// - what is read is within its bounds, and written again gives the same signature part;
// - what is read strictly is read leniently, and is the same;
// - a connection in an open world takes them in any order: deciding changes nothing, an accepted
// one binds the team, and the same one again is taken without looking.

namespace {

using apns::auth::ProviderToken;
using apns::auth::ProviderTokenParser;
using apns::auth::ProviderTokenSyntax;
using apns::auth::SignatureForm;

void require(bool holds, const char* what, std::string_view text) {
  if (!holds) {
    std::cerr << what << ": " << text << '\n';
    std::abort();
  }
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string encoded(std::string_view parts) {
  std::string text;
  for (int i = 0; i < 2; ++i) {
    apns::auth::append_base64url(apns::as_bytes(take_line(parts)), text);
    text += '.';
  }
  apns::auth::append_base64url(apns::as_bytes(parts), text);
  return text;
}

void check_values(const ProviderToken& token, std::string_view text) {
  const auto seconds = token.issued_at.time_since_epoch().count();
  require(seconds >= 0 && seconds < 100'000'000'000, "time of issue", text);
  require(text.starts_with(token.signing_input) && text[token.signing_input.size()] == '.',
          "what was signed", text);
  apns::Bytes bytes;
  std::string again;
  require(!apns::auth::decode_base64url(text.substr(token.signing_input.size() + 1), bytes),
          "signature", text);
  if (token.signature_form == SignatureForm::Raw) {
    apns::auth::append_base64url(token.signature, again);
    require(text.substr(token.signing_input.size() + 1) == again, "signature again", text);
  } else {
    require(apns::auth::es256_to_der(token.signature) == bytes, "DER again", text);
  }
}

void check_token(ProviderTokenParser& parser, std::string_view text,
                 const ProviderTokenSyntax& syntax) {
  const auto token = parser.parse(text, syntax);
  const auto lenient = parser.parse(text, {.text_issued_at = true, .der_signature = true});
  if (token.has_error()) {
    require(!words_of(token.error()).found.empty(), "words", text);
    return;
  }
  require(lenient.has_value(), "lenient", text);
  require(lenient->key_id == token->key_id && lenient->team_id == token->team_id &&
              lenient->issued_at == token->issued_at && lenient->signature == token->signature,
          "the same", text);
  check_values(*token, text);
}

void converse(std::string_view lines, const ProviderTokenSyntax& syntax) {
  using apns::mock::TokenTime;
  const apns::ProviderTokenPolicy policy{.text_issued_at = syntax.text_issued_at,
                                         .der_signature = syntax.der_signature};
  const apns::mock::TeamKeys keys;
  apns::mock::ProviderTokenVerifier verifier(keys, true);
  apns::mock::ProviderTokenMemory memory;
  const apns::mock::TokenContext context{.policy = policy,
                                         .environment = apns::Environment::Production,
                                         .verifier = verifier,
                                         .memory = memory};
  apns::mock::ProviderTokenCheck connection;
  TokenTime time{.now = apns::kManualStart};
  while (!lines.empty()) {
    const std::string field = "bearer " + std::string(take_line(lines));
    const auto verdict = connection.check(field, time, context);
    require(connection.check(field, time, context).outcome == verdict.outcome, "twice", field);
    if (!verdict.accepted()) {
      require(!connection.explain(verdict, time, context).found.empty(), "why", field);
    }
    connection.commit(verdict, time, context);
    if (verdict.accepted()) {
      require(connection.team().has_value(), "team", field);
      require(connection.check(field, time, context).is_repeat, "repeat", field);
    }
    time.now += std::chrono::minutes(10);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view input = apns::as_text(std::as_bytes(std::span(data + 1, size - 1)));
  const ProviderTokenSyntax syntax{.text_issued_at = (data[0] & 1U) != 0,
                                   .der_signature = (data[0] & 2U) != 0};
  const std::string text = (data[0] & 4U) != 0 ? encoded(input) : std::string(input);
  ProviderTokenParser parser;
  for (std::string_view lines = text; !lines.empty();) {
    check_token(parser, take_line(lines), syntax);
  }
  converse(text, syntax);
  return 0;
}
