#include "apns/http2/hpack_encoder.h"

#include <algorithm>
#include <cstring>

#include "apns/http2/static_table.h"

namespace apns::http2 {

namespace {

/// A few bits of a text, by its length and its last bytes: values of one name tend to begin alike.
std::uint8_t text_tag(std::string_view text) {
  std::uint64_t last = 0;
  const std::size_t len = std::min(text.size(), sizeof(last));
  if (len > 0) {
    std::memcpy(&last, text.data() + text.size() - len, len);
  }
  return static_cast<std::uint8_t>(((last ^ text.size()) * 0x9E3779B97F4A7C15U) >> 56U);
}

constexpr unsigned kValueShift = 8;

std::uint16_t tag_of(std::string_view name, std::string_view value) {
  return static_cast<std::uint16_t>(text_tag(name) | static_cast<unsigned>(text_tag(value))
                                                         << kValueShift);
}

bool has_same_name_tag(std::uint16_t a, std::uint16_t b) {
  return ((a ^ b) & 0xFFU) == 0;
}

}  // namespace

HpackEncoder::HpackEncoder(std::uint32_t own_cap) : own_cap_(own_cap) {
  set_limit(kDefaultHeaderTableSize);
}

void HpackEncoder::set_limit(std::uint32_t bytes) {
  const std::uint32_t size = std::min(bytes, own_cap_);
  // A limit that falls asks for an update even where the table was smaller all along: RFC 9113
  // section 4.3.1 can be read so.
  if (size != table_.max_size() || bytes < peer_limit_) {
    smallest_size_ = std::min(smallest_size_.value_or(size), size);
  }
  peer_limit_ = bytes;
  table_.set_max_size(size);
}

void HpackEncoder::begin_block(Bytes& out) {
  if (!smallest_size_) {
    return;
  }
  if (*smallest_size_ < table_.max_size()) {
    append_hpack_size_update(out, *smallest_size_);
  }
  append_hpack_size_update(out, table_.max_size());
  smallest_size_.reset();
}

std::optional<RawString> HpackEncoder::add(Bytes& out, std::string_view name,
                                           std::string_view value, Representation wanted,
                                           HuffmanUse huffman) {
  const std::uint16_t tag = tag_of(name, value);
  const Match match = find(name, value, tag);
  if (wanted == Representation::Indexed || wanted == Representation::Incremental) {
    if (match.both != 0) {
      append_hpack_indexed(out, match.both);
      return std::nullopt;
    }
    const bool fits = name.size() + value.size() + kEntryOverhead <= table_.max_size();
    if (wanted == Representation::Indexed || !fits) {
      wanted = Representation::WithoutIndexing;
    }
  }
  const std::optional<RawString> raw =
      match.name != 0 ? append_hpack_literal(out, wanted, match.name, value, huffman)
                      : append_hpack_literal(out, wanted, name, value, huffman);
  if (wanted == Representation::Incremental) {
    const std::size_t static_index = match.name < kFirstDynamicIndex ? match.name : 0;
    table_.insert({name, value, tag, static_cast<std::uint16_t>(static_index)});
    return std::nullopt;
  }
  return raw;
}

HpackEncoder::Match HpackEncoder::find(std::string_view name, std::string_view value,
                                       std::uint16_t tag) const {
  const StaticMatch in_static = find_static(name, value);
  Match match{in_static.both, in_static.name};
  if (match.both != 0) {
    return match;
  }
  // The name has to be compared once, unless it is another one of the same tag.
  for (std::size_t i = 0; i < table_.num_entries(); ++i) {
    const std::uint16_t entry_tag = table_.tag(i);
    if (entry_tag != tag && (match.name != 0 || !has_same_name_tag(entry_tag, tag))) {
      continue;
    }
    const DynamicTable::Entry entry = table_[i];
    if (entry.name != name) {
      continue;
    }
    if (match.name == 0) {
      match.name = kFirstDynamicIndex + i;
    }
    if (entry.value == value) {
      match.both = kFirstDynamicIndex + i;
      return match;
    }
  }
  return match;
}

}  // namespace apns::http2
