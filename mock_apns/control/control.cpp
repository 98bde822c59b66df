#include "mock_apns/control/control.h"

#include <utility>

namespace apns::mock::control {

Control::Control(ControlOptions options)
    : access_(std::move(options.access)),
      server_(std::make_unique<ControlServer>(options.server)) {}

std::string Control::url() const {
  return "http://localhost:" + std::to_string(port()) + "/v1";
}

void Control::start(Service& service, const ServiceInfo& info) {
  api_ = std::make_unique<ControlApi>(service, info, access_);
  server_->start([api = api_.get()](const Request& request, TimePoint now) {
    return api->handle(request, now);
  });
}

}  // namespace apns::mock::control
