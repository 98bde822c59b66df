#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "apns/http2/static_table.h"
#include "apns/http2/text_pool.h"
#include "apns/http2/wire.h"

namespace apns::http2 {

inline constexpr std::size_t kEntryOverhead = 32;  // RFC 7541 section 4.1

/// The dynamic table of one direction of a connection (RFC 7541 sections 2.3.2 and 4). Takes no
/// storage before its first entry, and afterwards about one and a half to three times what the
/// entries need, names of the static table not counted: those are referred to.
///
/// Text is appended, never overwritten in place: what an eviction lets go stays readable until the
/// table moves to other storage. Given a TextPool, it leaves the old storage there; without, a view
/// is valid until the next insert() only.
class DynamicTable {
 public:
  struct Entry {
    std::string_view name;
    std::string_view value;
    std::uint16_t tag = 0;           // the owner's
    std::uint16_t static_index = 0;  // of the name in the static table; 0: not from there
  };

  explicit DynamicTable(std::uint32_t max_size = kDefaultHeaderTableSize) : max_size_(max_size) {}

  // Not copied: views point into it.
  DynamicTable(const DynamicTable&) = delete;
  DynamicTable& operator=(const DynamicTable&) = delete;

  /// Sum of the entries' sizes: name, value and kEntryOverhead each.
  [[nodiscard]] std::size_t size() const { return size_; }

  [[nodiscard]] std::uint32_t max_size() const { return max_size_; }

  [[nodiscard]] std::size_t num_entries() const { return num_entries_; }

  /// The i-th, the newest being 0; i is below num_entries().
  [[nodiscard]] Entry operator[](std::size_t i) const {
    assert(i < num_entries_);
    const Slot& found = slot(i);
    const char* text = text_.data.get() + (found.at - text_begin_);
    if (found.static_index != 0) {
      return Entry{kStaticTable[found.static_index].name, std::string_view(text, found.value_len),
                   found.tag, found.static_index};
    }
    return Entry{std::string_view(text, found.name_len),
                 std::string_view(text + found.name_len, found.value_len), found.tag, 0};
  }

  /// Its tag alone.
  [[nodiscard]] std::uint16_t tag(std::size_t i) const { return slot(i).tag; }

  /// Evicts what is too much then (section 4.3). A table of size 0 gives its storage back.
  void set_max_size(std::uint32_t max_size);

  /// Evicts until there is room (section 4.4), then enters the field; one larger than the table
  /// leaves it empty, which is no error. `entry.name` is not copied where `static_index` says where
  /// it stands. With a pool, the views may be into this table, of entries that are being evicted
  /// too.
  void insert(const Entry& entry, TextPool* pool = nullptr);

  /// Heap storage.
  [[nodiscard]] std::size_t held_bytes() const {
    return text_.capacity + slots_.capacity() * sizeof(Slot);
  }

 private:
  struct Slot {
    std::uint32_t at = 0;  // where its text begins: name, unless static, and value
    std::uint32_t name_len = 0;
    std::uint32_t value_len = 0;
    std::uint16_t tag = 0;
    std::uint16_t static_index = 0;

    [[nodiscard]] std::size_t text_len() const {
      return (static_index == 0 ? std::size_t{name_len} : 0) + value_len;
    }

    [[nodiscard]] std::size_t size() const {
      return std::size_t{name_len} + value_len + kEntryOverhead;
    }
  };

  [[nodiscard]] const Slot& slot(std::size_t i) const {
    return slots_[(next_slot_ - 1 - i) & (slots_.size() - 1)];
  }

  void evict_down_to(std::size_t size);
  void grow_slots();
  [[nodiscard]] TextBuffer move_text(std::size_t more, TextPool* pool);

  // A ring, its length 0 or a power of two: the newest entry stands before next_slot_.
  std::vector<Slot> slots_;
  std::size_t next_slot_ = 0;
  std::size_t num_entries_ = 0;
  std::size_t size_ = 0;
  std::uint32_t max_size_;

  // Positions in all the text there ever was, modulo 2^32: moving the text leaves the slots alone.
  std::uint32_t text_begin_ = 0;  // of text_'s first byte
  std::uint32_t text_end_ = 0;    // where the next entry goes
  TextBuffer text_;
};

}  // namespace apns::http2
