#include "apns/json/field_table.h"

namespace apns::json {
namespace {

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const std::string_view near = nearest(word, candidates);
  return near.empty() ? "." : "; did you mean \"" + std::string(near) + "\"?";
}

std::string with_article(std::string_view noun) {
  const bool begins_with_vowel =
      !noun.empty() && std::string_view("aeiou").find(noun.front()) != std::string_view::npos;
  return (begins_with_vowel ? "an " : "a ") + std::string(noun);
}

}  // namespace

std::string join(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

void fail_unknown_key(const Value& object, const Value::Member& member, std::string_view name,
                      std::span<const std::string> keys) {
  throw Error(object.file(), member.position, unknown_key(member.key, name, keys),
              Error::Flaw::UnknownKey);
}

void require_word(const Value& value, std::string_view what, std::string_view word,
                  std::span<const std::string> words) {
  if (std::find(words.begin(), words.end(), word) == words.end()) {
    value.fail("\"" + std::string(word) + "\" is not " + with_article(what) +
               did_you_mean(word, words) + " There are: " + join(words) + ".");
  }
}

}  // namespace apns::json
