#include "mock_apns/null_engine.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "mock_apns/null_endpoint.h"

namespace apns::mock {

namespace {

/// A line of it, for logs: up to its first character that is not plain.
std::string_view first_line(std::string_view text) {
  constexpr std::size_t kMaxLen = 80;
  std::size_t len = 0;
  while (len < std::min(text.size(), kMaxLen) && text[len] >= ' ' && text[len] <= '~') {
    ++len;
  }
  return text.substr(0, len);
}

/// What a connection that does not begin as HTTP/2's do looks like.
std::string stranger_text(ByteView first, bool is_over_tls) {
  constexpr std::byte kTlsHandshake{22};
  if (!is_over_tls && !first.empty() && first.front() == kTlsHandshake) {
    return "these are TLS bytes, and this port speaks HTTP/2 without TLS. Use an http URL, or "
           "start the service without --cleartext.";
  }
  const std::string line(first_line(as_text(first)));
  if (!line.empty() && std::isupper(static_cast<unsigned char>(line.front())) != 0) {
    return "these are HTTP/1 bytes, and this port speaks HTTP/2 only: \"" + line +
           "\". For curl: " +
           (is_over_tls ? "--http2, or --http2-prior-knowledge." : "--http2-prior-knowledge.");
  }
  return "the first bytes are " + to_hex(first.first(std::min<std::size_t>(first.size(), 8))) +
         ", which is not how HTTP/2 begins (RFC 9113 section 3.4).";
}

std::string where(http2::StreamId stream) {
  return stream == 0 ? std::string() : "stream " + std::to_string(stream) + ": ";
}

}  // namespace

NullEngine::NullEngine(NullEndpoint& endpoint, const PeerInfo& peer, EngineHost& host,
                       TimePoint now)
    : endpoint_(endpoint),
      host_(host),
      connection_(peer.connection),
      thread_(peer.thread),
      is_over_tls_(!peer.tls_version.empty()),
      session_(endpoint.session_options(), *this, endpoint.thread(peer.thread).scratch, now) {
  auto& thread = endpoint_.thread(thread_);
  thread.engines.insert(this);
  thread.connections.add(1);
  if (thread.is_shut_down) {
    session_.shut_down();  // its handshake was not over when the others were told
  }
}

NullEngine::~NullEngine() {
  endpoint_.thread(thread_).engines.erase(this);
}

void NullEngine::shut_down() {
  session_.shut_down();
  host_.wake(*this);
}

void NullEngine::message(const http2::Message& message) {
  if (message.end_stream) {
    answer(message.stream);
  }
}

void NullEngine::data(http2::StreamId stream, ByteView /*content*/, bool end_stream) {
  if (end_stream) {
    answer(stream);
  }
}

void NullEngine::answer(http2::StreamId stream) {
  auto& thread = endpoint_.thread(thread_);
  ByteView block = thread.answer.next();
  // What changes of the peer's header table ask for stands in front of the next block (RFC 7541
  // section 4.2). Nothing, but for the first answer to some.
  Bytes& whole = thread.size_updates;
  session_.encoder().begin_block(whole);
  if (!whole.empty()) {
    whole.insert(whole.end(), block.begin(), block.end());
    block = whole;
  }
  if (session_.send_block(stream, block, true)) {
    thread.requests.add(1);
  }
  whole.clear();
}

void NullEngine::closed(http2::StreamId /*stream*/, http2::StreamEnd end, http2::ErrorCode /*code*/,
                        std::uint64_t /*user*/) {
  if (end == http2::StreamEnd::ResetByPeer) {
    endpoint_.thread(thread_).resets.add(1);
  }
  end_if_done();
}

void NullEngine::goaway(http2::StreamId /*last_stream*/, http2::ErrorCode /*code*/,
                        std::string_view /*debug*/) {
  is_goaway_received_ = true;
  end_if_done();
}

void NullEngine::end_if_done() {
  if (is_goaway_received_ && session_.num_streams() == 0) {
    session_.hang_up();
  }
}

void NullEngine::violation(const http2::Violation& violation) {
  const http2::RuleRow& row = http2::rule_row(violation.rule);
  endpoint_.thread(thread_).violations.at(static_cast<std::size_t>(violation.rule)).add(1);
  if (violation.rule == http2::Rule::PrefaceInvalid) {
    problem(stranger_text(violation.frame, is_over_tls_));
    return;
  }
  problem(where(violation.stream) + std::string(row.says) + " (" + std::string(row.section) + ", " +
          std::string(row.id) + ").");
}

void NullEngine::bound_hit(const http2::BoundHit& hit) {
  const http2::BoundRow& row = http2::bound_row(hit.bound);
  endpoint_.thread(thread_).bounds.at(static_cast<std::size_t>(hit.bound)).add(1);
  problem(where(hit.stream) + std::string(row.says) + " " +
          http2::limit_text(hit.bound, hit.limit) + " (" + std::string(row.id) + ").");
}

void NullEngine::problem(std::string text) {
  if (!std::exchange(is_problem_told_, true)) {
    endpoint_.problem(connection_, "http2", std::move(text));
  }
}

}  // namespace apns::mock
