#include "scenarios/runner/expect_reader.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "apns/model/reason.h"
#include "provider/feedback_reader.h"
#include "scenarios/runner/match_fields.h"

namespace apns::scenarios {
namespace {

using provider::OutcomeKind;

struct ExpectDraft {
  Scenario* scenario = nullptr;
  const json::Value* outcomes = nullptr;
  const json::Value* ledger = nullptr;
  const json::Value* feedback = nullptr;
};

constexpr std::array<json::Field<ExpectDraft>, 3> kExpectFields = {{
    {"outcomes", json::kRequired<ExpectDraft>,
     [](const json::Value& value, ExpectDraft& draft) { draft.outcomes = &value; }},
    {"ledger", json::kOptional<ExpectDraft>,
     [](const json::Value& value, ExpectDraft& draft) { draft.ledger = &value; }},
    {"feedback", json::kOptional<ExpectDraft>,
     [](const json::Value& value, ExpectDraft& draft) { draft.feedback = &value; }},
}};

void require_known(const json::Value& value, const NumberSet& numbers, const Scenario& scenario) {
  const std::uint64_t count = scenario.notifications.size();
  if (numbers.last() > count) {
    value.fail("The workload sends " + std::to_string(count) +
               " notifications, so there is no number " +
               std::to_string(numbers.last() == UINT64_MAX ? count + 1 : numbers.last()) + ".");
  }
}

struct OutcomesDraft {
  bool is_http2 = false;
  std::vector<OutcomeExpectation> outcomes;
};

std::vector<std::string> rejected_words(bool is_http2) {
  std::vector<std::string> words = {"unsent", "payload-too-long", "payload-empty"};
  if (is_http2) {
    words.insert(words.end(), {"field-illegal", "not-processed"});
    for (const ReasonRow& row : reasons()) {
      words.emplace_back(row.name);
    }
  }
  return words;
}

std::vector<std::string> unknown_words(bool is_http2) {
  if (is_http2) {
    return {"connection-lost", "drain-limit", "reset", "bad-answer", "no-answer"};
  }
  return {"connection-lost", "unknown-identifier", "drain-limit", "evicted"};
}

/// {"status": 410, "reason": "Unregistered", "timestamp": 1735689600000}: what an answer said.
constexpr std::array<json::Field<OutcomeExpectation>, 3> kAnswerFields = {{
    {"status", json::kRequired<OutcomeExpectation>,
     [](const json::Value& value, OutcomeExpectation& expected) {
       expected.status = static_cast<std::uint16_t>(value.integer("status", 100, 999));
     }},
    {"reason", json::kOptional<OutcomeExpectation>,
     [](const json::Value& value, OutcomeExpectation& expected) {
       expected.reason = value.text("reason");
     }},
    {"timestamp", json::kOptional<OutcomeExpectation>,
     [](const json::Value& value, OutcomeExpectation& expected) {
       expected.timestamp = static_cast<std::uint64_t>(
           value.integer("timestamp", 0, std::numeric_limits<std::int64_t>::max()));
     }},
}};

/// A word. Of a rejection, also the status, or over HTTP/2 what the answer said.
void read_reason(const json::Value& value, bool is_http2, OutcomeExpectation& expected) {
  const bool is_rejection = expected.kind == OutcomeKind::Rejected;
  if (is_rejection && is_http2 && value.kind() == json::Value::Kind::Object) {
    json::read_fields<OutcomeExpectation>(value, "answer", kAnswerFields, expected);
    return;
  }
  if (is_rejection && value.kind() == json::Value::Kind::Integer) {
    if (is_http2) {
      expected.status = static_cast<std::uint16_t>(value.integer("status", 100, 999));
    } else {
      expected.reason =
          std::to_string(value.integer("status", 0, std::numeric_limits<std::uint8_t>::max()));
    }
    return;
  }
  json::require_word(value, "reason", value.text("reason"),
                     is_rejection ? rejected_words(is_http2) : unknown_words(is_http2));
  expected.reason = value.text("reason");
}

void add_outcome(const json::Value& value, const NumberSet& n, OutcomeKind kind,
                 OutcomesDraft& draft) {
  OutcomeExpectation expected{n, kind, ""};
  read_reason(value, draft.is_http2, expected);
  draft.outcomes.push_back(std::move(expected));
}

// {"4": 8, "5-7": ["unsent", 10]}, or, where reasons are optional, "4,5-7".
void read_outcomes(const json::Value& value, OutcomeKind kind, OutcomesDraft& draft) {
  if (value.kind() != json::Value::Kind::Object) {
    draft.outcomes.push_back(OutcomeExpectation{read_numbers(value, to_string(kind)), kind, ""});
    return;
  }
  for (const json::Value::Member& member : value.object(to_string(kind))) {
    const std::optional<NumberSet> numbers = NumberSet::parse(member.key);
    if (!numbers) {
      throw json::Error(
          value.file(), member.position,
          "\"" + member.key + "\" is not a set of numbers from 1. Write \"4\" or \"1-3,5-47\".");
    }
    if (member.value.kind() != json::Value::Kind::Array) {
      add_outcome(member.value, *numbers, kind, draft);
      continue;
    }
    for (const json::Value& one : member.value.array("reasons")) {
      add_outcome(one, *numbers, kind, draft);
    }
  }
}

constexpr std::array<json::Field<OutcomesDraft>, 4> kOutcomesFields = {{
    {"sent", json::kOptional<OutcomesDraft>,
     [](const json::Value& value, OutcomesDraft& draft) {
       draft.outcomes.push_back(
           OutcomeExpectation{read_numbers(value, "sent"), OutcomeKind::Sent, ""});
     }},
    {"rejected", json::kOptional<OutcomesDraft>,
     [](const json::Value& value, OutcomesDraft& draft) {
       (void)value.object("rejected");  // a rejection without its reason would not be exact
       read_outcomes(value, OutcomeKind::Rejected, draft);
     }},
    {"unknown", json::kOptional<OutcomesDraft>,
     [](const json::Value& value, OutcomesDraft& draft) {
       read_outcomes(value, OutcomeKind::Unknown, draft);
     }},
    {"any", json::kOptional<OutcomesDraft>,
     [](const json::Value& value, OutcomesDraft& draft) {
       const NumberSet numbers = read_numbers(value, "any");
       for (const OutcomeKind kind :
            {OutcomeKind::Sent, OutcomeKind::Rejected, OutcomeKind::Unknown}) {
         draft.outcomes.push_back(OutcomeExpectation{numbers, kind, ""});
       }
     }},
}};

std::vector<OutcomeExpectation> read_expected_outcomes(const json::Value& value,
                                                       const Scenario& scenario) {
  OutcomesDraft draft;
  draft.is_http2 = scenario.is_http2();
  json::read_fields<OutcomesDraft>(value, "outcomes", kOutcomesFields, draft);
  for (const OutcomeExpectation& expected : draft.outcomes) {
    require_known(value, expected.n, scenario);
  }
  NumberSet missing;
  for (std::uint64_t n = 1; n <= scenario.notifications.size(); ++n) {
    const bool named =
        std::any_of(draft.outcomes.begin(), draft.outcomes.end(),
                    [n](const OutcomeExpectation& expected) { return expected.n.contains(n); });
    if (!named) {
      missing.add(n, n);
    }
  }
  if (!missing.empty()) {
    value.fail("outcomes says nothing about " + missing.to_string() +
               ". Name each notification under sent, rejected or unknown.");
  }
  return draft.outcomes;
}

LedgerExpectation read_ledger_expectation(const json::Value& value, std::size_t index,
                                          const Scenario& scenario) {
  MatchDraft draft;
  json::read_fields(value, "expect.ledger entry", ledger_fields(), draft);
  check_match(draft, value);
  const bool counts = draft.min_count || draft.max_count;
  if (counts == draft.each.has_value() && !(draft.distinct_identifiers && !counts)) {
    value.fail("An entry of expect.ledger has either \"count\" or \"each\".");
  }
  if (draft.match.n && draft.match.n->last() != UINT64_MAX) {
    require_known(value, *draft.match.n, scenario);
  }
  LedgerExpectation expected;
  expected.match = draft.match;
  expected.each = draft.each;
  expected.min_count = draft.min_count.value_or(0);
  expected.max_count = draft.max_count.value_or(UINT64_MAX);
  expected.in_order = draft.in_order;
  expected.distinct_identifiers = draft.distinct_identifiers;
  expected.where = "expect.ledger[" + std::to_string(index) + "]";
  expected.position = value.position();
  return expected;
}

constexpr std::array<json::Field<FeedbackExpectation>, 2> kFeedbackFields = {{
    {"n", json::kRequired<FeedbackExpectation>,
     [](const json::Value& value, FeedbackExpectation& expected) {
       for (const json::Value& n : value.array("n")) {
         expected.n.push_back(static_cast<std::uint64_t>(
             n.integer("n", 1, std::numeric_limits<std::uint32_t>::max())));
       }
     }},
    {"end", json::kOptional<FeedbackExpectation>,
     [](const json::Value& value, FeedbackExpectation& expected) {
       const std::array<std::string, 5> words = {
           to_string(provider::FeedbackEnd::Complete), to_string(provider::FeedbackEnd::Truncated),
           to_string(provider::FeedbackEnd::Implausible),
           to_string(provider::FeedbackEnd::TimedOut), to_string(provider::FeedbackEnd::Lost)};
       json::require_word(value, "end of a reading", value.text("end"), words);
       expected.end = value.text("end");
     }},
}};

void read_expected_feedback(const json::Value& value, Scenario& scenario) {
  for (const json::Value& entry : value.array("expect.feedback")) {
    FeedbackExpectation expected;
    json::read_fields<FeedbackExpectation>(entry, "expect.feedback entry", kFeedbackFields,
                                           expected);
    expected.where = "expect.feedback[" + std::to_string(scenario.feedback.size()) + "]";
    expected.position = entry.position();
    scenario.feedback.push_back(std::move(expected));
  }
  const auto num_readings = static_cast<std::size_t>(std::count_if(
      scenario.workload.begin(), scenario.workload.end(),
      [](const Step& step) { return std::holds_alternative<FeedbackStep>(step.action); }));
  if (num_readings != scenario.feedback.size()) {
    value.fail("The workload reads feedback " + std::to_string(num_readings) +
               " times. Give expect.feedback an entry for each.");
  }
}

}  // namespace

void read_expect(const json::Value& value, Scenario& scenario) {
  ExpectDraft draft;
  json::read_fields<ExpectDraft>(value, "expect", kExpectFields, draft);
  scenario.outcomes = read_expected_outcomes(*draft.outcomes, scenario);
  if (draft.feedback != nullptr) {
    read_expected_feedback(*draft.feedback, scenario);
  }
  if (draft.ledger == nullptr) {
    return;
  }
  for (const json::Value& entry : draft.ledger->array("expect.ledger")) {
    scenario.ledger.push_back(read_ledger_expectation(entry, scenario.ledger.size(), scenario));
  }
}

std::vector<json::ObjectKeys> expect_format() {
  return {
      json::object_keys<ExpectDraft>("expect", kExpectFields),
      json::object_keys<OutcomesDraft>("outcomes", kOutcomesFields),
      json::object_keys<OutcomeExpectation>("answer", kAnswerFields),
      json::object_keys("ledger_entry", ledger_fields()),
      json::object_keys("shown", shown_fields()),
      json::object_keys<FeedbackExpectation>("feedback_entry", kFeedbackFields),
      json::object_keys("count", count_fields()),
  };
}

}  // namespace apns::scenarios
