#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "apns/base/time.h"
#include "apns/model/provider_token_policy.h"

namespace apns::mock {

/// Which provider token it is, without keeping it: the first half of a SHA-256.
using TokenDigest = std::array<std::byte, 16>;

/// How often a connection, or a team, changes its provider token. Pure: the world's time is passed
/// in, deciding changes nothing, note() does. With the default policy:
///
///   A  at 0:00   New         the interval begins
///   A  at 0:05   Known
///   B  at 0:19   TooMany     nothing changes
///   B  at 0:20   New         the next interval begins, counted from the first use of A
///   A  at 0:21   Known       going back to a token that was used is no update
///
/// A clock that goes back begins a new interval.
class TokenUpdateLimiter {
 public:
  enum class Decision : std::uint8_t {
    Known,    // used before
    New,      // begins an interval
    Update,   // one of ProviderTokenPolicy::free_updates
    TooMany,  // to be refused
  };

  [[nodiscard]] Decision decide(const TokenDigest& token, WorldTime now,
                                const ProviderTokenPolicy& policy) const;

  /// Remembers what decide() said at this moment and what became of it: `is_valid` is false of a
  /// token that is not one, or not signed by its key.
  void note(Decision decision, const TokenDigest& token, bool is_valid, WorldTime now,
            const ProviderTokenPolicy& policy);

  /// From when on another update is taken. Means something after TooMany.
  [[nodiscard]] WorldTime free_at(const ProviderTokenPolicy& policy) const {
    return began_ + policy.update_interval;
  }

  /// How it was at first.
  void reset() { *this = TokenUpdateLimiter(); }

 private:
  static constexpr std::size_t kMaxKnown = 1 + ProviderTokenPolicy::kMaxFreeUpdates;

  [[nodiscard]] bool is_in_interval(WorldTime now, const ProviderTokenPolicy& policy) const;
  void remember(const TokenDigest& token);

  std::vector<TokenDigest> known_;  // kMaxKnown at most; the oldest is written over
  std::size_t next_ = 0;            // where, once it is full
  WorldTime began_{};               // of the interval
  unsigned num_updates_ = 0;        // within it
  unsigned num_invalid_ = 0;        // those that counted for nothing, within it or before it began
  bool has_begun_ = false;
  bool was_refused_ = false;  // within it
};

}  // namespace apns::mock
