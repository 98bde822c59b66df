#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "apns/base/bytes.h"
#include "apns/http2/field.h"

/// The representations of RFC 7541, written as asked for: no table is looked at, nothing is
/// checked, so that a simulator can say what no encoder would. HpackEncoder writes through these.
/// All append to `out`.
namespace apns::http2 {

/// When a string is Huffman-coded (RFC 7541 section 5.2).
enum class HuffmanUse : std::uint8_t {
  Shorter,  // where that saves bytes
  Always,
  Never,
};

/// A prefix integer (section 5.1): `pattern` is the first byte without its lower `prefix_bits`
/// bits, 1 to 8. With `num_padding`, that many more bytes than the value needs, which say zero;
/// needs a value that fills the prefix (assert): others have no room for padding.
void append_hpack_integer(Bytes& out, std::uint8_t pattern, unsigned prefix_bits,
                          std::uint64_t value, std::size_t num_padding = 0);

/// Where the bytes of a raw string stand.
struct RawString {
  std::size_t offset = 0;  // in `out`
  std::size_t len = 0;
};

/// A string: flag and length, then its bytes (section 5.2). Nullopt: they are Huffman-coded.
std::optional<RawString> append_hpack_string(Bytes& out, std::string_view text, HuffmanUse huffman);

/// An indexed field (section 6.1), index 0 and those past the tables included.
void append_hpack_indexed(Bytes& out, std::uint64_t index);

/// What is in front of a literal field's value (section 6.2): with the name at `name_index`, or,
/// where that is 0, with nothing but the pattern: the name follows as a string.
/// `representation` is not Indexed (assert).
void append_hpack_literal(Bytes& out, Representation representation, std::uint64_t name_index);

/// A whole literal field with its name in full. Returns where its value stands, if raw.
std::optional<RawString> append_hpack_literal(Bytes& out, Representation representation,
                                              std::string_view name, std::string_view value,
                                              HuffmanUse huffman);

/// The same with the name of an index, any but 0.
std::optional<RawString> append_hpack_literal(Bytes& out, Representation representation,
                                              std::uint64_t name_index, std::string_view value,
                                              HuffmanUse huffman);

/// A dynamic table size update (section 6.3) of any value.
void append_hpack_size_update(Bytes& out, std::uint64_t size);

}  // namespace apns::http2
