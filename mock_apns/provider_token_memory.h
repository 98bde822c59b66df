#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>

#include "apns/auth/ten_character_id.h"
#include "apns/base/time.h"
#include "mock_apns/token_update_limiter.h"

namespace apns::mock {

/// What is remembered of provider tokens beyond one connection, for all front ends. Thread safe,
/// bounded; the oldest falls out. Looked at when a connection shows another token than before, so
/// that a lock is no matter.
///
/// First sights: how far the world's clock was ahead when a token was first seen. Its time of issue
/// is by the provider's clock and counts with that offset from then on, whichever connection brings
/// it: advancing the clock ages the tokens that were there, and not those that are made next.
class ProviderTokenMemory {
 public:
  static constexpr std::size_t kMaxSights = 65'536;
  static constexpr std::size_t kMaxTeams = 10'000;

  /// The offset at first sight; `offset` for one that is new, or has fallen out.
  [[nodiscard]] WorldTime::duration first_offset(const TokenDigest& token,
                                                 WorldTime::duration offset) const;
  /// Keeps the first one.
  void note_sight(const TokenDigest& token, WorldTime::duration offset);

  // Updates by team, for ProviderTokenPolicy::Accounting::Team. Two connections that decide at the
  // same moment may both get the last free update.

  [[nodiscard]] TokenUpdateLimiter::Decision decide(const auth::TenCharacterId& team,
                                                    const TokenDigest& token, WorldTime now,
                                                    const ProviderTokenPolicy& policy) const;
  void note(const auth::TenCharacterId& team, TokenUpdateLimiter::Decision decision,
            const TokenDigest& token, bool is_valid, WorldTime now,
            const ProviderTokenPolicy& policy);
  [[nodiscard]] WorldTime free_at(const auth::TenCharacterId& team,
                                  const ProviderTokenPolicy& policy) const;

  /// Forgets all.
  void reset();

 private:
  mutable std::mutex mutex_;  // over all below
  std::map<TokenDigest, WorldTime::duration> sights_;
  std::deque<TokenDigest> sights_by_age_;
  std::map<auth::TenCharacterId, TokenUpdateLimiter> teams_;
  std::deque<auth::TenCharacterId> teams_by_age_;
};

}  // namespace apns::mock
