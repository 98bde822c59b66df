#pragma once

#include <string>
#include <vector>

#include "mock_apns/control/message.h"
#include "mock_apns/control/router.h"
#include "mock_apns/control/snapshots.h"
#include "mock_apns/service.h"
#include "mock_apns/service_info.h"

namespace apns::mock::control {

struct Access {
  /// Not empty: every request needs "Authorization: Bearer SECRET".
  std::string secret;
  /// Besides localhost and loopback addresses: what Host may name when there is no secret.
  std::vector<std::string> names;
};

/// All routes over one service. Who asks from a page of another site is refused: with the secret,
/// else by Host and Origin, since a browser lets any page post to localhost (DNS rebinding).
///
/// Called on one thread; touches engines only by Service.
class ControlApi {
 public:
  /// `service` and `info` outlive it.
  ControlApi(Service& service, const ServiceInfo& info, Access access);
  ControlApi(const ControlApi&) = delete;  // its routes refer to it
  ControlApi& operator=(const ControlApi&) = delete;

  [[nodiscard]] Answer handle(const Request& request, TimePoint now) const;

  [[nodiscard]] const Router& router() const { return router_; }

 private:
  const Access access_;
  Snapshots snapshots_;
  Router router_;
};

}  // namespace apns::mock::control
