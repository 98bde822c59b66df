#include "tests/apns/http2/oracle/step.h"

#include <algorithm>

#include "apns/http2/frame.h"

namespace apns::http2::test {

namespace {

std::string_view kind_text(MessageKind kind) {
  switch (kind) {
    case MessageKind::Request:
      return "request ";
    case MessageKind::Informational:
      return "informational ";
    case MessageKind::Response:
      return "response ";
    case MessageKind::Trailers:
      return "trailers ";
    case MessageKind::Promise:
      return "promise ";
  }
  return "?";
}

std::string_view end_text(StreamEnd end) {
  switch (end) {
    case StreamEnd::Done:
      return "done";
    case StreamEnd::ResetByPeer:
      return "reset by the peer";
    case StreamEnd::Reset:
      return "reset";
    case StreamEnd::Unprocessed:
      return "unprocessed";
  }
  return "?";
}

/// Control characters as \xNN, so that a report is one line a field.
void append_escaped(std::string& out, std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '\\') {
      out += c;
    } else {
      out += "\\x";
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
  }
}

void append_end(std::string& out, bool end_stream) {
  out += end_stream ? " end\n" : "\n";
}

}  // namespace

Blame Step::blame() const {
  if (is_bound) {
    return Blame::Bound;
  }
  if (goaway && *goaway != static_cast<std::uint32_t>(ErrorCode::NoError)) {
    return Blame::Connection;
  }
  return resets.empty() ? Blame::None : Blame::Stream;
}

std::string to_text(const Step& step) {
  std::string text = step.events;
  for (const auto& [stream, end] : step.closed) {
    text += "closed " + std::to_string(stream) + ' ' + end + '\n';
  }
  text += step.sent;
  for (const auto& [stream, increment] : step.windows) {
    text += "window " + std::to_string(stream) + " + " + std::to_string(increment) + '\n';
  }
  for (const auto& [stream, code] : step.resets) {
    text += "RST_STREAM " + std::to_string(stream) + ' ' + error_code_text(code) + '\n';
  }
  if (step.goaway) {
    text += "GOAWAY " + error_code_text(*step.goaway) + '\n';
  }
  if (step.is_bound) {
    text += "a bound of ours\n";
  }
  if (!step.why.empty()) {
    text += "(" + step.why + ")\n";
  }
  return text.empty() ? "nothing\n" : text;
}

void add_message(Step& step, StreamId stream, MessageKind kind, StreamId promised,
                 std::string_view fields, bool end_stream) {
  step.events += kind_text(kind);
  step.events += std::to_string(stream);
  if (kind == MessageKind::Promise) {
    step.events += " of " + std::to_string(promised);
  }
  append_end(step.events, end_stream);
  step.events += fields;
}

std::string field_line(std::string_view name, std::string_view value, bool is_never) {
  std::string line = is_never ? "  ! " : "  ";
  append_escaped(line, name);
  line += " = ";
  append_escaped(line, value);
  line += '\n';
  return line;
}

void add_data(Step& step, StreamId stream, std::size_t len, std::uint64_t hash, bool end_stream) {
  if (len == 0 && !end_stream) {
    return;
  }
  step.events += "data " + std::to_string(stream) + ' ' + std::to_string(len) + " bytes, hash " +
                 std::to_string(hash);
  append_end(step.events, end_stream);
}

void add_setting(Step& step, std::uint16_t id, std::uint32_t value) {
  step.events += "setting " + setting_text(id) + ' ' + std::to_string(value) + '\n';
}

void add_settings_acked(Step& step) {
  step.events += "settings acknowledged\n";
}

void add_ping(Step& step, ByteView opaque, bool is_ack) {
  step.events += (is_ack ? "pong " : "ping ") + to_hex(opaque) + '\n';
}

void add_goaway(Step& step, StreamId last_stream, std::uint32_t code, std::string_view debug) {
  step.events += "goaway " + std::to_string(last_stream) + ' ' + error_code_text(code) + ' ';
  append_escaped(step.events, debug);
  step.events += '\n';
}

void add_closed(Step& step, StreamId stream, StreamEnd end, std::uint32_t code) {
  std::string text(end_text(end));
  if (end == StreamEnd::ResetByPeer) {
    text += ' ' + error_code_text(code);
  }
  step.closed.emplace(stream, std::move(text));
}

std::uint64_t hash_bytes(ByteView bytes, std::uint64_t seed) {
  for (const std::byte byte : bytes) {
    seed = (seed ^ std::to_integer<std::uint64_t>(byte)) * 0x100'0000'01B3U;
  }
  return seed;
}

void SentReader::finish(Step& step) {
  ByteView rest(bytes_);
  if (is_preface_next_ && rest.size() >= kPreface.size()) {
    rest = rest.subspan(kPreface.size());
    is_preface_next_ = false;
  }
  while (!is_preface_next_ && rest.size() >= kFrameHeaderLen) {
    const FrameHeader header = decode_frame_header(rest);
    if (rest.size() < kFrameHeaderLen + header.payload_len) {
      break;
    }
    take_frame(header, rest.subspan(kFrameHeaderLen, header.payload_len), step);
    rest = rest.subspan(kFrameHeaderLen + header.payload_len);
  }
  bytes_.erase(bytes_.begin(), bytes_.end() - static_cast<std::ptrdiff_t>(rest.size()));
  for (const auto& [stream, content] : content_) {
    step.sent += "sent " + std::to_string(stream) + ' ' + std::to_string(content.num_blocks) +
                 " blocks " + std::to_string(content.len) + " bytes";
    append_end(step.sent, content.is_ended);
  }
  content_.clear();
}

void SentReader::take_frame(const FrameHeader& header, ByteView payload, Step& step) {
  switch (static_cast<FrameType>(header.type)) {
    case FrameType::Data:
      step.content_len += payload.size();
      content_[header.stream].len += payload.size();
      content_[header.stream].is_ended |= header.has(flag::kEndStream);
      break;
    case FrameType::Headers:
      ++content_[header.stream].num_blocks;
      content_[header.stream].is_ended |= header.has(flag::kEndStream);
      break;
    case FrameType::RstStream:
      step.resets.emplace(header.stream, ByteReader(payload).read<std::uint32_t>());
      break;
    case FrameType::Settings:
      step.sent += header.has(flag::kAck) ? "acknowledgement of settings\n" : "settings\n";
      break;
    case FrameType::Ping:
      step.sent += (header.has(flag::kAck) ? "answer to ping " : "ping ") + to_hex(payload) + '\n';
      break;
    case FrameType::Goaway:
      step.goaway = ByteReader(payload.subspan(4)).read<std::uint32_t>();
      break;
    case FrameType::WindowUpdate:
      step.windows[header.stream] += decode_u31(payload);
      break;
    default:
      break;
  }
}

}  // namespace apns::http2::test
