#include "mock_apns/world/gone_apps.h"

#include <utility>

namespace apns::mock {

void GoneApps::add(std::vector<DeviceToken> of_one_app) {
  if (of_one_app.size() < 2) {
    return;
  }
  const std::lock_guard lock(mutex_);
  const std::uint64_t app = ++num_added_;
  for (const DeviceToken& token : of_one_app) {
    app_of_.insert_or_assign(token, app);
  }
  apps_.emplace(app, std::move(of_one_app));
  if (apps_.size() > max_apps_) {
    forget(apps_.begin()->first);
  }
}

std::vector<DeviceToken> GoneApps::take(const DeviceToken& device_token) {
  const std::lock_guard lock(mutex_);
  const auto app = app_of_.find(device_token);
  if (app == app_of_.end()) {
    return {};
  }
  const std::uint64_t number = app->second;
  std::vector<DeviceToken> taken = apps_.at(number);
  forget(number);
  return taken;
}

void GoneApps::clear() {
  const std::lock_guard lock(mutex_);
  apps_.clear();
  app_of_.clear();
}

void GoneApps::forget(std::uint64_t app) {
  for (const DeviceToken& token : apps_.at(app)) {
    const auto entry = app_of_.find(token);
    if (entry != app_of_.end() && entry->second == app) {
      app_of_.erase(entry);
    }
  }
  apps_.erase(app);
}

}  // namespace apns::mock
