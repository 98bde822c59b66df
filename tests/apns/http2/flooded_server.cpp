#include "tests/apns/http2/flooded_server.h"

#include <algorithm>
#include <malloc.h>

#include "tests/apns/http2/conformance_case.h"
#include "tests/apns/http2/conformance_runner.h"

namespace apns::http2::test {

namespace {

constexpr std::size_t kPiece = 16'384;

/// Heap bytes in use, as the C library counts them.
std::size_t heap_bytes() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

DrivenServer::DrivenServer(const SessionOptions& options, HpackScratch& scratch, TimePoint now)
    : session_(std::make_unique<Session>(options, server_, scratch, now)) {
  server_.session = session_.get();
  take_pending(now);
}

std::size_t DrivenServer::feed(ByteView bytes, TimePoint now) {
  std::size_t taken = 0;
  while (taken < bytes.size() && session_->wants_read() && !session_->is_over()) {
    const std::size_t n = std::min(kPiece, bytes.size() - taken);
    // A block of its exact size, so that a read past it is seen by the address sanitizer.
    const ByteView part = bytes.subspan(taken, n);
    const Bytes piece(part.begin(), part.end());
    taken += session_->feed(piece, now);
    most_streams_ = std::max(most_streams_, session_->num_streams());
    take_pending(now);
  }
  return taken;
}

void DrivenServer::pass_until(TimePoint now) {
  while (session_->deadline() <= now) {
    session_->on_time(session_->deadline());
    take_pending(now);
  }
}

void DrivenServer::read(bool reads, TimePoint now) {
  reads_ = reads;
  take_pending(now);
}

void DrivenServer::take_pending(TimePoint now) {
  most_pending_ = std::max(most_pending_, session_->pending().size());
  while (reads_ && !session_->pending().empty()) {
    const ByteView run = session_->pending();
    transcript_.feed(run);
    session_->sent(run.size(), now);
  }
}

FloodedServer::FloodedServer(Change change, bool starts)
    : options_(),
      victim(
          (set_server_options(options_), change != nullptr ? change(options_) : void(), options_),
          scratch_, now_),
      other_(options_, scratch_, now_) {
  if (starts) {
    apns::test::require(say(peer().preface().settings().settings_ack()), "the victim starts");
  }
  const Bytes start = peer().preface().settings().settings_ack().bytes();
  apns::test::require(other_.feed(start, now_) == start.size(), "the other connection starts");
  (void)victim.heard();
  (void)other_.heard();
  most_held_ = 0;
  held_before_ = heap_bytes();
}

bool FloodedServer::say(const FrameSequence& frames) {
  const std::size_t taken = victim.feed(frames.bytes(), now_);
  const std::vector<std::string> lines = victim.heard();
  if (!lines.empty()) {
    last_heard_ = lines.back();
  }
  const std::size_t held = heap_bytes();
  most_held_ = std::max(most_held_, held - std::min(held, held_before_));
  return taken == frames.bytes().size();
}

void FloodedServer::pass(Duration span) {
  now_ += span;
  victim.pass_until(now_);
  other_.pass_until(now_);
  const std::vector<std::string> lines = victim.heard();
  if (!lines.empty()) {
    last_heard_ = lines.back();
  }
}

std::string FloodedServer::bounds() {
  std::vector<std::string> lines;
  for (const SmallServer::Bounded& hit : victim.server().bounds) {
    lines.push_back(std::string(bound_row(hit.bound).id) + " " + std::to_string(hit.limit) +
                    " on " + std::to_string(hit.stream));
  }
  return join_text(lines);
}

std::string FloodedServer::last_heard() {
  return last_heard_;
}

bool FloodedServer::serves_other() {
  const StreamId stream = next_other_;
  next_other_ += 2;
  const Bytes request =
      peer().headers(stream, join({get_block("/fields"), hpack_literal("a", "b", 0x40)})).bytes();
  return other_.feed(request, now_) == request.size() &&
         join_text(other_.heard()) == ok(stream, "a=b;");
}

}  // namespace apns::http2::test
