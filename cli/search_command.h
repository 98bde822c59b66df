#pragma once

#include <cstdint>
#include <string>

namespace apns::cli {

/// What `check --search` was told.
struct SearchFlags {
  std::string seeds = "1-10000";
  std::string protocol = "both";
  std::uint64_t jobs = 0;  // 0: as many as there are cores
  std::string write;       // empty: search-SEED.json
  std::string json;
};

/// Seeds, both included.
struct SeedRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

/// "7" or "1-10000". Throws std::runtime_error with what would be right.
[[nodiscard]] SeedRange parse_seeds(const std::string& text);

/// Searches, and makes the first failure small. Returns the exit code.
[[nodiscard]] int search(const SearchFlags& flags);

}  // namespace apns::cli
