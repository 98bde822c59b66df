// What a request costs in the HTTP/2 engine: a client's bytes, made beforehand, are fed to a new
// server session, which answers each request with a status; beside libnghttp2 with the same bytes
// and the same answers.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <nghttp2/nghttp2.h>

#include "apns/http2/session.h"

namespace apns::http2 {
namespace {

constexpr std::size_t kRequests = 1000;
constexpr std::size_t kRead = 16'384;  // one TLS record
constexpr std::string_view kPayload =
    R"({"aps":{"alert":{"title":"News","body":"Something happened"},"badge":1,"sound":"default"}})";

class Silent final : public SessionEvents {
 public:
  void message(const Message& /*message*/) override {}

  void data(StreamId /*stream*/, ByteView /*content*/, bool /*end_stream*/) override {}

  void closed(StreamId /*stream*/, StreamEnd /*end*/, ErrorCode /*code*/,
              std::uint64_t /*user*/) override {}
};

/// A client's bytes: requests as a provider sends them, to 64 device tokens, a hundred at a time
/// (but its windows are never waited for).
Bytes client_bytes(Representation path) {
  SessionOptions options;
  options.role = Role::Client;
  options.settings = {{SettingId::EnablePush, 0}};
  options.limits.high_water = 1U << 30U;
  options.limits.queued_bytes = 1U << 30U;
  Silent events;
  HpackScratch scratch;
  Session client(options, events, scratch, TimePoint{});
  // A server that grants all the window at once.
  Bytes grant;
  const std::array settings = {Setting(SettingId::InitialWindowSize, kMaxWindow)};
  append_settings(grant, settings);
  append_settings_ack(grant);
  append_window_update(grant, 0, kMaxWindow - kDefaultWindow);
  (void)client.feed(grant, TimePoint{});
  constexpr auto kIncremental = Representation::Incremental;
  const std::string length = std::to_string(kPayload.size());
  for (std::size_t i = 0; i < kRequests; ++i) {
    std::string at = "/3/device/" + std::string(62, 'a');
    at += static_cast<char>('a' + i % 8);
    at += static_cast<char>('a' + i / 8 % 8);
    const std::array fields = {
        Field{":method", "POST", field_name::kMethod, kIncremental},
        Field{":scheme", "https", field_name::kScheme, kIncremental},
        Field{":path", at, field_name::kPath, path},
        Field{":authority", "api.push.apple.com", field_name::kAuthority, kIncremental},
        Field{"apns-topic", "com.example.app", field_name::kOther, kIncremental},
        Field{"apns-push-type", "alert", field_name::kOther, kIncremental},
        Field{"content-length", length, field_name::kContentLength, kIncremental},
    };
    const StreamId id = client.open_stream(fields, false);
    (void)client.send_data(id, as_bytes(kPayload), true);
    client.sent(0, TimePoint{});
  }
  const ByteView all = client.pending();
  return {all.begin(), all.end()};
}

/// Answers a request at its end.
class Answering final : public SessionEvents {
 public:
  Session* session = nullptr;
  std::size_t num_answered = 0;

  void message(const Message& message) override { answer(message.stream, message.end_stream); }

  void data(StreamId stream, ByteView /*content*/, bool end_stream) override {
    answer(stream, end_stream);
  }

  void closed(StreamId /*stream*/, StreamEnd /*end*/, ErrorCode /*code*/,
              std::uint64_t /*user*/) override {}

 private:
  void answer(StreamId stream, bool is_end) {
    static const std::array kFields = {
        Field{":status", "200", field_name::kStatus, Representation::Indexed},
        Field{"apns-id", "27CFDC15-E305-27E0-E290-8FC98E115899", field_name::kOther,
              Representation::WithoutIndexing}};
    if (is_end && session->send_headers(stream, kFields, true)) {
      ++num_answered;
    }
  }
};

void our_server(benchmark::State& state) {
  const Bytes bytes = client_bytes(static_cast<Representation>(state.range(0)));
  SessionOptions options;
  options.limits.high_water = 1U << 30U;
  HpackScratch scratch;
  for (auto iteration : state) {
    Answering events;
    Session session(options, events, scratch, TimePoint{});
    events.session = &session;
    for (std::size_t at = 0; at < bytes.size(); at += kRead) {
      const ByteView read = ByteView(bytes).subspan(at, std::min(kRead, bytes.size() - at));
      (void)session.feed(read, TimePoint{});
      session.sent(session.pending().size(), TimePoint{});
    }
    if (events.num_answered != kRequests) {
      state.SkipWithError("not all were answered");
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRequests));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

struct NghttpServer {
  std::size_t num_answered = 0;
};

int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
  if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
      (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    std::string name_status = ":status";
    std::string status = "200";
    std::string name_id = "apns-id";
    std::string id = "27CFDC15-E305-27E0-E290-8FC98E115899";
    const auto text = [](std::string& of) { return reinterpret_cast<std::uint8_t*>(of.data()); };
    const std::array<nghttp2_nv, 2> fields = {
        nghttp2_nv{text(name_status), text(status), 7, 3, NGHTTP2_NV_FLAG_NONE},
        nghttp2_nv{text(name_id), text(id), 7, 36, NGHTTP2_NV_FLAG_NO_INDEX}};
    if (nghttp2_submit_response(session, frame->hd.stream_id, fields.data(), fields.size(),
                                nullptr) == 0) {
      ++static_cast<NghttpServer*>(user)->num_answered;
    }
  }
  return 0;
}

int on_header(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
              const std::uint8_t* name, std::size_t /*name_len*/, const std::uint8_t* value,
              std::size_t /*value_len*/, std::uint8_t /*flags*/, void* /*user*/) {
  benchmark::DoNotOptimize(name);
  benchmark::DoNotOptimize(value);
  return 0;
}

void their_server(benchmark::State& state) {
  const Bytes bytes = client_bytes(static_cast<Representation>(state.range(0)));
  nghttp2_session_callbacks* callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) {
    state.SkipWithError("no memory");
    return;
  }
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  for (auto iteration : state) {
    NghttpServer server;
    nghttp2_session* session = nullptr;
    if (nghttp2_session_server_new(&session, callbacks, &server) != 0 ||
        nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0) != 0) {
      state.SkipWithError("no session");
      break;
    }
    for (std::size_t at = 0; at < bytes.size(); at += kRead) {
      const std::size_t n = std::min(kRead, bytes.size() - at);
      (void)nghttp2_session_mem_recv(session,
                                     reinterpret_cast<const std::uint8_t*>(bytes.data()) + at, n);
      const std::uint8_t* out = nullptr;
      while (nghttp2_session_mem_send(session, &out) > 0) {
        benchmark::DoNotOptimize(out);
      }
    }
    if (server.num_answered != kRequests) {
      state.SkipWithError("not all were answered");
    }
    nghttp2_session_del(session);
  }
  nghttp2_session_callbacks_del(callbacks);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRequests));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

void name_args(benchmark::internal::Benchmark* bench) {
  bench->ArgName("path_representation")
      ->Arg(static_cast<std::int64_t>(Representation::Incremental))
      ->Arg(static_cast<std::int64_t>(Representation::WithoutIndexing));
}

BENCHMARK(our_server)->Name("BM_Http2Server/ours")->Apply(name_args);
BENCHMARK(their_server)->Name("BM_Http2Server/nghttp2")->Apply(name_args);

}  // namespace
}  // namespace apns::http2

BENCHMARK_MAIN();
