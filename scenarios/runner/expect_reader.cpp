#include "scenarios/runner/expect_reader.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <variant>

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

// One of `words`; a rejection may have a binary status instead.
std::string read_reason(const json::Value& value, OutcomeKind kind,
                        std::span<const std::string> words) {
  if (kind == OutcomeKind::Rejected && value.kind() == json::Value::Kind::Integer) {
    return std::to_string(value.integer("status", 0, std::numeric_limits<std::uint8_t>::max()));
  }
  json::require_word(value, "reason", value.text("reason"), words);
  return value.text("reason");
}

// {"4": 8, "5-7": "unsent"}, or, where reasons are optional, "4,5-7".
void read_outcomes(const json::Value& value, OutcomeKind kind, std::span<const std::string> words,
                   std::vector<OutcomeExpectation>& out) {
  if (value.kind() != json::Value::Kind::Object) {
    out.push_back(OutcomeExpectation{read_numbers(value, to_string(kind)), kind, ""});
    return;
  }
  for (const json::Value::Member& member : value.object(to_string(kind))) {
    const std::optional<NumberSet> numbers = NumberSet::parse(member.key);
    if (!numbers) {
      throw json::Error(
          value.file(), member.position,
          "\"" + member.key + "\" is not a set of numbers from 1. Write \"4\" or \"1-3,5-47\".");
    }
    out.push_back(OutcomeExpectation{*numbers, kind, read_reason(member.value, kind, words)});
  }
}

struct OutcomesDraft {
  std::vector<OutcomeExpectation> outcomes;
};

constexpr std::array<json::Field<OutcomesDraft>, 4> kOutcomesFields = {{
    {"sent", json::kOptional<OutcomesDraft>,
     [](const json::Value& value, OutcomesDraft& draft) {
       draft.outcomes.push_back(
           OutcomeExpectation{read_numbers(value, "sent"), OutcomeKind::Sent, ""});
     }},
    {"rejected", json::kOptional<OutcomesDraft>,
     [](const json::Value& value, OutcomesDraft& draft) {
       const std::array<std::string, 3> words = {"unsent", "payload-too-long", "payload-empty"};
       (void)value.object("rejected");  // a rejection without its reason would not be exact
       read_outcomes(value, OutcomeKind::Rejected, words, draft.outcomes);
     }},
    {"unknown", json::kOptional<OutcomesDraft>,
     [](const json::Value& value, OutcomesDraft& draft) {
       const std::array<std::string, 4> words = {"connection-lost", "unknown-identifier",
                                                 "drain-limit", "evicted"};
       read_outcomes(value, OutcomeKind::Unknown, words, draft.outcomes);
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
      json::object_keys("ledger_entry", ledger_fields()),
      json::object_keys("shown", shown_fields()),
      json::object_keys<FeedbackExpectation>("feedback_entry", kFeedbackFields),
      json::object_keys("count", count_fields()),
  };
}

}  // namespace apns::scenarios
