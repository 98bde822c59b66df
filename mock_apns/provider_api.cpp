#include "mock_apns/provider_api.h"

#include <utility>

#include "mock_apns/provider_api_engine.h"
#include "mock_apns/provider_api_thread.h"
#include "mock_apns/provider_token_memory.h"
#include "mock_apns/push_request.h"
#include "mock_apns/world/team_keys.h"
#include "mock_apns/world/world.h"

namespace apns::mock {

ProviderApi::ProviderApi(ProviderApiOptions options, const WorldClock& clock, Ledger* ledger,
                         FaultRules* rules, ProblemLog log)
    : options_(std::move(options)),
      clock_(clock),
      ledger_(ledger),
      rules_(rules),
      front_(FrontEnd::Options{Protocol::Http2, options_.environment, options_.threads}, clock,
             ledger, rules, std::move(log)) {
  if (options_.team_keys == nullptr) {
    no_keys_ = std::make_unique<const TeamKeys>();
    options_.team_keys = no_keys_.get();
  }
  if (options_.token_memory == nullptr) {
    own_memory_ = std::make_unique<ProviderTokenMemory>();
    options_.token_memory = own_memory_.get();
  }
  const bool is_open = options_.world == nullptr || options_.world->is_open();
  for (unsigned i = 0; i < options_.threads; ++i) {
    threads_.push_back(std::make_unique<ThreadState>(*options_.team_keys, is_open));
  }
  set_profile(*options_.profile);
}

ProviderApi::~ProviderApi() = default;

void ProviderApi::use_tls(const tls::Context& context, tls::TlsEngine::Options options) {
  front_.use_tls(context, options);
}

const http2::SessionOptions* ProviderApi::keep_session_options(bool has_certificate) {
  using http2::SettingId;
  const Http2Profile& profile = options_.profile->http2;
  auto made = std::make_unique<http2::SessionOptions>(push_field_names());
  const bool is_limited = !has_certificate && profile.one_stream_until_token;
  made->settings.emplace_back(SettingId::HeaderTableSize, profile.header_table_size);
  made->settings.emplace_back(SettingId::MaxConcurrentStreams,
                              is_limited ? 1 : profile.max_concurrent_streams);
  if (profile.initial_window) {
    made->settings.emplace_back(SettingId::InitialWindowSize, *profile.initial_window);
  }
  made->settings.emplace_back(SettingId::MaxFrameSize, profile.max_frame_size);
  made->settings.emplace_back(SettingId::MaxHeaderListSize, profile.max_header_list_size);
  made->limit_before_ack = profile.limit_before_ack;
  made->reset_again = profile.reset_again;
  if (options_.for_load) {
    constexpr std::uint32_t kWideWindow = 1U << 24U;
    made->connection_window = kWideWindow;
    made->huffman = http2::HuffmanUse::Never;
  }
  session_options_.push_back(std::move(made));
  return session_options_.back().get();
}

void ProviderApi::set_profile(const Profile& profile) {
  options_.profile = &profile;
  with_certificate_ = keep_session_options(true);
  with_provider_token_ = keep_session_options(false);
}

std::unique_ptr<Engine> ProviderApi::accepted(const PeerInfo& peer, EngineHost& host,
                                              TimePoint now) {
  return front_.accepted(
      peer, host,
      [this](const PeerInfo& known, EngineHost& inner_host, TimePoint when) {
        return std::make_unique<ProviderApiEngine>(*this, known, inner_host, when);
      },
      now);
}

void ProviderApi::gone(const PeerInfo& /*peer*/, Gone /*why*/, TimePoint /*now*/) {
  // The engine's destructor has told the ledger; it knows who ended the connection, and how.
}

void ProviderApi::shut_down(unsigned thread, TimePoint now) {
  threads_.at(thread)->is_shut_down = true;
  for (ProviderApiEngine* engine : threads_.at(thread)->engines) {
    engine->shut_down(now);
  }
}

std::vector<ConnectionInfo> ProviderApi::connections(unsigned thread) const {
  std::vector<ConnectionInfo> infos;
  for (const ProviderApiEngine* engine : threads_.at(thread)->engines) {
    infos.push_back(engine->describe());
  }
  return infos;
}

Applied ProviderApi::apply(unsigned thread, std::optional<std::uint64_t> connection,
                           const FaultAction& action, TimePoint now) {
  Applied applied;
  for (ProviderApiEngine* engine : threads_.at(thread)->engines) {
    if (!connection || *connection == engine->connection()) {
      ++applied.found;
      applied.done += engine->apply(action, now) ? 1U : 0U;
    }
  }
  return applied;
}

std::size_t ProviderApi::discard_backlogs(unsigned thread, TimePoint now) {
  std::size_t num_discarding = 0;
  for (ProviderApiEngine* engine : threads_.at(thread)->engines) {
    num_discarding += engine->discard_backlog(now) ? 1U : 0U;
  }
  return num_discarding;
}

void ProviderApi::rules_changed(unsigned thread, TimePoint now) {
  for (ProviderApiEngine* engine : threads_.at(thread)->engines) {
    engine->rules_changed(now);
  }
}

void ProviderApi::reset_connections(unsigned thread, bool hang_up, TimePoint now) {
  for (ProviderApiEngine* engine : threads_.at(thread)->engines) {
    hang_up ? engine->hang_up() : engine->reset(now);
  }
}

ProviderApiCounters ProviderApi::counters() const {
  ProviderApiCounters sum;
  for (const auto& thread : threads_) {
    sum.connections += thread->connections.get();
    sum.accepted += thread->accepted.get();
    sum.rejected += thread->rejected.get();
    for (std::size_t reason = 0; reason < kNumReasons; ++reason) {
      sum.rejected_with.at(reason) += thread->rejected_with.at(reason).get();
    }
    sum.discarded += thread->discarded.get();
    sum.not_json += thread->not_json.get();
    sum.violations += thread->violations.get();
    sum.bytes += thread->bytes.get();
    sum.signatures += thread->verifier.num_verified();
  }
  return sum;
}

}  // namespace apns::mock
