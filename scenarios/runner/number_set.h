#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apns::scenarios {

/// Numbers counted from 1, as scenario files write them: "4", "1-3,5-47", "6-".
/// Invariant: ranges ascend, do not touch and do not overlap.
class NumberSet {
 public:
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;  // UINT64_MAX: no end

    [[nodiscard]] bool operator==(const Range&) const = default;
  };

  NumberSet() = default;

  NumberSet(std::uint64_t first, std::uint64_t last) { add(first, last); }

  /// Nullopt: not of this form, a zero, or a range that runs backwards.
  [[nodiscard]] static std::optional<NumberSet> parse(std::string_view text);

  void add(std::uint64_t first, std::uint64_t last);

  [[nodiscard]] bool contains(std::uint64_t number) const;

  [[nodiscard]] bool empty() const { return ranges_.empty(); }

  [[nodiscard]] std::span<const Range> ranges() const { return ranges_; }

  /// The largest number; 0: empty; UINT64_MAX: no end.
  [[nodiscard]] std::uint64_t last() const { return ranges_.empty() ? 0 : ranges_.back().last; }

  /// What parse() reads.
  [[nodiscard]] std::string to_string() const;

  [[nodiscard]] bool operator==(const NumberSet&) const = default;

 private:
  std::vector<Range> ranges_;
};

}  // namespace apns::scenarios
