#include "tests/apns/http2/small_server.h"

#include <array>
#include <string_view>

namespace apns::http2::test {

namespace {

constexpr std::string_view kBytes = "/bytes/";

std::string fields_text(const Message& message) {
  std::string text;
  for (const Field& field : message.fields) {
    if (!field.name.starts_with(':')) {
      text += std::string(field.name) + "=" + std::string(field.value) + ";";
    }
  }
  return text;
}

}  // namespace

void SmallServer::message(const Message& message) {
  if (message.kind == MessageKind::Trailers) {
    if (const auto found = requests_.find(message.stream); found != requests_.end()) {
      found->second.trailers = fields_text(message);
    }
  } else {
    request(message);
  }
  if (message.end_stream) {
    ended(message.stream);
  }
}

void SmallServer::request(const Message& message) {
  ++num_requests;
  Request& request = requests_[message.stream];
  request.method = message.head.method;
  request.path = message.head.path;
  request.fields = fields_text(message);
  if (request.path == "/early") {
    answer(message.stream, request);
  } else if (request.path == "/reset") {
    (void)session->reset(message.stream, ErrorCode::Cancel);
  } else if (request.path == "/stall") {
    session->hold_windows(true);
  } else if (request.path == "/away") {
    session->goaway(message.stream, ErrorCode::NoError);
  } else if (request.path == "/leave") {
    session->shut_down();
  }
}

void SmallServer::data(StreamId stream, ByteView content, bool end_stream) {
  if (const auto found = requests_.find(stream); found != requests_.end()) {
    found->second.content += as_text(content);
  }
  if (end_stream) {
    ended(stream);
  }
}

void SmallServer::closed(StreamId stream, StreamEnd /*end*/, ErrorCode /*code*/,
                         std::uint64_t /*user*/) {
  ++num_closed;
  requests_.erase(stream);
  std::erase(held_, stream);
}

void SmallServer::violation(const Violation& violation) {
  rules.push_back(violation.rule);
}

void SmallServer::bound_hit(const BoundHit& hit) {
  bounds.push_back(Bounded{hit.bound, hit.limit, hit.stream});
}

void SmallServer::ended(StreamId stream) {
  const auto found = requests_.find(stream);
  if (found == requests_.end() || found->second.is_answered) {
    return;
  }
  if (found->second.path == "/hold") {
    held_.push_back(stream);
    return;
  }
  if (found->second.path == "/go") {
    for (const StreamId held : std::exchange(held_, {})) {
      answer(held, requests_[held]);
    }
  }
  answer(stream, requests_[stream]);
}

void SmallServer::answer(StreamId stream, Request& request) {
  request.is_answered = true;
  const bool has_content = request.method != "HEAD";
  const std::array<Field, 1> head{Field{":status", "200", field_name::kStatus}};
  if (request.path == "/stall") {
    session->hold_windows(false);
  }
  std::string content = "ok";
  if (request.path.starts_with(kBytes)) {
    content = std::string(std::stoul(request.path.substr(kBytes.size())), 'x');
  } else if (request.path == "/echo") {
    content = request.content + (request.trailers.empty() ? "" : " ") + request.trailers;
  } else if (request.path == "/fields") {
    content = request.fields;
  }
  const bool has_trailers = request.path == "/trailers";
  if (!session->send_headers(stream, head, !has_content) || !has_content) {
    return;
  }
  (void)session->send_data(stream, as_bytes(content), !has_trailers);
  if (has_trailers) {
    const std::array<Field, 1> trailers{
        Field{"x-end", "1", field_name::kOther, Representation::WithoutIndexing}};
    (void)session->send_headers(stream, trailers, true);
  }
}

std::unique_ptr<Engine> SmallService::accepted(const PeerInfo& peer, EngineHost& host,
                                               TimePoint now) {
  EngineFactory inner = [this](const PeerInfo& known, EngineHost& /*inner_host*/,
                               TimePoint when) -> std::unique_ptr<Engine> {
    SmallServer& server = servers[known.connection];
    auto session = std::make_unique<Session>(options_, server, scratch_, when);
    server.session = session.get();
    return session;
  };
  return transport_(peer, host, std::move(inner), now);
}

void SmallService::gone(const PeerInfo& peer, Gone why, TimePoint /*now*/) {
  over[peer.connection] = why;
  servers[peer.connection].session = nullptr;
}

}  // namespace apns::http2::test
