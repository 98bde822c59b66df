#include "scenarios/runner/http2_invariant.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "apns/http2/rule.h"
#include "apns/model/push_type.h"
#include "apns/model/uuid.h"

namespace apns::scenarios {
namespace {

using mock::EventKind;
using mock::EventOutcome;
using mock::LedgerEvent;

bool is_answer(const LedgerEvent& event) {
  return event.kind == EventKind::Notification && event.outcome != EventOutcome::Discarded &&
         event.answered.value_or(true);
}

/// Is it what the provider says that the service answered?
bool is_the_same(const NotificationOutcome& outcome, const LedgerEvent& event) {
  return outcome.status == event.status && outcome.reason == event.reason &&
         outcome.timestamp == event.timestamp && outcome.apns_id == event.apns_id;
}

/// The same, as far as its header section says: the body did not come whole.
bool is_its_head(const NotificationOutcome& outcome, const LedgerEvent& event) {
  return outcome.status == event.status && outcome.reason.empty() && !outcome.timestamp &&
         outcome.apns_id == event.apns_id;
}

/// Reasons of outcomes that say of a request that no answer came in time.
bool is_without_answer(std::string_view reason) {
  return reason == "connection-lost" || reason == "no-answer" || reason == "reset" ||
         reason == "bad-answer";
}

class Http2Judge {
 public:
  explicit Http2Judge(const Account& account) : account_(account) {}

  std::vector<std::string> sentences() && {
    for (const auto& [n, event] : account_.events) {
      if (event.kind == EventKind::Violation && event.protocol == mock::Protocol::Http2 &&
          !is_late_ack(event)) {
        others_.push_back("the provider broke " + event.rule + " on connection " +
                          std::to_string(event.connection) + ": " + event.found);
      }
      if (n != 0 && event.kind == EventKind::Notification) {
        events_[n].push_back(&event);
        judge_fields(n, event);
      }
    }
    for (const NotificationOutcome& outcome : account_.outcomes) {
      judge(outcome);
    }
    for (const auto& [connection, facts] : account_.wire) {
      if (!facts.behind_goaway.empty()) {
        others_.push_back("the provider opened stream " +
                          std::to_string(facts.behind_goaway.front()) + " on connection " +
                          std::to_string(connection) + " though a GOAWAY had come");
      }
    }
    std::vector<std::string> all;
    for (const auto& [sentence, numbers] : numbers_) {
      all.push_back(numbers.to_string() + " " + sentence);
    }
    all.insert(all.end(), others_.begin(), others_.end());
    return all;
  }

 private:
  void add(std::string_view sentence, std::uint64_t n) {
    numbers_[std::string(sentence)].add(n, n);
  }

  void judge_fields(std::uint64_t n, const LedgerEvent& event) {
    if (n > account_.notifications.size() || !is_answer(event)) {
      return;
    }
    const Notification& handed = account_.notifications[n - 1];
    const std::string_view push_type =
        handed.push_type ? row_of(*handed.push_type).name : std::string_view();
    // The service has a topic of its own where none was sent, an apns-id where none, or no UUID,
    // was, and keeps no more of a collapse id than is allowed.
    const bool is_changed = (!handed.topic.empty() && handed.topic != event.topic) ||
                            push_type != event.push_type ||
                            !handed.collapse_id.starts_with(event.collapse_id) ||
                            handed.collapse_id.empty() != event.collapse_id.empty() ||
                            (event.outcome == EventOutcome::Accepted && is_uuid(handed.apns_id) &&
                             handed.apns_id != event.apns_id);
    if (is_changed) {
      add("arrived with other fields", n);
    }
  }

  void judge(const NotificationOutcome& outcome) {
    const auto found = events_.find(outcome.n);
    const auto first = found == events_.end() ? none_.begin() : found->second.begin();
    const auto last = found == events_.end() ? none_.end() : found->second.end();
    const auto any = [first, last](const auto& holds) {
      return std::any_of(first, last, [&holds](const LedgerEvent* event) { return holds(*event); });
    };
    if (outcome.status) {
      const auto is_its = [this, &outcome](const LedgerEvent& event) {
        const bool may_be_cut = knows(event) && !is_told(event);
        return is_answer(event) &&
               (is_the_same(outcome, event) || (may_be_cut && is_its_head(outcome, event)));
      };
      if (!any(is_its)) {
        add("reported with another answer than the service gave", outcome.n);
      }
      return;
    }
    const auto answered = [this](const LedgerEvent& event) {
      return is_answer(event) && !is_taken_back(event);
    };
    const auto answered_whole = [this](const LedgerEvent& event) {
      return is_answer(event) && (is_told(event) || !account_.taken_in_part.contains(event.seq));
    };
    if (outcome.reason == "not-processed" && any(answered)) {
      add("reported not processed, but answered", outcome.n);
    } else if (outcome.reason == "unsent" && any(answered_whole)) {
      add("reported unsent, but answered", outcome.n);
    } else if (is_without_answer(outcome.reason) &&
               any([this](const LedgerEvent& event) { return is_told(event); })) {
      add("reported unknown, though the answer came through", outcome.n);
    } else if (is_without_answer(outcome.reason) &&
               any([this](const LedgerEvent& event) { return is_refused(event); })) {
      add("reported unknown, though the service refused it", outcome.n);
    }
  }

  /// The service missed an acknowledgement that a slow link has not carried yet.
  [[nodiscard]] bool is_late_ack(const LedgerEvent& event) const {
    const auto facts = account_.wire.find(event.connection);
    return event.rule == http2::rule_row(http2::Rule::SettingsNotAcknowledged).id &&
           facts != account_.wire.end() && !facts->second.owes_ack;
  }

  [[nodiscard]] const WireFacts* facts_of(const LedgerEvent& event) const {
    const auto found = account_.wire.find(event.connection);
    return found == account_.wire.end() || !event.stream ? nullptr : &found->second;
  }

  [[nodiscard]] bool knows(const LedgerEvent& event) const { return facts_of(event) != nullptr; }

  /// The answer came whole while the provider waited for it.
  [[nodiscard]] bool is_told(const LedgerEvent& event) const {
    const WireFacts* const facts = facts_of(event);
    return facts != nullptr && is_answer(event) && facts->answered.contains(*event.stream);
  }

  [[nodiscard]] bool is_refused(const LedgerEvent& event) const {
    const WireFacts* const facts = facts_of(event);
    return facts != nullptr && facts->refused.contains(*event.stream);
  }

  /// The service decided, and then said that nobody had looked at it.
  [[nodiscard]] bool is_taken_back(const LedgerEvent& event) const {
    const WireFacts* const facts = facts_of(event);
    return facts != nullptr && !is_told(event) && facts->is_disowned(*event.stream);
  }

  const Account& account_;
  std::map<std::uint64_t, std::vector<const LedgerEvent*>> events_;  // by n
  const std::vector<const LedgerEvent*> none_;
  std::map<std::string, NumberSet> numbers_;
  std::vector<std::string> others_;
};

}  // namespace

std::vector<std::string> check_http2_invariant(const Account& account) {
  return Http2Judge(account).sentences();
}

}  // namespace apns::scenarios
