#include "mock_apns/ledger_record.h"

#include <cassert>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

namespace apns::mock {

namespace {

// Which optional numbers are there.
constexpr std::uint32_t kAlert = 1U << 0U;
constexpr std::uint32_t kIdentifier = 1U << 1U;
constexpr std::uint32_t kPriority = 1U << 2U;
constexpr std::uint32_t kExpiration = 1U << 3U;
constexpr std::uint32_t kStatus = 1U << 4U;
constexpr std::uint32_t kAnswered = 1U << 5U;
constexpr std::uint32_t kIsAnswered = 1U << 6U;
constexpr std::uint32_t kPayloadIsJson = 1U << 7U;
constexpr std::uint32_t kWhy = 1U << 8U;
constexpr std::uint32_t kShown = 1U << 9U;
constexpr std::uint32_t kBadge = 1U << 10U;
constexpr std::uint32_t kTuples = 1U << 11U;

struct Header {
  std::uint32_t len = 0;
  std::uint32_t fields = 0;  // bit n: the field that is visited as number n is there
  std::uint64_t seq = 0;
  std::uint32_t flags = 0;
  EventKind kind{};
  EventOutcome outcome{};
  Protocol protocol{};
  Environment environment{};
  std::int64_t at = 0;
  std::uint64_t connection = 0;
  std::uint64_t nth = 0;
  std::uint64_t of = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t tuples = 0;
  std::int64_t badge = 0;
  std::uint32_t identifier = 0;
  std::uint32_t expiration = 0;
  std::uint16_t status = 0;
  std::uint8_t alert = 0;
  std::uint8_t priority = 0;
  std::uint8_t zeros[4] = {};
};

static_assert(alignof(Header) == kRecordAlignment);
static_assert(offsetof(Header, len) == 0 && offsetof(Header, seq) == 8);
static_assert(std::has_unique_object_representations_v<Header>, "no padding is copied");

// In Header::fields, where no field has this number: an Http2Header and its fields stand behind the
// usual ones. Only events of HTTP/2 pay for it.
constexpr std::uint32_t kHttp2 = 1U << 31U;

constexpr std::uint16_t kStream = 1U << 0U;
constexpr std::uint16_t kTimestamp = 1U << 1U;
constexpr std::uint16_t kDuration = 1U << 2U;

struct Http2Header {
  std::uint16_t fields = 0;  // as in Header
  std::uint16_t flags = 0;
  std::uint32_t stream = 0;
  std::uint64_t timestamp = 0;
  std::uint64_t duration_us = 0;
};

static_assert(std::has_unique_object_representations_v<Http2Header>, "no padding is copied");

using Len = std::uint32_t;

/// Visits what has a length, in one order for both forms of an event: first what all notifications
/// have, then the rest. `why` and `shown` are what record or event has there, or empty ones.
template <class Event, class Visitor>
void for_each_usual_field(Event& event, Visitor& visit) {
  visit(event.topic);
  visit.bytes(event.device_token);
  visit.text(event.payload);
}

template <class Event, class Visitor>
void for_each_own_field(Event& event, Visitor& visit) {
  visit(event.cause);
  visit(event.device);
  visit(event.tls);
  visit(event.auth);
  visit(event.by);
  visit(event.close);
  visit(event.detail);
  visit(event.name);
  visit(event.rule);
  visit(event.found);
  visit.bytes(event.hex);
  visit.texts(event.reasons);
}

template <class Event, class W, class S, class Visitor>
void for_each_other_field(Event& event, W& why, S& shown, Visitor& visit) {
  for_each_own_field(event, visit);
  visit(why.rule);
  visit(why.found);
  visit(why.fix);
  visit(shown.place);
  visit(shown.title);
  visit(shown.subtitle);
  visit(shown.body);
  visit(shown.sound);
  visit(shown.activity);
  visit(shown.content_state);
}

template <class Event, class Visitor>
void for_each_http2_field(Event& event, Visitor& visit) {
  visit(event.apns_id);
  visit(event.push_type);
  visit(event.collapse_id);
  visit(event.reason);
  visit(event.goaway);
  visit(event.alpn);
}

std::size_t len_of(std::span<const std::string> texts) {
  std::size_t len = 0;
  for (const std::string& text : texts) {
    len += sizeof(Len) + text.size();
  }
  return len;
}

/// Is any field there? Sooner answered than how long they are.
class Search {
 public:
  void operator()(std::string_view text) { len_ |= text.size(); }

  void bytes(ByteView bytes) { len_ |= bytes.size(); }

  void texts(std::span<const std::string> texts) { len_ |= texts.size(); }

  [[nodiscard]] bool has_found() const { return len_ != 0; }

 private:
  std::size_t len_ = 0;
};

class Measure {
 public:
  void operator()(std::string_view text) { add(text.size()); }

  void bytes(ByteView bytes) { add(bytes.size()); }

  void text(ByteView bytes) { add(bytes.size()); }

  void texts(std::span<const std::string> texts) {
    if (!texts.empty()) {
      add(len_of(texts));
    }
  }

  [[nodiscard]] std::size_t len() const { return len_; }

 private:
  void add(std::size_t len) { len_ += len == 0 ? 0 : sizeof(Len) + len; }

  std::size_t len_ = 0;
};

class Writer {
 public:
  explicit Writer(std::byte* out) : out_(out) {}

  /// The fields that are still to come begin at `out`.
  void go_on_behind_http2(std::byte* out) {
    out_ = out;
    fields_ |= kHttp2;
  }

  void operator()(std::string_view text) { field(text.data(), text.size()); }

  void bytes(ByteView bytes) { field(bytes.data(), bytes.size()); }

  void text(ByteView bytes) { field(bytes.data(), bytes.size()); }

  void texts(std::span<const std::string> texts) {
    if (!texts.empty()) {
      begin(len_of(texts));
      for (const std::string& text : texts) {
        write_len(text.size());
        write(text.data(), text.size());
      }
    }
    ++field_;
  }

  [[nodiscard]] std::byte* out() const { return out_; }

  [[nodiscard]] std::uint32_t fields() const { return fields_; }

 private:
  void field(const void* data, std::size_t len) {
    if (len != 0) {
      begin(len);
      write(data, len);
    }
    ++field_;
  }

  void begin(std::size_t len) {
    fields_ |= 1U << field_;
    write_len(len);
  }

  void write_len(std::size_t len) {
    const auto narrow = static_cast<Len>(len);
    write(&narrow, sizeof(narrow));
  }

  void write(const void* data, std::size_t len) {
    std::memcpy(out_, data, len);
    out_ += len;
  }

  std::byte* out_;
  std::uint32_t field_ = 0;
  std::uint32_t fields_ = 0;
};

class Reader {
 public:
  Reader(ByteView in, std::uint32_t fields) : in_(in), fields_(fields) {}

  void operator()(std::string& text) { text = as_text(next()); }

  void bytes(std::string& hex) { hex = to_hex(next()); }

  void text(std::string& text) { text = as_text(next()); }

  void texts(std::vector<std::string>& texts) {
    ByteReader list(next());
    while (list.left() > 0) {
      texts.emplace_back(as_text(take(list)));
    }
  }

  [[nodiscard]] ByteView rest() const { return in_.rest(); }

  /// The fields that are still to come begin at `in`.
  void go_on_at(ByteView in) { in_ = ByteReader(in); }

 private:
  static ByteView take(ByteReader& in) {
    Len len = 0;
    std::memcpy(&len, in.read_view(sizeof(len)).data(), sizeof(len));
    return in.read_view(len);
  }

  ByteView next() { return (fields_ >> field_++ & 1U) != 0 ? take(in_) : ByteView(); }

  ByteReader in_;
  std::uint32_t fields_;
  std::uint32_t field_ = 0;
};

template <class T, class Flags>
void write_optional(const std::optional<T>& value, Flags flag, Flags& flags, T& number) {
  flags = static_cast<Flags>(flags | (value ? flag : Flags{0}));
  number = value.value_or(T{});
}

template <class AnyHeader, class T>
std::optional<T> read_optional(const AnyHeader& header, std::uint32_t flag, T number) {
  return (header.flags & flag) != 0 ? std::optional(number) : std::nullopt;
}

const Shown& shown_of(const LedgerRecord& record) {
  static const Shown kNone;
  return record.shown != nullptr ? *record.shown : kNone;
}

bool has_more_than_usual(const LedgerRecord& record) {
  Search search;
  for_each_own_field(record, search);
  return search.has_found() || record.why || record.shown != nullptr || record.http2 != nullptr;
}

void fill(Header& header, const LedgerRecord& record) {
  header.kind = record.kind;
  header.outcome = record.outcome;
  header.protocol = record.protocol;
  header.environment = record.environment;
  header.at = record.at.time_since_epoch().count();
  header.connection = record.connection;
  header.nth = record.nth;
  header.of = record.of;
  header.payload_bytes = record.payload_bytes;
  std::uint32_t flags = 0;
  write_optional(record.alert, kAlert, flags, header.alert);
  write_optional(record.identifier, kIdentifier, flags, header.identifier);
  write_optional(record.priority, kPriority, flags, header.priority);
  write_optional(record.expiration, kExpiration, flags, header.expiration);
  write_optional(record.status, kStatus, flags, header.status);
  write_optional(record.tuples, kTuples, flags, header.tuples);
  flags |= record.answered ? kAnswered : 0U;
  flags |= record.answered.value_or(false) ? kIsAnswered : 0U;
  flags |= record.payload_is_json ? kPayloadIsJson : 0U;
  flags |= record.why ? kWhy : 0U;
  if (record.shown != nullptr) {
    flags |= kShown;
    write_optional(record.shown->badge, kBadge, flags, header.badge);
  }
  header.flags = flags;
}

std::size_t http2_len(const Http2View& http2) {
  Measure measure;
  for_each_http2_field(http2, measure);
  return sizeof(Http2Header) + measure.len();
}

/// Returns what is behind it.
std::byte* write_http2(const Http2View& http2, std::byte* out) {
  Writer writer(out + sizeof(Http2Header));
  for_each_http2_field(http2, writer);
  Http2Header header;
  header.fields = static_cast<std::uint16_t>(writer.fields());
  write_optional(http2.stream, kStream, header.flags, header.stream);
  write_optional(http2.timestamp, kTimestamp, header.flags, header.timestamp);
  write_optional(http2.duration_us, kDuration, header.flags, header.duration_us);
  std::memcpy(out, &header, sizeof(header));
  return writer.out();
}

/// Returns what is behind it.
ByteView read_http2(ByteView in, LedgerEvent& event) {
  Http2Header header;
  assert(in.size() >= sizeof(header));
  std::memcpy(&header, in.data(), sizeof(header));
  event.stream = read_optional(header, kStream, header.stream);
  event.timestamp = read_optional(header, kTimestamp, header.timestamp);
  event.duration_us = read_optional(header, kDuration, header.duration_us);
  Reader reader(in.subspan(sizeof(header)), header.fields);
  for_each_http2_field(event, reader);
  return reader.rest();
}

std::size_t len_of_more(const LedgerRecord& record) {
  Measure measure;
  const WhyView why = record.why.value_or(WhyView());
  for_each_other_field(record, why, shown_of(record), measure);
  return measure.len() + (record.http2 != nullptr ? http2_len(*record.http2) : 0);
}

void write_more(const LedgerRecord& record, const std::byte* end, Writer& writer) {
  if (record.http2 != nullptr) {
    writer.go_on_behind_http2(write_http2(*record.http2, writer.out()));
  }
  if (writer.out() != end) {
    const WhyView why = record.why.value_or(WhyView());
    for_each_other_field(record, why, shown_of(record), writer);
  }
}

}  // namespace

// Most events of the binary protocol have the usual fields alone.
std::size_t encoded_len(const LedgerRecord& record) {
  Measure measure;
  for_each_usual_field(record, measure);
  const std::size_t more = has_more_than_usual(record) ? len_of_more(record) : 0;
  const std::size_t len = sizeof(Header) + measure.len() + more;
  assert(len < std::numeric_limits<Len>::max() - kRecordAlignment);
  return len;
}

void encode(const LedgerRecord& record, std::uint64_t seq, std::size_t len, std::byte* out) {
  Writer writer(out + sizeof(Header));
  for_each_usual_field(record, writer);
  if (writer.out() != out + len) {
    write_more(record, out + len, writer);
  }
  assert(writer.out() == out + len);
  // In place: a copy of what has just been written in small pieces would wait for them.
  Header& header = *std::construct_at(static_cast<Header*>(static_cast<void*>(out)));
  fill(header, record);
  header.len = static_cast<std::uint32_t>(len);
  header.fields = writer.fields();
  header.seq = seq;
}

EventKind record_kind(const std::byte* in) {
  EventKind kind{};
  std::memcpy(&kind, in + offsetof(Header, kind), sizeof(kind));
  return kind;
}

LedgerEvent decode(ByteView record) {
  Header header;
  assert(record.size() >= sizeof(header));
  std::memcpy(&header, record.data(), sizeof(header));
  LedgerEvent event;
  event.seq = header.seq;
  event.at = WorldTime(WorldTime::duration(header.at));
  event.kind = header.kind;
  event.outcome = header.outcome;
  event.protocol = header.protocol;
  event.environment = header.environment;
  event.connection = header.connection;
  event.nth = header.nth;
  event.of = header.of;
  event.payload_bytes = header.payload_bytes;
  event.alert = read_optional(header, kAlert, header.alert);
  event.identifier = read_optional(header, kIdentifier, header.identifier);
  event.priority = read_optional(header, kPriority, header.priority);
  event.expiration = read_optional(header, kExpiration, header.expiration);
  event.status = read_optional(header, kStatus, header.status);
  event.tuples = read_optional(header, kTuples, header.tuples);
  event.answered = read_optional(header, kAnswered, (header.flags & kIsAnswered) != 0);
  event.payload_is_json = (header.flags & kPayloadIsJson) != 0;
  Why why;
  Shown shown;
  shown.badge = read_optional(header, kBadge, header.badge);
  Reader reader(record.subspan(sizeof(Header)), header.fields);
  for_each_usual_field(event, reader);
  if ((header.fields & kHttp2) != 0) {
    reader.go_on_at(read_http2(reader.rest(), event));
  }
  for_each_other_field(event, why, shown, reader);
  if ((header.flags & kWhy) != 0) {
    event.why = std::move(why);
  }
  if ((header.flags & kShown) != 0) {
    event.shown = std::move(shown);
  }
  return event;
}

}  // namespace apns::mock
