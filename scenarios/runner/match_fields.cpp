#include "scenarios/runner/match_fields.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "apns/model/push_type.h"

namespace apns::scenarios {
namespace {

using mock::EventKind;
using mock::EventOutcome;
using enum json::Field<MatchDraft>::Need;

constexpr std::int64_t kMaxCount = 1'000'000;

template <class Enum>
std::vector<std::string> names_of(std::span<const Enum> values) {
  std::vector<std::string> names;
  for (const Enum value : values) {
    names.emplace_back(to_string(value));
  }
  return names;
}

template <class Enum>
Enum read_enum(const json::Value& value, std::string_view what, std::span<const Enum> values) {
  const std::string& word = value.text(what);
  json::require_word(value, what, word, names_of(values));
  for (const Enum candidate : values) {
    if (word == to_string(candidate)) {
      return candidate;
    }
  }
  return values.front();
}

EventOutcome read_outcome(const json::Value& value) {
  std::vector<EventOutcome> all;
  for (const EventKind kind : mock::event_kinds()) {
    const std::span<const EventOutcome> some = mock::outcomes_of(kind);
    all.insert(all.end(), some.begin(), some.end());
  }
  return read_enum<EventOutcome>(value, "ledger outcome", all);
}

template <class Integer>
Integer read_integer(const json::Value& value, std::string_view what) {
  constexpr auto kMax = std::min<std::uint64_t>(std::numeric_limits<Integer>::max(),
                                                std::numeric_limits<std::int64_t>::max());
  return static_cast<Integer>(value.integer(what, 0, static_cast<std::int64_t>(kMax)));
}

void read_count(const json::Value& value, MatchDraft& draft) {
  if (value.kind() == json::Value::Kind::Object) {
    json::read_fields(value, "count", count_fields(), draft);
    return;
  }
  draft.min_count = draft.max_count =
      static_cast<std::uint64_t>(value.integer("count", 0, kMaxCount));
}

void read_distinct(const json::Value& value, MatchDraft& draft) {
  const std::array<std::string, 1> words = {"identifier"};
  json::require_word(value, "value of distinct", value.text("distinct"), words);
  draft.distinct_identifiers = true;
}

constexpr std::array<json::Field<MatchDraft>, 2> kCountFields = {{
    {"min", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.min_count = static_cast<std::uint64_t>(value.integer("min", 0, kMaxCount));
     }},
    {"max", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.max_count = static_cast<std::uint64_t>(value.integer("max", 0, kMaxCount));
     }},
}};

// The keys of a match and `count` come first; the last three are an expectation's only.
constexpr std::array<json::Field<ShownMatch>, 6> kShownFields = {{
    {"place", json::kOptional<ShownMatch>,
     [](const json::Value& value, ShownMatch& shown) { shown.place = value.text("place"); }},
    {"title", json::kOptional<ShownMatch>,
     [](const json::Value& value, ShownMatch& shown) { shown.title = value.text("title"); }},
    {"subtitle", json::kOptional<ShownMatch>,
     [](const json::Value& value, ShownMatch& shown) { shown.subtitle = value.text("subtitle"); }},
    {"body", json::kOptional<ShownMatch>,
     [](const json::Value& value, ShownMatch& shown) { shown.body = value.text("body"); }},
    {"badge", json::kOptional<ShownMatch>,
     [](const json::Value& value, ShownMatch& shown) {
       shown.badge = value.integer("badge", 0, kMaxCount);
     }},
    {"sound", json::kOptional<ShownMatch>,
     [](const json::Value& value, ShownMatch& shown) { shown.sound = value.text("sound"); }},
}};

constexpr std::array<json::Field<MatchDraft>, 34> kFields = {{
    {"event", Required,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.event = read_enum<EventKind>(value, "ledger event", mock::event_kinds());
     }},
    {"outcome", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.outcome = read_outcome(value);
     }},
    {"connection", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.connection = read_numbers(value, "connection");
     }},
    {"n", Optional,
     [](const json::Value& value, MatchDraft& draft) { draft.match.n = read_numbers(value, "n"); }},
    {"nth", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.nth = read_numbers(value, "nth");
     }},
    {"identifier", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.identifier = read_numbers(value, "identifier");
     }},
    {"status", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.status = read_integer<std::uint16_t>(value, "status");
     }},
    {"answered", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.answered = value.boolean("answered");
     }},
    {"payload_bytes", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.payload_bytes = read_integer<std::uint32_t>(value, "payload_bytes");
     }},
    {"priority", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.priority = read_integer<std::uint8_t>(value, "priority");
     }},
    {"expiration", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.expiration = read_integer<std::uint32_t>(value, "expiration");
     }},
    {"topic", Optional,
     [](const json::Value& value, MatchDraft& draft) { draft.match.topic = value.text("topic"); }},
    {"rule", Optional,
     [](const json::Value& value, MatchDraft& draft) { draft.match.rule = value.text("rule"); }},
    {"cause", Optional,
     [](const json::Value& value, MatchDraft& draft) { draft.match.cause = value.text("cause"); }},
    {"by", Optional,
     [](const json::Value& value, MatchDraft& draft) { draft.match.by = value.text("by"); }},
    {"close", Optional,
     [](const json::Value& value, MatchDraft& draft) { draft.match.close = value.text("close"); }},
    {"alert", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.alert = read_integer<std::uint8_t>(value, "alert");
     }},
    {"device", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.device = value.text("device");
     }},
    {"shown", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       json::read_fields<ShownMatch>(value, "shown", kShownFields, draft.match.shown.emplace());
     }},
    {"why", Optional,
     [](const json::Value& value, MatchDraft& draft) { draft.match.why = value.text("why"); }},
    {"tuples", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.tuples = read_integer<std::uint32_t>(value, "tuples");
     }},
    {"detail", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.detail = value.text("detail");
     }},
    {"name", Optional,
     [](const json::Value& value, MatchDraft& draft) { draft.match.name = value.text("name"); }},
    {"stream", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.stream = read_numbers(value, "stream");
     }},
    {"push_type", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       json::require_word(value, "push type", value.text("push_type"), push_type_names());
       draft.match.push_type = value.text("push_type");
     }},
    {"collapse_id", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.collapse_id = value.text("collapse_id");
     }},
    {"apns_id", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.apns_id = value.text("apns_id");
     }},
    {"reason", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.reason = value.text("reason");
     }},
    {"timestamp", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.timestamp = read_integer<std::uint64_t>(value, "timestamp");
     }},
    {"goaway", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.match.goaway = value.text("goaway");
     }},
    {"count", Optional, read_count},
    {"each", Optional,
     [](const json::Value& value, MatchDraft& draft) {
       draft.each = static_cast<std::uint64_t>(value.integer("each", 0, kMaxCount));
     }},
    {"in_order", Optional,
     [](const json::Value& value,
        MatchDraft& draft) { draft.in_order = value.boolean("in_order"); }},
    {"distinct", Optional, read_distinct},
}};

constexpr std::size_t kNumWaitFields = 31;
static_assert(kFields[kNumWaitFields - 1].key == "count");

/// The kinds of events that have a key, as a set of bits; the first of them is named in messages.
struct KeyOwners {
  std::string_view key;
  EventKind first;
  unsigned kinds;

  [[nodiscard]] constexpr bool has(EventKind kind) const {
    return (kinds >> static_cast<unsigned>(kind) & 1U) != 0;
  }
};

constexpr unsigned bit(EventKind kind) {
  return 1U << static_cast<unsigned>(kind);
}

template <class... Kinds>
constexpr KeyOwners of(std::string_view key, EventKind first, Kinds... more) {
  return {key, first, (bit(first) | ... | bit(more))};
}

// Keys that are not here belong to all.
constexpr auto kOwners = [] {
  using enum EventKind;
  return std::array{
      of("n", Notification, Delivery, Feedback, Violation),
      of("each", Notification, Delivery, Feedback, Violation),
      of("in_order", Notification, Delivery, Feedback, Violation),
      of("topic", Notification, Delivery, Feedback, Device),
      of("rule", Notification, Violation),
      of("detail", Connection, Device, Violation),
      of("device", Delivery, Device),
      of("nth", Notification),
      of("identifier", Notification),
      of("status", Notification),
      of("answered", Notification),
      of("payload_bytes", Notification),
      of("priority", Notification),
      of("expiration", Notification),
      of("cause", Notification),
      of("distinct", Notification),
      of("by", Connection),
      of("close", Connection),
      of("alert", Connection),
      of("goaway", Connection),
      of("stream", Notification, Violation),
      of("push_type", Notification),
      of("collapse_id", Notification),
      of("apns_id", Notification),
      of("reason", Notification),
      of("timestamp", Notification),
      of("shown", Delivery),
      of("why", Delivery),
      of("tuples", Feedback),
      of("name", Fault),
  };
}();

// Throws when `object` has a key that only events of other kinds have.
void refuse_foreign_keys(const json::Value& object, EventKind actual) {
  for (const json::Value::Member& member : object.object("match")) {
    const auto* const owner =
        std::find_if(kOwners.begin(), kOwners.end(),
                     [&member](const KeyOwners& candidate) { return candidate.key == member.key; });
    if (owner == kOwners.end() || owner->has(actual)) {
      continue;
    }
    throw json::Error(object.file(), member.position,
                      "\"" + member.key + "\" is a key of " + to_string(owner->first) +
                          " events, and this matches " + to_string(actual) +
                          " events. Leave it out, or change \"event\".");
  }
}

}  // namespace

std::span<const json::Field<MatchDraft>> count_fields() {
  return kCountFields;
}

std::span<const json::Field<ShownMatch>> shown_fields() {
  return kShownFields;
}

std::span<const json::Field<MatchDraft>> ledger_fields() {
  return kFields;
}

std::span<const json::Field<MatchDraft>> wait_fields() {
  return std::span(kFields).first<kNumWaitFields>();
}

void check_match(const MatchDraft& draft, const json::Value& value) {
  const EventKind kind = draft.match.event;
  const std::string name = to_string(kind);
  refuse_foreign_keys(value, kind);
  const std::span<const EventOutcome> outcomes = outcomes_of(kind);
  if (draft.match.outcome &&
      std::find(outcomes.begin(), outcomes.end(), *draft.match.outcome) == outcomes.end()) {
    value.fail("A " + name + " is never " + to_string(*draft.match.outcome) +
               ". Its outcomes: " + json::join(names_of(outcomes)) + ".");
  }
  if (draft.min_count && draft.max_count && *draft.min_count > *draft.max_count) {
    value.fail("count has a min above its max. Swap them.");
  }
}

NumberSet read_numbers(const json::Value& value, std::string_view what) {
  if (value.kind() == json::Value::Kind::Integer) {
    const auto number = static_cast<std::uint64_t>(
        value.integer(what, 1, std::numeric_limits<std::uint32_t>::max()));
    return NumberSet(number, number);
  }
  const std::optional<NumberSet> numbers = NumberSet::parse(value.text(what));
  if (!numbers) {
    value.fail("\"" + value.text(what) + "\" is not a set of numbers from 1. Write " +
               std::string(what) + " as 4, \"4\", \"1-3,5-47\" or \"6-\".");
  }
  return *numbers;
}

}  // namespace apns::scenarios
