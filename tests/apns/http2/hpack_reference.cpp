#include "tests/apns/http2/hpack_reference.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "apns/http2/huffman_code.h"
#include "apns/http2/static_table.h"

namespace apns::http2::test {

namespace {

std::size_t size_of(const HpackReference::Pair& field) {
  return field.first.size() + field.second.size() + 32;
}

/// Code length and code to symbol.
std::map<std::pair<unsigned, std::uint32_t>, std::size_t> make_symbols() {
  std::map<std::pair<unsigned, std::uint32_t>, std::size_t> symbols;
  for (std::size_t i = 0; i < huffman_code::kNumSymbols; ++i) {
    symbols[{huffman_code::kLens[i], huffman_code::kCodes[i]}] = i;
  }
  return symbols;
}

}  // namespace

std::optional<std::string> reference_huffman_decode(ByteView in) {
  static const auto kSymbols = make_symbols();
  std::string text;
  std::uint32_t code = 0;
  unsigned len = 0;
  for (const std::byte byte : in) {
    for (unsigned bit = 8; bit > 0; --bit) {
      code = code << 1U | (std::to_integer<std::uint32_t>(byte) >> (bit - 1) & 1U);
      ++len;
      if (const auto found = kSymbols.find({len, code}); found != kSymbols.end()) {
        if (found->second == huffman_code::kEos) {
          return std::nullopt;
        }
        text.push_back(static_cast<char>(found->second));
        code = 0;
        len = 0;
      }
    }
  }
  const bool is_padding = len < 8 && code == (1U << len) - 1;
  return is_padding ? std::optional(text) : std::nullopt;
}

void HpackReference::set_limit(std::uint32_t bytes) {
  limit_ = bytes;
  if (due_ || bytes < max_size_) {
    due_ = std::min<std::uint64_t>(due_.value_or(bytes), bytes);
  }
}

std::optional<std::vector<HpackReference::Pair>> HpackReference::decode(ByteView block) {
  in_ = block;
  while (!in_.empty() && std::to_integer<unsigned>(in_[0]) >> 5U == 1U) {
    if (!take_size_update()) {
      return std::nullopt;
    }
  }
  if (due_) {
    return std::nullopt;
  }
  std::vector<Pair> fields;
  while (!in_.empty()) {
    if (!take_field(fields)) {
      return std::nullopt;
    }
  }
  return fields;
}

bool HpackReference::take_size_update() {
  const auto size = take_integer(5);
  if (!size || *size > due_.value_or(limit_)) {
    return false;
  }
  due_.reset();
  max_size_ = *size;
  shrink_to(max_size_);
  return true;
}

bool HpackReference::take_field(std::vector<Pair>& fields) {
  const auto first = std::to_integer<unsigned>(in_[0]);
  if (first >> 7U == 1U) {
    const auto index = take_integer(7);
    const auto field = index ? entry(*index) : std::nullopt;
    if (field) {
      fields.push_back(*field);
    }
    return field.has_value();
  }
  if (first >> 5U == 1U) {
    return false;
  }
  const bool is_incremental = first >> 6U == 1U;
  const auto index = take_integer(is_incremental ? 6 : 4);
  if (!index) {
    return false;
  }
  const auto named = *index == 0 ? std::nullopt : entry(*index);
  if (*index != 0 && !named) {
    return false;
  }
  const auto name = named ? std::optional(named->first) : take_string();
  const auto value = name ? take_string() : std::nullopt;
  if (!value) {
    return false;
  }
  fields.emplace_back(*name, *value);
  if (is_incremental) {
    const std::size_t size = size_of(fields.back());
    shrink_to(size > max_size_ ? 0 : max_size_ - size);
    if (size <= max_size_) {
      table_.push_front(fields.back());
    }
  }
  return true;
}

std::optional<std::uint64_t> HpackReference::take_integer(unsigned prefix_bits) {
  std::uint64_t value = std::to_integer<std::uint64_t>(in_[0]) % (1U << prefix_bits);
  in_ = in_.subspan(1);
  if (value != (1U << prefix_bits) - 1) {
    return value;
  }
  for (unsigned i = 0; i < 5 && !in_.empty(); ++i) {
    const auto next = std::to_integer<std::uint64_t>(in_[0]);
    in_ = in_.subspan(1);
    value += (next % 128) << (7 * i);
    if (next < 128) {
      return value <= 0xFFFF'FFFFU ? std::optional(value) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<std::string> HpackReference::take_string() {
  if (in_.empty()) {
    return std::nullopt;
  }
  const bool is_huffman = std::to_integer<unsigned>(in_[0]) >= 0x80U;
  const auto len = take_integer(7);
  if (!len || *len > in_.size()) {
    return std::nullopt;
  }
  const ByteView bytes = in_.first(*len);
  in_ = in_.subspan(*len);
  return is_huffman ? reference_huffman_decode(bytes) : std::string(as_text(bytes));
}

std::optional<HpackReference::Pair> HpackReference::entry(std::uint64_t index) const {
  if (index == 0 || index > kStaticTableLen + table_.size()) {
    return std::nullopt;
  }
  if (index <= kStaticTableLen) {
    return Pair(kStaticTable[index].name, kStaticTable[index].value);
  }
  return table_[index - kStaticTableLen - 1];
}

std::size_t HpackReference::table_size() const {
  return std::accumulate(table_.begin(), table_.end(), std::size_t{0},
                         [](std::size_t sum, const Pair& field) { return sum + size_of(field); });
}

void HpackReference::shrink_to(std::uint64_t size) {
  while (table_size() > size) {
    table_.pop_back();
  }
}

}  // namespace apns::http2::test
