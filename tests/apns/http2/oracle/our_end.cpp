#include "tests/apns/http2/oracle/our_end.h"

#include <array>
#include <map>
#include <string>
#include <utility>

#include "tests/support/checked_engine.h"

namespace apns::http2::test {

using apns::test::require;

namespace {

constexpr TimePoint kNow{std::chrono::hours(1)};
constexpr std::size_t kMaxPending = std::size_t{4} << 20U;

constexpr std::array<Field, 1> kAnswer = {Field{.name = ":status", .value = "200"}};
constexpr std::array<Field, 1> kTrailers = {Field{.name = "grpc-status", .value = "0"}};

std::vector<Field> request_fields(const RequestPlan& plan) {
  std::vector<Field> fields = {Field{.name = ":method", .value = plan.method},
                               Field{.name = ":authority", .value = "example.com"}};
  if (plan.method != "CONNECT") {
    fields.push_back(Field{.name = ":scheme", .value = "https"});
    fields.push_back(Field{.name = ":path", .value = "/"});
  }
  return fields;
}

}  // namespace

OurEnd::OurEnd(const Setup& setup, HpackScratch& scratch, Pace pace)
    : setup_(setup),
      pace_(pace),
      options_(setup, pace),
      sent_(setup.role == Role::Client),
      session_(options_, *this, scratch, kNow) {}

OurEnd::Options::Options(const Setup& setup, Pace pace) {
  role = setup.role;
  settings = setup.settings;
  explain = false;
  if (pace == Pace::AtOnce) {
    limits.high_water = kMaxPending;  // else it would matter when the bytes leave
  }
}

Step OurEnd::start() {
  session_.hold_windows(setup_.holds_windows);
  for (const RequestPlan& plan : setup_.requests) {
    const bool is_all = plan.body_bytes == 0 && !plan.has_trailers;
    const StreamId stream = session_.open_stream(request_fields(plan), is_all);
    require(stream != 0, "a stream can be opened");
    known_.insert(stream);
    if (!is_all) {
      send_body(stream, plan.body_bytes, plan.has_trailers);
    }
  }
  return take_step();
}

Step OurEnd::feed(ByteView part) {
  while (!part.empty() && !session_.is_over()) {
    require(session_.wants_read(), "what is drained wants to read");
    const std::size_t taken = session_.feed(part, kNow);
    require(taken <= part.size(), "feed() takes what it was given");
    require(taken == part.size() || !session_.wants_read() || session_.is_over(),
            "feed() takes less only when wants_read() falls");
    part = part.subspan(taken);
    require(session_.pending().size() <= kMaxPending, "pending output is bounded");
    drain();
  }
  for (const StreamId stream : std::exchange(to_answer_, {})) {
    answer(stream);
  }
  return take_step();
}

void OurEnd::finish() {
  was_over_ = false;
  session_.ended(End::Fin, kNow);
  for (const StreamId stream : std::set<StreamId>(known_)) {
    (void)session_.reset(stream, ErrorCode::Cancel);
  }
  session_.on_time(kNow);
  require(session_.is_over(), "who is left alone ends");
}

void OurEnd::answer(StreamId stream) {
  const bool is_all = setup_.body_bytes == 0 && !setup_.has_trailers;
  if (session_.send_headers(stream, kAnswer, is_all) && !is_all) {
    send_body(stream, setup_.body_bytes, setup_.has_trailers);
  }
}

void OurEnd::send_body(StreamId stream, std::uint32_t body_bytes, bool has_trailers) {
  const Bytes content(body_bytes, std::byte{'x'});
  if (body_bytes > 0) {
    (void)session_.send_data(stream, content, !has_trailers);
  }
  if (has_trailers) {
    (void)session_.send_headers(stream, kTrailers, true);
  }
}

void OurEnd::drain() {
  while (!session_.pending().empty()) {
    sent_.take(session_.pending());
    sent_hash_ = hash_bytes(session_.pending(), sent_hash_);
    session_.sent(session_.pending().size(), kNow);
  }
}

void OurEnd::note() {
  told_ += std::string_view(step_.events).substr(noted_);
  noted_ = step_.events.size();
}

void OurEnd::is_to_answer(StreamId stream, Answer when) {
  if (setup_.role == Role::Client || setup_.answer != when) {
    return;
  }
  if (pace_ == Pace::AtOnce) {
    answer(stream);
  } else {
    to_answer_.push_back(stream);
  }
}

Step OurEnd::take_step() {
  drain();
  sent_.finish(step_);
  std::erase_if(step_.resets, [this](const auto& reset) {
    return reset.first == promised_ &&
           reset.second == static_cast<std::uint32_t>(ErrorCode::RefusedStream);
  });
  promised_ = 0;
  require(sent_.left() == 0, "whole frames are sent");
  was_over_ = session_.is_over();
  noted_ = 0;
  return std::exchange(step_, {});
}

void OurEnd::check_event() const {
  require(!was_over_, "no event behind the end");
}

void OurEnd::message(const Message& message) {
  check_event();
  std::string fields;
  step_.fields.clear();
  step_.kind = message.kind;
  for (const Field& field : message.fields) {
    step_.fields.emplace_back(field.name, field.value);
    fields +=
        field_line(field.name, field.value, field.representation == Representation::NeverIndexed);
  }
  add_message(step_, message.stream, message.kind, message.promised, fields, message.end_stream);
  note();
  if (message.kind == MessageKind::Request) {
    require(message.stream > last_known_, "a stream is made known once");
    last_known_ = message.stream;
    known_.insert(message.stream);
  }
  if (message.kind == MessageKind::Promise) {
    promised_ = message.promised;
    return;  // of any stream, one that we have reset included
  }
  require(known_.contains(message.stream), "a message is of a stream that is there");
  require(!ended_.contains(message.stream), "no message behind the peer's end");
  if (message.end_stream) {
    ended_.insert(message.stream);
  }
  if (message.kind == MessageKind::Request) {
    is_to_answer(message.stream, Answer::AtHeaders);
  }
  if (message.end_stream) {
    is_to_answer(message.stream, Answer::AtEnd);
  }
}

void OurEnd::data(StreamId stream, ByteView content, bool end_stream) {
  check_event();
  require(known_.contains(stream), "content is of a stream that is there");
  require(!ended_.contains(stream), "no content behind the peer's end");
  require(!content.empty() || end_stream, "content is empty only at its end");
  add_data(step_, stream, content.size(), hash_bytes(content), end_stream);
  note();
  if (end_stream) {
    ended_.insert(stream);
    is_to_answer(stream, Answer::AtEnd);
  }
}

void OurEnd::closed(StreamId stream, StreamEnd end, ErrorCode code, std::uint64_t /*user*/) {
  check_event();
  require(known_.erase(stream) == 1, "closed() once for each stream that was made known");
  add_closed(step_, stream, end, static_cast<std::uint32_t>(code));
  told_ += "closed " + std::to_string(stream) + ' ' + step_.closed[stream] + '\n';
}

void OurEnd::settings(std::span<const Setting> entries, std::uint64_t /*position*/) {
  check_event();
  // The other implementation keeps the last value of each that it knows.
  std::map<std::uint16_t, std::uint32_t> known;
  for (const Setting& entry : entries) {
    if (entry.id >= 1 && entry.id <= static_cast<std::uint16_t>(SettingId::MaxHeaderListSize)) {
      known[entry.id] = entry.value;
    }
  }
  for (const auto& [id, value] : known) {
    add_setting(step_, id, value);
  }
  note();
}

void OurEnd::settings_acked(std::uint64_t /*position*/) {
  check_event();
  add_settings_acked(step_);
  note();
}

void OurEnd::ping(ByteView opaque, bool is_ack) {
  check_event();
  add_ping(step_, opaque, is_ack);
  note();
}

void OurEnd::goaway(StreamId last_stream, ErrorCode code, std::string_view debug) {
  check_event();
  add_goaway(step_, last_stream, static_cast<std::uint32_t>(code), debug);
  note();
}

void OurEnd::violation(const Violation& violation) {
  check_event();
  require(!violation.is_ignored, "nothing is ignored unless it is asked for");
  if (!step_.rule) {
    step_.rule = violation.rule;
  }
  const std::string id(rule_row(violation.rule).id);
  step_.why += id + ' ' + std::string(violation.detail);
  told_ += "violation " + id + " at " + std::to_string(violation.position) + '\n';
}

void OurEnd::bound_hit(const BoundHit& hit) {
  check_event();
  step_.is_bound = true;
  step_.why += bound_row(hit.bound).id;
  told_ += "bound " + std::string(bound_row(hit.bound).id) + '\n';
}

}  // namespace apns::http2::test
