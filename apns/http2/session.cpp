#include "apns/http2/session.h"

#include <algorithm>
#include <cassert>

namespace apns::http2 {

namespace {

// A frame that came in pieces leaves no more memory than this behind.
constexpr std::size_t kKeepCapacity = 512;
// Readable bytes behind what is handed out (see SessionEvents::data).
constexpr std::size_t kPadding = 64;
// How far a request line of HTTP/1.x is looked for.
constexpr std::size_t kMaxRequestLine = 1024;
constexpr std::string_view kHttp1 = "HTTP/1.";

}  // namespace

Session::Session(const SessionOptions& options, SessionEvents& events, HpackScratch& scratch,
                 TimePoint now)
    : options_(options),
      events_(events),
      scratch_(scratch),
      own_parity_(options.role == Role::Client ? 1 : 0),
      now_(now),
      decoder_(options.names),
      encoder_(options.encoder_table),
      next_own_(options.role == Role::Client ? 1 : 2) {
  if (options.role == Role::Client) {
    out_.append(as_bytes(kPreface));
    start_ = Start::Settings;
  }
  start_deadline_ = now + options.limits.preface;
  send_settings(options.settings);
  if (options.connection_window > kDefaultWindow) {
    append_window_update(out_.bytes(), 0, options.connection_window - kDefaultWindow);
    recv_window_ = options.connection_window;
  }
}

Session::~Session() = default;

std::size_t Session::feed(std::span<const std::byte> in, TimePoint now) {
  now_ = now;
  std::size_t taken = 0;
  while (taken < in.size() && wants_read() && !is_over()) {
    taken += take_some(in.subspan(taken));
  }
  if (is_over()) {
    taken = in.size();  // dropped
  }
  finish_when_empty();
  return taken;
}

/// Takes one frame, or what there is of one.
std::size_t Session::take_some(ByteView in) {
  if (start_ == Start::Preface) {
    return take_preface(in);
  }
  if (partial_.empty()) {
    if (in.size() >= kFrameHeaderLen) {
      const FrameHeader header = decode_frame_header(in);
      const std::size_t len = kFrameHeaderLen + header.payload_len;
      if (is_too_large(header, in.first(std::min(in.size(), len)))) {
        return in.size();
      }
      if (in.size() >= len) {
        take_frame(header, in.first(len));
        return len;
      }
      partial_.reserve(len + kPadding);
    }
    partial_.insert(partial_.end(), in.begin(), in.end());
    return in.size();
  }
  return take_rest(in);
}

/// Of a frame whose front is in partial_.
std::size_t Session::take_rest(ByteView in) {
  std::size_t taken = 0;
  const auto fill = [&](std::size_t up_to) {
    const std::size_t n = std::min(up_to - partial_.size(), in.size() - taken);
    partial_.insert(partial_.end(), in.begin() + static_cast<std::ptrdiff_t>(taken),
                    in.begin() + static_cast<std::ptrdiff_t>(taken + n));
    taken += n;
    return partial_.size() == up_to;
  };
  if (partial_.size() < kFrameHeaderLen && !fill(kFrameHeaderLen)) {
    return taken;
  }
  const FrameHeader header = decode_frame_header(partial_);
  if (is_too_large(header, partial_)) {
    return in.size();
  }
  const std::size_t len = kFrameHeaderLen + header.payload_len;
  partial_.reserve(len + kPadding);
  if (fill(len)) {
    take_frame(header, partial_);
    partial_.clear();
    if (partial_.capacity() > kKeepCapacity) {
      partial_.shrink_to_fit();
    }
  }
  return taken;
}

std::size_t Session::take_preface(ByteView in) {
  const std::size_t before = partial_.size();
  const std::size_t n = std::min(in.size(), kMaxRequestLine - before);
  partial_.insert(partial_.end(), in.begin(), in.begin() + static_cast<std::ptrdiff_t>(n));
  const std::string_view seen = as_text(partial_);
  const std::size_t common = std::min(seen.size(), kPreface.size());
  if (seen.substr(0, common) == kPreface.substr(0, common)) {
    if (seen.size() < kPreface.size()) {
      return n;
    }
    partial_.clear();
    position_ = kPreface.size();
    start_ = Start::Settings;
    return kPreface.size() - before;
  }
  const bool may_be_http1 = seen.front() >= 'A' && seen.front() <= 'Z';
  const bool is_decided = seen.find(kHttp1) != std::string_view::npos ||
                          seen.find('\n') != std::string_view::npos ||
                          seen.size() == kMaxRequestLine;
  if (!may_be_http1 || is_decided) {
    preface_fails();
    return in.size();
  }
  return n;
}

/// What came first is in partial_.
void Session::preface_fails() {
  // The first line, however much has come behind it.
  const std::string_view seen = as_text(partial_).substr(0, as_text(partial_).find('\n'));
  const std::size_t http1 = seen.find(kHttp1);
  frame_ = ByteView(partial_).first(std::min(partial_.size(), kPreface.size()));
  if (http1 != std::string_view::npos && seen.front() >= 'A' && seen.front() <= 'Z') {
    // As the service in front of Apple's gateway says it (docs/wire/http2.md).
    const std::string text = "Unexpected HTTP/1.x request: " + std::string(seen.substr(0, http1));
    violate(Rule::PrefaceInvalid, 0, "an HTTP/1.x request", text);
  } else {
    violate(Rule::PrefaceInvalid, 0, to_hex(frame_));
  }
  frame_ = {};
}

bool Session::is_too_large(const FrameHeader& header, ByteView seen) {
  if (header.payload_len <= acked_.max_frame_size) {
    return false;
  }
  frame_ = seen;
  frame_position_ = position_;
  violate(header.is(FrameType::Data) ? Rule::DataTooLarge : Rule::FrameTooLarge, header.stream,
          frame_text(header));
  frame_ = {};
  return true;
}

void Session::take_frame(const FrameHeader& header, ByteView frame) {
  frame_ = frame;
  frame_position_ = position_;
  position_ += frame.size();
  if (check_order(header) == Next::Go) {
    take_frame_of_type(header, frame.subspan(kFrameHeaderLen));
  }
  frame_ = {};
}

/// May it stand here at all?
Session::Next Session::check_order(const FrameHeader& header) {
  if (start_ == Start::Settings) {
    const bool is_settings = header.is(FrameType::Settings) && !header.has(flag::kAck);
    if (!is_settings && violate(Rule::FirstFrameNotSettings, 0, frame_text(header)) != Next::Go) {
      return Next::Over;
    }
    start_ = Start::Done;
    start_deadline_ = kNever;
  }
  if (block_.stream != 0 &&
      !(header.is(FrameType::Continuation) && header.stream == block_.stream)) {
    return violate(Rule::BlockInterrupted, header.stream, frame_text(header));
  }
  return Next::Go;
}

void Session::take_frame_of_type(const FrameHeader& header, ByteView payload) {
  switch (static_cast<FrameType>(header.type)) {
    case FrameType::Data:
      take_data(header, payload);
      return;
    case FrameType::Headers:
      take_headers(header, payload);
      return;
    case FrameType::Priority:
      take_priority(header, payload);
      return;
    case FrameType::RstStream:
      take_rst_stream(header, payload);
      return;
    case FrameType::Settings:
      take_settings(header, payload);
      return;
    case FrameType::PushPromise:
      take_push_promise(header, payload);
      return;
    case FrameType::Ping:
      take_ping(header, payload);
      return;
    case FrameType::Goaway:
      take_goaway(header, payload);
      return;
    case FrameType::WindowUpdate:
      take_window_update(header, payload);
      return;
    case FrameType::Continuation:
      take_continuation(header, payload);
      return;
  }
  // Unknown types are ignored (section 5.5), and cost their sender something.
  (void)within(num_idle_frames_, options_.limits.idle_frames, Bound::IdleFrames);
}

bool Session::is_idle(StreamId id) const {
  return is_own(id) ? id >= next_own_ : id > last_seen_;
}

void Session::ended(End end, TimePoint now) {
  now_ = now;
  is_ended_ = true;
  if (is_over()) {
    return;
  }
  if (options_.role == Role::Client || end == End::Reset || end == End::Alert) {
    close_ = Close::CloseNotify;
    return;
  }
  // What was asked in full is answered yet; the rest will never be.
  std::vector<StreamId> cut;
  streams_.for_each([&cut](const Stream& stream) {
    if (stream.can_receive()) {
      cut.push_back(stream.id);
    }
  });
  for (const StreamId id : cut) {
    close_stream(id, StreamEnd::ResetByPeer, ErrorCode::Cancel);
  }
  // Nor does it acknowledge anything any more.
  for (SentSettings& sent : unacked_) {
    sent.deadline = kNever;
  }
  is_finishing_ = true;
  finish_when_empty();
}

void Session::sent(std::size_t n, TimePoint now) {
  now_ = now;
  const bool was_full = out_.size() >= options_.limits.high_water;
  out_.consume(n);
  if (was_full && !outgoing_.empty()) {
    pump();
    finish_when_empty();
  }
}

TimePoint Session::deadline() const {
  if (is_over()) {
    return kNever;
  }
  if (is_reading_paused_) {
    return second_goaway_;  // all others wait for the peer
  }
  const TimePoint ack = unacked_.empty() ? kNever : unacked_.front().deadline;
  return std::min({start_deadline_, ack, block_.deadline, next_check_, second_goaway_});
}

void Session::on_time(TimePoint now) {
  now_ = now;
  if (is_over()) {
    return;
  }
  frame_position_ = position_;
  if (!is_reading_paused_) {
    check_deadlines();
  }
  if (!is_over() && now >= second_goaway_) {
    finish_shut_down();
  }
  finish_when_empty();
}

/// Of what the peer owes us.
void Session::check_deadlines() {
  const Limits& limits = options_.limits;
  const TimePoint now = now_;
  if (now >= start_deadline_) {
    start_deadline_ = kNever;
    if (start_ == Start::Preface && !partial_.empty()) {
      preface_fails();
    } else {
      hit(Bound::PrefaceTime, static_cast<std::uint64_t>(limits.preface.count()), 0);
    }
  }
  if (!is_over() && !unacked_.empty() && now >= unacked_.front().deadline) {
    unacked_.front().deadline = kNever;
    violate(Rule::SettingsNotAcknowledged, 0);
  }
  if (!is_over() && now >= block_.deadline) {
    block_.deadline = kNever;
    hit(Bound::BlockTime, static_cast<std::uint64_t>(limits.block.count()), block_.stream);
  }
  if (!is_over() && now >= next_check_) {
    check_times();
  }
}

void Session::pause_reading(bool paused) {
  if (paused == is_reading_paused_) {
    return;
  }
  is_reading_paused_ = paused;
  if (paused) {
    paused_since_ = now_;
    return;
  }
  const Duration pause = now_ - paused_since_;
  const auto put_off = [pause](TimePoint& time) { time += time == kNever ? Duration{} : pause; };
  put_off(start_deadline_);
  put_off(block_.deadline);
  put_off(next_check_);
  for (SentSettings& sent : unacked_) {
    put_off(sent.deadline);
  }
  for (Outgoing& waiting : outgoing_) {
    put_off(waiting.since);
  }
  streams_.for_each([&put_off](Stream& stream) { put_off(stream.opened_at); });
}

void Session::hang_up(Close how) {
  if (!is_over()) {
    close_ = how;
  }
}

void Session::finish_when_empty() {
  if (is_finishing_ && !is_over() && streams_.size() == 0) {
    close_ = is_ended_ ? Close::CloseNotify : Close::CloseNotifyThenDrain;
  }
}

}  // namespace apns::http2
