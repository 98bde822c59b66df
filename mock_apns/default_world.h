#pragma once

#include <openssl/types.h>

#include "mock_apns/world/team_keys.h"
#include "mock_apns/world/world_file.h"

namespace apns::mock {

/// The world of a service that was given none: "phone" with the app of the shown certificate, and
/// "phone-development" with its development build; their device tokens are the same on every
/// machine.
[[nodiscard]] WorldPlan default_world();

/// KEY0000001 of TEAM000001, for all topics and both environments: the key whose private half is
/// the state folder's AuthKey_KEY0000001.p8, which `key` is. Throws WorldError: OpenSSL could not
/// copy its public half.
[[nodiscard]] TeamKey default_team_key(const EVP_PKEY* key);

/// The plan's teams, and default_team_key() of `key` unless they have one of its id. Throws
/// WorldError.
void make_teams(const WorldPlan& plan, const EVP_PKEY* key, TeamKeys& keys);

}  // namespace apns::mock
