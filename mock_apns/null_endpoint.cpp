#include "mock_apns/null_endpoint.h"

#include <utility>

#include "apns/base/random.h"
#include "mock_apns/gateway_tls.h"
#include "mock_apns/null_engine.h"

namespace apns::mock {

namespace {

/// What Apple's service says of itself (observed: jchambers/pushy#878), but for the connection's
/// window, which is wide: what is measured is the client, not its wait for windows.
void announce(http2::SessionOptions& options) {
  constexpr std::uint32_t kMaxStreams = 1000;
  constexpr std::uint32_t kMaxHeaderList = 8000;
  constexpr std::uint32_t kConnectionWindow = 1U << 24U;
  using http2::Setting;
  using enum http2::SettingId;
  options.role = http2::Role::Server;
  options.settings = {
      Setting(HeaderTableSize, http2::kDefaultHeaderTableSize),
      Setting(MaxConcurrentStreams, kMaxStreams), Setting(InitialWindowSize, http2::kDefaultWindow),
      Setting(MaxFrameSize, http2::kMinMaxFrameSize), Setting(MaxHeaderListSize, kMaxHeaderList)};
  options.connection_window = kConnectionWindow;
}

}  // namespace

NullEndpoint::NullEndpoint(unsigned threads, std::uint64_t seed, const WorldClock& clock,
                           ProblemLog log)
    : clock_(clock),
      log_(std::move(log)),
      scratch_(tls::make_scratch(threads)),
      transport_(plain_transport()) {
  announce(session_options_);
  for (unsigned i = 0; i < threads; ++i) {
    threads_.push_back(std::make_unique<ThreadState>(random_u64(seed, i)));
  }
}

NullEndpoint::~NullEndpoint() = default;

void NullEndpoint::use_tls(const tls::Context& context, tls::TlsEngine::Options options) {
  transport_ = tls::make_transport(context, clock_, scratch_, this, options);
}

std::unique_ptr<Engine> NullEndpoint::accepted(const PeerInfo& peer, EngineHost& host,
                                               TimePoint now) {
  return transport_(
      peer, host,
      [this](const PeerInfo& known, EngineHost& inner_host, TimePoint when) {
        return std::make_unique<NullEngine>(*this, known, inner_host, when);
      },
      now);
}

void NullEndpoint::gone(const PeerInfo& /*peer*/, Gone /*why*/, TimePoint /*now*/) {}

void NullEndpoint::shut_down(unsigned thread) {
  threads_.at(thread)->is_shut_down = true;
  for (NullEngine* engine : threads_.at(thread)->engines) {
    engine->shut_down();
  }
}

NullCounters NullEndpoint::counters() const {
  NullCounters sum;
  for (const auto& thread : threads_) {
    sum.connections += thread->connections.get();
    sum.requests += thread->requests.get();
    sum.resets += thread->resets.get();
    for (std::size_t i = 0; i < sum.violations.size(); ++i) {
      sum.violations[i] += thread->violations[i].get();
    }
    for (std::size_t i = 0; i < sum.bounds.size(); ++i) {
      sum.bounds[i] += thread->bounds[i].get();
    }
  }
  return sum;
}

void NullEndpoint::tls_failed(const PeerInfo& peer, const tls::Failure& failure) {
  std::string text = advice(failure);
  if (failure.cause == tls::Cause::NotTls) {
    text += " Use an https URL, or start the service with --cleartext.";
  }
  problem(peer.connection, "tls", std::move(text));
}

void NullEndpoint::problem(std::uint64_t connection, std::string_view area,
                           std::string text) const {
  if (log_) {
    log_(ServiceProblem{connection, area, std::move(text)});
  }
}

}  // namespace apns::mock
