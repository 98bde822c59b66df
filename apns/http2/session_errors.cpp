// What is done about a peer that breaks a rule or hits a bound.

#include <algorithm>

#include "apns/http2/session.h"

namespace apns::http2 {

namespace {

constexpr std::size_t kMaxSkipped = 32;

}  // namespace

Session::Next Session::violate(Rule rule, StreamId stream, std::string_view detail,
                               std::string_view debug) {
  const RuleRow& row = rule_row(rule);
  const Reaction reaction = options_.reactions.of(rule);
  Scope scope = row.scope;
  if (reaction == Reaction::Close) {
    scope = Scope::Connection;
  } else if (reaction == Reaction::Reset && row.can_pass && stream != 0) {
    scope = Scope::Stream;
  }
  // RST_STREAM must not name a stream that was never opened (section 6.4).
  if (scope == Scope::Stream && (stream == 0 || is_idle(stream))) {
    scope = Scope::Connection;
  }
  const bool is_ignored = reaction == Reaction::Ignore && row.can_pass;
  events_.violation(Violation{rule, stream, frame_position_, frame_, detail, is_ignored, scope});
  if (is_over()) {
    return Next::Over;
  }
  if (is_ignored) {
    return Next::Go;
  }
  if (scope == Scope::Stream) {
    if (!within(num_resets_, options_.limits.resets, Bound::Resets)) {
      return Next::Over;
    }
    stream_error(stream, row.code);
    return Next::Drop;
  }
  if (!debug.empty()) {
    fail(row.code, debug);
  } else {
    std::string text = std::string(row.id) + ": " + std::string(row.says);
    if (!detail.empty()) {
      text += " (" + std::string(detail) + ")";
    }
    fail(row.code, options_.explain ? text : std::string());
  }
  return Next::Over;
}

Session::Next Session::hit(Bound bound, std::uint64_t limit, StreamId stream) {
  const BoundRow& row = bound_row(bound);
  events_.bound_hit(BoundHit{bound, limit, stream, frame_position_});
  if (is_over()) {
    return Next::Over;
  }
  if (row.scope == Scope::Stream) {
    if (!within(num_resets_, options_.limits.resets, Bound::Resets)) {
      return Next::Over;
    }
    stream_error(stream, row.code);
    return Next::Drop;
  }
  fail(row.code, options_.explain ? "bound " + std::string(row.id) + ": " + std::string(row.says) +
                                        " " + limit_text(bound, limit)
                                  : std::string());
  return Next::Over;
}

bool Session::within(RateCounter& counter, const Rate& rate, Bound bound) {
  return counter.take(rate, now_) || hit(bound, rate.burst, 0) == Next::Go;
}

void Session::fail(ErrorCode code, std::string_view debug) {
  // A last stream must not grow from one GOAWAY to the next (section 6.8).
  say_goaway(std::min(goaway_sent_, last_peer_), code, debug);
  goaway_sent_ = std::min(goaway_sent_, last_peer_);
  close_ = Close::CloseNotifyThenDrain;
  outgoing_.clear();
  queued_bytes_ = 0;
  block_ = Block{};
}

void Session::stream_error(StreamId id, ErrorCode code) {
  append_rst_stream(out_.bytes(), id, code);
  if (const Stream* stream = streams_.find(id); stream != nullptr) {
    if (stream->can_receive() && id != ending_) {
      remember_reset(id, code);
    }
    close_stream(id, StreamEnd::Reset, code);
  } else if (id != ending_) {
    remember_reset(id, code);
  }
}

void Session::remember_reset(StreamId id, ErrorCode code) {
  if (resets_.size() < options_.limits.open_streams) {
    resets_.push_back(OwnReset{id, code});
    return;
  }
  resets_[next_reset_] = OwnReset{id, code};
  next_reset_ = (next_reset_ + 1) % resets_.size();
}

std::optional<ErrorCode> Session::code_of_reset(StreamId id) const {
  const auto at = std::ranges::find(resets_, id, &OwnReset::stream);
  return at != resets_.end() ? std::optional(at->code) : std::nullopt;
}

void Session::forget_reset(StreamId id) {
  if (const auto at = std::ranges::find(resets_, id, &OwnReset::stream); at != resets_.end()) {
    *at = resets_.back();
    resets_.pop_back();
  }
}

void Session::remember_skipped(StreamId first, StreamId last) {
  if (skipped_.size() == kMaxSkipped) {
    skipped_.erase(skipped_.begin());
  }
  skipped_.emplace_back(first, last);
}

bool Session::was_skipped(StreamId id) const {
  return std::ranges::any_of(
      skipped_, [id](const auto& range) { return id >= range.first && id <= range.second; });
}

/// Requests that take too long, and content that waits too long; says when to look again.
void Session::check_times() {
  const Limits& limits = options_.limits;
  std::vector<std::pair<StreamId, Bound>> late;
  TimePoint next = kNever;
  const auto look = [&](StreamId id, TimePoint due, Bound bound) {
    if (due <= now_) {
      late.emplace_back(id, bound);
    } else {
      next = std::min(next, due);
    }
  };
  streams_.for_each([&](const Stream& stream) {
    if (!is_own(stream.id) && stream.can_receive() && !are_windows_held_) {
      look(stream.id, stream.opened_at + limits.message, Bound::MessageTime);
    }
  });
  for (const Outgoing& waiting : outgoing_) {
    look(waiting.stream, waiting.since + limits.window, Bound::WindowTime);
  }
  next_check_ = next;
  for (const auto& [id, bound] : late) {
    if (!is_over() && streams_.find(id) != nullptr) {
      const Duration limit = bound == Bound::MessageTime ? limits.message : limits.window;
      hit(bound, static_cast<std::uint64_t>(limit.count()), id);
    }
  }
}

}  // namespace apns::http2
