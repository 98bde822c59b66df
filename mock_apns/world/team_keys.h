#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apns/auth/openssl_ptr.h"
#include "apns/auth/ten_character_id.h"
#include "apns/model/environment.h"

namespace apns::mock {

/// What a key may sign for.
enum class KeyScope : std::uint8_t { Team, Topics };
/// Keys of before 2025 are for both.
enum class KeyEnvironment : std::uint8_t { Both, Production, Development };

/// A key that a team signs its provider tokens with, as Apple knows it. Source: "Establishing a
/// token-based connection to APNs".
struct TeamKey {
  auth::TenCharacterId key_id;
  auth::TenCharacterId team_id;
  auth::KeyPtr public_key;  // on P-256
  KeyScope scope = KeyScope::Team;
  KeyEnvironment environment = KeyEnvironment::Both;
  std::vector<std::string> topics = {};  // of KeyScope::Topics: as they stand in apns-topic
  // Of KeyScope::Topics: the key that this one is to replace, and which it may share a connection
  // with.
  std::optional<auth::TenCharacterId> related = std::nullopt;

  [[nodiscard]] bool serves(Environment where) const;
  /// Which topics a team has is not asked.
  [[nodiscard]] bool signs_for(std::string_view topic) const;
};

/// A team that was registered, and what is its own: it may send to nothing else. Of a team that was
/// not, or has no apps here, that is not known; it may send to all that is no other team's.
struct Team {
  auth::TenCharacterId team_id;
  std::vector<std::string> apps = {};  // bundle ids, ascending, none twice
};

/// May `next` be used on a connection that began with `first`? Null: a key that was taken on trust,
/// which is one of its team and of both environments. Documented: a key of the team behind one of
/// the team, a topic key behind itself or a related one.
[[nodiscard]] bool are_related(const TeamKey* first, const TeamKey* next);

/// All keys at one moment. Immutable, so any thread may look.
class TeamKeyTable {
 public:
  /// Null: there is none of this id. Ids are unique, whatever the team.
  [[nodiscard]] std::shared_ptr<const TeamKey> find(const auth::TenCharacterId& key_id) const;

  /// Was it registered, or is one of the keys its?
  [[nodiscard]] bool has_team(const auth::TenCharacterId& team_id) const;

  /// Null: it was not registered.
  [[nodiscard]] const Team* find_team(const auth::TenCharacterId& team_id) const;

  /// The registered team that has this app. Null: none has.
  [[nodiscard]] const Team* owner_of(std::string_view bundle_id) const;

  /// Was there one of this id, and was it removed? It is taken on trust no longer.
  [[nodiscard]] bool is_revoked(const auth::TenCharacterId& key_id) const;

  /// By key id.
  [[nodiscard]] const std::vector<std::shared_ptr<const TeamKey>>& keys() const { return keys_; }

  /// Those that were registered, by their ids.
  [[nodiscard]] const std::vector<std::shared_ptr<const Team>>& teams() const { return teams_; }

 private:
  friend class TeamKeys;

  std::vector<std::shared_ptr<const TeamKey>> keys_;  // ascending by key id
  std::vector<std::shared_ptr<const Team>> teams_;    // ascending by team id
  std::vector<auth::TenCharacterId> revoked_;         // ascending
  // Ascending by bundle id; views the teams'.
  std::vector<std::pair<std::string_view, const Team*>> apps_;
};

/// The teams and keys of a world. Thread safe: the table is swapped whole, and whoever looks keeps
/// the one that was there.
///
///   const auto table = keys.table();          // a lock; keep it while version() stays
///   table->find(key_id)
///   keys.add(...)                             // version() grows
class TeamKeys {
 public:
  static constexpr std::size_t kMaxKeys = 10'000;
  static constexpr std::size_t kMaxTopicsPerKey = 400;  // documented
  // Of a team, for one environment. Documented; that keys for both environments are counted apart
  // is our choice.
  static constexpr std::size_t kMaxTeamKeys = 2;
  static constexpr std::size_t kMaxTopicKeys = 200;
  static constexpr std::size_t kMaxTeams = 1'000;
  static constexpr std::size_t kMaxAppsPerTeam = 1'000;

  /// Throws WorldError (world.h): the id is taken, the public key is missing or not on P-256, a key
  /// for topics has none, more than kMaxTopicsPerKey or no environment, a key of the team has
  /// topics or a related one, the related one is not there or of another team, scope or
  /// environment, or the bounds above.
  void add(TeamKey key);

  /// Revokes it; the ids of the first kMaxKeys such keys are remembered until they are added again.
  /// False: there is none.
  bool remove(const auth::TenCharacterId& key_id);

  /// Registers a team, or changes what is its own; its keys stay. Connections that it has open keep
  /// what they began with (documented). Throws WorldError: an app is another team's, empty or there
  /// twice, or the bounds above.
  void set_team(Team team);

  /// With its keys. False: there is neither.
  bool remove_team(const auth::TenCharacterId& team_id);

  /// Forgets all.
  void clear();

  [[nodiscard]] std::shared_ptr<const TeamKeyTable> table() const;

  /// Another one with each change, from 0.
  [[nodiscard]] std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  static void revoke(TeamKeyTable& table, const auth::TenCharacterId& key_id);
  static void list_apps(TeamKeyTable& table);
  void swap_in(std::shared_ptr<const TeamKeyTable> table);  // under the lock

  mutable std::mutex mutex_;  // over table_
  std::shared_ptr<const TeamKeyTable> table_ = std::make_shared<const TeamKeyTable>();
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace apns::mock
