#include "mock_apns/service.h"

#include <array>
#include <optional>
#include <utility>

#include "mock_apns/gateway_tls.h"
#include "mock_apns/ticker.h"
#include "mock_apns/world/world.h"

namespace apns::mock {

namespace {

constexpr std::array kEnvironments = {Environment::Production, Environment::Development};

bool is_open(const ServiceOptions& options) {
  return options.world.open.value_or(options.open_world);
}

WorldOptions world_options(const ServiceOptions& options) {
  WorldOptions world;
  world.open = is_open(options);
  world.magic = options.magic_tokens;
  world.threads = options.threads;
  world.seed = options.seed;
  return world;
}

std::vector<FaultRule> all_faults(const ServiceOptions& options) {
  std::vector<FaultRule> all = options.faults;
  all.insert(all.end(), options.world.faults.begin(), options.world.faults.end());
  return all;
}

tls::ServerOptions tls_options(const certs::StateFolder& credentials, const ServiceOptions& options,
                               Environment environment) {
  return gateway_tls_options(credentials, GatewayTls{.environment = environment,
                                                     .open_world = is_open(options),
                                                     .min_version = options.min_tls,
                                                     .max_version = options.max_tls});
}

GatewayOptions gateway_options(const ServiceOptions& options, Environment environment,
                               World& world) {
  GatewayOptions gateway;
  gateway.environment = environment;
  gateway.profile = options.profile;
  gateway.threads = options.threads;
  gateway.world = &world;
  return gateway;
}

FeedbackOptions feedback_options(const ServiceOptions& options, Environment environment,
                                 World& world) {
  FeedbackOptions feedback;
  feedback.environment = environment;
  feedback.profile = options.profile;
  feedback.threads = options.threads;
  feedback.source = options.feedback != nullptr ? options.feedback : &world;
  return feedback;
}

}  // namespace

struct Service::Impl {
  struct Gate {
    Gate(const ServiceOptions& options, const certs::StateFolder& credentials,
         Environment environment, Impl& impl, const ProblemLog& log)
        : context(tls_options(credentials, options, environment)),
          gateway(gateway_options(options, environment, impl.world), impl.clock, impl.ledger.get(),
                  &impl.rules, log),
          feedback(feedback_options(options, environment, impl.world), impl.clock,
                   impl.ledger.get(), &impl.rules, log) {
      gateway.use_tls(context);
      feedback.use_tls(context);
    }

    tls::Context context;
    Gateway gateway;
    FeedbackService feedback;
    std::uint16_t gateway_port = 0;
    std::uint16_t feedback_port = 0;
  };

  Impl(const ServiceOptions& options, const certs::StateFolder& credentials, ServiceEvents events)
      : rules(all_faults(options), options.seed, net::io_now()),
        ledger(options.keep_ledger ? std::make_unique<Ledger>(Ledger::Options{
                                         .keep = options.keep, .threads = options.threads})
                                   : nullptr),
        world(world_options(options), clock, ledger.get()),
        host(net::SocketHostOptions{.threads = options.threads}, std::move(events.host)) {
    if (ledger && events.ledger) {
      ledger->set_listener(std::move(events.ledger));
      collector.emplace([this] { ledger->collect(); }, std::chrono::milliseconds(5));
    }
    carry_out(options.world, world, outside_ring());
    world_ticker.emplace([this] { world.on_time(outside_ring()); }, std::chrono::milliseconds(100));
    for (const Environment environment : kEnvironments) {
      gates.push_back(
          std::make_unique<Gate>(options, credentials, environment, *this, events.problem));
      listen(options, environment, *gates.back());
    }
    host.start();
  }

  void listen(const ServiceOptions& options, Environment environment, Gate& gate) {
    const MoreEndpoints& more = options.also_at;
    if (environment == Environment::Production) {
      gate.gateway_port = listen(options, options.gateway_port, more.gateway, gate.gateway);
      gate.feedback_port = listen(options, options.feedback_port, more.feedback, gate.feedback);
    } else {
      gate.gateway_port =
          listen(options, options.gateway_port_development, more.gateway_development, gate.gateway);
      gate.feedback_port = listen(options, options.feedback_port_development,
                                  more.feedback_development, gate.feedback);
    }
  }

  /// Binds one port on every address; for port 0 the first address draws it. Then the others, as
  /// they are.
  std::uint16_t listen(const ServiceOptions& options, std::uint16_t wanted,
                       const std::vector<Endpoint>& more, AcceptEvents& events) {
    std::uint16_t port = wanted;
    for (const std::string& address : options.listen) {
      try {
        port = host.listen(Endpoint{address, port}, events).port;
      } catch (const net::ListenError& error) {
        if (!error.address_is_missing() || &address == &options.listen.front()) {
          throw;
        }
      }
    }
    for (const Endpoint& endpoint : more) {
      host.listen(endpoint, events);
    }
    return port;
  }

  [[nodiscard]] unsigned outside_ring() const { return ledger ? ledger->outside_ring() : 0; }

  net::SystemClock clock;
  FaultRules rules;
  std::unique_ptr<Ledger> ledger;
  World world;
  std::optional<Ticker> collector;  // when somebody listens; sees the host's last words
  std::optional<Ticker> world_ticker;
  std::vector<std::unique_ptr<Gate>> gates;  // by kEnvironments; they outlive the host
  net::SocketHost host;
};

Service::Service(const ServiceOptions& options, const certs::StateFolder& credentials,
                 ServiceEvents events)
    : impl_(std::make_unique<Impl>(options, credentials, std::move(events))) {}

Service::~Service() = default;

std::uint16_t Service::gateway_port(Environment environment) const {
  return impl_->gates[static_cast<std::size_t>(environment)]->gateway_port;
}

std::uint16_t Service::feedback_port(Environment environment) const {
  return impl_->gates[static_cast<std::size_t>(environment)]->feedback_port;
}

GatewayCounters Service::counters(Environment environment) const {
  return impl_->gates[static_cast<std::size_t>(environment)]->gateway.counters();
}

FeedbackCounters Service::feedback_counters(Environment environment) const {
  return impl_->gates[static_cast<std::size_t>(environment)]->feedback.counters();
}

std::size_t Service::num_open_connections() const {
  return impl_->host.num_accepted_open();
}

std::vector<ArmedFault> Service::faults() const {
  return impl_->rules.armed();
}

std::shared_ptr<const FaultRule> Service::arm(FaultRule rule) {
  return impl_->rules.arm(std::move(rule), net::io_now());
}

bool Service::disarm(std::string_view name) {
  return impl_->rules.disarm(name);
}

void Service::disarm_all() {
  impl_->rules.reset({}, net::io_now());
}

World& Service::world() {
  return impl_->world;
}

const Ledger* Service::ledger() const {
  return impl_->ledger.get();
}

bool Service::wait_idle(std::chrono::milliseconds limit) {
  return impl_->host.wait_idle(limit);
}

bool Service::shut_down(std::chrono::milliseconds limit) {
  impl_->host.close_listeners();
  for (unsigned thread = 0; thread < impl_->host.num_threads(); ++thread) {
    impl_->host.run_on(thread, [this, thread] {
      for (const auto& gate : impl_->gates) {
        gate->gateway.shut_down(thread, net::io_now());
        gate->feedback.shut_down(thread);
      }
    });
  }
  const bool is_idle = impl_->host.wait_idle(limit);
  if (impl_->ledger) {
    impl_->ledger->collect();
  }
  return is_idle;
}

}  // namespace apns::mock
