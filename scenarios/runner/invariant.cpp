#include "scenarios/runner/invariant.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace apns::scenarios {
namespace {

using mock::EventKind;
using mock::EventOutcome;
using provider::OutcomeKind;

/// What happened to one notification.
struct History {
  std::uint64_t num_outcomes = 0;
  OutcomeKind outcome = OutcomeKind::Sent;  // the last one
  std::uint64_t num_accepted = 0;
  bool offered_after_accepted = false;
  bool last_was_discarded = false;
};

std::vector<History> histories_of(const Account& account) {
  std::vector<History> histories(account.num_notifications + 1);  // 0 is not used
  for (const NotificationOutcome& outcome : account.outcomes) {
    if (outcome.n >= 1 && outcome.n <= account.num_notifications) {
      History& history = histories[outcome.n];
      ++history.num_outcomes;
      history.outcome = outcome.kind;
    }
  }
  for (const NumberedEvent& numbered : account.events) {
    const bool counts = numbered.event.kind == EventKind::Notification && numbered.n >= 1 &&
                        numbered.n <= account.num_notifications;
    if (!counts) {
      continue;
    }
    History& history = histories[numbered.n];
    history.offered_after_accepted = history.offered_after_accepted || history.num_accepted > 0;
    history.num_accepted += numbered.event.outcome == EventOutcome::Accepted ? 1 : 0;
    history.last_was_discarded = numbered.event.outcome == EventOutcome::Discarded;
  }
  return histories;
}

/// Gathers numbers under the sentence that is true of them.
class Findings {
 public:
  void add(std::string_view sentence, std::uint64_t n) {
    numbers_[std::string(sentence)].add(n, n);
  }

  [[nodiscard]] std::vector<std::string> sentences() const {
    std::vector<std::string> sentences;
    for (const auto& [sentence, numbers] : numbers_) {
      sentences.push_back(numbers.to_string() + " " + sentence);
    }
    return sentences;
  }

 private:
  std::map<std::string, NumberSet> numbers_;
};

void check(const History& history, std::uint64_t n, bool doubles_allowed, Findings& findings) {
  if (history.num_outcomes == 0) {
    findings.add("without an outcome", n);
    return;
  }
  if (history.num_outcomes > 1) {
    findings.add("with " + std::to_string(history.num_outcomes) + " outcomes", n);
  }
  const bool accepted_again = history.num_accepted > 1 && !doubles_allowed;
  switch (history.outcome) {
    case OutcomeKind::Sent:
      if (history.num_accepted == 0) {
        findings.add("reported sent, never accepted", n);
      }
      break;
    case OutcomeKind::Rejected:
      if (history.num_accepted > 0) {
        findings.add("reported rejected, but accepted", n);
      }
      break;
    case OutcomeKind::Unknown:
      break;
  }
  if (accepted_again) {
    findings.add("accepted " + std::to_string(history.num_accepted) + " times", n);
  } else if (history.offered_after_accepted && !doubles_allowed) {
    findings.add("offered again after being accepted", n);
  }
  if (history.last_was_discarded && history.outcome == OutcomeKind::Sent) {
    findings.add("discarded and never offered again", n);
  }
}

}  // namespace

std::vector<std::string> check_invariant(const Account& account) {
  Findings findings;
  for (const NotificationOutcome& outcome : account.outcomes) {
    if (outcome.n == 0 || outcome.n > account.num_notifications) {
      findings.add("has an outcome, but was never handed over", outcome.n);
    }
  }
  const std::vector<History> histories = histories_of(account);
  for (std::uint64_t n = 1; n <= account.num_notifications; ++n) {
    check(histories[n], n, account.doubles_allowed, findings);
  }
  return findings.sentences();
}

}  // namespace apns::scenarios
