#include "mock_apns/control/control_api.h"

#include <algorithm>
#include <utility>

#include <openssl/crypto.h>

#include "apns/base/network.h"
#include "mock_apns/control/clock_routes.h"
#include "mock_apns/control/connection_routes.h"
#include "mock_apns/control/device_routes.h"
#include "mock_apns/control/fault_routes.h"
#include "mock_apns/control/info_routes.h"
#include "mock_apns/control/ledger_routes.h"
#include "mock_apns/control/metrics.h"
#include "mock_apns/control/openapi.h"
#include "mock_apns/control/problem.h"
#include "mock_apns/control/profile_routes.h"
#include "mock_apns/control/team_routes.h"

namespace apns::mock::control {

namespace {

/// "localhost:2199" -> "localhost", "[::1]:2199" -> "::1".
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    return end == std::string_view::npos ? host : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

/// As long for a wrong secret as for the right one.
bool is_authorized(const std::string& header, const std::string& secret) {
  const std::string wanted = "Bearer " + secret;
  return header.size() == wanted.size() &&
         CRYPTO_memcmp(header.data(), wanted.data(), wanted.size()) == 0;
}

void check_access(const Request& request, const Access& access) {
  if (!access.secret.empty()) {
    if (!is_authorized(request.authorization, access.secret)) {
      throw Problem(401, "unauthorized",
                    "This service wants its secret. Send \"Authorization: Bearer SECRET\", SECRET "
                    "being what serve --secret was given.");
    }
    return;
  }
  const std::string_view host = without_port(request.host);
  if (!is_loopback(host) && std::ranges::find(access.names, host) == access.names.end()) {
    throw Problem(403, "foreign-host",
                  "Host is \"" + request.host +
                      "\", which is no name of this service. Use localhost, or serve --name.");
  }
  if (!request.origin.empty() && request.origin != "http://" + request.host) {
    throw Problem(
        403, "foreign-origin",
        "A page of " + request.origin + " asks. Ask from the service's own page, or from no page.");
  }
}

Response index(const Router& router) {
  std::string text = "apnslab control API. docs/control.md explains it, GET /openapi.json too.\n\n";
  for (const Route& route : router.routes()) {
    std::string line = std::string(to_string(route.method));
    line.resize(7, ' ');
    line += route.path;
    line.resize(std::max<std::size_t>(line.size() + 2, 50), ' ');
    text += line + route.summary + "\n";
  }
  return Response{.body = std::move(text), .content_type = "text/plain; charset=utf-8"};
}

/// For who watches over many services.
void add_watch_routes(Router& router, Service& service) {
  router.add({Method::Get, "/metrics", "counters, in the text format of Prometheus",
              [&service](Call& /*call*/) -> Answer {
                return Response{.body = metrics_text(service),
                                .content_type = "text/plain; version=0.0.4; charset=utf-8"};
              }});
  for (const char* path : {"/livez", "/readyz"}) {
    router.add(
        {Method::Get, path, "200 as long as the service answers", [](Call& /*call*/) -> Answer {
           return Response{.body = "ok\n", .content_type = "text/plain; charset=utf-8"};
         }});
  }
}

}  // namespace

ControlApi::ControlApi(Service& service, const ServiceInfo& info, Access access)
    : access_(std::move(access)) {
  router_.add(
      {Method::Get, "/", "this list", [this](Call& /*call*/) -> Answer { return index(router_); }});
  router_.add({Method::Get, "/openapi.json", "this list, as OpenAPI 3.1",
               [this, &info](Call& /*call*/) -> Answer {
                 return Response{.body = openapi_text(router_.routes(), info.version)};
               }});
  add_info_routes(router_, info);
  add_fault_routes(router_, service);
  add_ledger_routes(router_, service.ledger());
  add_device_routes(router_, service.world(), service.outside_ring());
  add_team_routes(router_, service.team_keys());
  add_clock_routes(router_, service.clock());
  add_connection_routes(router_, service);
  add_profile_routes(router_, service);
  add_reset_routes(router_, service, snapshots_);
  add_watch_routes(router_, service);
}

Answer ControlApi::handle(const Request& request, TimePoint now) const {
  try {
    check_access(request, access_);
  } catch (const Problem& problem) {
    return to_response(problem);
  }
  return router_.handle(request, now);
}

}  // namespace apns::mock::control
