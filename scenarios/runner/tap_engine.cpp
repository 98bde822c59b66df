#include "scenarios/runner/tap_engine.h"

#include <utility>

#include "scenarios/runner/binary_frames.h"
#include "scenarios/runner/http2_frames.h"

namespace apns::scenarios {
namespace {

void add_lines(std::uint64_t number, std::string_view direction, const FrameKeeper& frames,
               std::vector<std::string>& out) {
  for (const std::string& line : frames.lines()) {
    out.push_back("#" + std::to_string(number) + " " + std::string(direction) + "   " + line);
  }
}

}  // namespace

TapLog::Connection& TapLog::connection(std::uint64_t number) {
  Connection& connection = connections_[number];
  if (connection.to_service) {
    return connection;
  }
  if (protocol_ == Protocol::Http2) {
    connection.to_service = std::make_unique<Http2Frames>(Http2Frames::Direction::ToService);
    connection.to_provider = std::make_unique<Http2Frames>(Http2Frames::Direction::ToProvider);
    connection.witness = std::make_unique<Http2Witness>();
  } else {
    connection.to_service = std::make_unique<BinaryFrames>(BinaryFrames::Direction::ToService);
    connection.to_provider = std::make_unique<BinaryFrames>(BinaryFrames::Direction::ToProvider);
  }
  return connection;
}

std::vector<std::string> TapLog::describe(std::size_t limit) const {
  std::vector<std::string> lines;
  for (const auto& [number, connection] : connections_) {
    add_lines(number, "provider > service", *connection.to_service, lines);
    add_lines(number, "service > provider", *connection.to_provider, lines);
  }
  if (lines.size() > limit) {
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(limit));
  }
  return lines;
}

std::map<std::uint64_t, WireFacts> TapLog::facts() const {
  std::map<std::uint64_t, WireFacts> facts;
  for (const auto& [number, connection] : connections_) {
    if (connection.witness) {
      facts.emplace(number, connection.witness->facts());
    }
  }
  return facts;
}

std::size_t TapEngine::feed(std::span<const std::byte> in, TimePoint now) {
  if (log_.witness) {
    log_.witness->before(inner_->pending());
  }
  const std::size_t taken = inner_->feed(in, now);
  if (log_.witness) {
    log_.witness->after(in.first(taken), inner_->pending());
  }
  log_.to_provider->add(in.first(taken));
  return taken;
}

void TapEngine::sent(std::size_t n, TimePoint now) {
  const ByteView bytes = inner_->pending().first(n);
  log_.to_service->add(bytes);
  if (log_.witness) {
    log_.witness->goes(bytes);
  }
  inner_->sent(n, now);
}

Transport tap_transport(Transport below, TapLog& log) {
  return [below = std::move(below), &log](const PeerInfo& peer, EngineHost& host,
                                          EngineFactory inner, TimePoint now) {
    EngineFactory tapped = [inner = std::move(inner), &log](const PeerInfo& known,
                                                            EngineHost& outer, TimePoint when) {
      auto tap = std::make_unique<TapEngine>(log.connection(known.connection), outer);
      std::unique_ptr<Engine> engine = inner(known, tap->inner_host(), when);
      if (!engine) {
        return std::unique_ptr<Engine>();
      }
      tap->use(std::move(engine));
      return std::unique_ptr<Engine>(std::move(tap));
    };
    return below(peer, host, std::move(tapped), now);
  };
}

}  // namespace apns::scenarios
