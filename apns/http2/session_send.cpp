// What goes out: header blocks, content within the peer's windows, and what waits for them.

#include <algorithm>
#include <cassert>
#include <utility>

#include "apns/http2/session.h"

namespace apns::http2 {

namespace {

// Content goes out in frames of no more, whatever the peer takes: streams take turns.
constexpr std::uint32_t kMaxDataLen = kMinMaxFrameSize;

std::string_view method_of(std::span<const Field> fields) {
  const auto at = std::ranges::find(fields, std::string_view(":method"), &Field::name);
  return at != fields.end() ? at->value : std::string_view();
}

}  // namespace

// ---- Streams ----

std::uint32_t Session::num_openable() const {
  const bool has_numbers = next_own_ <= kMaxStreamId;
  if (is_over() || is_ended_ || is_goaway_received_ || is_finishing_ || !has_numbers) {
    return 0;
  }
  const std::uint32_t limit = std::min(peer_.max_concurrent_streams, options_.limits.open_streams);
  return limit - std::min(limit, num_own_);
}

StreamId Session::open_stream(std::span<const Field> fields, bool end_stream, std::uint64_t user) {
  assert(options_.role == Role::Client);
  if (num_openable() == 0) {
    return 0;
  }
  const StreamId id = next_own_;
  next_own_ += 2;
  ++num_own_;
  Stream& stream = streams_.insert(id);
  stream.state = end_stream ? Stream::State::HalfClosedLocal : Stream::State::Open;
  stream.is_head = method_of(fields) == "HEAD";
  stream.is_connect = method_of(fields) == "CONNECT";
  stream.send_window = peer_.initial_window;
  stream.recv_window = acked_.initial_window;
  stream.opened_at = now_;
  stream.user = user;
  write_fields(id, fields, end_stream);
  return id;
}

bool Session::send_headers(StreamId id, std::span<const Field> fields, bool end_stream) {
  Stream* stream = streams_.find(id);
  if (stream == nullptr || !stream->can_send() || is_over()) {
    return false;
  }
  if (stream->queue != Stream::kNotQueued) {
    // Encoded when they go out: the order of blocks on the wire is the order of the encoder's.
    Outgoing& waiting = outgoing_[stream->queue];
    if (!end_stream || waiting.end_stream) {
      return false;
    }
    for (const Field& field : fields) {
      waiting.trailers.push_back(
          {std::string(field.name), std::string(field.value), field.representation});
    }
    waiting.end_stream = true;
    return true;
  }
  write_fields(id, fields, end_stream);
  if (end_stream) {
    we_ended(id);
  }
  return true;
}

bool Session::send_block(StreamId id, ByteView block, bool end_stream) {
  const Stream* stream = streams_.find(id);
  if (stream == nullptr || !stream->can_send() || stream->queue != Stream::kNotQueued ||
      is_over()) {
    return false;
  }
  append_headers(out_.bytes(), id, block, end_stream, peer_.max_frame_size);
  if (end_stream) {
    we_ended(id);
  }
  return true;
}

bool Session::send_data(StreamId id, ByteView content, bool end_stream) {
  Stream* stream = streams_.find(id);
  if (stream == nullptr || !stream->can_send() || is_over()) {
    return false;
  }
  if (stream->queue != Stream::kNotQueued) {
    Outgoing& waiting = outgoing_[stream->queue];
    if (waiting.end_stream) {
      return false;
    }
    waiting.end_stream = end_stream;
    if (waiting.at > waiting.content.size() / 2) {  // who never catches up holds no more for it
      waiting.content.erase(waiting.content.begin(),
                            waiting.content.begin() + static_cast<std::ptrdiff_t>(waiting.at));
      waiting.at = 0;
    }
    waiting.content.insert(waiting.content.end(), content.begin(), content.end());
    queued_bytes_ += content.size();
    return check_queue();
  }
  const std::size_t written = write_data(*stream, content, end_stream);
  if (written < content.size()) {
    queue(*stream, content.subspan(written), end_stream);
    return check_queue();
  }
  if (end_stream) {
    we_ended(id);
  }
  return true;
}

bool Session::reset(StreamId id, ErrorCode code) {
  if (streams_.find(id) == nullptr || is_over()) {
    return false;
  }
  stream_error(id, code);
  return true;
}

bool Session::forget(StreamId id) {
  const Stream* stream = streams_.find(id);
  if (stream == nullptr || is_over()) {
    return false;
  }
  if (stream->can_receive() && id != ending_) {
    remember_reset(id, ErrorCode::NoError);
  }
  close_stream(id, StreamEnd::Reset, ErrorCode::NoError);
  return true;
}

bool Session::set_user(StreamId id, std::uint64_t user) {
  Stream* stream = streams_.find(id);
  if (stream != nullptr) {
    stream->user = user;
  }
  return stream != nullptr;
}

std::uint64_t Session::user(StreamId id) {
  const Stream* stream = streams_.find(id);
  return stream != nullptr ? stream->user : 0;
}

bool Session::has_queued(StreamId id) {
  const Stream* stream = streams_.find(id);
  return stream != nullptr && stream->queue != Stream::kNotQueued;
}

// ---- Frames ----

void Session::write_fields(StreamId id, std::span<const Field> fields, bool end_stream) {
  Bytes& out = out_.bytes();
  const std::size_t at = out.size();
  const std::uint8_t end = end_stream ? flag::kEndStream : std::uint8_t{0};
  const auto type = static_cast<std::uint8_t>(FrameType::Headers);
  append_frame_header(out,
                      FrameHeader{0, type, static_cast<std::uint8_t>(end | flag::kEndHeaders), id});
  encoder_.begin_block(out);
  for (const Field& field : fields) {
    encoder_.add(out, field.name, field.value, field.representation, options_.huffman);
  }
  const std::size_t block_len = out.size() - at - kFrameHeaderLen;
  if (block_len <= peer_.max_frame_size) {
    out[at] = static_cast<std::byte>(block_len >> 16U);
    out[at + 1] = static_cast<std::byte>(block_len >> 8U);
    out[at + 2] = static_cast<std::byte>(block_len);
    return;
  }
  const Bytes block(out.begin() + static_cast<std::ptrdiff_t>(at + kFrameHeaderLen), out.end());
  out.resize(at);
  append_headers(out, id, block, end_stream, peer_.max_frame_size);
}

/// As much of `content` as the windows let out, in frames; the last of all has the end. Returns how
/// many bytes went.
std::size_t Session::write_data(Stream& stream, ByteView content, bool end_stream) {
  if (content.empty()) {
    if (end_stream) {
      append_frame(out_.bytes(), static_cast<std::uint8_t>(FrameType::Data), flag::kEndStream,
                   stream.id, {});
    }
    return 0;
  }
  std::size_t written = 0;
  while (written < content.size()) {
    const std::int64_t window = std::min(send_window_, stream.send_window);
    if (window <= 0) {
      break;
    }
    const std::size_t n = std::min({content.size() - written, static_cast<std::size_t>(window),
                                    static_cast<std::size_t>(kMaxDataLen)});
    const bool is_end = end_stream && written + n == content.size();
    append_frame(out_.bytes(), static_cast<std::uint8_t>(FrameType::Data),
                 is_end ? flag::kEndStream : std::uint8_t{0}, stream.id,
                 content.subspan(written, n));
    send_window_ -= static_cast<std::int64_t>(n);
    stream.send_window -= static_cast<std::int64_t>(n);
    written += n;
  }
  return written;
}

// ---- What waits ----

void Session::queue(Stream& stream, ByteView content, bool end_stream) {
  stream.queue = static_cast<std::uint32_t>(outgoing_.size());
  Outgoing waiting;
  waiting.stream = stream.id;
  waiting.content.assign(content.begin(), content.end());
  waiting.end_stream = end_stream;
  waiting.since = now_;
  outgoing_.push_back(std::move(waiting));
  queued_bytes_ += content.size();
  next_check_ = std::min(next_check_, now_ + options_.limits.window);
}

bool Session::check_queue() {
  return queued_bytes_ <= options_.limits.queued_bytes ||
         hit(Bound::QueuedBytes, options_.limits.queued_bytes, 0) == Next::Go;
}

void Session::unqueue(Stream& stream) {
  const std::size_t at = stream.queue;
  queued_bytes_ -= outgoing_[at].content.size() - outgoing_[at].at;
  stream.queue = Stream::kNotQueued;
  if (at + 1 != outgoing_.size()) {
    outgoing_[at] = std::move(outgoing_.back());
    streams_.find(outgoing_[at].stream)->queue = static_cast<std::uint32_t>(at);
  }
  outgoing_.pop_back();
}

/// Lets out what the windows allow, a frame at a time, streams in turn, until the host has enough.
void Session::pump() {
  std::size_t idle_turns = 0;
  while (!outgoing_.empty() && idle_turns < outgoing_.size() && !is_over() && send_window_ > 0 &&
         out_.size() < options_.limits.high_water) {
    turn_ = turn_ < outgoing_.size() ? turn_ : 0;
    if (pump_one(turn_)) {
      idle_turns = 0;
    } else {
      ++idle_turns;
    }
    ++turn_;
  }
}

/// The same for one stream, whose window alone has grown.
void Session::pump_stream(StreamId id) {
  const Stream* stream = streams_.find(id);
  while (stream != nullptr && stream->queue != Stream::kNotQueued && !is_over() &&
         send_window_ > 0 && out_.size() < options_.limits.high_water && pump_one(stream->queue)) {
    stream = streams_.find(id);
  }
}

/// One frame of outgoing_[at]. False: its window lets nothing out.
bool Session::pump_one(std::size_t at) {
  Outgoing& waiting = outgoing_[at];
  Stream& stream = *streams_.find(waiting.stream);
  const ByteView left = ByteView(waiting.content).subspan(waiting.at);
  const ByteView piece = left.first(std::min<std::size_t>(left.size(), kMaxDataLen));
  const bool is_last = piece.size() == left.size();
  const bool ends_here = is_last && waiting.end_stream && waiting.trailers.empty();
  const std::size_t written = write_data(stream, piece, ends_here);
  waiting.at += written;
  queued_bytes_ -= written;
  if (written > 0) {
    waiting.since = now_;
  }
  if (waiting.at < waiting.content.size()) {
    return written > 0;
  }
  const StreamId id = stream.id;
  const bool end_stream = waiting.end_stream;
  const std::vector<OwnedField> trailers = std::move(waiting.trailers);
  unqueue(stream);
  if (!trailers.empty()) {
    std::vector<Field> fields;
    fields.reserve(trailers.size());
    for (const OwnedField& field : trailers) {
      fields.push_back(Field{field.name, field.value, field_name::kOther, field.representation});
    }
    write_fields(id, fields, true);
  }
  if (end_stream) {
    we_ended(id);
  } else {
    events_.drained(id);
  }
  return true;
}

void Session::we_ended(StreamId id) {
  Stream* stream = streams_.find(id);
  assert(stream != nullptr);
  if (stream->state == Stream::State::Open) {
    stream->state = Stream::State::HalfClosedLocal;
  } else {
    close_stream(id, StreamEnd::Done, ErrorCode::NoError);
  }
}

void Session::close_stream(StreamId id, StreamEnd end, ErrorCode code) {
  Stream* stream = streams_.find(id);
  assert(stream != nullptr);
  if (stream->queue != Stream::kNotQueued) {
    unqueue(*stream);
  }
  const std::uint64_t user = stream->user;
  (is_own(id) ? num_own_ : num_peer_) -= 1;
  streams_.erase(id);
  events_.closed(id, end, code, user);
}

}  // namespace apns::http2
