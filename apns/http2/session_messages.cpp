// Header blocks and content.

#include <algorithm>
#include <cassert>
#include <utility>

#include "apns/http2/session.h"

namespace apns::http2 {

/// Each flaw of a message is a violation of its own; those that are ignored pass.
class Session::MessageFlaws final : public FlawSink {
 public:
  MessageFlaws(Session& session, StreamId stream) : session_(session), stream_(stream) {}

  bool passes(const MessageFlaw& flaw) override {
    return session_.violate(flaw.rule, stream_, flaw.field) == Next::Go;
  }

 private:
  Session& session_;
  StreamId stream_;
};

// ---- Frames that carry header blocks ----

void Session::take_headers(const FrameHeader& header, ByteView payload) {
  if (header.stream == 0) {
    violate(Rule::HeadersOnConnection, 0);
    return;
  }
  const std::optional<ByteView> content = strip_padding(header, payload);
  if (!content) {
    violate(Rule::PaddingTooLong, header.stream, frame_text(header));
    return;
  }
  ByteView fragment = *content;
  Block block;
  block.stream = header.stream;
  block.end_stream = header.has(flag::kEndStream);
  if (admit(block) == Next::Over) {
    return;
  }
  if (header.has(flag::kPriority)) {
    if (fragment.size() < kPriorityLen) {
      // It is the padding's fault where there is room for both (section 6.2).
      const bool is_padding = header.has(flag::kPadded) && payload.size() > kPriorityLen;
      violate(is_padding ? Rule::PaddingTooLong : Rule::HeadersLength, header.stream,
              frame_text(header));
      return;
    }
    if (decode_u31(fragment) == header.stream && !block.refused) {
      block.refused = Rule::SelfDependency;
    }
    fragment = fragment.subspan(kPriorityLen);
  }
  begin_block(std::move(block), header, fragment);
}

void Session::take_push_promise(const FrameHeader& header, ByteView payload) {
  if (options_.role == Role::Server) {
    violate(Rule::PushPromiseFromClient, header.stream);
    return;
  }
  if (header.stream == 0) {
    violate(Rule::PushPromiseOnConnection, 0);
    return;
  }
  if (!acked_.enable_push) {
    violate(Rule::PushPromiseDisabled, header.stream);
    return;
  }
  const std::optional<ByteView> content = strip_padding(header, payload);
  if (!content) {
    violate(Rule::PaddingTooLong, header.stream, frame_text(header));
    return;
  }
  if (content->size() < kPromisedIdLen) {
    const bool is_padding = header.has(flag::kPadded) && payload.size() > kPromisedIdLen;
    violate(is_padding ? Rule::PaddingTooLong : Rule::PushPromiseLength, header.stream,
            frame_text(header));
    return;
  }
  const Stream* parent = streams_.find(header.stream);
  const bool is_there = parent != nullptr ? parent->can_receive() : was_reset(header.stream);
  if (!is_own(header.stream) || !is_there) {
    violate(Rule::PushPromiseState, header.stream, frame_text(header));
    return;
  }
  Block block;
  block.stream = header.stream;
  block.opens = Opens::Promise;
  block.promised = decode_u31(*content);
  if (is_own(block.promised) || block.promised <= last_peer_) {
    violate(Rule::PromisedIdIllegal, header.stream, std::to_string(block.promised));
    return;
  }
  last_peer_ = block.promised;
  last_seen_ = block.promised;
  begin_block(std::move(block), header, content->subspan(kPromisedIdLen));
}

void Session::begin_block(Block block, const FrameHeader& header, ByteView fragment) {
  block.position = frame_position_;
  if (header.has(flag::kEndHeaders)) {
    end_block(block, fragment);
    return;
  }
  block.num_frames = 1;
  block.deadline = now_ + options_.limits.block;
  block.bytes.assign(fragment.begin(), fragment.end());
  block_ = std::move(block);
}

void Session::take_continuation(const FrameHeader& header, ByteView payload) {
  if (block_.stream == 0) {
    violate(header.stream == 0 ? Rule::ContinuationOnConnection : Rule::ContinuationWithoutBlock,
            header.stream);
    return;
  }
  const Limits& limits = options_.limits;
  if (++block_.num_frames > limits.block_frames) {
    hit(Bound::BlockFrames, limits.block_frames, block_.stream);
    return;
  }
  if (block_.bytes.size() + payload.size() > limits.block_bytes) {
    hit(Bound::BlockBytes, limits.block_bytes, block_.stream);
    return;
  }
  block_.bytes.insert(block_.bytes.end(), payload.begin(), payload.end());
  if (header.has(flag::kEndHeaders)) {
    const Block block = std::exchange(block_, Block{});
    end_block(block, block.bytes);
  }
}

// ---- What a HEADERS frame may begin ----

Session::Next Session::admit(Block& block) {
  const StreamId id = block.stream;
  if (const Stream* stream = streams_.find(id); stream != nullptr) {
    if (!stream->can_receive()) {
      block.refused = Rule::FrameOnHalfClosedStream;
    } else if (options_.role == Role::Server || stream->has_message) {
      block.opens = Opens::Trailers;
    } else {
      block.opens = Opens::Response;
    }
    return Next::Go;
  }
  if (options_.role == Role::Server) {
    if (is_own(id)) {
      return violate(Rule::StreamIdOfOtherSide, id);
    }
    if (id > last_seen_) {
      admit_new(block);
      return Next::Go;
    }
  } else if (is_idle(id)) {
    return violate(Rule::FrameOnIdleStream, id, "HEADERS");
  }
  if (was_reset(id) || id > goaway_sent_) {
    return Next::Go;  // decoded and dropped
  }
  const Next next =
      violate(was_skipped(id) ? Rule::StreamIdNotGreater : Rule::FrameOnClosedStream, id);
  return next == Next::Over ? Next::Over : Next::Go;
}

void Session::admit_new(Block& block) {
  if (block.stream > last_seen_ + 2 || (last_seen_ == 0 && block.stream > 1)) {
    remember_skipped(last_seen_ + 1, block.stream - 1);
  }
  last_seen_ = block.stream;
  if (block.stream > goaway_sent_) {
    return;  // unprocessed, as GOAWAY says (section 6.8)
  }
  last_peer_ = block.stream;
  block.opens = Opens::Request;
}

void Session::end_block(const Block& block, ByteView bytes) {
  const auto decoded = decoder_.decode(bytes, options_.limits.header_list_bytes, scratch_);
  if (!decoded) {
    const HpackError error = decoded.error();
    violate(Rule::Compression, block.stream,
            std::string(to_string(error.fault)) + ", at byte " + std::to_string(error.offset) +
                " of the block");
    return;
  }
  ending_ = block.end_stream ? block.stream : 0;
  const bool is_refused = block.refused && violate(*block.refused, block.stream) != Next::Go;
  if (!is_refused && block.opens != Opens::Nothing) {
    deliver(block, *decoded, bytes.size());
  }
  ending_ = 0;
}

/// Too many streams are open for one more.
bool Session::refuses_stream(StreamId id) {
  const std::uint32_t limit = options_.limit_before_ack
                                  ? std::min(acked_.max_concurrent_streams, announced_streams_)
                                  : acked_.max_concurrent_streams;
  if (num_peer_ >= limit &&
      violate(Rule::TooManyStreams, id, std::to_string(limit) + " are allowed") != Next::Go) {
    return true;
  }
  return num_peer_ >= options_.limits.open_streams &&
         hit(Bound::OpenStreams, options_.limits.open_streams, id) != Next::Go;
}

void Session::deliver(const Block& block, const DecodedBlock& decoded, std::size_t block_len) {
  const StreamId id = block.stream;
  if (block.opens == Opens::Request && refuses_stream(id)) {
    return;
  }
  if (decoded.is_too_large) {
    const StreamId too_large = block.opens == Opens::Promise ? block.promised : id;
    hit(Bound::HeaderListBytes, options_.limits.header_list_bytes, too_large);
    return;
  }
  Message message{};
  message.stream = id;
  message.fields = decoded.fields;
  message.end_stream = block.end_stream;
  message.position = block.position;
  message.block_len = block_len;
  message.promised = block.promised;
  switch (block.opens) {
    case Opens::Request:
      message.kind = MessageKind::Request;
      break;
    case Opens::Response:
      message.kind = MessageKind::Response;
      break;
    case Opens::Trailers:
      message.kind = MessageKind::Trailers;
      break;
    case Opens::Promise:
      message.kind = MessageKind::Promise;
      break;
    case Opens::Nothing:
      return;
  }
  MessageFlaws flaws(*this, message.kind == MessageKind::Promise ? block.promised : id);
  if (!check_message(message.fields, message.end_stream, message.kind, message.head, flaws)) {
    return;
  }
  if (message.kind == MessageKind::Promise) {
    deliver_promise(message);
  } else if (open_or_continue(message)) {
    events_.message(message);
    if (message.end_stream && !is_over()) {
      peer_ended(id);
    }
  }
}

void Session::deliver_promise(const Message& message) {
  events_.message(message);
  if (!is_over()) {
    append_rst_stream(out_.bytes(), message.promised, ErrorCode::RefusedStream);
    remember_reset(message.promised, ErrorCode::RefusedStream);
  }
}

/// Notes what a message says of its stream. False: the stream was ended for it.
bool Session::open_or_continue(const Message& message) {
  const StreamId id = message.stream;
  const std::uint64_t length = message.head.content_length.value_or(Stream::kAnyLength);
  if (message.kind == MessageKind::Request) {
    if (message.end_stream && length != Stream::kAnyLength && length != 0 &&
        violate(Rule::ContentLengthMismatch, id, "there is no content") != Next::Go) {
      return false;
    }
    Stream& stream = streams_.insert(id);
    ++num_peer_;
    stream.state = message.end_stream ? Stream::State::HalfClosedRemote : Stream::State::Open;
    stream.has_message = true;
    stream.send_window = peer_.initial_window;
    stream.recv_window = acked_.initial_window;
    stream.content_length = length;
    stream.opened_at = now_;
    if (!message.end_stream) {
      next_check_ = std::min(next_check_, now_ + options_.limits.message);
    }
    return true;
  }
  Stream* stream = streams_.find(id);
  if (stream == nullptr) {
    return false;  // reset by the caller on the way
  }
  if (message.kind == MessageKind::Response) {
    stream->has_message = true;
    const bool is_empty_by_status = message.head.status == 204 || message.head.status == 304;
    // RFC 9110 section 9.3.6: a CONNECT that succeeds becomes a tunnel.
    const bool is_tunnel =
        stream->is_connect && message.head.status >= 200 && message.head.status < 300;
    const bool is_any = stream->is_head || is_empty_by_status || is_tunnel;
    stream->content_length = is_any ? Stream::kAnyLength : length;
  }
  return !message.end_stream || has_whole_content(*stream);
}

/// Called at the end of the peer's message. False: the stream was ended for it.
bool Session::has_whole_content(const Stream& stream) {
  return stream.content_length == Stream::kAnyLength ||
         stream.content_seen == stream.content_length ||
         violate(Rule::ContentLengthMismatch, stream.id,
                 std::to_string(stream.content_length) + " bytes were announced, " +
                     std::to_string(stream.content_seen) + " came") == Next::Go;
}

// ---- Content ----

void Session::take_data(const FrameHeader& header, ByteView payload) {
  const StreamId id = header.stream;
  if (id == 0) {
    violate(Rule::DataOnConnection, 0);
    return;
  }
  const std::optional<ByteView> content = strip_padding(header, payload);
  if (!content) {
    violate(Rule::PaddingTooLong, id, frame_text(header));
    return;
  }
  // The connection's window counts all of it, whatever becomes of the stream (section 6.9.1).
  if (header.payload_len > recv_window_ &&
      violate(Rule::ConnectionWindowExceeded, id,
              std::to_string(recv_window_) + " bytes are left") != Next::Go) {
    return;
  }
  recv_window_ -= header.payload_len;
  if (is_idle(id)) {
    violate(Rule::FrameOnIdleStream, id, frame_text(header));
    return;
  }
  if (content->empty() && !header.has(flag::kEndStream) &&
      !within(num_empty_data_, options_.limits.empty_data, Bound::EmptyData)) {
    return;
  }
  ending_ = header.has(flag::kEndStream) ? id : 0;
  take_content(header, *content);
  ending_ = 0;
  if (!is_over()) {
    give_back_connection(header.payload_len);
  }
}

void Session::take_content(const FrameHeader& header, ByteView content) {
  const StreamId id = header.stream;
  Stream* stream = streams_.find(id);
  if (stream == nullptr) {
    drop_content(header);
    return;
  }
  const auto is_refused = [this, id](Rule rule, std::string_view detail) {
    return violate(rule, id, detail) != Next::Go || streams_.find(id) == nullptr;
  };
  if (!stream->can_receive()) {
    violate(Rule::FrameOnHalfClosedStream, id, frame_text(header));
    return;
  }
  if (!stream->has_message && is_refused(Rule::DataBeforeHeaders, {})) {
    return;
  }
  // Without a length it may come whatever the window (section 6.9.1), which may be below zero.
  if (header.payload_len != 0 && header.payload_len > stream->recv_window &&
      is_refused(Rule::StreamWindowExceeded,
                 std::to_string(stream->recv_window) + " bytes are left")) {
    return;
  }
  stream = streams_.find(id);
  stream->recv_window -= header.payload_len;
  stream->content_seen += content.size();
  const bool is_end = header.has(flag::kEndStream);
  if (!fits_length(*stream, is_end)) {
    return;
  }
  if (!content.empty() || is_end) {
    events_.data(id, content, is_end);
  }
  if (is_over()) {
    return;
  }
  if (is_end) {
    peer_ended(id);
  } else {
    give_back(id, header.payload_len);
  }
}

/// Of a stream that is not there.
void Session::drop_content(const FrameHeader& header) {
  const StreamId id = header.stream;
  if (!was_reset(id) && id <= goaway_sent_) {
    violate(Rule::FrameOnClosedStream, id, frame_text(header));
    return;
  }
  if (options_.reset_again && code_of_reset(id) == ErrorCode::RefusedStream) {
    append_rst_stream(out_.bytes(), id, ErrorCode::StreamClosed);
  }
  if (header.has(flag::kEndStream)) {
    forget_reset(id);
  }
  (void)within(num_idle_frames_, options_.limits.idle_frames, Bound::IdleFrames);
}

/// No more content than was announced, at the end all of it. False: the stream is gone.
bool Session::fits_length(Stream& stream, bool is_end) {
  const bool is_past =
      stream.content_length != Stream::kAnyLength && stream.content_seen > stream.content_length;
  if (!is_past && !is_end) {
    return true;
  }
  const StreamId id = stream.id;
  if (!has_whole_content(stream)) {
    return false;
  }
  Stream* found = streams_.find(id);
  if (found != nullptr && is_past) {
    found->content_length = Stream::kAnyLength;  // said once
  }
  return found != nullptr;
}

void Session::peer_ended(StreamId id) {
  Stream* stream = streams_.find(id);
  if (stream == nullptr) {
    return;
  }
  if (stream->state == Stream::State::Open) {
    stream->state = Stream::State::HalfClosedRemote;
  } else if (stream->state == Stream::State::HalfClosedLocal) {
    close_stream(id, StreamEnd::Done, ErrorCode::NoError);
  }
}

// ---- Windows that are given back ----

void Session::give_back_connection(std::uint32_t bytes) {
  recv_owed_ += bytes;
  const std::uint32_t window = std::max(options_.connection_window, kDefaultWindow);
  if (!are_windows_held_ && recv_owed_ >= window / 2) {
    grant_connection();
  }
}

void Session::grant_connection() {
  append_window_update(out_.bytes(), 0, recv_owed_);
  recv_window_ += recv_owed_;
  recv_owed_ = 0;
}

void Session::give_back(StreamId id, std::uint32_t bytes) {
  Stream* stream = streams_.find(id);
  if (stream == nullptr || !stream->can_receive()) {
    return;
  }
  stream->recv_owed += bytes;
  give_back_if_due(*stream);
}

void Session::give_back_if_due(Stream& stream) {
  if (!are_windows_held_ && stream.can_receive() && stream.recv_owed > 0 &&
      stream.recv_owed >= acked_.initial_window / 2) {
    grant(stream);
  }
}

void Session::grant(Stream& stream) {
  append_window_update(out_.bytes(), stream.id, stream.recv_owed);
  stream.recv_window += stream.recv_owed;
  stream.recv_owed = 0;
}

void Session::hold_windows(bool held) {
  are_windows_held_ = held;
  if (held) {
    return;
  }
  if (recv_owed_ > 0) {
    grant_connection();
  }
  streams_.for_each([this](Stream& stream) {
    stream.opened_at = now_;
    if (stream.recv_owed > 0 && stream.can_receive()) {
      grant(stream);
    }
  });
  next_check_ = std::min(next_check_, now_ + options_.limits.message);
}

}  // namespace apns::http2
