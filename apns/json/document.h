#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "apns/json/words.h"

/// JSON that people write: scenario files, fault rules, request bodies. Every value knows where it
/// stands, and every complaint says so, with what would be right. Not for payloads: those belong to
/// the provider and are never rewritten.
namespace apns::json {

/// A place in a text that a person wrote.
struct Position {
  std::size_t line = 1;    // from 1
  std::size_t column = 1;  // from 1, in bytes

  [[nodiscard]] bool operator==(const Position&) const = default;
};

/// Of a byte of `text`, or of its end.
[[nodiscard]] Position position_at(std::string_view text, std::size_t offset);

/// What is wrong with a text. what() is position and reason, for people:
///
///   scenarios/binary/mine.json:9:41: "idenitfier" is not a key of error_packet; did you mean
///   "identifier"? Keys: ...
///
/// A text that is no file (a request body) has an empty `file`; what() begins with the line then.
class Error : public std::runtime_error {
 public:
  enum class Flaw : std::uint8_t {
    NotJson,     // or too long, or a key twice
    UnknownKey,  // the position is the key's
    Value,       // anything else
  };

  Error(std::string_view file, Position position, std::string_view reason, Flaw flaw = Flaw::Value);

  [[nodiscard]] Flaw flaw() const { return flaw_; }

  [[nodiscard]] Position position() const { return position_; }

  /// The sentences alone.
  [[nodiscard]] std::string_view reason() const {
    return std::string_view(what()).substr(prefix_len_);
  }

 private:
  Position position_;
  std::size_t prefix_len_;
  Flaw flaw_;
};

/// A JSON value that knows where it stands. Immutable once parsed. Objects keep their order and
/// have no duplicate keys. Whole numbers that fit 64 bits with a sign are kept exactly; all others
/// are Real, and dump() writes them as they were written.
class Value {
 public:
  enum class Kind : std::uint8_t { Null, Boolean, Integer, Real, Text, Array, Object };

  struct Member;

  [[nodiscard]] Kind kind() const { return kind_; }

  [[nodiscard]] Position position() const { return position_; }

  /// What parse() was told; shared by all values of a text.
  [[nodiscard]] const std::string& file() const { return *file_; }

  /// Each gives the value, or throws Error at this value's position when it is of another kind or
  /// out of range. `what` names the value for people, as in "times must be a whole number from 0 to
  /// 4294967295, not a text." Bounds are inclusive. References and spans live as long as this
  /// value.
  [[nodiscard]] bool boolean(std::string_view what) const;
  [[nodiscard]] std::int64_t integer(std::string_view what, std::int64_t low,
                                     std::int64_t high) const;
  [[nodiscard]] double number(std::string_view what, double low, double high) const;
  [[nodiscard]] const std::string& text(std::string_view what) const;
  [[nodiscard]] std::span<const Value> array(std::string_view what) const;
  [[nodiscard]] std::span<const Member> object(std::string_view what) const;

  /// The same value as compact JSON text, members in their order.
  [[nodiscard]] std::string dump() const;

  /// What it is, for messages: "a text", "an object", "true", "null"; numbers as they were written.
  [[nodiscard]] std::string describe() const;

  /// Throws Error at this value's position.
  [[noreturn]] void fail(std::string_view reason) const;

 private:
  friend class Builder;  // the parser

  [[noreturn]] void fail_as(std::string_view what, std::string_view wanted) const;
  void append_to(std::string& out) const;

  Kind kind_ = Kind::Null;
  Position position_;
  std::shared_ptr<const std::string> file_;
  // Only what kind_ says has a meaning.
  bool boolean_ = false;
  std::int64_t integer_ = 0;
  double real_ = 0;
  std::string text_;  // Text: the text; Real: as it was written
  std::vector<Value> array_;
  std::vector<Member> members_;
};

struct Value::Member {
  std::string key;
  Position position;  // of the key
  Value value;
};

inline constexpr std::size_t kMaxLevels = 64;  // arrays and objects inside each other
inline constexpr std::size_t kMaxTextBytes = std::size_t{16} * 1024 * 1024;

/// Parses a whole text; `file` is only for messages. Throws Error: not JSON, a duplicate key, more
/// than kMaxLevels, a number that no double can hold, anything but blanks behind the value, or more
/// than kMaxTextBytes. The position is that of the first byte that does not fit, or the end of the
/// text.
[[nodiscard]] Value parse(std::string_view text, std::string_view file);

/// Reads the members of an object by name and complains about those that nobody asked for.
///
///   ObjectReader in(value, "when");
///   if (const Value* nth = in.find("nth")) {...}
///   const Value& then = in.require("then");
///   in.finish();   // throws for the first key that was never asked for
///
/// `object` outlives the reader.
class ObjectReader {
 public:
  /// `name` is what people call the object. Throws Error if it is not an object.
  ObjectReader(const Value& object, std::string_view name);

  /// Null: the object does not have it.
  [[nodiscard]] const Value* find(std::string_view key);

  /// Throws Error at the object's position if it is missing.
  [[nodiscard]] const Value& require(std::string_view key);

  /// Throws Error at the first key that was never asked for; the keys that were are listed in the
  /// order of asking.
  void finish() const;

 private:
  const Value& value_;
  std::string name_;
  std::span<const Value::Member> members_;
  std::vector<std::string> asked_;
};

/// `"rejct" is not a key of then; did you mean "reject"? Keys: reject, delay.` The question is left
/// out when nothing is near, and the list when there is none.
[[nodiscard]] std::string unknown_key(std::string_view key, std::string_view object,
                                      std::span<const std::string> keys);

}  // namespace apns::json
