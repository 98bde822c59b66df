#include "tests/apns/http2/oracle/pair_app.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include "tests/apns/http2/oracle/step.h"
#include "tests/support/checked_engine.h"

namespace apns::http2::test {

namespace {

using apns::test::require;

constexpr TimePoint kNow{std::chrono::hours(1)};

std::string to_lines(const FieldList& fields) {
  std::string lines;
  for (const auto& [name, value] : fields) {
    lines += field_line(name, value, false);
  }
  return lines;
}

std::string make_content(std::uint64_t number, std::size_t len) {
  std::string content(len, '\0');
  std::ranges::generate(content, [n = number]() mutable { return static_cast<char>(n++ * 7); });
  return content;
}

Draft make_draft(FieldList fields, Choices& choices, std::uint64_t number, std::size_t max_len) {
  Draft draft;
  draft.fields = std::move(fields);
  if (choices.below(3) > 0) {
    draft.content = make_content(number, choices.between(1, max_len));
  }
  if (!draft.content.empty() && choices.one_in(3)) {
    draft.trailers = make_trailers(choices);
  }
  return draft;
}

// ---- Ours ----

class OurApp final : public PairApp, private SessionEvents {
 public:
  OurApp(Role role, std::span<const Setting> settings)
      : options_(role, settings), session_(options_, *this, scratch_, kNow) {}

  void feed(ByteView bytes) override {
    require(session_.feed(bytes, kNow) == bytes.size(), "all is taken");
    for (const StreamId stream : std::exchange(to_answer_, {})) {
      const Draft draft = Draft::response(stream, max_len);
      book.sent[stream] = draft.letter();
      const bool is_all = draft.content.empty() && draft.trailers.empty();
      require(session_.send_headers(stream, to_fields(draft.fields), is_all), "it is answered");
      send_rest(stream, draft);
    }
  }

  ByteView pending() override { return session_.pending(); }

  void take(std::size_t n) override { session_.sent(n, kNow); }

  bool send_request(const Draft& draft) override {
    const bool is_all = draft.content.empty() && draft.trailers.empty();
    const StreamId stream = session_.open_stream(to_fields(draft.fields), is_all);
    if (stream == 0) {
      return false;
    }
    book.sent[stream] = draft.letter();
    send_rest(stream, draft);
    return true;
  }

  void change_settings(std::span<const Setting> entries) override {
    (void)session_.send_settings(entries);
  }

  void send_ping() override { session_.ping(std::array<std::byte, kPingLen>{}); }

 private:
  struct Options : SessionOptions {
    Options(Role of, std::span<const Setting> with) {
      role = of;
      settings.assign(with.begin(), with.end());
      // Tiny windows make many of what a peer in order sends few of.
      limits.small_windows = limits.settings = limits.pings = limits.empty_data =
          limits.idle_frames = Rate{1U << 30U, 1U << 30U};
    }
  };

  static std::vector<Field> to_fields(const FieldList& list) {
    static constexpr std::array kRepresentations = {
        Representation::Indexed, Representation::Incremental, Representation::WithoutIndexing};
    std::vector<Field> fields;
    for (const auto& [name, value] : list) {
      fields.push_back(Field{
          .name = name, .value = value, .representation = kRepresentations[value.size() % 3]});
    }
    return fields;
  }

  void send_rest(StreamId stream, const Draft& draft) {
    if (!draft.content.empty()) {
      require(session_.send_data(stream, as_bytes(draft.content), draft.trailers.empty()),
              "content is sent");
    }
    if (!draft.trailers.empty()) {
      require(session_.send_headers(stream, to_fields(draft.trailers), true), "trailers are sent");
    }
  }

  void message(const Message& message) override {
    std::string lines;
    for (const Field& field : message.fields) {
      lines += field_line(field.name, field.value, false);
    }
    take_fields(message.stream, lines, message.kind == MessageKind::Trailers);
    if (message.end_stream) {
      end(message.stream);
    }
  }

  void data(StreamId stream, ByteView content, bool end_stream) override {
    take_content(stream, content);
    if (end_stream) {
      end(stream);
    }
  }

  void end(StreamId stream) {
    finish_letter(stream);
    if (options_.role == Role::Server) {
      to_answer_.push_back(stream);
    }
  }

  void closed(StreamId stream, StreamEnd end, ErrorCode code, std::uint64_t /*user*/) override {
    if (end != StreamEnd::Done) {
      book.complaints += std::to_string(stream) + " ends by " +
                         error_code_text(static_cast<std::uint32_t>(code)) + '\n';
    }
  }

  void goaway(StreamId /*last_stream*/, ErrorCode code, std::string_view debug) override {
    book.complaints += "nghttp2 says goaway: " + error_code_text(static_cast<std::uint32_t>(code)) +
                       ' ' + std::string(debug) + '\n';
  }

  void violation(const Violation& violation) override {
    book.complaints +=
        std::string(rule_row(violation.rule).id) + ' ' + std::string(violation.detail) + '\n';
  }

  void bound_hit(const BoundHit& hit) override {
    book.complaints += std::string(bound_row(hit.bound).id) + '\n';
  }

  const Options options_;
  HpackScratch scratch_;
  std::vector<StreamId> to_answer_;
  Session session_;
};

// ---- nghttp2's ----

void check(int code, const char* what) {
  if (code != 0) {
    const std::string message = std::string(what) + ": " + nghttp2_strerror(code);
    require(false, message.c_str());
  }
}

class Nghttp2App final : public PairApp {
 public:
  Nghttp2App(Role role, std::span<const Setting> settings) : role_(role) {
    nghttp2_session_callbacks* made = nullptr;
    check(nghttp2_session_callbacks_new(&made), "callbacks");
    const std::unique_ptr<nghttp2_session_callbacks, void (*)(nghttp2_session_callbacks*)>
        callbacks(made, nghttp2_session_callbacks_del);
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data_chunk);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
    nghttp2_session_callbacks_set_error_callback2(made, on_error);
    nghttp2_session* session = nullptr;
    check(role == Role::Server ? nghttp2_session_server_new(&session, made, this)
                               : nghttp2_session_client_new(&session, made, this),
          "session");
    session_.reset(session);
    min_streams = 8;  // it refuses what it has announced before that is acknowledged
    change_settings(settings);
  }

  void feed(ByteView bytes) override {
    const ssize_t taken = nghttp2_session_mem_recv(
        session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    check(taken < 0 ? static_cast<int>(taken) : 0, "receive");
    for (const StreamId stream : std::exchange(to_answer_, {})) {
      Outgoing& out = keep(stream, Draft::response(stream, max_len));
      check(nghttp2_submit_response(session_.get(), static_cast<std::int32_t>(stream),
                                    out.names.data(), out.names.size(),
                                    out.has_rest ? &out.provider : nullptr),
            "response");
    }
  }

  ByteView pending() override {
    const std::uint8_t* run = nullptr;
    ssize_t len = 0;
    while ((len = nghttp2_session_mem_send(session_.get(), &run)) > 0) {
      const ByteView bytes = std::as_bytes(std::span(run, static_cast<std::size_t>(len)));
      out_.insert(out_.end(), bytes.begin(), bytes.end());
    }
    check(static_cast<int>(len), "send");
    return out_;
  }

  void take(std::size_t n) override {
    out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(n));
  }

  bool send_request(const Draft& draft) override {
    Outgoing& out = keep(next_stream_, draft);
    const std::int32_t stream =
        nghttp2_submit_request(session_.get(), nullptr, out.names.data(), out.names.size(),
                               out.has_rest ? &out.provider : nullptr, nullptr);
    require(stream == static_cast<std::int32_t>(next_stream_), "requests are numbered in a row");
    next_stream_ += 2;
    return true;
  }

  void change_settings(std::span<const Setting> entries) override {
    std::vector<nghttp2_settings_entry> list;
    for (const Setting& entry : entries) {
      if (entry.is(SettingId::InitialWindowSize)) {
        // What it has taken within the old window it would count as a violation of a smaller one,
        // and reset streams for it (RFC 9113 section 6.9.2 makes that the receiver's to bear).
        if (entry.value < window_) {
          continue;
        }
        window_ = entry.value;
      }
      list.push_back({entry.id, entry.value});
    }
    check(nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, list.data(), list.size()),
          "settings");
  }

  void send_ping() override {
    check(nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr), "ping");
  }

 private:
  struct DeleteSession {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  /// A draft on its way; the library reads it piece by piece.
  struct Outgoing {
    Draft draft;
    std::size_t at = 0;
    bool has_rest = false;
    std::vector<nghttp2_nv> names;
    nghttp2_data_provider provider{};
  };

  static std::vector<nghttp2_nv> to_names(const FieldList& fields) {
    std::vector<nghttp2_nv> names;
    for (const auto& [name, value] : fields) {
      // The library takes what is not const and does not write to it.
      const auto bytes = [](const std::string& of) {
        return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(of.data()));
      };
      names.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    return names;
  }

  Outgoing& keep(StreamId stream, Draft draft) {
    book.sent[stream] = draft.letter();
    Outgoing& out = outgoing_[stream];
    out.draft = std::move(draft);
    out.has_rest = !out.draft.content.empty() || !out.draft.trailers.empty();
    out.names = to_names(out.draft.fields);
    out.provider.source.ptr = &out;
    out.provider.read_callback = read_content;
    return out;
  }

  static Nghttp2App& app(void* user) { return *static_cast<Nghttp2App*>(user); }

  static int on_begin_headers(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
                              void* user) noexcept {
    app(user).lines_.clear();
    return 0;
  }

  static int on_header(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
                       const std::uint8_t* name, std::size_t name_len, const std::uint8_t* value,
                       std::size_t value_len, std::uint8_t /*flags*/, void* user) noexcept {
    const auto text = [](const std::uint8_t* of, std::size_t len) {
      return as_text(std::as_bytes(std::span(of, len)));
    };
    app(user).lines_ += field_line(text(name, name_len), text(value, value_len), false);
    return 0;
  }

  static int on_frame_recv(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                           void* user) noexcept {
    Nghttp2App& self = app(user);
    const auto stream = static_cast<StreamId>(frame->hd.stream_id);
    if (frame->hd.type == NGHTTP2_HEADERS) {
      self.take_fields(stream, self.lines_, frame->headers.cat == NGHTTP2_HCAT_HEADERS);
    }
    const bool is_of_stream = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (is_of_stream && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      self.finish_letter(stream);
      if (self.role_ == Role::Server) {
        self.to_answer_.push_back(stream);
      }
    }
    return 0;
  }

  static int on_data_chunk(nghttp2_session* /*session*/, std::uint8_t /*flags*/,
                           std::int32_t stream, const std::uint8_t* data, std::size_t len,
                           void* user) noexcept {
    app(user).take_content(static_cast<StreamId>(stream), std::as_bytes(std::span(data, len)));
    return 0;
  }

  static int on_stream_close(nghttp2_session* /*session*/, std::int32_t stream, std::uint32_t code,
                             void* user) noexcept {
    if (code != NGHTTP2_NO_ERROR) {
      app(user).book.complaints +=
          std::to_string(stream) + " ends by " + error_code_text(code) + '\n';
    }
    app(user).outgoing_.erase(static_cast<StreamId>(stream));
    return 0;
  }

  static int on_error(nghttp2_session* /*session*/, int /*code*/, const char* message,
                      std::size_t len, void* user) noexcept {
    app(user).book.complaints += std::string(message, len) + '\n';
    return 0;
  }

  static ssize_t read_content(nghttp2_session* session, std::int32_t stream, std::uint8_t* to,
                              std::size_t room, std::uint32_t* flags, nghttp2_data_source* source,
                              void* /*user*/) noexcept {
    auto& out = *static_cast<Outgoing*>(source->ptr);
    const std::size_t n = std::min(room, out.draft.content.size() - out.at);
    std::copy_n(out.draft.content.begin() + static_cast<std::ptrdiff_t>(out.at), n, to);
    out.at += n;
    if (out.at == out.draft.content.size()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (!out.draft.trailers.empty()) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        const std::vector<nghttp2_nv> names = to_names(out.draft.trailers);
        check(nghttp2_submit_trailer(session, stream, names.data(), names.size()), "trailers");
      }
    }
    return static_cast<ssize_t>(n);
  }

  Role role_;
  StreamId next_stream_ = 1;
  std::uint32_t window_ = 0;  // announced
  std::string lines_;
  Bytes out_;
  std::map<StreamId, Outgoing> outgoing_;
  std::vector<StreamId> to_answer_;
  std::unique_ptr<nghttp2_session, DeleteSession> session_;
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const Letter& letter) {
  return out << letter.fields << letter.content_len << " bytes, hash " << letter.content_hash
             << '\n'
             << letter.trailers << (letter.is_whole ? "whole" : "not whole");
}

Draft Draft::request(std::uint64_t number, std::size_t max_len) {
  Choices choices(number);
  FieldList fields = make_request(choices);
  // These mean something that an application of bodies and trailers would have to know.
  for (auto& [name, value] : fields) {
    if (name == ":method") {
      value = "POST";
    }
  }
  const auto is_there = [&fields](std::string_view name) {
    return std::ranges::any_of(fields, [name](const auto& field) { return field.first == name; });
  };
  if (!is_there(":path")) {
    fields.insert(fields.begin(), {{":scheme", "https"}, {":path", "/"}});
  }
  for (auto& [name, value] : fields) {
    if (name == ":path") {
      value = "/" + std::to_string(number);
    }
  }
  return make_draft(std::move(fields), choices, number, max_len);
}

Draft Draft::response(std::uint64_t number, std::size_t max_len) {
  Choices choices(~number);
  return make_draft(make_response(choices, "200"), choices, number, max_len);
}

Letter Draft::letter() const {
  Letter letter;
  letter.fields = to_lines(fields);
  letter.content_hash = hash_bytes(as_bytes(content));
  letter.content_len = content.size();
  letter.trailers = to_lines(trailers);
  letter.is_whole = true;
  return letter;
}

void PairApp::take_fields(StreamId stream, std::string_view fields, bool is_trailers) {
  Letter& letter = book.received[stream];
  require(!letter.is_whole, "nothing behind the end");
  if (!is_trailers) {
    require(letter.fields.empty(), "one header section");
    letter.content_hash = hash_bytes({});
  }
  (is_trailers ? letter.trailers : letter.fields) = fields;
}

void PairApp::take_content(StreamId stream, ByteView content) {
  Letter& letter = book.received[stream];
  require(!letter.is_whole, "no content behind the end");
  letter.content_hash = hash_bytes(content, letter.content_hash);
  letter.content_len += content.size();
}

void PairApp::finish_letter(StreamId stream) {
  book.received[stream].is_whole = true;
  ++book.num_whole;
}

std::unique_ptr<PairApp> make_our_app(Role role, std::span<const Setting> settings) {
  return std::make_unique<OurApp>(role, settings);
}

std::unique_ptr<PairApp> make_nghttp2_app(Role role, std::span<const Setting> settings) {
  return std::make_unique<Nghttp2App>(role, settings);
}

}  // namespace apns::http2::test
