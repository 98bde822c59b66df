#include "scenarios/runner/expectation.h"

#include <algorithm>
#include <map>
#include <set>

#include "scenarios/runner/invariant.h"

namespace apns::scenarios {
namespace {

using mock::EventKind;
using mock::LedgerEvent;

/// What a report shows of events before it says "and 12 more".
constexpr std::size_t kShownEvents = 5;

template <class T, class U>
bool holds(const std::optional<T>& wanted, const U& actual) {
  return !wanted || *wanted == actual;
}

bool holds(const std::optional<NumberSet>& wanted, std::uint64_t actual) {
  return !wanted || wanted->contains(actual);
}

bool holds(const std::string& wanted, const std::string& actual) {
  return wanted.empty() || wanted == actual;
}

bool shows(const ShownMatch& wanted, const mock::Shown& shown) {
  return holds(wanted.place, shown.place) && holds(wanted.title, shown.title) &&
         holds(wanted.subtitle, shown.subtitle) && holds(wanted.body, shown.body) &&
         (!wanted.badge || wanted.badge == shown.badge) && holds(wanted.sound, shown.sound);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool says(const std::vector<std::string>& reasons, const std::string& text) {
  return std::any_of(reasons.begin(), reasons.end(),
                     [&text](const std::string& reason) { return contains(reason, text); });
}

std::string to_text(const ShownMatch& shown) {
  std::string text;
  const auto add = [&text](std::string_view key, const auto& value) {
    if (value) {
      text += (text.empty() ? "" : ", ") + std::string(key) + " \"" + *value + "\"";
    }
  };
  add("place", shown.place);
  add("title", shown.title);
  add("subtitle", shown.subtitle);
  add("body", shown.body);
  add("sound", shown.sound);
  add("badge", shown.badge ? std::optional(std::to_string(*shown.badge)) : std::nullopt);
  return text;
}

/// "rejected (410 Unregistered, timestamp 1735689600000)".
template <class Outcome>
std::string to_text(const Outcome& outcome) {
  std::string what = outcome.status && outcome.kind != provider::OutcomeKind::Sent
                         ? std::to_string(*outcome.status)
                         : "";
  if (!outcome.reason.empty()) {
    what += (what.empty() ? "" : " ") + outcome.reason;
  }
  if (outcome.timestamp) {
    what += ", timestamp " + std::to_string(*outcome.timestamp);
  }
  return provider::to_string(outcome.kind) + (what.empty() ? "" : " (" + what + ")");
}

bool is_acceptable(const OutcomeExpectation& expected, const NotificationOutcome& outcome) {
  return expected.n.contains(outcome.n) && expected.kind == outcome.kind &&
         holds(expected.reason, outcome.reason) &&
         (!expected.status || expected.status == outcome.status) &&
         (!expected.timestamp || expected.timestamp == outcome.timestamp);
}

std::string acceptable_for(const Scenario& scenario, std::uint64_t n) {
  std::string text;
  for (const OutcomeExpectation& expected : scenario.outcomes) {
    if (expected.n.contains(n)) {
      text += (text.empty() ? "" : " or ") + to_text(expected);
    }
  }
  return text;
}

// Numbers whose expectation and outcome read alike share a finding.
std::vector<Finding> compare_outcomes(const Scenario& scenario, const Account& account) {
  std::map<std::pair<std::string, std::string>, NumberSet> wrong;
  for (const NotificationOutcome& outcome : account.outcomes) {
    const bool acceptable = std::any_of(scenario.outcomes.begin(), scenario.outcomes.end(),
                                        [&outcome](const OutcomeExpectation& expected) {
                                          return is_acceptable(expected, outcome);
                                        });
    if (!acceptable && outcome.n >= 1 && outcome.n <= account.num_notifications) {
      wrong[{acceptable_for(scenario, outcome.n), to_text(outcome)}].add(outcome.n, outcome.n);
    }
  }
  std::vector<Finding> findings;
  findings.reserve(wrong.size());
  for (const auto& [texts, numbers] : wrong) {
    findings.push_back(Finding{"expect.outcomes",
                               {},
                               numbers.to_string() + " " + texts.first,
                               numbers.to_string() + " " + texts.second});
  }
  return findings;
}

std::string events_text(const std::vector<const NumberedEvent*>& events) {
  std::string text;
  for (std::size_t i = 0; i < std::min(events.size(), kShownEvents); ++i) {
    const LedgerEvent& event = events[i]->event;
    text += (i == 0 ? ": " : "; ") + std::string("#") + std::to_string(event.connection) + " ";
    text += mock::to_string(event.outcome);
    if (events[i]->n > 0) {
      text += " n " + std::to_string(events[i]->n);
    }
  }
  if (events.size() > kShownEvents) {
    text += "; and " + std::to_string(events.size() - kShownEvents) + " more";
  }
  return text;
}

std::string count_text(const LedgerExpectation& expected) {
  if (expected.min_count == expected.max_count) {
    return std::to_string(expected.min_count);
  }
  if (expected.max_count == UINT64_MAX) {
    return "at least " + std::to_string(expected.min_count);
  }
  return std::to_string(expected.min_count) + " to " + std::to_string(expected.max_count);
}

void check_each(const LedgerExpectation& expected, const std::vector<const NumberedEvent*>& found,
                const Account& account, std::vector<Finding>& findings) {
  std::map<std::uint64_t, std::uint64_t> counts;
  for (const NumberedEvent* event : found) {
    ++counts[event->n];
  }
  std::map<std::uint64_t, NumberSet> wrong;  // by how often
  for (std::uint64_t n = 1; n <= account.num_notifications; ++n) {
    if (holds(expected.match.n, n) && counts[n] != *expected.each) {
      wrong[counts[n]].add(n, n);
    }
  }
  std::string actual;
  for (const auto& [times, numbers] : wrong) {
    actual +=
        (actual.empty() ? "" : "; ") + std::to_string(times) + " for n " + numbers.to_string();
  }
  if (!actual.empty()) {
    findings.push_back(
        Finding{expected.where, expected.position,
                std::to_string(*expected.each) + " for each: " + describe(expected.match), actual});
  }
}

void check_count(const LedgerExpectation& expected, const std::vector<const NumberedEvent*>& found,
                 std::vector<Finding>& findings) {
  if (found.size() < expected.min_count || found.size() > expected.max_count) {
    findings.push_back(Finding{expected.where, expected.position,
                               count_text(expected) + " in all: " + describe(expected.match),
                               std::to_string(found.size()) + events_text(found)});
  }
}

void check_order(const LedgerExpectation& expected, const std::vector<const NumberedEvent*>& found,
                 std::vector<Finding>& findings) {
  for (std::size_t i = 1; i < found.size(); ++i) {
    if (found[i]->n <= found[i - 1]->n) {
      findings.push_back(Finding{
          expected.where, expected.position, "n ascending: " + describe(expected.match),
          "n " + std::to_string(found[i]->n) + " behind n " + std::to_string(found[i - 1]->n)});
      return;
    }
  }
}

void check_identifiers(const LedgerExpectation& expected,
                       const std::vector<const NumberedEvent*>& found,
                       std::vector<Finding>& findings) {
  std::set<std::uint32_t> seen;
  for (const NumberedEvent* event : found) {
    const std::optional<std::uint32_t>& identifier = event->event.identifier;
    if (!identifier || !seen.insert(*identifier).second) {
      const std::string actual = identifier ? "identifier " + std::to_string(*identifier) +
                                                  " twice, the second time for n "
                                            : "no identifier for n ";
      findings.push_back(Finding{expected.where, expected.position,
                                 "distinct identifiers: " + describe(expected.match),
                                 actual + std::to_string(event->n)});
      return;
    }
  }
}

void compare_ledger(const LedgerExpectation& expected, const Account& account,
                    std::vector<Finding>& findings) {
  std::vector<const NumberedEvent*> found;
  for (const NumberedEvent& event : account.events) {
    if (matches(expected.match, event)) {
      found.push_back(&event);
    }
  }
  if (expected.each) {
    check_each(expected, found, account, findings);
  } else {
    check_count(expected, found, findings);
  }
  if (expected.in_order) {
    check_order(expected, found, findings);
  }
  if (expected.distinct_identifiers) {
    check_identifiers(expected, found, findings);
  }
}

std::string readings_text(const std::vector<std::uint64_t>& n, const std::string& end) {
  std::string text;
  for (const std::uint64_t one : n) {
    text += (text.empty() ? "n " : ", ") + std::to_string(one);
  }
  return (text.empty() ? "nothing" : text) + ", " + end;
}

void compare_feedback(const Scenario& scenario, const Account& account,
                      std::vector<Finding>& findings) {
  for (std::size_t i = 0; i < scenario.feedback.size(); ++i) {
    const FeedbackExpectation& expected = scenario.feedback[i];
    const std::string wanted = readings_text(expected.n, expected.end);
    const std::string actual = i < account.feedback.size()
                                   ? readings_text(account.feedback[i].n, account.feedback[i].end)
                                   : "it was not read so often";
    if (wanted != actual) {
      findings.push_back(Finding{expected.where, expected.position, wanted, actual});
    }
  }
}

/// What the provider says of a notification.
bool is_as_sent(const EventMatch& match, const LedgerEvent& event) {
  return holds(match.payload_bytes, event.payload_bytes) && holds(match.priority, event.priority) &&
         holds(match.expiration, event.expiration) && holds(match.push_type, event.push_type) &&
         holds(match.collapse_id, event.collapse_id) && holds(match.apns_id, event.apns_id);
}

}  // namespace

bool matches(const EventMatch& match, const NumberedEvent& numbered) {
  const LedgerEvent& event = numbered.event;
  // Keys of other kinds are not in a match of this one.
  const bool common =
      match.event == event.kind && holds(match.outcome, event.outcome) &&
      holds(match.connection, event.connection) && holds(match.by, event.by) &&
      holds(match.close, event.close) && contains(event.goaway, match.goaway) &&
      holds(match.topic, event.topic) && holds(match.device, event.device) &&
      holds(match.name, event.name) && (!match.alert || match.alert == event.alert) &&
      (!match.tuples || match.tuples == event.tuples) && holds(match.detail, event.detail) &&
      (!match.shown || (event.shown && shows(*match.shown, *event.shown))) &&
      (match.why.empty() || says(event.reasons, match.why)) && holds(match.n, numbered.n);
  const std::string rule = event.why ? event.why->rule : event.rule;
  const bool is_stream = !match.stream || (event.stream && match.stream->contains(*event.stream));
  if (!common || !is_stream || event.kind != EventKind::Notification) {
    return common && is_stream && holds(match.rule, rule);
  }
  return is_as_sent(match, event) && holds(match.nth, event.nth) &&
         (!match.identifier ||
          (event.identifier && match.identifier->contains(*event.identifier))) &&
         holds(match.status, event.status) &&
         holds(match.answered, event.answered.value_or(true)) &&
         holds(match.reason, event.reason) &&
         (!match.timestamp || match.timestamp == event.timestamp) && holds(match.rule, rule) &&
         holds(match.cause, event.cause);
}

std::string describe(const EventMatch& match) {
  std::string text = match.outcome ? std::string(mock::to_string(*match.outcome)) + " " : "";
  text += mock::to_string(match.event) + std::string(" events");
  const auto add = [&text](std::string_view key, const std::string& value) {
    text += ", " + std::string(key) + " " + value;
  };
  const auto add_numbers = [&add](std::string_view key, const std::optional<NumberSet>& numbers) {
    if (numbers) {
      add(key, numbers->to_string());
    }
  };
  const auto add_number = [&add](std::string_view key, const auto& number) {
    if (number) {
      add(key, std::to_string(*number));
    }
  };
  const auto add_text = [&add](std::string_view key, const std::string& value) {
    if (!value.empty()) {
      add(key, value);
    }
  };
  add_numbers("n", match.n);
  add_numbers("connection", match.connection);
  add_numbers("nth", match.nth);
  add_numbers("identifier", match.identifier);
  add_number("status", match.status);
  if (match.answered) {
    add("answered", *match.answered ? "true" : "false");
  }
  add_number("payload_bytes", match.payload_bytes);
  add_number("priority", match.priority);
  add_number("expiration", match.expiration);
  add_text("topic", match.topic);
  add_text("rule", match.rule);
  add_text("cause", match.cause);
  add_numbers("stream", match.stream);
  add_text("push_type", match.push_type);
  add_text("collapse_id", match.collapse_id);
  add_text("apns_id", match.apns_id);
  add_text("reason", match.reason);
  add_number("timestamp", match.timestamp);
  add_text("by", match.by);
  add_text("close", match.close);
  add_number("alert", match.alert);
  add_text("goaway", match.goaway);
  add_text("device", match.device);
  if (match.shown) {
    add("shown", to_text(*match.shown));
  }
  add_text("why", match.why);
  add_number("tuples", match.tuples);
  add_text("detail", match.detail);
  add_text("name", match.name);
  return text;
}

Comparison compare(const Scenario& scenario, const Account& account) {
  Comparison comparison{compare_outcomes(scenario, account)};
  for (const LedgerExpectation& expected : scenario.ledger) {
    compare_ledger(expected, account, comparison.findings);
  }
  compare_feedback(scenario, account, comparison.findings);
  const InvariantReport invariant = check_invariant(account);
  for (const std::string& sentence : invariant.sentences) {
    comparison.findings.push_back(
        Finding{"invariant",
                {},
                "one outcome each; sent: accepted once; rejected: never; unknown: at most once",
                sentence,
                true});
  }
  comparison.num_excused = invariant.num_excused;
  return comparison;
}

}  // namespace apns::scenarios
