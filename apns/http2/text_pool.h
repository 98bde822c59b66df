#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace apns::http2 {

/// Storage for the text of a dynamic table.
struct TextBuffer {
  std::unique_ptr<char[]> data;
  std::size_t capacity = 0;
};

[[nodiscard]] TextBuffer make_text_buffer(std::size_t capacity);

/// Where the dynamic tables of a thread's connections take the storage that they move to, and leave
/// the one they moved out of: for as long as views into it are in use, and for the next one to
/// take. Tables that go on moving therefore take nothing from the heap.
class TextPool {
 public:
  static constexpr std::size_t kMaxSpareBytes = 65'536;

  /// A buffer of just that capacity.
  [[nodiscard]] TextBuffer take(std::size_t capacity);

  /// Views into the text of a table were handed out: what is given back next is retired.
  void note_views() { has_views_ = true; }

  /// Spare at once; retired where note_views() was called since the last one.
  void give_back(TextBuffer buffer);

  /// No view is in use any more: what was retired becomes spare, of which kMaxSpareBytes are kept.
  void release_retired();

  [[nodiscard]] std::size_t held_bytes() const;

 private:
  std::vector<TextBuffer> spare_;  // oldest first
  std::vector<TextBuffer> retired_;
  std::size_t spare_bytes_ = 0;
  bool has_views_ = false;
};

}  // namespace apns::http2
