#include "mock_apns/default_world.h"

#include <string>
#include <utility>

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

}  // namespace apns::mock
