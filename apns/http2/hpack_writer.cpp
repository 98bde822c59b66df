#include "apns/http2/hpack_writer.h"

#include <cassert>

#include "apns/http2/huffman.h"

namespace apns::http2 {

namespace {

constexpr std::uint8_t kHuffmanFlag = 0x80;

struct Pattern {
  std::uint8_t bits;
  unsigned prefix_bits;
};

Pattern pattern_of(Representation representation) {
  switch (representation) {
    case Representation::Indexed:
      return {0x80, 7};
    case Representation::Incremental:
      return {0x40, 6};
    case Representation::WithoutIndexing:
      return {0x00, 4};
    default:
      return {0x10, 4};
  }
}

}  // namespace

void append_hpack_integer(Bytes& out, std::uint8_t pattern, unsigned prefix_bits,
                          std::uint64_t value, std::size_t num_padding) {
  const std::uint64_t mask = (1U << prefix_bits) - 1;
  assert(num_padding == 0 || value >= mask);
  if (value < mask) {
    out.push_back(static_cast<std::byte>(pattern | value));
    return;
  }
  out.push_back(static_cast<std::byte>(pattern | mask));
  value -= mask;
  while (value >= 0x80) {
    out.push_back(static_cast<std::byte>(value | 0x80U));
    value >>= 7U;
  }
  if (num_padding > 0) {
    out.push_back(static_cast<std::byte>(value | 0x80U));
    out.insert(out.end(), num_padding - 1, std::byte{0x80});
    value = 0;
  }
  out.push_back(static_cast<std::byte>(value));
}

std::optional<RawString> append_hpack_string(Bytes& out, std::string_view text,
                                             HuffmanUse huffman) {
  if (huffman != HuffmanUse::Never) {
    const std::size_t encoded_len = huffman_len(text);
    if (huffman == HuffmanUse::Always || encoded_len < text.size()) {
      append_hpack_integer(out, kHuffmanFlag, 7, encoded_len);
      huffman_encode(text, out);
      return std::nullopt;
    }
  }
  append_hpack_integer(out, 0, 7, text.size());
  const RawString raw{out.size(), text.size()};
  const ByteView bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
  return raw;
}

void append_hpack_indexed(Bytes& out, std::uint64_t index) {
  const Pattern pattern = pattern_of(Representation::Indexed);
  append_hpack_integer(out, pattern.bits, pattern.prefix_bits, index);
}

void append_hpack_literal(Bytes& out, Representation representation, std::uint64_t name_index) {
  assert(representation != Representation::Indexed);
  const Pattern pattern = pattern_of(representation);
  append_hpack_integer(out, pattern.bits, pattern.prefix_bits, name_index);
}

std::optional<RawString> append_hpack_literal(Bytes& out, Representation representation,
                                              std::string_view name, std::string_view value,
                                              HuffmanUse huffman) {
  append_hpack_literal(out, representation, 0);
  append_hpack_string(out, name, huffman);
  return append_hpack_string(out, value, huffman);
}

std::optional<RawString> append_hpack_literal(Bytes& out, Representation representation,
                                              std::uint64_t name_index, std::string_view value,
                                              HuffmanUse huffman) {
  append_hpack_literal(out, representation, name_index);
  return append_hpack_string(out, value, huffman);
}

void append_hpack_size_update(Bytes& out, std::uint64_t size) {
  append_hpack_integer(out, 0x20, 5, size);
}

}  // namespace apns::http2
