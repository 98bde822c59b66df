#pragma once

#include <cstddef>

namespace apns::test {

/// Counts what this thread takes from the global operator new between construction and the
/// question. A program that uses it is linked with alloc_counter.cpp, which replaces the global
/// operators, and is a program of its own.
///
///   const AllocCounter counter;
///   hot_path();
///   EXPECT_EQ(counter.num_allocations(), 0U);
class AllocCounter {
 public:
  AllocCounter();

  [[nodiscard]] std::size_t num_allocations() const;

  /// Sum of the sizes asked for, given back or not: an upper bound of what was held at any moment.
  [[nodiscard]] std::size_t allocated_bytes() const;

 private:
  std::size_t num_before_;
  std::size_t bytes_before_;
};

}  // namespace apns::test
