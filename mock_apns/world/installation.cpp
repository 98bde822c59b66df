#include "mock_apns/world/installation.h"

namespace apns::mock {

bool fits(const ProvisioningProfile& profile, std::string_view bundle_id) {
  const std::string_view pattern = profile.bundle_id;
  return pattern.ends_with('*') ? bundle_id.starts_with(pattern.substr(0, pattern.size() - 1))
                                : bundle_id == pattern;
}

bool has_entitlement(const ProvisioningProfile& profile) {
  return profile.aps_environment != ApsEnvironment::None && !profile.bundle_id.ends_with('*');
}

Environment environment_of(const ProvisioningProfile& profile) {
  return profile.aps_environment == ApsEnvironment::Development ? Environment::Development
                                                                : Environment::Production;
}

std::string_view to_string(ApsEnvironment environment) {
  switch (environment) {
    case ApsEnvironment::None:
      return "none";
    case ApsEnvironment::Development:
      return "development";
    case ApsEnvironment::Production:
      return "production";
  }
  return {};
}

std::string_view to_string(RegistrationError error) {
  return error == RegistrationError::NotInstalled
             ? "the app is not installed"
             : "no valid 'aps-environment' entitlement string found for application";
}

void Installation::forget_what_is_ahead(WorldTime now) {
  wakes.forget_what_is_ahead(now);
  activity_pushes.forget_what_is_ahead(now);
  complication_pushes.forget_what_is_ahead(now);
  widget_reloads.forget_what_is_ahead(now);
  control_reloads.forget_what_is_ahead(now);
}

}  // namespace apns::mock
