#pragma once

#include <chrono>
#include <cstdint>

namespace apns {

/// How the service judges provider tokens. Each value is one of a profile's; the ones here are the
/// default's. Documented: "Establishing a token-based connection to APNs". What is marked "our
/// choice" is left open by it; docs/wire/provider_token.md has all observations.
struct ProviderTokenPolicy {
  /// What counts as one update: another text, or another team, key or time of issue, so that
  /// workers that sign the same claims do not disturb each other. Our choice.
  enum class Distinct : std::uint8_t { Texts, Claims };

  /// Whose updates are counted together. Documented: a connection's. Observed: all of a team, on
  /// one address (Apple's developer forums, 702056 and 674772).
  enum class Accounting : std::uint8_t { Connection, Team };

  /// A new token may change free_updates times more within an interval; no more than this.
  static constexpr unsigned kMaxFreeUpdates = 15;

  /// `iat` as a text of digits, as APNSwift sent it for years (kylebrowning/APNSwift#246).
  bool text_issued_at = true;
  /// Observed in 2018 and 2019: kylebrowning/APNSwift#36, ethanhuang13/CupertinoJWT#7.
  bool der_signature = false;

  std::chrono::seconds max_age = std::chrono::hours(1);    // documented; as old is good
  std::chrono::seconds max_ahead = std::chrono::hours(1);  // documented; as far ahead is good

  std::chrono::seconds update_interval = std::chrono::minutes(20);  // documented
  Distinct distinct = Distinct::Texts;
  Accounting accounting = Accounting::Connection;
  /// Up to five were observed (swift-server-community/APNSwift#34); the document has none.
  unsigned free_updates = 0;
  /// How many tokens that are not valid count for nothing. Observed: none (forums, 770438), which
  /// is why the updates are looked at first.
  unsigned free_invalid = 0;
  /// Once an update was refused the token that was good before is refused as well, until the
  /// interval is over. Observed: forums, 675879.
  bool update_limit_blocks_all = false;

  /// After one token that was too old a connection refuses every other. Observed: pushy's
  /// TokenAuthenticationApnsClientHandler.
  bool expired_ends_connection = true;

  [[nodiscard]] bool operator==(const ProviderTokenPolicy&) const = default;
};

}  // namespace apns
