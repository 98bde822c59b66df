#include "apns/json/syntax.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace apns::json {

namespace {

struct Phrase {
  std::string_view nlohmann;
  std::string_view plain;
  std::optional<std::size_t> len = std::nullopt;  // bytes of such a token; nullopt: it depends
};

// What nlohmann's parser calls the tokens that it found, and those that it wanted.
constexpr std::array kFound{
    Phrase{"end of input", "the end of the text", 0},
    Phrase{"string literal", "a text"},
    Phrase{"number literal", "a number"},
    Phrase{"true literal", "true", 4},
    Phrase{"false literal", "false", 5},
    Phrase{"null literal", "null", 4},
    Phrase{"'['", "\"[\"", 1},
    Phrase{"'{'", "\"{\"", 1},
    Phrase{"']'", "\"]\"", 1},
    Phrase{"'}'", "\"}\"", 1},
    Phrase{"':'", "\":\"", 1},
    Phrase{"','", "\",\"", 1},
};
constexpr std::array kWanted{
    Phrase{"string literal", "a key in double quotes"},
    Phrase{"':'", "\":\""},
    Phrase{"']'", "\",\" or \"]\""},
    Phrase{"'}'", "\",\" or \"}\""},
    Phrase{"'[', '{', or a literal", "a value"},
    Phrase{"end of input", "nothing more"},
};

template <std::size_t N>
Phrase find_phrase(const std::array<Phrase, N>& phrases, std::string_view nlohmann) {
  const auto* const phrase = std::ranges::find(phrases, nlohmann, &Phrase::nlohmann);
  return phrase == phrases.end() ? Phrase{nlohmann, nlohmann} : *phrase;
}

// The part of `text` between two marks; empty if they are not there.
std::string_view between(std::string_view text, std::string_view left, std::string_view right) {
  const std::size_t at = text.find(left);
  if (at == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(at + left.size());
  return text.substr(0, text.find(right));
}

/// Takes everything but what is not JSON.
class SyntaxCheck final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit SyntaxCheck(std::size_t text_len) : text_len_(text_len) {}

  [[nodiscard]] std::optional<SyntaxError> take() { return std::move(problem_); }

  bool null() override { return true; }

  bool boolean(bool /*value*/) override { return true; }

  bool number_integer(number_integer_t /*value*/) override { return true; }

  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }

  bool number_float(number_float_t /*value*/, const string_t& /*as written*/) override {
    return true;
  }

  bool string(string_t& /*value*/) override { return true; }

  bool binary(binary_t& /*never in JSON*/) override { return true; }

  bool start_object(std::size_t /*unknown*/) override { return true; }

  bool key(string_t& /*key*/) override { return true; }

  bool end_object() override { return true; }

  bool start_array(std::size_t /*unknown*/) override { return true; }

  bool end_array() override { return true; }

  bool parse_error(std::size_t num_read, const std::string& token,
                   const nlohmann::detail::exception& error) override {
    problem_ = explain_parse_error(num_read, text_len_, token, error.what());
    return false;
  }

 private:
  std::size_t text_len_;
  std::optional<SyntaxError> problem_;
};

}  // namespace

SyntaxError explain_parse_error(std::size_t num_read, std::size_t text_len, std::string_view token,
                                std::string_view message) {
  const std::size_t token_end = std::min(num_read, text_len);
  if (const auto name = between(message, "unexpected ", "; expected "); !name.empty()) {
    const Phrase found = find_phrase(kFound, name);
    const Phrase wanted = find_phrase(kWanted, between(message, "; expected ", "\n"));
    return {.offset = token_end - std::min(token_end, found.len.value_or(token.size())),
            .reason = fmt::format("this is not JSON: {} stands where {} must stand.", found.plain,
                                  wanted.plain)};
  }
  const std::size_t token_start = token_end - std::min(token_end, token.size());
  if (message.find("number overflow") != std::string_view::npos) {
    return {.offset = token_start,
            .reason = fmt::format("the number {} is too large. The largest is 1.8e308.", token)};
  }
  if (message.find("missing closing quote") != std::string_view::npos) {
    return {.offset = token_start,
            .reason = "this is not JSON: the text that begins here has no closing quote."};
  }
  const std::size_t last_read = std::min(num_read - std::min<std::size_t>(num_read, 1), text_len);
  if (message.find("invalid literal") != std::string_view::npos) {
    return {.offset = last_read,
            .reason =
                "this is not JSON: a value is a text in double quotes, a number, true, false, "
                "null, an array or an object."};
  }
  const std::string_view reason = between(message, " - ", "; last read: ");
  return {.offset = last_read,
          .reason = fmt::format("this is not JSON: {}.", reason.empty() ? message : reason)};
}

std::optional<SyntaxError> find_syntax_error(std::string_view text) {
  SyntaxCheck check(text.size());
  (void)nlohmann::json::sax_parse(text.begin(), text.end(), &check);
  return check.take();
}

}  // namespace apns::json
