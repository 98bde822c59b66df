#include "scenarios/runner/socket_scenario_host.h"

#include <chrono>

namespace apns::scenarios {
namespace {

constexpr std::size_t kShownFrames = 8;

/// Nothing in a scenario takes as long as the host's usual limits.
net::SocketHostOptions host_options() {
  net::SocketHostOptions options;
  options.drain_limit = std::chrono::seconds(2);
  options.vanish_limit = std::chrono::seconds(2);
  return options;
}

}  // namespace

SocketScenarioHost::SocketScenarioHost(const Scenario& scenario, std::uint64_t seed,
                                       Observations& observations, const TlsSetup& tls)
    : observations_(observations),
      service_(scenario, seed, clock_, observations, &tls, net::io_now()),
      service_host_(host_options()),
      provider_(scenario, seed, listen(), clock_, observations, &tls),
      provider_host_(host_options()) {
  provider_.use_dialers([this](DialEvents& events) { return provider_host_.make_dialer(events); });
  service_host_.start();
  provider_host_.start();
}

ServiceEndpoints SocketScenarioHost::listen() {
  const Endpoint free_port{"127.0.0.1", 0};
  return ServiceEndpoints{service_host_.listen(free_port, service_.front()),
                          service_host_.listen(free_port, service_.feedback())};
}

SocketScenarioHost::~SocketScenarioHost() {
  stop();
}

void SocketScenarioHost::with_client(const std::function<void(provider::Client&)>& task) {
  provider_host_.run_on(0, [this, &task] { task(provider_.client()); });
}

void SocketScenarioHost::read_feedback() {
  provider_host_.run_on(0, [this] { provider_.read_feedback(); });
}

bool SocketScenarioHost::run_until(const Observations::Predicate& done, Duration limit) {
  return observations_.wait(done, limit);
}

void SocketScenarioHost::run_for(Duration span) {
  (void)observations_.wait([](const Seen& /*seen*/) { return false; }, span);
  service_.world().on_time(service_.outside_ring());
}

void SocketScenarioHost::abandon() {
  provider_host_.run_on(0, [this] { provider_.release_dialers(); });
}

bool SocketScenarioHost::finish() {
  const bool idle =
      service_host_.wait_idle(std::chrono::duration_cast<std::chrono::milliseconds>(kFinishLimit));
  stop();
  return idle;
}

void SocketScenarioHost::stop() {
  if (stopped_) {
    return;
  }
  stopped_ = true;
  provider_host_.stop();
  provider_.release_dialers();
  service_host_.stop();
}

std::vector<std::string> SocketScenarioHost::frames() const {
  return provider_.tap().describe(kShownFrames);
}

std::map<std::uint64_t, WireFacts> SocketScenarioHost::wire_facts() const {
  return provider_.tap().facts();
}

std::string SocketScenarioHost::provider_error() const {
  return provider_.client().last_error();
}

provider::ClientStats SocketScenarioHost::provider_stats() const {
  return provider_.client().stats();
}

}  // namespace apns::scenarios
