#include "mock_apns/default_world.h"

#include <string>
#include <utility>

#include "apns/auth/private_key_file.h"
#include "certs/state_folder.h"
#include "mock_apns/service_info.h"

namespace apns::mock {

namespace {

PhonePlan phone(std::string name, Environment environment) {
  AppPlan app;
  app.bundle_id = certs::kDefaultTopic;
  app.profile = ProvisioningProfile{
      .name = app.bundle_id +
              (environment == Environment::Production ? " distribution" : " development"),
      .bundle_id = app.bundle_id,
      .aps_environment = environment == Environment::Production ? ApsEnvironment::Production
                                                                : ApsEnvironment::Development};
  app.device_token = DeviceToken::parse(phone_device_token(environment));
  PhonePlan plan;
  plan.options.name = std::move(name);
  plan.apps.push_back(std::move(app));
  return plan;
}

}  // namespace

WorldPlan default_world() {
  WorldPlan plan;
  plan.devices.push_back(phone("phone", Environment::Production));
  plan.devices.push_back(phone("phone-development", Environment::Development));
  return plan;
}

TeamKey default_team_key(const EVP_PKEY* key) {
  TeamKey made{.key_id = *auth::TenCharacterId::parse(certs::kDefaultKeyId),
               .team_id = *auth::TenCharacterId::parse(certs::kDefaultTeamId),
               .public_key = auth::public_half(key)};
  if (!made.public_key) {
    throw WorldError("The public half of AuthKey_" + std::string(certs::kDefaultKeyId) +
                     ".p8 cannot be made. Remove the file and it is made anew.");
  }
  return made;
}

void make_teams(const WorldPlan& plan, const EVP_PKEY* key, TeamKeys& keys) {
  carry_out(plan.teams, keys);
  TeamKey ours = default_team_key(key);
  if (!keys.table()->find(ours.key_id)) {
    keys.add(std::move(ours));
  }
}

}  // namespace apns::mock
