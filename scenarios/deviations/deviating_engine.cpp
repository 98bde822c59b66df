#include "scenarios/deviations/deviating_engine.h"

#include <utility>

namespace apns::scenarios {
namespace {

/// Enough for a record.
constexpr std::size_t kAtATime = 16384;

}  // namespace

DeviatingEngine::DeviatingEngine(Deviator& deviator, std::uint64_t connection, EngineHost& outer)
    : deviator_(deviator), connection_(connection), outer_(outer) {
  out_.append(deviator_.opening(connection));
}

std::size_t DeviatingEngine::feed(std::span<const std::byte> in, TimePoint now) {
  const Bytes bytes = deviator_.incoming(connection_, in);
  if (!bytes.empty()) {
    (void)inner_->feed(bytes, now);  // none of clients and reader takes less than all
  }
  return in.size();
}

void DeviatingEngine::ended(End end, TimePoint now) {
  if (const auto told = deviator_.ended(connection_, end)) {
    inner_->ended(*told, now);
  }
}

std::span<const std::byte> DeviatingEngine::pending() const {
  if (out_.empty() && staged_ == 0) {
    stage();
  }
  return out_.pending();
}

void DeviatingEngine::stage() const {
  const ByteView run = inner_->pending();
  while (staged_ < run.size() && out_.size() < kAtATime) {
    const std::size_t len = deviator_.frame_len(run.subspan(staged_));
    out_.append(deviator_.outgoing(connection_, run.subspan(staged_, len)));
    staged_ += len;
  }
  if (staged_ > 0 && out_.empty()) {
    outer_.wake(const_cast<DeviatingEngine&>(*this));  // nothing is written: on_time() takes it
  }
}

void DeviatingEngine::take_staged(TimePoint now) {
  if (staged_ > 0 && inner_->pending().size() >= staged_) {
    inner_->sent(staged_, now);
  }
  staged_ = 0;
}

void DeviatingEngine::sent(std::size_t n, TimePoint now) {
  out_.consume(n);
  if (out_.empty()) {
    take_staged(now);
  }
}

void DeviatingEngine::on_time(TimePoint now) {
  if (out_.empty()) {
    take_staged(now);
  }
  inner_->on_time(now);
}

bool DeviatingEngine::wants_read() const {
  return deviator_.reads(!pending().empty()) && inner_->wants_read();
}

Transport deviating_transport(Transport below, Deviator* deviator) {
  if (deviator == nullptr) {
    return below;
  }
  return [below = std::move(below), deviator](const PeerInfo& peer, EngineHost& host,
                                              EngineFactory inner, TimePoint now) {
    EngineFactory deviating = [inner = std::move(inner), deviator](
                                  const PeerInfo& known, EngineHost& outer, TimePoint when) {
      auto made = std::make_unique<DeviatingEngine>(*deviator, known.connection, outer);
      std::unique_ptr<Engine> engine = inner(known, made->inner_host(), when);
      if (!engine) {
        return std::unique_ptr<Engine>();
      }
      made->use(std::move(engine));
      return std::unique_ptr<Engine>(std::move(made));
    };
    return below(peer, host, std::move(deviating), now);
  };
}

}  // namespace apns::scenarios
