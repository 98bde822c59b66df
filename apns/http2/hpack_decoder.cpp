#include "apns/http2/hpack_decoder.h"

#include <algorithm>
#include <cstring>

#include "apns/http2/hpack_integer.h"
#include "apns/http2/huffman.h"
#include "apns/http2/static_table.h"

namespace apns::http2 {

namespace {

// A table's tag: the number of the name, and what is wrong with the field.
constexpr std::uint16_t kIllegalName = 0x8000;
constexpr std::uint16_t kIllegalValue = 0x4000;
constexpr std::uint16_t kNameIdBits = 0x3FFF;

/// Known names are legal; those of pseudo-header fields are for somebody else to judge.
std::uint16_t tag_of_name(std::string_view name, std::uint16_t name_id) {
  const bool is_legal =
      name_id != field_name::kOther || name.starts_with(':') || is_field_name(name);
  return is_legal ? name_id : static_cast<std::uint16_t>(name_id | kIllegalName);
}

HpackFault fault_of(HuffmanError error) {
  switch (error) {
    case HuffmanError::Eos:
      return HpackFault::HuffmanEos;
    case HuffmanError::PaddingTooLong:
      return HpackFault::HuffmanPaddingTooLong;
    default:
      return HpackFault::HuffmanPaddingNotOnes;
  }
}

}  // namespace

/// One decode().
struct HpackDecoder::Run {
  ByteView block;
  std::size_t max_list_bytes;
  HpackScratch& scratch;
  std::size_t at = 0;
  DecodedBlock decoded = {};
  HpackError error = {};

  /// Of a string that a message may repeat; empty: it is none.
  struct Encoded {
    ByteView bytes;
    bool is_known = false;
  };

  [[nodiscard]] bool fail(HpackFault fault, std::size_t offset) {
    error = HpackError{fault, fault == HpackFault::Truncated ? block.size() : offset};
    return false;
  }

  [[nodiscard]] std::uint32_t peek() const { return std::to_integer<std::uint32_t>(block[at]); }

  [[nodiscard]] bool take_integer(unsigned prefix_bits, std::uint32_t& value) {
    const std::size_t offset = at;
    const Result<std::uint32_t, HpackFault> taken = decode_prefix_integer(block, at, prefix_bits);
    if (taken.has_error()) {
      return fail(taken.error(), offset);
    }
    value = *taken;
    return true;
  }

  [[nodiscard]] bool take_string(std::string_view& text) {
    Encoded ignored;
    return take_string(text, false, ignored);
  }

  /// `may_repeat`: looks whether its text is known, which is legal then.
  [[nodiscard]] bool take_string(std::string_view& text, bool may_repeat, Encoded& encoded) {
    if (at == block.size()) {
      return fail(HpackFault::Truncated, at);
    }
    const std::size_t offset = at;
    const bool is_huffman = (peek() & 0x80U) != 0;
    std::uint32_t len = 0;
    if (!take_integer(7, len)) {
      return false;
    }
    if (len > block.size() - at) {
      return fail(HpackFault::StringPastEnd, offset);
    }
    const ByteView bytes = block.subspan(at, len);
    if (!is_huffman) {
      at += len;
      text = as_text(bytes);
      return true;
    }
    // Room for all that this block can still hold: the text never moves.
    const std::span<char> room = scratch.text_room(max_huffman_decoded_len(block.size() - at));
    at += len;
    if (may_repeat && RepeatedTexts::takes(len)) {
      encoded.bytes = bytes;
      if (const auto known = scratch.repeated_.find(bytes)) {
        std::memcpy(room.data(), known->data(), known->size());
        text = std::string_view(room.data(), known->size());
        scratch.take_text(known->size());
        encoded.is_known = true;
        return true;
      }
    }
    const Result<std::size_t, HuffmanError> decoded_len = huffman_decode(bytes, room);
    if (decoded_len.has_error()) {
      return fail(fault_of(decoded_len.error()), offset);
    }
    text = std::string_view(room.data(), *decoded_len);
    scratch.take_text(*decoded_len);
    return true;
  }

  void keep(std::string_view name, std::string_view value, std::uint16_t tag,
            Representation representation) {
    decoded.list_bytes += name.size() + value.size() + kEntryOverhead;
    if (decoded.list_bytes > max_list_bytes) {
      decoded.is_too_large = true;
      return;
    }
    scratch.add_field(name, value, tag & kNameIdBits, representation,
                      (tag & (kIllegalName | kIllegalValue)) == 0);
    scratch.pool_.note_views();
  }
};

void HpackDecoder::set_limit(std::uint32_t bytes) {
  limit_ = bytes;
  if (is_update_due_) {
    smallest_limit_ = std::min(smallest_limit_, bytes);
  } else if (bytes < table_.max_size()) {
    is_update_due_ = true;
    smallest_limit_ = bytes;
  }
}

Result<DecodedBlock, HpackError> HpackDecoder::decode(ByteView block, std::size_t max_list_bytes,
                                                      HpackScratch& scratch) {
  scratch.begin_block();
  Run run{.block = block, .max_list_bytes = max_list_bytes, .scratch = scratch};
  // Size updates come first, then nothing but fields.
  while (run.at < block.size() && (run.peek() & 0xE0U) == 0x20U) {
    if (!take_size_update(run)) {
      return run.error;
    }
  }
  if (is_update_due_) {
    return HpackError{HpackFault::SizeUpdateMissing, 0};
  }
  while (run.at < block.size()) {
    if (!take_field(run)) {
      return run.error;
    }
  }
  run.decoded.fields = std::span(scratch.fields_).first(scratch.num_fields_);
  return run.decoded;
}

/// Dispatches on the bits in front (RFC 7541 section 6).
inline bool HpackDecoder::take_field(Run& run) {
  const std::uint32_t first = run.peek();
  if ((first & 0x80U) != 0) {
    return take_indexed(run);
  }
  if ((first & 0x40U) != 0) {
    return take_literal(run, Representation::Incremental, 6);
  }
  if ((first & 0x20U) != 0) {
    return run.fail(HpackFault::SizeUpdateNotAtStart, run.at);
  }
  return take_literal(
      run, (first & 0x10U) != 0 ? Representation::NeverIndexed : Representation::WithoutIndexing,
      4);
}

bool HpackDecoder::take_size_update(Run& run) {
  const std::size_t offset = run.at;
  std::uint32_t size = 0;
  if (!run.take_integer(5, size)) {
    return false;
  }
  if (size > (is_update_due_ ? smallest_limit_ : limit_)) {
    return run.fail(HpackFault::SizeUpdateTooLarge, offset);
  }
  is_update_due_ = false;
  table_.set_max_size(size);
  ++run.decoded.num_size_updates;
  return true;
}

inline bool HpackDecoder::take_indexed(Run& run) {
  const std::size_t offset = run.at;
  std::uint32_t index = 0;
  if (!run.take_integer(7, index)) {
    return false;
  }
  if (index < kFirstDynamicIndex) {
    if (index == 0) {
      return run.fail(HpackFault::IndexZero, offset);
    }
    const StaticEntry& entry = kStaticTable[index];
    run.keep(entry.name, entry.value, names_.of_static(index), Representation::Indexed);
    return true;
  }
  if (index - kFirstDynamicIndex >= table_.num_entries()) {
    return run.fail(HpackFault::IndexPastTables, offset);
  }
  const DynamicTable::Entry entry = table_[index - kFirstDynamicIndex];
  run.keep(entry.name, entry.value, entry.tag, Representation::Indexed);
  return true;
}

bool HpackDecoder::take_literal(Run& run, Representation representation, unsigned prefix_bits) {
  const std::size_t offset = run.at;
  std::uint32_t index = 0;
  if (!run.take_integer(prefix_bits, index)) {
    return false;
  }
  DynamicTable::Entry entry;
  if (index == 0) {
    if (!run.take_string(entry.name)) {
      return false;
    }
    entry.tag = tag_of_name(entry.name, names_.find(entry.name));
  } else if (index < kFirstDynamicIndex) {
    entry.name = kStaticTable[index].name;
    entry.tag = names_.of_static(index);
    entry.static_index = static_cast<std::uint16_t>(index);
  } else if (index - kFirstDynamicIndex < table_.num_entries()) {
    entry = table_[index - kFirstDynamicIndex];
  } else {
    return run.fail(HpackFault::IndexPastTables, offset);
  }
  Run::Encoded encoded;
  if (!run.take_string(entry.value, representation == Representation::NeverIndexed, encoded)) {
    return false;
  }
  entry.tag &= static_cast<std::uint16_t>(~kIllegalValue);
  if (!encoded.is_known && !is_field_value(entry.value)) {
    entry.tag |= kIllegalValue;
  } else if (!encoded.is_known && !encoded.bytes.empty()) {
    run.scratch.repeated_.keep(encoded.bytes, entry.value);
  }
  // Kept first: its name may stand in the text that the table moves out of.
  run.keep(entry.name, entry.value, entry.tag, representation);
  if (representation == Representation::Incremental) {
    table_.insert(entry, &run.scratch.pool_);
  }
  return true;
}

}  // namespace apns::http2
