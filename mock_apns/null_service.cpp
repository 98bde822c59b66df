#include "mock_apns/null_service.h"

#include <optional>
#include <utility>

#include "mock_apns/gateway_tls.h"
#include "mock_apns/listening.h"

namespace apns::mock {

struct NullService::Impl {
  Impl(const NullServiceOptions& options, const certs::StateFolder& credentials,
       NullServiceEvents events)
      : endpoint(options.threads, options.seed, clock, std::move(events.problem)),
        host(net::SocketHostOptions{.threads = options.threads}, std::move(events.host)) {
    if (!options.cleartext) {
      endpoint.use_tls(
          context.emplace(provider_api_tls_options(credentials, {.open_world = false})));
    }
    port = listen_on_all(host, options.listen, options.port, endpoint);
    host.start();
  }

  net::SystemClock clock;
  std::optional<tls::Context> context;
  NullEndpoint endpoint;
  std::uint16_t port = 0;
  net::SocketHost host;  // last: it runs the endpoint's engines
};

NullService::NullService(const NullServiceOptions& options, const certs::StateFolder& credentials,
                         NullServiceEvents events)
    : impl_(std::make_unique<Impl>(options, credentials, std::move(events))) {}

NullService::~NullService() = default;

std::uint16_t NullService::port() const {
  return impl_->port;
}

NullCounters NullService::counters() const {
  return impl_->endpoint.counters();
}

std::size_t NullService::num_open_connections() const {
  return impl_->host.num_accepted_open();
}

bool NullService::shut_down(std::chrono::milliseconds limit) {
  impl_->host.close_listeners();
  for (unsigned thread = 0; thread < impl_->host.num_threads(); ++thread) {
    impl_->host.run_on(thread, [&] { impl_->endpoint.shut_down(thread); });
  }
  return impl_->host.wait_idle(limit);
}

}  // namespace apns::mock
