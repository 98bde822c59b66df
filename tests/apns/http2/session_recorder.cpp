#include "tests/apns/http2/session_recorder.h"

namespace apns::http2 {

namespace {

std::string_view kind_text(MessageKind kind) {
  switch (kind) {
    case MessageKind::Request:
      return "request";
    case MessageKind::Informational:
      return "informational";
    case MessageKind::Response:
      return "response";
    case MessageKind::Trailers:
      return "trailers";
    case MessageKind::Promise:
      return "promise";
  }
  return "?";
}

std::string_view end_text(StreamEnd end) {
  switch (end) {
    case StreamEnd::Done:
      return "done";
    case StreamEnd::ResetByPeer:
      return "reset by peer";
    case StreamEnd::Reset:
      return "reset";
    case StreamEnd::Unprocessed:
      return "unprocessed";
  }
  return "?";
}

std::string code_text(ErrorCode code) {
  return error_code_text(static_cast<std::uint32_t>(code));
}

}  // namespace

void SessionRecorder::message(const Message& message) {
  std::string line = std::to_string(message.stream) + " " + std::string(kind_text(message.kind));
  for (const Field& field : message.fields) {
    line += " " + std::string(field.name) + "=" + std::string(field.value);
  }
  lines.push_back(line + (message.end_stream ? ", end" : ""));
  if (on_message) {
    on_message(message);
  }
}

void SessionRecorder::data(StreamId stream, ByteView chunk, bool end_stream) {
  lines.push_back(std::to_string(stream) + " data " + std::to_string(chunk.size()) +
                  (end_stream ? ", end" : ""));
  content += as_text(chunk);
  if (on_data) {
    on_data(stream, end_stream);
  }
}

void SessionRecorder::closed(StreamId stream, StreamEnd end, ErrorCode code,
                             std::uint64_t /*user*/) {
  lines.push_back(std::to_string(stream) + " closed " + std::string(end_text(end)) +
                  (code == ErrorCode::NoError ? "" : " " + code_text(code)));
}

void SessionRecorder::settings(std::span<const Setting> entries, std::uint64_t /*position*/) {
  std::string line = "settings";
  for (const Setting& entry : entries) {
    line += " " + setting_text(entry.id) + "=" + std::to_string(entry.value);
  }
  lines.push_back(line);
}

void SessionRecorder::settings_acked(std::uint64_t position) {
  lines.push_back("acked at " + std::to_string(position));
}

void SessionRecorder::ping(ByteView opaque, bool is_ack) {
  lines.push_back(std::string(is_ack ? "pong " : "ping ") + std::string(as_text(opaque)));
}

void SessionRecorder::goaway(StreamId last_stream, ErrorCode code, std::string_view debug) {
  lines.push_back("goaway " + std::to_string(last_stream) + " " + code_text(code) + " " +
                  std::string(debug));
}

void SessionRecorder::violation(const Violation& violation) {
  lines.push_back("violation " + std::string(rule_row(violation.rule).id) +
                  (violation.is_ignored                   ? ", ignored"
                   : violation.scope == Scope::Connection ? ", connection"
                                                          : ", stream") +
                  " " + std::to_string(violation.stream));
}

void SessionRecorder::bound_hit(const BoundHit& hit) {
  lines.push_back("bound " + std::string(bound_row(hit.bound).id) + " " +
                  std::to_string(hit.limit));
}

void SessionRecorder::drained(StreamId stream) {
  lines.push_back(std::to_string(stream) + " drained");
}

std::string SessionRecorder::take() {
  std::string text;
  for (const std::string& line : lines) {
    text += (text.empty() ? "" : "; ") + line;
  }
  lines.clear();
  return text;
}

}  // namespace apns::http2
