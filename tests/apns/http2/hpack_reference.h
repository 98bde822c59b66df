#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apns/base/bytes.h"

/// A decoder after RFC 7541 that has nothing in common with the one under test: bit by bit, with
/// copies of everything. Slow; for tests and fuzzing.
namespace apns::http2::test {

class HpackReference {
 public:
  using Pair = std::pair<std::string, std::string>;

  void set_limit(std::uint32_t bytes);

  /// Nullopt: the block is not acceptable.
  [[nodiscard]] std::optional<std::vector<Pair>> decode(ByteView block);

  [[nodiscard]] const std::deque<Pair>& table() const { return table_; }

  [[nodiscard]] std::size_t table_size() const;

 private:
  [[nodiscard]] std::optional<std::uint64_t> take_integer(unsigned prefix_bits);
  [[nodiscard]] std::optional<std::string> take_string();
  [[nodiscard]] std::optional<Pair> entry(std::uint64_t index) const;
  [[nodiscard]] bool take_field(std::vector<Pair>& fields);
  [[nodiscard]] bool take_size_update();
  void shrink_to(std::uint64_t size);

  ByteView in_;
  std::deque<Pair> table_;  // newest first
  std::uint64_t max_size_ = 4096;
  std::uint64_t limit_ = 4096;
  std::optional<std::uint64_t> due_;  // a size update to this at most must come
};

/// Decodes with the code's symbols one by one; nullopt: the string is not acceptable.
[[nodiscard]] std::optional<std::string> reference_huffman_decode(ByteView in);

}  // namespace apns::http2::test
