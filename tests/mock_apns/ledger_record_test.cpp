#include "mock_apns/ledger_record.h"

#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace apns::mock {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeq = 0x0102030405060708;

/// Every byte of what is not written is wrong, so that nothing is read that was not.
Bytes encoded(const LedgerRecord& record) {
  Bytes out(encoded_len(record), std::byte{0xA5});
  encode(record, kSeq, out.size(), out.data());
  return out;
}

// What fields view; all of it outlives the tests.
const std::string kLong(100'000, 'x');
const std::string kAnyBytes("\0\xFF\x80 \n", 5);
const Shown kShownWhole{.place = "lock-screen",
                        .title = "News",
                        .subtitle = "of today",
                        .body = "Hello",
                        .badge = -2,
                        .sound = "default",
                        .activity = "order-17",
                        .content_state = R"({"eta":5})"};
const Shown kShownEmpty{};
const Shown kShownNoBadge{
    .place = "nothing", .title = {}, .subtitle = {}, .body = "b", .badge = 0, .sound = {}};
const std::vector<std::string> kReasons = {"one", "", std::string(3000, 'r')};
const std::vector<std::string> kEmptyReason = {""};

struct Case {
  std::string name;
  std::function<void(LedgerRecord&)> write;
  std::function<void(LedgerEvent&)> read;
};

/// A field that has the same value in both.
template <class In, class Out, class Value>
Case same(std::string name, In LedgerRecord::*in, Out LedgerEvent::*out, Value value) {
  return {std::move(name), [in, value](LedgerRecord& record) { record.*in = value; },
          [out, value](LedgerEvent& event) { event.*out = value; }};
}

/// Bytes in the record, hex in the event.
Case hex(std::string name, ByteView LedgerRecord::*in, std::string LedgerEvent::*out) {
  return {std::move(name), [in](LedgerRecord& record) { record.*in = as_bytes(kAnyBytes); },
          [out](LedgerEvent& event) { event.*out = "00ff80200a"; }};
}

Case payload(const std::string& bytes) {
  return {"payload", [&bytes](LedgerRecord& record) { record.payload = as_bytes(bytes); },
          [&bytes](LedgerEvent& event) { event.payload = bytes; }};
}

Case why(const Why& why) {
  return {"why", [&why](LedgerRecord& record) { record.why = view(why); },
          [&why](LedgerEvent& event) { event.why = why; }};
}

Case shown(const Shown& shown) {
  return {"shown", [&shown](LedgerRecord& record) { record.shown = &shown; },
          [&shown](LedgerEvent& event) { event.shown = shown; }};
}

Case reasons(const std::vector<std::string>& texts) {
  return {"reasons", [&texts](LedgerRecord& record) { record.reasons = texts; },
          [&texts](LedgerEvent& event) { event.reasons = texts; }};
}

/// Of this record alone; it outlives the tests.
Http2View& http2_of(LedgerRecord& record) {
  static std::deque<Http2View> views;
  views.push_back(record.http2 != nullptr ? *record.http2 : Http2View());
  record.http2 = &views.back();
  return views.back();
}

/// A field of HTTP/2 that has the same value in both.
template <class In, class Out, class Value>
Case same(std::string name, In Http2View::*in, Out LedgerEvent::*out, Value value) {
  return {std::move(name), [in, value](LedgerRecord& record) { http2_of(record).*in = value; },
          [out, value](LedgerEvent& event) { event.*out = value; }};
}

template <class Integer, class Written>
void add_optional(std::vector<Case>& cases, const std::string& name,
                  std::optional<Integer> Written::*in, std::optional<Integer> LedgerEvent::*out) {
  cases.push_back(same(name, in, out, Integer{0}));
  cases.push_back(same(name, in, out, std::numeric_limits<Integer>::max()));
}

template <class Integer>
void add_number(std::vector<Case>& cases, const std::string& name, Integer LedgerRecord::*in,
                Integer LedgerEvent::*out) {
  cases.push_back(same(name, in, out, Integer{1}));
  cases.push_back(same(name, in, out, std::numeric_limits<Integer>::max()));
}

template <class Written>
void add_text(std::vector<Case>& cases, const std::string& name, std::string_view Written::*in,
              std::string LedgerEvent::*out) {
  cases.push_back(same(name, in, out, std::string_view("x")));
  cases.push_back(same(name, in, out, std::string_view(kAnyBytes)));
  cases.push_back(same(name, in, out, std::string_view(kLong)));
}

void add_numbers(std::vector<Case>& cases) {
  using R = LedgerRecord;
  using E = LedgerEvent;
  for (const WorldTime at : {kManualStart + 18'204us, WorldTime{-1us}}) {
    cases.push_back(same("at", &R::at, &E::at, at));
  }
  cases.push_back(same("protocol", &R::protocol, &E::protocol, Protocol::Http2));
  cases.push_back(same("kind", &R::kind, &E::kind, EventKind::Fault));
  cases.push_back(same("outcome", &R::outcome, &E::outcome, EventOutcome::Fired));
  cases.push_back(same("protocol", &R::protocol, &E::protocol, Protocol::None));
  cases.push_back(same("environment", &R::environment, &E::environment, Environment::Development));
  cases.push_back(same("payload_is_json", &R::payload_is_json, &E::payload_is_json, true));
  cases.push_back(same("answered", &R::answered, &E::answered, false));
  cases.push_back(same("answered", &R::answered, &E::answered, true));
  add_number(cases, "connection", &R::connection, &E::connection);
  add_number(cases, "nth", &R::nth, &E::nth);
  add_number(cases, "payload_bytes", &R::payload_bytes, &E::payload_bytes);
  add_number(cases, "of", &R::of, &E::of);
  add_optional(cases, "alert", &R::alert, &E::alert);
  add_optional(cases, "identifier", &R::identifier, &E::identifier);
  add_optional(cases, "priority", &R::priority, &E::priority);
  add_optional(cases, "expiration", &R::expiration, &E::expiration);
  add_optional(cases, "status", &R::status, &E::status);
  add_optional(cases, "tuples", &R::tuples, &E::tuples);
}

void add_http2(std::vector<Case>& cases) {
  using V = Http2View;
  using E = LedgerEvent;
  add_optional(cases, "stream", &V::stream, &E::stream);
  add_optional(cases, "timestamp", &V::timestamp, &E::timestamp);
  add_optional(cases, "duration_us", &V::duration_us, &E::duration_us);
  add_text(cases, "apns_id", &V::apns_id, &E::apns_id);
  add_text(cases, "push_type", &V::push_type, &E::push_type);
  add_text(cases, "collapse_id", &V::collapse_id, &E::collapse_id);
  add_text(cases, "reason", &V::reason, &E::reason);
  add_text(cases, "goaway", &V::goaway, &E::goaway);
  add_text(cases, "alpn", &V::alpn, &E::alpn);
}

void add_fields_with_a_length(std::vector<Case>& cases) {
  using R = LedgerRecord;
  using E = LedgerEvent;
  static const Why kWhole{.rule = "binary/rule", .found = "a thing", .fix = "another"};
  static const Why kEmpty;
  add_text(cases, "tls", &R::tls, &E::tls);
  add_text(cases, "auth", &R::auth, &E::auth);
  add_text(cases, "by", &R::by, &E::by);
  add_text(cases, "close", &R::close, &E::close);
  add_text(cases, "detail", &R::detail, &E::detail);
  add_text(cases, "topic", &R::topic, &E::topic);
  add_text(cases, "cause", &R::cause, &E::cause);
  add_text(cases, "device", &R::device, &E::device);
  add_text(cases, "rule", &R::rule, &E::rule);
  add_text(cases, "found", &R::found, &E::found);
  add_text(cases, "name", &R::name, &E::name);
  cases.push_back(hex("device_token", &R::device_token, &E::device_token));
  cases.push_back(hex("hex", &R::hex, &E::hex));
  cases.push_back(payload(kAnyBytes));
  cases.push_back(payload(kLong));
  cases.push_back(why(kWhole));
  cases.push_back(why(kEmpty));
  cases.push_back(shown(kShownWhole));
  cases.push_back(shown(kShownEmpty));
  cases.push_back(shown(kShownNoBadge));
  cases.push_back(reasons(kReasons));
  cases.push_back(reasons(kEmptyReason));
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  add_numbers(cases);
  add_http2(cases);
  add_fields_with_a_length(cases);
  return cases;
}

LedgerEvent event_of_seq() {
  LedgerEvent event;
  event.seq = kSeq;
  return event;
}

TEST(LedgerRecord, WithoutFieldsIsAnEventWithoutThem) {
  EXPECT_EQ(decode(encoded(LedgerRecord())), event_of_seq());
}

TEST(LedgerRecord, OfHttp2WithoutFieldsIsAnEventWithoutThem) {
  LedgerRecord record;
  http2_of(record);
  EXPECT_EQ(decode(encoded(record)), event_of_seq());
}

// What the binary protocol does not have takes no room in its records.
TEST(LedgerRecord, PaysForHttp2WhereItIs) {
  LedgerRecord record;
  const std::size_t len = encoded_len(record);
  http2_of(record).stream = 1;
  EXPECT_EQ(encoded_len(record), len + 24);
}

TEST(LedgerRecord, KeepsEachFieldAlone) {
  for (const Case& c : all_cases()) {
    LedgerRecord record;
    LedgerEvent event = event_of_seq();
    c.write(record);
    c.read(event);
    EXPECT_NE(event, event_of_seq()) << c.name << ": the case sets nothing";
    EXPECT_EQ(decode(encoded(record)), event) << c.name;
  }
}

// All pairs, and so a field's neighbours in the binary form, whatever its order is.
TEST(LedgerRecord, KeepsEachPairOfFields) {
  const std::vector<Case> cases = all_cases();
  for (const Case& first : cases) {
    for (const Case& second : cases) {
      LedgerRecord record;
      LedgerEvent event = event_of_seq();
      first.write(record);
      second.write(record);
      first.read(event);
      second.read(event);
      ASSERT_EQ(decode(encoded(record)), event) << first.name << " and " << second.name;
    }
  }
}

TEST(LedgerRecord, KeepsAllFieldsTogether) {
  LedgerRecord record;
  LedgerEvent event = event_of_seq();
  for (const Case& c : all_cases()) {
    c.write(record);
    c.read(event);
  }
  EXPECT_EQ(decode(encoded(record)), event);
}

TEST(LedgerRecord, SaysItsLengthAndSeq) {
  for (std::size_t len = 0; len < 20; ++len) {
    const std::string topic(len, 't');
    LedgerRecord record;
    record.topic = topic;
    const Bytes bytes = encoded(record);
    EXPECT_EQ(record_len(bytes.data()), bytes.size());
    EXPECT_EQ(record_seq(bytes.data()), kSeq);
  }
}

TEST(LedgerRecord, IsTheSameBytesForTheSameEvent) {
  LedgerRecord record;
  record.topic = "com.example.app";
  Bytes other(encoded_len(record), std::byte{0x5A});
  encode(record, kSeq, other.size(), other.data());
  EXPECT_EQ(encoded(record), other);
}

}  // namespace
}  // namespace apns::mock
