#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apns/json/document.h"

namespace apns::json {

/// One key of an object in a file that a person wrote, and how its value is read.
template <class T>
struct Field {
  enum class Need : bool { Optional, Required };

  std::string_view key;
  Need need;
  void (*read)(const Value& value, T& out);
};

/// The keys of a table, in its order.
template <class T>
[[nodiscard]] std::vector<std::string> keys_of(std::span<const Field<T>> fields) {
  std::vector<std::string> keys;
  for (const Field<T>& field : fields) {
    keys.emplace_back(field.key);
  }
  return keys;
}

template <class T>
constexpr auto kOptional = Field<T>::Need::Optional;
template <class T>
constexpr auto kRequired = Field<T>::Need::Required;

/// The keys that one kind of object may have.
struct ObjectKeys {
  std::string object;  // "step", "ledger_entry"
  std::vector<std::string> keys;
};

template <class T>
[[nodiscard]] ObjectKeys object_keys(std::string object, std::span<const Field<T>> fields) {
  return ObjectKeys{std::move(object), keys_of(fields)};
}

/// "a, b, c".
[[nodiscard]] std::string join(std::span<const std::string> words);

/// Throws Error at the key: it is not one of `keys`, the nearest of which is named.
[[noreturn]] void fail_unknown_key(const Value& object, const Value::Member& member,
                                   std::string_view name, std::span<const std::string> keys);

/// Throws Error at the value, unless `word` is among `words`: `what` must be one of them, the
/// nearest is named.
void require_word(const Value& value, std::string_view what, std::string_view word,
                  std::span<const std::string> words);

/// Reads each member of `object` by the row that has its key, in the order of the file. `name` is
/// what people call the object. Throws Error with a position: not an object, a key without a
/// row, a required key that is missing, and whatever a row's reader complains about.
template <class T>
void read_fields(const Value& object, std::string_view name, std::span<const Field<T>> fields,
                 T& out) {
  const std::span<const Value::Member> members = object.object(name);
  for (const Value::Member& member : members) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&member](const Field<T>& row) {
      return row.key == member.key;
    });
    if (field == fields.end()) {
      fail_unknown_key(object, member, name, keys_of(fields));
    }
    field->read(member.value, out);
  }
  for (const Field<T>& field : fields) {
    const bool present =
        std::any_of(members.begin(), members.end(),
                    [&field](const Value::Member& member) { return member.key == field.key; });
    if (field.need == Field<T>::Need::Required && !present) {
      object.fail(std::string(name) + " needs \"" + std::string(field.key) + "\"");
    }
  }
}

}  // namespace apns::json
