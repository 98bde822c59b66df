#include "mock_apns/service.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "apns/auth/private_key_file.h"
#include "mock_apns/default_world.h"
#include "mock_apns/gateway_tls.h"
#include "mock_apns/listening.h"
#include "mock_apns/provider_token_memory.h"
#include "mock_apns/ticker.h"
#include "mock_apns/world/snapshot.h"
#include "mock_apns/world/team_keys.h"
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

std::vector<FaultRule> all_faults(const ServiceOptions& options, const WorldPlan& world) {
  std::vector<FaultRule> all = options.faults;
  all.insert(all.end(), world.faults.begin(), world.faults.end());
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
          api(api_options(options, environment, impl), impl.clock, impl.ledger.get(), &impl.rules,
              log),
          gateway(gateway_options(options, environment, impl.world), impl.clock, impl.ledger.get(),
                  &impl.rules, log),
          feedback(feedback_options(options, environment, impl.world), impl.clock,
                   impl.ledger.get(), &impl.rules, log) {
      api.use_tls(impl.http2_context);
      gateway.use_tls(context);
      feedback.use_tls(context);
    }

    tls::Context context;  // of the gateway and the feedback service
    ProviderApi api;
    Gateway gateway;
    FeedbackService feedback;
    std::uint16_t http2_port = 0;
    std::uint16_t gateway_port = 0;
    std::uint16_t feedback_port = 0;
  };

  static ProviderApiOptions api_options(const ServiceOptions& options, Environment environment,
                                        Impl& impl) {
    ProviderApiOptions api;
    api.environment = environment;
    api.profile = options.profile;
    api.world = &impl.world;
    api.threads = options.threads;
    api.seed = options.seed;
    api.for_load = !options.keep_ledger;
    api.team_keys = &impl.team_keys;
    api.token_memory = &impl.token_memory;
    return api;
  }

  Impl(const ServiceOptions& options, const certs::StateFolder& credentials, ServiceEvents events)
      : start(options),
        profile(options.profile),
        rules(all_faults(options, options.world), options.seed, net::io_now()),
        ledger(options.keep_ledger ? std::make_unique<Ledger>(Ledger::Options{
                                         .keep = options.keep, .threads = options.threads})
                                   : nullptr),
        world(world_options(options), clock, ledger.get()),
        token_key(auth::public_half(credentials.token_key.get())),
        http2_context(provider_api_tls_options(
            credentials,
            {.open_world = is_open(options),
             .profile = [this]() -> const Http2Profile& { return profile.load()->http2; }})),
        host(net::SocketHostOptions{.threads = options.threads}, std::move(events.host)) {
    make_teams(options.world);
    if (ledger && events.ledger) {
      ledger->set_listener(std::move(events.ledger));
      collector.emplace([this] { ledger->collect(); }, std::chrono::milliseconds(5));
    }
    clock.set_listener([this] { world.on_time(outside_ring()); });
    world_ticker.emplace([this] { world.on_time(outside_ring()); }, std::chrono::milliseconds(100));
    for (const Environment environment : kEnvironments) {
      gates.push_back(
          std::make_unique<Gate>(options, credentials, environment, *this, events.problem));
      listen(options, environment, *gates.back());
    }
    carry_out(options.world, world, outside_ring());
    host.start();
  }

  void listen(const ServiceOptions& options, Environment environment, Gate& gate) {
    const MoreEndpoints& more = options.also_at;
    if (environment == Environment::Production) {
      gate.http2_port = listen(options, options.http2_port, more.http2, gate.api);
      gate.gateway_port = listen(options, options.gateway_port, more.gateway, gate.gateway);
      gate.feedback_port = listen(options, options.feedback_port, more.feedback, gate.feedback);
    } else {
      gate.http2_port =
          listen(options, options.http2_port_development, more.http2_development, gate.api);
      gate.gateway_port =
          listen(options, options.gateway_port_development, more.gateway_development, gate.gateway);
      gate.feedback_port = listen(options, options.feedback_port_development,
                                  more.feedback_development, gate.feedback);
    }
  }

  std::uint16_t listen(const ServiceOptions& options, std::uint16_t wanted,
                       const std::vector<Endpoint>& more, AcceptEvents& events) {
    const std::uint16_t port = listen_on_all(host, options.listen, wanted, events);
    for (const Endpoint& endpoint : more) {
      host.listen(endpoint, events);
    }
    return port;
  }

  /// On every thread, one after the other.
  template <class Task>
  void on_each_thread(const Task& task) {
    for (unsigned thread = 0; thread < host.num_threads(); ++thread) {
      host.run_on(thread, [&] {
        for (const auto& gate : gates) {
          task(*gate, thread);
        }
      });
    }
  }

  /// Soon: who is idle looks at the rules again.
  void rules_changed() {
    for (unsigned thread = 0; thread < host.num_threads(); ++thread) {
      host.post(thread, [this, thread] {
        for (const auto& gate : gates) {
          gate->api.rules_changed(thread, net::io_now());
          gate->gateway.rules_changed(thread, net::io_now());
        }
      });
    }
  }

  // While all threads stand still.

  void use_profile(const Profile& wanted) {
    profile = &wanted;
    for (const auto& gate : gates) {
      gate->api.set_profile(wanted);
      gate->gateway.set_profile(wanted, net::io_now());
      gate->feedback.set_profile(wanted);
    }
  }

  [[nodiscard]] std::size_t discard_backlogs() {
    std::size_t num_discarding = 0;
    for (unsigned thread = 0; thread < host.num_threads(); ++thread) {
      for (const auto& gate : gates) {
        num_discarding += gate->api.discard_backlogs(thread, net::io_now());
        num_discarding += gate->gateway.discard_backlogs(thread, net::io_now());
      }
    }
    return num_discarding;
  }

  std::uint64_t reset(const WorldPlan& plan, bool hang_up) {
    mock::reset(world, plan, outside_ring());
    rules.reset(all_faults(start, plan), net::io_now());
    clock.reset();
    use_profile(*start.profile);
    team_keys.clear();
    make_teams(plan);
    token_memory.reset();
    for (unsigned thread = 0; thread < host.num_threads(); ++thread) {
      for (const auto& gate : gates) {
        gate->api.reset_connections(thread, hang_up, net::io_now());
        gate->gateway.reset_connections(thread, hang_up, net::io_now());
        gate->feedback.reset_connections(thread, hang_up);
      }
    }
    return ledger ? ledger->clear() : 0;
  }

  /// Engines refer to a profile long after it was changed.
  const Profile& keep(const Profile& wanted) {
    const auto built_in = std::ranges::find(profiles(), wanted);
    if (built_in != profiles().end()) {
      return *built_in;
    }
    const std::lock_guard lock(profiles_mutex);
    for (const auto& known : kept_profiles) {
      if (*known == wanted) {
        return *known;
      }
    }
    if (kept_profiles.size() >= kMaxProfiles) {
      throw WorldError("The profile was changed in " + std::to_string(kMaxProfiles) +
                       " ways. Change it to one that was there, or start the service anew.");
    }
    return *kept_profiles.emplace_back(std::make_unique<const Profile>(wanted));
  }

  void make_teams(const WorldPlan& plan) { mock::make_teams(plan, token_key.get(), team_keys); }

  [[nodiscard]] unsigned outside_ring() const { return ledger ? ledger->outside_ring() : 0; }

  const ServiceOptions start;
  std::atomic<const Profile*> profile;
  std::mutex profiles_mutex;  // over the next
  std::vector<std::unique_ptr<const Profile>> kept_profiles;
  net::SystemClock system_clock;
  ControlledClock clock{system_clock};
  FaultRules rules;
  std::unique_ptr<Ledger> ledger;
  World world;
  const auth::KeyPtr token_key;  // the public half
  TeamKeys team_keys;
  ProviderTokenMemory token_memory;
  tls::Context http2_context;  // both environments': who belongs to the other learns it afterwards
  std::optional<Ticker> collector;  // when somebody listens; sees the host's last words
  std::optional<Ticker> world_ticker;
  std::vector<std::unique_ptr<Gate>> gates;  // by kEnvironments; they outlive the host
  net::SocketHost host;
};

Service::Service(const ServiceOptions& options, const certs::StateFolder& credentials,
                 ServiceEvents events)
    : impl_(std::make_unique<Impl>(options, credentials, std::move(events))) {}

Service::~Service() = default;

std::uint16_t Service::http2_port(Environment environment) const {
  return impl_->gates[static_cast<std::size_t>(environment)]->http2_port;
}

std::uint16_t Service::gateway_port(Environment environment) const {
  return impl_->gates[static_cast<std::size_t>(environment)]->gateway_port;
}

std::uint16_t Service::feedback_port(Environment environment) const {
  return impl_->gates[static_cast<std::size_t>(environment)]->feedback_port;
}

ProviderApiCounters Service::http2_counters(Environment environment) const {
  return impl_->gates[static_cast<std::size_t>(environment)]->api.counters();
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
  auto armed = impl_->rules.arm(std::move(rule), net::io_now());
  impl_->rules_changed();
  return armed;
}

bool Service::disarm(std::string_view name) {
  const bool was_armed = impl_->rules.disarm(name);
  impl_->rules_changed();
  return was_armed;
}

void Service::disarm_all() {
  impl_->rules.reset({}, net::io_now());
  impl_->rules_changed();
}

std::vector<ConnectionInfo> Service::connections() const {
  std::vector<ConnectionInfo> infos;
  impl_->on_each_thread([&infos](const Impl::Gate& gate, unsigned thread) {
    for (auto& of_thread : {gate.api.connections(thread), gate.gateway.connections(thread),
                            gate.feedback.connections(thread)}) {
      infos.insert(infos.end(), of_thread.begin(), of_thread.end());
    }
  });
  std::ranges::sort(infos, {}, &ConnectionInfo::connection);
  return infos;
}

Applied Service::apply(std::optional<std::uint64_t> connection, const FaultAction& action) {
  Applied applied;
  impl_->on_each_thread([&](Impl::Gate& gate, unsigned thread) {
    applied += gate.api.apply(thread, connection, action, net::io_now());
    applied += gate.gateway.apply(thread, connection, action, net::io_now());
    applied += gate.feedback.apply(thread, connection, action, net::io_now());
  });
  return applied;
}

bool Service::set_profile(const Profile& profile) {
  const Profile& kept = impl_->keep(profile);
  return impl_->host.run_alone([this, &kept] { impl_->use_profile(kept); });
}

const Profile& Service::profile() const {
  return *impl_->profile;
}

std::optional<std::uint64_t> Service::reset(const WorldPlan* world, bool hang_up) {
  constexpr auto kBacklogLimit = std::chrono::milliseconds(250);
  const WorldPlan& plan = world != nullptr ? *world : impl_->start.world;
  rehearse(impl_->world, plan);
  TeamKeys rehearsal;
  make_teams(plan, impl_->token_key.get(), rehearsal);
  std::size_t num_discarding = 0;
  if (!hang_up && !impl_->host.run_alone([&] { num_discarding = impl_->discard_backlogs(); })) {
    return std::nullopt;
  }
  if (num_discarding > 0) {
    (void)impl_->host.wait_read_out(kBacklogLimit);
  }
  std::uint64_t cleared = 0;
  if (!impl_->host.run_alone([&] { cleared = impl_->reset(plan, hang_up); })) {
    return std::nullopt;
  }
  return cleared;
}

unsigned Service::outside_ring() const {
  return impl_->outside_ring();
}

TeamKeys& Service::team_keys() {
  return impl_->team_keys;
}

ControlledClock& Service::clock() {
  return impl_->clock;
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
  impl_->on_each_thread([](Impl::Gate& gate, unsigned thread) {
    gate.api.shut_down(thread, net::io_now());
    gate.gateway.shut_down(thread, net::io_now());
    gate.feedback.shut_down(thread);
  });
  const bool is_idle = impl_->host.wait_idle(limit);
  if (impl_->ledger) {
    impl_->ledger->collect();
  }
  return is_idle;
}

}  // namespace apns::mock
