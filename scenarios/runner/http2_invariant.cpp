#include "scenarios/runner/http2_invariant.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "apns/model/push_type.h"

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

class Http2Judge {
 public:
  explicit Http2Judge(const Account& account) : account_(account) {}

  std::vector<std::string> sentences() && {
    for (const auto& [n, event] : account_.events) {
      if (event.kind == EventKind::Violation && event.protocol == mock::Protocol::Http2) {
        others_.push_back("the provider broke " + event.rule + " on connection " +
                          std::to_string(event.connection) + ": " + event.found);
      }
      if (event.kind == EventKind::Fault) {
        with_faults_.insert(event.connection);
      }
      if (n != 0 && event.kind == EventKind::Notification) {
        events_[n].push_back(&event);
        judge_fields(n, event);
      }
    }
    for (const NotificationOutcome& outcome : account_.outcomes) {
      judge(outcome);
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
                            (event.outcome == EventOutcome::Accepted && !handed.apns_id.empty() &&
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
    const auto answered = [](const LedgerEvent& event) { return is_answer(event); };
    if (outcome.status) {
      const auto is_its = [&outcome](const LedgerEvent& event) {
        return is_answer(event) && is_the_same(outcome, event);
      };
      if (!any(is_its)) {
        add("reported with another answer than the service gave", outcome.n);
      }
    } else if (outcome.reason == "not-processed" && any(answered)) {
      add("reported not processed, but answered", outcome.n);
    } else if (outcome.reason == "unsent" && any(answered)) {
      add("reported unsent, but answered", outcome.n);
    } else if (outcome.reason == "connection-lost" && any([this](const LedgerEvent& event) {
                 return is_answer(event) && came_through(event.connection);
               })) {
      add("reported unknown, though the answer came through", outcome.n);
    }
  }

  /// All that the service said on the connection; false as well where it is not known: a rule may
  /// have had an answer wait.
  [[nodiscard]] bool came_through(std::uint64_t connection) const {
    if (with_faults_.contains(connection)) {
      return false;
    }
    const auto attempt = std::ranges::find(account_.attempts, connection, &Attempt::connection);
    return attempt != account_.attempts.end() && !attempt->link.reset_after_to_client &&
           !attempt->link.reset_after_to_server && attempt->end == Gone::Closed;
  }

  const Account& account_;
  std::map<std::uint64_t, std::vector<const LedgerEvent*>> events_;  // by n
  const std::vector<const LedgerEvent*> none_;
  std::set<std::uint64_t> with_faults_;  // connections
  std::map<std::string, NumberSet> numbers_;
  std::vector<std::string> others_;
};

}  // namespace

std::vector<std::string> check_http2_invariant(const Account& account) {
  return Http2Judge(account).sentences();
}

}  // namespace apns::scenarios
