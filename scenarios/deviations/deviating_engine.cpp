#include "scenarios/deviations/deviating_engine.h"

#include <algorithm>
#include <utility>

namespace apns::scenarios {
DeviatingEngine::DeviatingEngine(Deviator& deviator, std::uint64_t connection, EngineHost& outer)
    : deviator_(deviator), connection_(connection), outer_(outer) {
  out_.append(deviator_.opening(connection));
  if (!out_.empty()) {
    staged_.push_back(Staged{0, out_.size()});
  }
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
  if (is_dropped()) {
    staged_.clear();
    staged_len_ = 0;
    out_.clear();
  }
  stage();
  return out_.pending();
}

void DeviatingEngine::stage() const {
  const ByteView run = inner_->pending();
  while (staged_len_ < run.size()) {
    const std::size_t len = deviator_.frame_len(run.subspan(staged_len_));
    const Bytes instead = deviator_.outgoing(connection_, run.subspan(staged_len_, len));
    out_.append(instead);
    staged_.push_back(Staged{len, instead.size()});
    staged_len_ += len;
  }
  if (!staged_.empty() && out_.empty()) {
    outer_.wake(const_cast<DeviatingEngine&>(*this));  // nothing is written: on_time() takes it
  }
}

void DeviatingEngine::take_written(TimePoint now) {
  while (!staged_.empty() && staged_.front().out_left == 0 && !is_dropped()) {
    const std::size_t len = staged_.front().inner_len;
    staged_.pop_front();
    staged_len_ -= len;
    if (len > 0) {
      inner_->sent(len, now);
    }
  }
}

void DeviatingEngine::sent(std::size_t n, TimePoint now) {
  out_.consume(n);
  for (auto frame = staged_.begin(); n > 0 && frame != staged_.end(); ++frame) {
    const std::size_t taken = std::min(n, frame->out_left);
    frame->out_left -= taken;
    n -= taken;
  }
  take_written(now);
}

void DeviatingEngine::on_time(TimePoint now) {
  take_written(now);
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
