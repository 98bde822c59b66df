#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "apns/http2/hpack_decoder.h"
#include "apns/http2/hpack_encoder.h"
#include "tests/apns/http2/hpack_reference.h"

// Input: blocks of one connection, each behind a control byte and a length (2 bytes, cut to what is
// there). The control byte's lower four bits say what becomes of the table's limit first (15: as it
// was; else that times 20 bytes, so that evictions are frequent), its next three bits how large the
// list may be. Checked:
// - the decoder and the naive one of the tests accept the same blocks and give the same fields and
// tables; views are read at the end of the block only;
// - the list's size, and that what does not fit in is left out, is as the fields say;
// - memory held is bounded by the input;
// - what was decoded decodes to itself when encoded again, whatever the representations.

namespace {

using apns::Bytes;
using apns::ByteView;
using apns::http2::DynamicTable;
using apns::http2::Field;
using apns::http2::FieldNames;
using apns::http2::HpackDecoder;
using apns::http2::HpackEncoder;
using apns::http2::HpackScratch;
using apns::http2::HuffmanUse;
using apns::http2::Representation;
using apns::http2::test::HpackReference;

void require(bool holds, const char* what, ByteView block) {
  if (!holds) {
    std::cerr << what << ": block " << apns::to_hex(block) << '\n';
    std::abort();
  }
}

bool is_same(const Field& field, const HpackReference::Pair& pair) {
  return field.name == pair.first && field.value == pair.second;
}

bool is_same(const DynamicTable& table, const HpackReference& reference) {
  if (table.num_entries() != reference.table().size() || table.size() != reference.table_size()) {
    return false;
  }
  for (std::size_t i = 0; i < table.num_entries(); ++i) {
    if (table[i].name != reference.table()[i].first ||
        table[i].value != reference.table()[i].second) {
      return false;
    }
  }
  return true;
}

/// A connection's two decoders, and one behind an encoder that repeats what they gave.
class Connection {
 public:
  void set_limit(std::uint32_t bytes) {
    decoder_.set_limit(bytes);
    reference_.set_limit(bytes);
    encoder_.set_limit(bytes);
    behind_.set_limit(bytes);
  }

  /// False: it was refused.
  bool decode(ByteView block, std::size_t max_list_bytes) {
    const auto expected = reference_.decode(block);
    const auto got = decoder_.decode(block, max_list_bytes, scratch_);
    require(got.has_value() == expected.has_value(), "acceptance", block);
    if (!expected) {
      require(got.error().offset <= block.size(), "error's offset", block);
      return false;
    }
    std::size_t list_bytes = 0;
    std::size_t num_kept = 0;
    for (const HpackReference::Pair& pair : *expected) {
      list_bytes += pair.first.size() + pair.second.size() + 32;
      num_kept += list_bytes <= max_list_bytes ? 1 : 0;
    }
    require(got->list_bytes == list_bytes, "list bytes", block);
    require(got->is_too_large == (list_bytes > max_list_bytes), "is too large", block);
    require(std::equal(got->fields.begin(), got->fields.end(), expected->begin(),
                       expected->begin() + static_cast<std::ptrdiff_t>(num_kept),
                       [](const Field& field, const HpackReference::Pair& pair) {
                         return is_same(field, pair);
                       }),
            "fields", block);
    for (const Field& field : got->fields) {
      require(field.name_id == names_.find(field.name), "name id", block);
    }
    require(is_same(decoder_.table(), reference_), "table", block);
    require(scratch_.held_bytes() <= 262'144 + 8 * block.size() + 8 * max_list_bytes,
            "scratch's memory", block);
    repeat(*expected, block);
    return true;
  }

 private:
  void repeat(const std::vector<HpackReference::Pair>& fields, ByteView block) {
    Bytes again;
    encoder_.begin_block(again);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      // Chosen by the input, so that the fuzzer steers them.
      const std::size_t choice = i + fields[i].first.size() + fields[i].second.size();
      encoder_.add(again, fields[i].first, fields[i].second,
                   static_cast<Representation>(choice % 4),
                   static_cast<HuffmanUse>(choice / 4 % 3));
    }
    const auto repeated = behind_.decode(again, SIZE_MAX, scratch_);
    require(repeated.has_value(), "encoded again: refused", block);
    require(
        std::equal(repeated->fields.begin(), repeated->fields.end(), fields.begin(), fields.end(),
                   [](const Field& field, const HpackReference::Pair& pair) {
                     return is_same(field, pair);
                   }),
        "encoded again: fields", block);
  }

  static constexpr std::string_view kCallerNames[] = {"a", "authorization", "apns-topic"};

  FieldNames names_{kCallerNames};
  HpackScratch scratch_;
  HpackDecoder decoder_{names_};
  HpackReference reference_;
  HpackEncoder encoder_;
  HpackDecoder behind_{names_};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr unsigned kUnchanged = 15;
  apns::ByteReader in(std::as_bytes(std::span(data, size)));
  Connection connection;
  while (in.has(3)) {
    const unsigned control = in.read<std::uint8_t>();
    const std::size_t len = in.read<std::uint16_t>();
    if (control % 16 != kUnchanged) {
      connection.set_limit(control % 16 * 20);
    }
    // A copy of its exact size, so that a read past it is seen; gone after the block.
    const ByteView part = in.read_view(std::min(len, in.left()));
    const Bytes block(part.begin(), part.end());
    if (!connection.decode(block, std::size_t{1} << (2 * (control / 16 % 8) + 4))) {
      break;
    }
  }
  return 0;
}
