#include "tests/apns/http2/oracle/conversation_maker.h"

#include <algorithm>
#include <array>

#include "tests/support/checked_engine.h"

namespace apns::http2::test {

using apns::test::require;

namespace {

constexpr std::uint64_t kMaxActs = 40;

Bytes setting_bytes(std::uint16_t id, std::uint32_t value) {
  Bytes bytes = number(id, 2);
  append(bytes, number(value, 4));
  return bytes;
}

}  // namespace

ConversationMaker::ConversationMaker(Choices& choices, Manners manners)
    : choices_(choices), manners_(manners) {
  nghttp2_hd_deflater* made = nullptr;
  require(nghttp2_hd_deflate_new(&made, kMaxDeflaterTable) == 0, "a deflater");
  deflater_.reset(made);
  require(nghttp2_hd_deflate_change_table_size(made, kDefaultHeaderTableSize) == 0, "its size");
}

bool ConversationMaker::errs(std::uint64_t one_in) {
  if (manners_ == Manners::Legal || (has_erred_ && manners_ == Manners::NearLegal) ||
      !choices_.one_in(one_in)) {
    return false;
  }
  has_erred_ = true;
  return true;
}

Conversation ConversationMaker::make() {
  plan_setup();
  greet();
  for (std::uint64_t left = choices_.between(1, kMaxActs); left > 0 && choices_.has_more();
       --left) {
    act();
  }
  if (choices_.one_in(2)) {
    for (PeerStream& stream : streams_) {
      while (!stream.is_over && stream.id <= goaway_) {
        act_on_stream();
        stream.is_over |= !choices_.has_more();
      }
    }
  }
  if (manners_ == Manners::NearLegal && !has_erred_) {
    spoil_a_frame();
  }
  if (manners_ == Manners::Wild) {
    for (std::uint64_t left = choices_.below(5); left > 0; --left) {
      spoil_a_frame();
    }
  }
  return Conversation{std::move(setup_), to_wire()};
}

void ConversationMaker::plan_setup() {
  setup_.role = choices_.one_in(2) ? Role::Client : Role::Server;
  setup_.holds_windows = choices_.one_in(4);
  plan_settings();
  // Large ones only where nothing competes for the connection's window: who comes first is free.
  static constexpr std::array<std::uint32_t, 4> kBodies = {0, 1, 100, 3000};
  static constexpr std::array<std::uint32_t, 3> kLargeBodies = {20'000, 70'000, 140'000};
  is_single_ = choices_.one_in(8);
  if (setup_.role == Role::Server) {
    static constexpr std::array kAnswers = {Answer::AtEnd, Answer::AtHeaders, Answer::Never};
    setup_.answer = choices_.pick(kAnswers);
    setup_.body_bytes = is_single_ ? choices_.pick(kLargeBodies) : choices_.pick(kBodies);
    setup_.has_trailers = setup_.body_bytes > 0 && choices_.one_in(4);
    return;
  }
  static constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "HEAD", "PUT",
                                                               "CONNECT"};
  for (std::uint64_t left = is_single_ ? 1 : choices_.between(1, 6); left > 0; --left) {
    RequestPlan plan;
    plan.method = choices_.pick(kMethods);
    if (plan.method == "POST" || plan.method == "PUT" || plan.method == "CONNECT") {
      plan.body_bytes = is_single_ ? choices_.pick(kLargeBodies) : choices_.pick(kBodies);
      plan.has_trailers = plan.body_bytes > 0 && plan.method != "CONNECT" && choices_.one_in(4);
    }
    PeerStream stream;
    stream.id = static_cast<StreamId>(2 * setup_.requests.size() + 1);
    stream.can_have_content = plan.method != "HEAD";
    streams_.push_back(stream);
    setup_.requests.push_back(plan);
  }
}

void ConversationMaker::plan_settings() {
  is_pushing_ = setup_.role == Role::Client && choices_.one_in(6);
  if (setup_.role == Role::Client && !is_pushing_) {
    setup_.settings.emplace_back(SettingId::EnablePush, 0U);
  }
  if (choices_.one_in(2)) {
    static constexpr std::array<std::uint32_t, 5> kWindows = {65'535, 0, 1, 1000, 100'000};
    initial_window_ = choices_.pick(kWindows);
    setup_.settings.emplace_back(SettingId::InitialWindowSize, initial_window_);
  }
  if (choices_.one_in(2)) {
    static constexpr std::array<std::uint32_t, 5> kTables = {4096, 0, 64, 200, 16'384};
    table_size_ = choices_.pick(kTables);
    setup_.settings.emplace_back(SettingId::HeaderTableSize, table_size_);
  }
  if (setup_.role == Role::Server && (choices_.one_in(2) || manners_ != Manners::Legal)) {
    const bool is_low = errs(8);
    setup_.settings.emplace_back(SettingId::MaxConcurrentStreams, is_low ? 2U : 200U);
  }
  if (choices_.one_in(8)) {
    setup_.settings.emplace_back(SettingId::MaxFrameSize, 32'768U);
  }
}

void ConversationMaker::greet() {
  Bytes entries;
  if (setup_.role == Role::Client || choices_.one_in(2)) {
    append(entries, setting_bytes(3, 100));
  }
  if (choices_.one_in(4)) {
    static constexpr std::array<std::uint32_t, 4> kWindows = {65'535, 0, 10, 200'000};
    append(entries, setting_bytes(4, choices_.pick(kWindows)));
  }
  add(FrameType::Settings, 0, 0, entries);
  // From here on the end's settings count. Deflaters may keep to less than they are allowed.
  add(FrameType::Settings, flag::kAck, 0);
  const std::uint32_t used = std::min<std::uint32_t>(
      table_size_, choices_.one_in(4) ? static_cast<std::uint32_t>(choices_.below(500)) : 16'384);
  require(nghttp2_hd_deflate_change_table_size(deflater_.get(), used) == 0, "its size");
  encoder_.set_limit(used);
  is_deflated_by_us_ = choices_.one_in(2);
  for (PeerStream& stream : streams_) {
    stream.window_left = initial_window_;
  }
}

void ConversationMaker::act() {
  const std::uint64_t what = choices_.below(10);
  if (what < 3 && setup_.role == Role::Server && !(is_single_ && !streams_.empty())) {
    open_request();
  } else if (what < 8) {
    act_on_stream();
  } else {
    act_on_connection();
  }
}

void ConversationMaker::open_request() {
  PeerStream stream;
  stream.id = next_stream_;
  next_stream_ += choices_.one_in(8) ? 4U : 2U;
  FieldList fields = make_request(choices_);
  const bool is_connect =
      std::ranges::find(fields, FieldList::value_type(":method", "CONNECT")) != fields.end();
  stream.has_head = true;
  stream.window_left = initial_window_;
  if (!choices_.one_in(3)) {
    stream.content_left = choices_.below(3000);
    stream.has_trailers = !is_connect && choices_.one_in(4);
    if (!is_connect && choices_.one_in(2)) {
      std::uint64_t says = stream.content_left;
      says += errs(40) ? choices_.below(3) : 0;
      fields.emplace_back("content-length", std::to_string(says));
    }
    if (stream.content_left == 0 && !stream.has_trailers) {
      stream.is_over = true;
    }
  } else {
    stream.is_over = true;
  }
  if (errs(20)) {
    spoil_fields(choices_, fields);
  }
  add_headers(stream.id, fields, stream.is_over);
  streams_.push_back(stream);
}

void ConversationMaker::respond(PeerStream& stream) {
  if (choices_.one_in(5)) {
    FieldList fields = make_response(choices_, choices_.one_in(2) ? "100" : "103");
    if (errs(20)) {
      spoil_fields(choices_, fields);
    }
    add_headers(stream.id, fields, errs(20));
    return;
  }
  static constexpr std::array<const char*, 6> kStatuses = {"200", "400", "410",
                                                           "204", "304", "500"};
  const std::string status = choices_.pick(kStatuses);
  FieldList fields = make_response(choices_, status);
  stream.has_head = true;
  const bool is_empty = !stream.can_have_content || status == "204" || status == "304";
  if (!is_empty && !choices_.one_in(3)) {
    stream.content_left = choices_.below(3000);
    stream.has_trailers = choices_.one_in(4);
  }
  if (status != "204" && choices_.one_in(3)) {
    std::uint64_t says = is_empty ? choices_.below(100) : stream.content_left;
    says += errs(40) ? choices_.below(3) : 0;
    // A CONNECT that succeeds has no content-length (RFC 9110 section 8.6).
    if (setup_.requests[stream.id / 2].method != "CONNECT" || status != "200") {
      fields.emplace_back("content-length", std::to_string(says));
    }
  }
  stream.is_over = stream.content_left == 0 && !stream.has_trailers;
  if (errs(20)) {
    spoil_fields(choices_, fields);
  }
  add_headers(stream.id, fields, stream.is_over);
}

void ConversationMaker::send_content(PeerStream& stream) {
  std::uint64_t len = std::min<std::uint64_t>(stream.content_left, choices_.between(1, 1200));
  std::uint8_t flags = 0;
  const bool exceeds = errs(60);
  const std::uint64_t room = std::min(stream.window_left, connection_window_);
  if (!exceeds && room < len + 256) {
    stream.is_over = true;  // it would wait for a window; the peer gives up without a word
    return;
  }
  if (exceeds) {
    len += std::min<std::uint64_t>(room, 16'000);
  }
  stream.content_left -= std::min(len, stream.content_left);
  if (stream.content_left == 0 && !stream.has_trailers && !choices_.one_in(6)) {
    flags |= flag::kEndStream;
    stream.is_over = true;
  }
  Bytes payload(len);
  std::ranges::generate(payload, [n = len]() mutable { return static_cast<std::byte>(n++); });
  payload = padded(std::move(payload), flags);
  stream.window_left -= std::min<std::uint64_t>(stream.window_left, payload.size());
  connection_window_ -= std::min<std::uint64_t>(connection_window_, payload.size());
  add(FrameType::Data, flags, stream.id, std::move(payload));
}

void ConversationMaker::send_trailers(PeerStream& stream) {
  stream.is_over = true;
  FieldList fields = make_trailers(choices_);
  if (errs(10)) {
    spoil_fields(choices_, fields);
  }
  add_headers(stream.id, fields, !errs(20));
}

ConversationMaker::PeerStream* ConversationMaker::pick_stream() {
  std::vector<PeerStream*> open;
  for (PeerStream& stream : streams_) {
    if (!stream.is_over) {
      open.push_back(&stream);
    }
  }
  return open.empty() ? nullptr : open[choices_.below(open.size())];
}

void ConversationMaker::act_on_stream() {
  PeerStream* const stream = pick_stream();
  if (stream == nullptr) {
    return;
  }
  if (choices_.one_in(20)) {
    add(FrameType::RstStream, 0, stream->id, number(choices_.below(15), 4));
    stream->is_over = true;
  } else if (choices_.one_in(20)) {
    send_priority(stream->id);
  } else if (is_pushing_ && choices_.one_in(6)) {
    promise(*stream);
  } else if (!stream->has_head) {
    respond(*stream);
  } else if (stream->content_left > 0) {
    send_content(*stream);
  } else if (stream->has_trailers) {
    send_trailers(*stream);
  } else {  // END_STREAM in a frame of its own
    std::uint8_t flags = choices_.one_in(4) ? std::uint8_t{0} : flag::kEndStream;
    stream->is_over = flags != 0;
    const bool has_room = std::min(stream->window_left, connection_window_) >= 256;
    Bytes payload = has_room ? padded({}, flags) : Bytes{};
    stream->window_left -= payload.size();
    connection_window_ -= payload.size();
    add(FrameType::Data, flags, stream->id, std::move(payload));
  }
}

void ConversationMaker::act_on_connection() {
  switch (choices_.below(8)) {
    case 0:
    case 1:
      update_window();
      break;
    case 2:
      change_settings();
      break;
    case 3:
      add(FrameType::Ping, 0, 0, number(choices_.below(1000), 8));
      break;
    case 4:
      add(FrameType::Ping, flag::kAck, 0, number(choices_.below(1000), 8));
      break;
    case 5:
      send_priority(static_cast<StreamId>(choices_.between(1, 40)));
      break;
    case 6:
      add(static_cast<FrameType>(choices_.between(0x20, 0xFF)),
          static_cast<std::uint8_t>(choices_.below(256)), static_cast<StreamId>(choices_.below(10)),
          Bytes(choices_.below(40)));
      break;
    default:
      if (choices_.one_in(4)) {
        send_goaway();
      }
      break;
  }
}

void ConversationMaker::change_settings() {
  Bytes entries;
  for (std::uint64_t left = choices_.below(4); left > 0; --left) {
    switch (choices_.below(6)) {
      case 0:
        append(entries, setting_bytes(1, static_cast<std::uint32_t>(choices_.below(5000))));
        break;
      case 1:
        append(entries, setting_bytes(2, 0));
        break;
      case 2:
        append(entries, setting_bytes(3, static_cast<std::uint32_t>(choices_.below(200))));
        break;
      case 3:
        append(entries, setting_bytes(4, static_cast<std::uint32_t>(choices_.below(100'000))));
        break;
      case 4:
        append(entries,
               setting_bytes(5, static_cast<std::uint32_t>(choices_.between(16'384, 0xFF'FFFF))));
        break;
      default:
        append(entries, setting_bytes(static_cast<std::uint16_t>(choices_.between(0x10, 0xFFFF)),
                                      static_cast<std::uint32_t>(choices_.below(1000))));
        break;
    }
  }
  add(FrameType::Settings, 0, 0, entries);
}

void ConversationMaker::update_window() {
  const std::uint64_t increment = choices_.between(1, choices_.one_in(3) ? 100'000 : 100);
  StreamId stream = 0;
  if (!streams_.empty() && choices_.one_in(2)) {
    stream = streams_[choices_.below(streams_.size())].id;
  }
  add(FrameType::WindowUpdate, 0, stream, number(increment, 4));
}

void ConversationMaker::send_goaway() {
  StreamId last = 0;  // a server has opened none
  if (setup_.role == Role::Client) {
    last = choices_.one_in(2) ? kMaxStreamId : streams_[choices_.below(streams_.size())].id;
    last = std::min(last, goaway_);
    for (PeerStream& stream : streams_) {
      stream.is_over |= stream.id > last;
    }
  }
  goaway_ = setup_.role == Role::Client ? last : goaway_;
  Bytes payload = number(last, 4);
  append(payload, number(choices_.below(14), 4));
  append(payload, Bytes(choices_.below(30), std::byte{'g'}));
  add(FrameType::Goaway, 0, 0, std::move(payload));
}

void ConversationMaker::send_priority(StreamId stream) {
  const std::uint64_t parent = choices_.below(20);
  Bytes payload = number(parent == stream ? 0 : parent, 4);
  append(payload, number(choices_.below(256), 1));
  add(FrameType::Priority, 0, stream, std::move(payload));
}

void ConversationMaker::add(FrameType type, std::uint8_t flags, StreamId stream, Bytes payload) {
  frames_.push_back(
      RawFrame{static_cast<std::uint8_t>(type), flags, stream, std::move(payload), 0});
}

Bytes ConversationMaker::to_wire() const {
  Bytes wire;
  if (setup_.role == Role::Server) {
    const ByteView preface = as_bytes(kPreface);
    wire.assign(preface.begin(), preface.end());
  }
  for (const RawFrame& frame : frames_) {
    const auto len = static_cast<std::uint32_t>(static_cast<std::int64_t>(frame.payload.size()) +
                                                frame.length_lie) &
                     0xFF'FFFFU;
    append_frame_header(wire, FrameHeader{len, frame.type, frame.flags, frame.stream});
    append(wire, frame.payload);
  }
  return wire;
}

}  // namespace apns::http2::test
