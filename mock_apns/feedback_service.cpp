#include "mock_apns/feedback_service.h"

#include <utility>

#include "mock_apns/feedback_engine.h"

namespace apns::mock {

FeedbackService::FeedbackService(FeedbackOptions options, const WorldClock& clock, Ledger* ledger,
                                 FaultRules* rules, ProblemLog log)
    : options_(std::move(options)),
      front_(FrontEnd::Options{Protocol::Feedback, options_.environment, options_.threads}, clock,
             ledger, rules, std::move(log)) {
  for (unsigned i = 0; i < options_.threads; ++i) {
    threads_.push_back(std::make_unique<ThreadState>());
  }
}

FeedbackService::~FeedbackService() = default;

void FeedbackService::use_tls(const tls::Context& context, tls::TlsEngine::Options options) {
  front_.use_tls(context, options);
}

std::unique_ptr<Engine> FeedbackService::accepted(const PeerInfo& peer, EngineHost& host,
                                                  TimePoint now) {
  return front_.accepted(
      peer, host,
      [this](const PeerInfo& known, EngineHost& inner_host, TimePoint when) {
        return std::make_unique<FeedbackEngine>(*this, known, inner_host, when);
      },
      now);
}

void FeedbackService::gone(const PeerInfo& /*peer*/, Gone /*why*/, TimePoint /*now*/) {
  // The engine's destructor has told the ledger; it knows who ended the connection, and how.
}

void FeedbackService::shut_down(unsigned thread) {
  threads_.at(thread)->is_shut_down = true;
  for (FeedbackEngine* engine : threads_.at(thread)->engines) {
    engine->shut_down();
  }
}

std::vector<ConnectionInfo> FeedbackService::connections(unsigned thread) const {
  std::vector<ConnectionInfo> infos;
  for (const FeedbackEngine* engine : threads_.at(thread)->engines) {
    infos.push_back(engine->describe());
  }
  return infos;
}

Applied FeedbackService::apply(unsigned thread, std::optional<std::uint64_t> connection,
                               const FaultAction& action, TimePoint now) {
  Applied applied;
  for (FeedbackEngine* engine : threads_.at(thread)->engines) {
    if (!connection || *connection == engine->connection()) {
      ++applied.found;
      applied.done += engine->apply(action, now) ? 1U : 0U;
    }
  }
  return applied;
}

void FeedbackService::reset_connections(unsigned thread, bool hang_up) {
  for (FeedbackEngine* engine : threads_.at(thread)->engines) {
    hang_up ? engine->hang_up() : engine->reset();
  }
}

FeedbackCounters FeedbackService::counters() const {
  FeedbackCounters sum;
  for (const auto& thread : threads_) {
    sum.polls += thread->polls.get();
    sum.tuples += thread->tuples.get();
    sum.put_back += thread->put_back.get();
    sum.lost += thread->lost.get();
  }
  return sum;
}

}  // namespace apns::mock
