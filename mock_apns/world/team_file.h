#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apns/auth/ten_character_id.h"
#include "apns/json/document.h"
#include "apns/json/field_table.h"
#include "mock_apns/world/team_keys.h"

/// Teams and their keys as people write them: the `teams` of a world file, and what the control API
/// reads and tells. docs/world.md has the format.
namespace apns::mock {

/// A key as it is written.
struct KeyPlan {
  auth::TenCharacterId team_id;
  auth::TenCharacterId key_id;
  KeyScope scope = KeyScope::Team;
  KeyEnvironment environment = KeyEnvironment::Both;
  std::vector<std::string> topics = {};
  std::optional<auth::TenCharacterId> related = std::nullopt;
  std::string public_key = {};  // PEM, as public_key_pem() has it; empty: none is given

  [[nodiscard]] bool operator==(const KeyPlan&) const = default;
};

struct TeamPlan {
  auth::TenCharacterId team_id;
  std::optional<std::vector<std::string>> apps = std::nullopt;  // absent: known by its keys only
  std::vector<KeyPlan> keys = {};

  [[nodiscard]] bool operator==(const TeamPlan&) const = default;
};

/// "team", "topics".
[[nodiscard]] const char* to_string(KeyScope scope);
/// "both", "production", "development".
[[nodiscard]] const char* to_string(KeyEnvironment environment);

// Each throws json::Error with its position: an unknown key or word, a wrong type, an id that is
// not 10 letters and digits, a key that is none. Of a private key (`p8`) only the public half is
// kept.

/// A world file's, with its keys, each of which has a `public_key` or a `p8`.
[[nodiscard]] TeamPlan read_team(const json::Value& value);

// The parts, as the control API has them.

/// A team without its keys.
[[nodiscard]] TeamPlan read_bare_team(const json::Value& value);
/// The same, without the id, which the path has.
[[nodiscard]] TeamPlan read_apps(const json::Value& value, const auth::TenCharacterId& team_id);
/// A key that says whose it is, and may have neither `public_key` nor `p8`.
[[nodiscard]] KeyPlan read_key(const json::Value& value);

/// The objects with their keys, for schemas and tests.
[[nodiscard]] std::vector<json::ObjectKeys> team_format();

// Each throws WorldError as TeamKeys does. Every key has its public half.

void carry_out(const std::vector<TeamPlan>& plans, TeamKeys& keys);
void carry_out(const KeyPlan& plan, TeamKeys& keys);

/// What carry_out() makes this table of, by the teams' ids.
[[nodiscard]] std::vector<TeamPlan> make_team_plans(const TeamKeyTable& table);
[[nodiscard]] KeyPlan plan_of(const TeamKey& key);

}  // namespace apns::mock
