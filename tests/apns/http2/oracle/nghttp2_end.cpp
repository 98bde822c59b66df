#include "tests/apns/http2/oracle/nghttp2_end.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tests/support/checked_engine.h"

namespace apns::http2::test {

using apns::test::require;

namespace {

ByteView view(const std::uint8_t* data, std::size_t len) {
  return std::as_bytes(std::span(data, len));
}

std::string_view text(const std::uint8_t* data, std::size_t len) {
  return as_text(view(data, len));
}

nghttp2_nv make_nv(std::string_view name, std::string_view value) {
  // The library takes what is not const and does not write to it.
  const auto bytes = [](std::string_view of) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(of.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

void check(int code, const char* what) {
  if (code != 0) {
    const std::string message = std::string(what) + ": " + nghttp2_strerror(code);
    require(false, message.c_str());
  }
}

}  // namespace

struct Nghttp2Callbacks {
  static Nghttp2End& end(void* user) { return *static_cast<Nghttp2End*>(user); }

  static int on_begin_headers(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
                              void* user) noexcept {
    end(user).fields_.clear();
    end(user).status_.clear();
    return 0;
  }

  static int on_header(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
                       const std::uint8_t* name, std::size_t name_len, const std::uint8_t* value,
                       std::size_t value_len, std::uint8_t flags, void* user) noexcept {
    end(user).fields_ += field_line(text(name, name_len), text(value, value_len),
                                    (flags & NGHTTP2_NV_FLAG_NO_INDEX) != 0);
    if (text(name, name_len) == ":status") {
      end(user).status_ = text(value, value_len);
    }
    return 0;
  }

  static int on_invalid_header(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
                               const std::uint8_t* name, std::size_t name_len,
                               const std::uint8_t* /*value*/, std::size_t /*value_len*/,
                               std::uint8_t /*flags*/, void* user) noexcept {
    end(user).step_.why += "illegal field: " + field_line(text(name, name_len), "", false);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int on_frame_recv(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                           void* user) noexcept {
    end(user).take_frame(*frame);
    return 0;
  }

  static int on_data_chunk(nghttp2_session* /*session*/, std::uint8_t /*flags*/,
                           std::int32_t /*stream*/, const std::uint8_t* data, std::size_t len,
                           void* user) noexcept {
    end(user).data_hash_ = hash_bytes(view(data, len), end(user).data_hash_);
    end(user).data_len_ += len;
    return 0;
  }

  static int on_stream_close(nghttp2_session* /*session*/, std::int32_t stream, std::uint32_t code,
                             void* user) noexcept {
    end(user).closed_.emplace_back(static_cast<StreamId>(stream), code);
    return 0;
  }

  static int on_invalid_frame(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
                              int code, void* user) noexcept {
    end(user).step_.why += nghttp2_strerror(code);
    return 0;
  }

  static int on_error(nghttp2_session* /*session*/, int /*code*/, const char* message,
                      std::size_t len, void* user) noexcept {
    end(user).step_.why += '[' + std::string(message, len) + ']';
    return 0;
  }

  static ssize_t read_body(nghttp2_session* session, std::int32_t stream, std::uint8_t* to,
                           std::size_t room, std::uint32_t* flags, nghttp2_data_source* source,
                           void* /*user*/) noexcept {
    auto& body = *static_cast<Nghttp2End::Body*>(source->ptr);
    const std::size_t n = std::min<std::size_t>(room, body.left);
    std::memset(to, 'x', n);
    body.left -= static_cast<std::uint32_t>(n);
    if (body.left == 0) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (body.has_trailers) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        const nghttp2_nv trailer = make_nv("grpc-status", "0");
        check(nghttp2_submit_trailer(session, stream, &trailer, 1), "trailers");
      }
    }
    return static_cast<ssize_t>(n);
  }
};

Nghttp2End::Nghttp2End(const Setup& setup) : setup_(setup), sent_(setup.role == Role::Client) {
  nghttp2_session_callbacks* made = nullptr;
  check(nghttp2_session_callbacks_new(&made), "callbacks");
  const std::unique_ptr<nghttp2_session_callbacks, void (*)(nghttp2_session_callbacks*)> callbacks(
      made, nghttp2_session_callbacks_del);
  using Call = Nghttp2Callbacks;
  nghttp2_session_callbacks_set_on_begin_headers_callback(made, Call::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(made, Call::on_header);
  nghttp2_session_callbacks_set_on_invalid_header_callback(made, Call::on_invalid_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(made, Call::on_frame_recv);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, Call::on_data_chunk);
  nghttp2_session_callbacks_set_on_stream_close_callback(made, Call::on_stream_close);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, Call::on_invalid_frame);
  nghttp2_session_callbacks_set_error_callback2(made, Call::on_error);

  nghttp2_option* made_option = nullptr;
  check(nghttp2_option_new(&made_option), "option");
  const std::unique_ptr<nghttp2_option, void (*)(nghttp2_option*)> option(made_option,
                                                                          nghttp2_option_del);
  nghttp2_option_set_no_auto_window_update(made_option, setup.holds_windows ? 1 : 0);
  nghttp2_option_set_max_settings(made_option, Limits{}.settings_entries);

  nghttp2_session* session = nullptr;
  const auto make =
      setup.role == Role::Server ? nghttp2_session_server_new2 : nghttp2_session_client_new2;
  check(make(&session, made, this, made_option), "session");
  session_.reset(session);
}

Step Nghttp2End::start() {
  std::vector<nghttp2_settings_entry> entries;
  for (const Setting& setting : setup_.settings) {
    entries.push_back({setting.id, setting.value});
  }
  check(nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, entries.data(), entries.size()),
        "settings");
  for (const RequestPlan& plan : setup_.requests) {
    std::vector<nghttp2_nv> fields = {make_nv(":method", plan.method),
                                      make_nv(":authority", "example.com")};
    if (plan.method != "CONNECT") {
      fields.push_back(make_nv(":scheme", "https"));
      fields.push_back(make_nv(":path", "/"));
    }
    const auto expected = static_cast<StreamId>(2 * known_.size() + 1);
    Body& body = bodies_[expected];
    body = {plan.body_bytes, plan.has_trailers};
    const nghttp2_data_provider provider = provide(body);
    const bool is_all = plan.body_bytes == 0 && !plan.has_trailers;
    const std::int32_t stream =
        nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(),
                               is_all ? nullptr : &provider, nullptr);
    require(stream == static_cast<std::int32_t>(expected), "a stream can be opened");
    known_.insert(expected);
  }
  return take_step();
}

Step Nghttp2End::feed(ByteView part) {
  current_ = part.size() < kFrameHeaderLen ? FrameHeader{} : decode_frame_header(part);
  step_.is_unread = nghttp2_session_want_read(session_.get()) == 0;
  data_len_ = 0;
  data_hash_ = hash_bytes({});
  const ssize_t taken = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(part.data()), part.size());
  if (taken < 0) {
    step_.why += nghttp2_strerror(static_cast<int>(taken));
    step_.goaway = static_cast<std::uint32_t>(
        taken == NGHTTP2_ERR_FLOODED ? ErrorCode::EnhanceYourCalm : ErrorCode::ProtocolError);
  }
  for (const StreamId stream : std::exchange(to_answer_, {})) {
    answer(stream);
  }
  return take_step();
}

void Nghttp2End::answer(StreamId stream) {
  const nghttp2_nv status = make_nv(":status", "200");
  Body& body = bodies_[stream];
  body = {setup_.body_bytes, setup_.has_trailers};
  const nghttp2_data_provider provider = provide(body);
  const bool is_all = body.left == 0 && !body.has_trailers;
  check(nghttp2_submit_response(session_.get(), static_cast<std::int32_t>(stream), &status, 1,
                                is_all ? nullptr : &provider),
        "response");
}

nghttp2_data_provider Nghttp2End::provide(Body& body) {
  nghttp2_data_provider provider{};
  provider.source.ptr = &body;
  provider.read_callback = Nghttp2Callbacks::read_body;
  return provider;
}

Step Nghttp2End::take_step() {
  const std::uint8_t* out = nullptr;
  ssize_t len = 0;
  while ((len = nghttp2_session_mem_send(session_.get(), &out)) > 0) {
    sent_.take(view(out, static_cast<std::size_t>(len)));
  }
  check(static_cast<int>(len), "send");
  step_.is_done = nghttp2_session_want_read(session_.get()) == 0;
  const std::optional<std::uint32_t> failure = step_.goaway;
  sent_.finish(step_);
  std::erase_if(step_.resets, [this](const auto& reset) {
    return reset.first == promised_ && reset.second == NGHTTP2_REFUSED_STREAM;
  });
  promised_ = 0;
  if (failure) {
    step_.goaway = failure;
  }
  std::ranges::sort(closed_);
  for (const auto& [stream, code] : std::exchange(closed_, {})) {
    take_closed(stream, code);
  }
  return std::exchange(step_, {});
}

void Nghttp2End::take_closed(StreamId stream, std::uint32_t code) {
  if (known_.erase(stream) == 0) {
    return;
  }
  StreamEnd end = StreamEnd::Done;
  if (step_.resets.contains(stream)) {
    end = StreamEnd::Reset;
  } else if (current_.is(FrameType::RstStream) && current_.stream == stream) {
    end = StreamEnd::ResetByPeer;
  } else if (current_.is(FrameType::Goaway)) {
    end = StreamEnd::Unprocessed;
  }
  add_closed(step_, stream, end, code);
}

void Nghttp2End::peer_ended(StreamId stream) {
  if (setup_.role == Role::Server && setup_.answer == Answer::AtEnd) {
    to_answer_.push_back(stream);
  }
}

void Nghttp2End::take_headers(const nghttp2_frame& frame) {
  const auto stream = static_cast<StreamId>(frame.hd.stream_id);
  const bool end_stream = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  MessageKind kind = MessageKind::Trailers;
  if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
    kind = MessageKind::Request;
    known_.insert(stream);
    if (setup_.answer == Answer::AtHeaders) {
      to_answer_.push_back(stream);
    }
  } else if (!status_.empty()) {
    kind = status_[0] == '1' ? MessageKind::Informational : MessageKind::Response;
  }
  add_message(step_, stream, kind, 0, fields_, end_stream);
  if (end_stream) {
    peer_ended(stream);
  }
}

void Nghttp2End::take_frame(const nghttp2_frame& frame) {
  const auto stream = static_cast<StreamId>(frame.hd.stream_id);
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
      take_headers(frame);
      break;
    case NGHTTP2_DATA: {
      const bool end_stream = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
      add_data(step_, stream, data_len_, data_hash_, end_stream);
      if (end_stream) {
        peer_ended(stream);
      }
      break;
    }
    case NGHTTP2_PUSH_PROMISE:
      promised_ = static_cast<StreamId>(frame.push_promise.promised_stream_id);
      add_message(step_, stream, MessageKind::Promise, promised_, fields_, false);
      check(
          nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE,
                                    frame.push_promise.promised_stream_id, NGHTTP2_REFUSED_STREAM),
          "refuse");
      break;
    case NGHTTP2_SETTINGS:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) != 0) {
        add_settings_acked(step_);
        break;
      }
      {
        std::map<std::uint16_t, std::uint32_t> known;
        for (const auto& entry : std::span(frame.settings.iv, frame.settings.niv)) {
          if (entry.settings_id >= 1 && entry.settings_id <= 6) {
            known[static_cast<std::uint16_t>(entry.settings_id)] = entry.value;
          }
        }
        for (const auto& [id, value] : known) {
          add_setting(step_, id, value);
        }
      }
      break;
    case NGHTTP2_PING:
      add_ping(step_, view(frame.ping.opaque_data, kPingLen),
               (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0);
      break;
    case NGHTTP2_GOAWAY:
      add_goaway(step_, static_cast<StreamId>(frame.goaway.last_stream_id), frame.goaway.error_code,
                 text(frame.goaway.opaque_data, frame.goaway.opaque_data_len));
      break;
    default:
      break;
  }
}

}  // namespace apns::http2::test
