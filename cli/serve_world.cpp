#include "cli/serve_world.h"

#include <stdexcept>
#include <utility>

#include "apns/json/document.h"
#include "certs/state_folder.h"
#include "certs/whole_file.h"
#include "cli/ready_file.h"

namespace apns::cli {

namespace {

mock::PhonePlan phone(std::string name, Environment environment) {
  mock::AppPlan app;
  app.bundle_id = certs::kDefaultTopic;
  app.profile = mock::ProvisioningProfile{
      .name = app.bundle_id +
              (environment == Environment::Production ? " distribution" : " development"),
      .bundle_id = app.bundle_id,
      .aps_environment = environment == Environment::Production
                             ? mock::ApsEnvironment::Production
                             : mock::ApsEnvironment::Development};
  app.device_token = DeviceToken::parse(mock::phone_device_token(environment));
  mock::PhonePlan plan;
  plan.options.name = std::move(name);
  plan.apps.push_back(std::move(app));
  return plan;
}

}  // namespace

mock::WorldPlan default_world() {
  mock::WorldPlan plan;
  plan.devices.push_back(phone("phone", Environment::Production));
  plan.devices.push_back(phone("phone-development", Environment::Development));
  return plan;
}

mock::WorldPlan load_world(const std::string& file) {
  const auto text = certs::read_file(file);
  if (!text) {
    throw std::runtime_error("--world " + file + ": there is no such file.");
  }
  return mock::read_world(json::parse(*text, file));
}

}  // namespace apns::cli
