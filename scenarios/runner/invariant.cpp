#include "scenarios/runner/invariant.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "apns/model/device_token.h"
#include "scenarios/runner/http2_invariant.h"

namespace apns::scenarios {
namespace {

using mock::EventKind;
using mock::EventOutcome;
using mock::LedgerEvent;
using provider::OutcomeKind;

/// Longer than a frame is without its payload.
constexpr std::size_t kMaxFrameOverhead = 256;

/// What happened to one notification.
struct History {
  std::uint64_t num_outcomes = 0;
  OutcomeKind outcome = OutcomeKind::Sent;  // the last one
  std::string_view reason;
  std::size_t reported_at = SIZE_MAX;  // events before the first outcome; SIZE_MAX: not known

  std::uint64_t num_accepted = 0;
  std::uint64_t num_taken_back = 0;     // of those: called unprocessed before the answer came
  std::uint64_t accepted_on = 0;        // first
  std::vector<std::uint16_t> statuses;  // of its rejections
  bool offered_after_accepted = false;
  bool last_was_discarded = false;
  bool is_lost = false;   // the last time it was offered, without a word
  bool was_lost = false;  // any time

  std::uint64_t current = 0;  // the newest connection when the outcome was told

  // What the service did not tell, where this one was offered or open.
  Lies lies;
};

/// Is the reason of a rejection a status?
bool is_by_service(std::string_view reason) {
  return !reason.empty() && std::isdigit(static_cast<unsigned char>(reason.front())) != 0;
}

/// Gathers numbers under the sentence that is true of them.
class Findings {
 public:
  void add(std::string_view sentence, std::uint64_t n) {
    numbers_[std::string(sentence)].add(n, n);
  }

  void add(std::string sentence) { others_.push_back(std::move(sentence)); }

  /// Adds it, unless it is excused; that is counted.
  void add_unless(bool is_excused, std::string_view sentence, std::uint64_t n) {
    if (is_excused) {
      ++num_excused_;
    } else {
      add(sentence, n);
    }
  }

  [[nodiscard]] InvariantReport report() && {
    InvariantReport report;
    for (const auto& [sentence, numbers] : numbers_) {
      report.sentences.push_back(numbers.to_string() + " " + sentence);
    }
    report.sentences.insert(report.sentences.end(), others_.begin(), others_.end());
    report.num_excused = num_excused_;
    return report;
  }

 private:
  std::map<std::string, NumberSet> numbers_;
  std::vector<std::string> others_;
  std::uint64_t num_excused_ = 0;
};

class Judge {
 public:
  explicit Judge(const Account& account)
      : account_(account), histories_(account.num_notifications + 1) {}  // 0 is not used

  InvariantReport report() && {
    read_outcomes();
    read_events();
    for (std::uint64_t n = 1; n <= account_.num_notifications; ++n) {
      judge(histories_[n], n);
    }
    judge_order();
    judge_bounds();
    judge_progress();
    judge_giving_up();
    return std::move(findings_).report();
  }

 private:
  [[nodiscard]] bool is_ours(std::uint64_t n) const {
    return n >= 1 && n <= account_.num_notifications;
  }

  // Which connection one that never arrived was on is not known where there are several.
  [[nodiscard]] bool has_several() const {
    return account_.client != nullptr && account_.client->connections > 1;
  }

  /// Of the connection attempts in a row that may come to nothing; nullopt: not known.
  [[nodiscard]] std::optional<std::uint64_t> max_attempts() const {
    if (account_.client != nullptr) {
      return account_.client->max_attempts;
    }
    // While one of several connections has work, another may be tried anew again and again.
    const provider::Http2ClientOptions* const http2 = account_.http2_client;
    if (http2 != nullptr && http2->max_connections == 1 && http2->min_connections == 0) {
      return http2->dial.max_attempts;
    }
    return std::nullopt;
  }

  [[nodiscard]] bool is_silent_anywhere() const {
    return std::ranges::any_of(account_.lies,
                               [](const auto& entry) { return entry.second.is_silent; });
  }

  [[nodiscard]] bool is_silent_on(std::uint64_t connection) const {
    const auto found = account_.lies.find(connection);
    return found != account_.lies.end() && found->second.is_silent;
  }

  void add_lies(std::uint64_t connection, History& history) const {
    const auto found = account_.lies.find(connection);
    if (found == account_.lies.end()) {
      return;
    }
    const Lies& lies = found->second;
    history.lies.is_false = history.lies.is_false || lies.is_false;
    history.lies.goes_on = history.lies.goes_on || lies.goes_on;
    history.lies.names_nobody = history.lies.names_nobody || lies.names_nobody;
    if (lies.other_status) {
      history.lies.other_status = lies.other_status;
    }
  }

  void read_outcomes() {
    std::uint64_t current = 0;  // the newest connection at the time of the outcome
    std::size_t num_events = 0;
    for (std::size_t i = 0; i < account_.outcomes.size(); ++i) {
      const NotificationOutcome& outcome = account_.outcomes[i];
      if (!is_ours(outcome.n)) {
        findings_.add("has an outcome, but was never handed over", outcome.n);
        continue;
      }
      History& history = histories_[outcome.n];
      ++history.num_outcomes;
      history.outcome = outcome.kind;
      history.reason = outcome.reason;
      if (i >= account_.events_before.size()) {
        continue;
      }
      for (; num_events < account_.events_before[i]; ++num_events) {
        const LedgerEvent& event = account_.events[num_events].event;
        const bool opened = event.kind == EventKind::Connection &&
                            event.outcome == EventOutcome::Opened &&
                            event.protocol == mock::Protocol::Binary;
        current = opened ? event.connection : current;
      }
      history.reported_at = std::min(history.reported_at, num_events);
      history.current = current;
      if (has_several()) {
        for (const auto& [connection, lies] : account_.lies) {
          add_lies(connection, history);
        }
      }
      add_lies(current, history);
      const auto lies = account_.lies.find(current);
      history.lies.is_silent = (lies != account_.lies.end() && lies->second.is_silent) ||
                               (has_several() && is_silent_anywhere());
    }
  }

  void read_events() {
    for (std::size_t i = 0; i < account_.events.size(); ++i) {
      const auto& [n, event] = account_.events[i];
      if (event.kind == EventKind::Connection && event.outcome == EventOutcome::Opened) {
        opened_at_[event.connection] = i;
      }
      if (event.kind != EventKind::Notification) {
        continue;
      }
      if (!is_ours(n)) {
        findings_.add("connection " + std::to_string(event.connection) +
                      " carried what was never handed over");
        continue;
      }
      read_event(histories_[n], n, event);
    }
  }

  void read_event(History& history, std::uint64_t n, const LedgerEvent& event) {
    const bool is_accepted = event.outcome == EventOutcome::Accepted;
    judge_identifier(n, event);
    add_lies(event.connection, history);
    const auto opened = opened_at_.find(event.connection);
    if (opened != opened_at_.end() && opened->second >= history.reported_at &&
        history.reported_at != SIZE_MAX && !is_mended(history)) {
      findings_.add_unless(history.lies.is_false, "offered again after its outcome", n);
    }
    history.offered_after_accepted = history.offered_after_accepted || history.num_accepted > 0;
    if (is_accepted && ++history.num_accepted == 1) {
      history.accepted_on = event.connection;
    }
    history.num_taken_back += is_accepted && is_taken_back(event) ? 1U : 0U;
    if (event.outcome == EventOutcome::Rejected && event.status) {
      history.statuses.push_back(*event.status);
    }
    history.last_was_discarded = event.outcome == EventOutcome::Discarded;
    history.is_lost = history.last_was_discarded && !event.status && !event.answered.value_or(true);
    history.was_lost = history.was_lost || history.is_lost;
    if (is_accepted && n <= account_.notifications.size()) {
      judge_content(account_.notifications[n - 1], n, event);
    }
  }

  /// Over HTTP/2: accepted, but no answer came to the provider, and the service then said that
  /// nobody had looked at it, or had accepted it before all of it was there.
  [[nodiscard]] bool is_taken_back(const LedgerEvent& event) const {
    const auto facts = account_.wire.find(event.connection);
    return facts != account_.wire.end() && event.stream &&
           !facts->second.answered.contains(*event.stream) &&
           (facts->second.is_disowned(*event.stream) || account_.taken_in_part.contains(event.seq));
  }

  /// It was reported sent, and a late word says that it was discarded: going again makes it true.
  [[nodiscard]] bool is_mended(const History& history) const {
    return history.outcome == OutcomeKind::Sent &&
           (history.num_accepted == 0 || account_.doubles_allowed);
  }

  void judge_identifier(std::uint64_t n, const LedgerEvent& event) {
    if (!event.identifier || account_.notifications.empty()) {
      return;
    }
    if (*event.identifier == 0) {
      findings_.add("written with identifier 0", n);
      return;
    }
    const std::uint64_t key = event.connection << 32U | *event.identifier;
    const auto [found, is_new] = identifiers_.emplace(key, n);
    if (!is_new) {
      findings_.add(found->second == n ? "written twice on one connection"
                                       : "written with the identifier of another one",
                    n);
    }
  }

  void judge_content(const Notification& handed, std::uint64_t n, const LedgerEvent& event) {
    if (event.priority != handed.priority || event.expiration != handed.expiration) {
      findings_.add("arrived changed", n);
    } else if (event.payload != handed.payload) {
      findings_.add_unless(account_.taken_in_part.contains(event.seq), "arrived changed", n);
    }
  }

  void judge(const History& history, std::uint64_t n) {
    if (history.num_outcomes == 0) {
      findings_.add("without an outcome", n);
      return;
    }
    if (history.num_outcomes > 1) {
      findings_.add("with " + std::to_string(history.num_outcomes) + " outcomes", n);
    }
    const bool sent_blindly = history.is_lost || history.lies.is_silent || history.lies.is_false;
    const bool was_taken_back = history.num_taken_back > 0;
    const bool again_blindly =
        account_.doubles_allowed || history.lies.is_false ||
        (was_taken_back && history.num_accepted <= history.num_taken_back + 1);
    if (history.outcome == OutcomeKind::Sent && history.num_accepted == 0) {
      findings_.add_unless(sent_blindly, "reported sent, never accepted", n);
    }
    if (history.outcome == OutcomeKind::Rejected) {
      judge_rejected(history, again_blindly, n);
    }
    if (history.outcome == OutcomeKind::Unknown) {
      judge_unknown(history, n);
    }
    if (history.num_accepted > 1) {
      findings_.add_unless(again_blindly,
                           "accepted " + std::to_string(history.num_accepted) + " times", n);
    } else if (history.offered_after_accepted) {
      findings_.add_unless(again_blindly, "offered again after being accepted", n);
    }
    if (history.last_was_discarded && history.outcome == OutcomeKind::Sent) {
      findings_.add_unless(sent_blindly || account_.doubles_allowed,
                           "discarded and never offered again", n);
    }
  }

  void judge_rejected(const History& history, bool again_blindly, std::uint64_t n) {
    const bool by_service = is_by_service(history.reason);
    if (history.num_accepted > 0) {
      // One that may be doubled may be taken at first and rejected later; that nobody had it is
      // something else.
      const bool was_denied =
          history.lies.is_false || history.num_taken_back == history.num_accepted;
      findings_.add_unless(by_service ? again_blindly : was_denied,
                           "reported rejected, but accepted", n);
    }
    if (!by_service || account_.notifications.empty()) {
      return;
    }
    const auto says = [&history](std::uint16_t status) {
      return history.reason == std::to_string(status);
    };
    const bool was_rejected = std::any_of(history.statuses.begin(), history.statuses.end(), says) ||
                              (!history.statuses.empty() && history.lies.other_status &&
                               says(*history.lies.other_status));
    if (!was_rejected) {
      findings_.add_unless(history.lies.is_false,
                           "reported rejected with a status that the service did not give it", n);
    }
  }

  // Unknown is for what cannot be known.
  void judge_unknown(const History& history, std::uint64_t n) {
    if (account_.client == nullptr || has_several() || history.current == 0) {
      return;
    }
    if (history.reason == "unknown-identifier") {
      const bool is_true = history.lies.names_nobody || history.lies.is_false;
      if (!is_true) {
        findings_.add("reported unknown, though the error packet named one of the provider's", n);
      }
    }
    const bool was_told = account_.told.contains(history.current) && !history.lies.goes_on &&
                          !history.lies.is_false && !account_.doubles_allowed;
    if (history.reason == "connection-lost" && was_told) {
      findings_.add("reported unknown, though an error packet told", n);
    }
  }

  // Given up only behind max_attempts attempts without progress, unless writes stalled. What is
  // told together was known before the attempt that it led to, which is written down first.
  void judge_giving_up() {
    if (account_.client == nullptr || has_several() || !account_.gives_up_late ||
        account_.attempts.empty() || is_silent_anywhere() || account_.late_packets > 0) {
      return;
    }
    std::size_t progress = 0;  // the first of those that were told with the last one that was any
    std::size_t together = 0;
    for (std::size_t i = 0; i < account_.outcomes.size(); ++i) {
      const NotificationOutcome& outcome = account_.outcomes[i];
      together = account_.events_before[i] == account_.events_before[together] ? together : i;
      if (outcome.reason == "unsent") {
        judge_attempts(progress, i);
      } else if (outcome.kind == OutcomeKind::Sent || is_by_service(outcome.reason)) {
        progress = together;
      }
    }
  }

  void judge_attempts(std::size_t progress, std::size_t given_up) {
    const auto num = std::ranges::count_if(account_.attempts, [=](const Attempt& attempt) {
      return !attempt.of_feedback && attempt.num_outcomes >= progress &&
             attempt.num_outcomes <= given_up;
    });
    if (static_cast<std::uint64_t>(num) < account_.client->max_attempts) {
      findings_.add("given up before max_attempts attempts came to nothing",
                    account_.outcomes[given_up].n);
    }
  }

  // The first acceptances of one device token ascend in n. Over HTTP/2 each has a stream of its
  // own, and nobody promises an order.
  void judge_order() {
    if (account_.notifications.empty() || account_.http2_client != nullptr) {
      return;
    }
    std::unordered_map<DeviceToken, std::uint64_t> last;  // n that was accepted last
    std::vector<bool> is_known(histories_.size());
    for (const auto& [n, event] : account_.events) {
      if (event.kind != EventKind::Notification || event.outcome != EventOutcome::Accepted ||
          !is_ours(n) || is_known[n]) {
        continue;
      }
      is_known[n] = true;
      const auto [found, is_new] = last.emplace(account_.notifications[n - 1].device_token, n);
      if (!is_new && found->second > n) {
        // A service that takes longer than silence means sent may be overtaken by the next
        // connection.
        findings_.add_unless(is_silent_on(event.connection) || histories_[n].was_lost ||
                                 histories_[n].lies.goes_on ||
                                 histories_[found->second].lies.goes_on,
                             "accepted behind a later one to the same device", n);
      }
      found->second = std::max(found->second, n);
    }
  }

  void judge_bounds() {
    if (account_.http2_client != nullptr) {
      const provider::Http2ClientOptions& client = *account_.http2_client;
      // One that said GOAWAY ends what it has, beside those that take its place.
      const std::size_t most_on_their_way =
          client.max_streams * std::max<std::size_t>(account_.wire.size(), 1);
      if (account_.most_open > most_on_their_way + client.queue_len) {
        findings_.add("the provider held " + std::to_string(account_.most_open) +
                      " notifications, it may have " + std::to_string(most_on_their_way) +
                      " on their way and " + std::to_string(client.queue_len) + " waiting");
      }
    }
    if (account_.client == nullptr) {
      return;
    }
    const provider::BinaryClientOptions& client = *account_.client;
    // Each connection has its share, of at least one.
    if (account_.most_open > std::max<std::size_t>(client.window_len, client.connections)) {
      findings_.add("the provider held " + std::to_string(account_.most_open) +
                    " notifications, its window is " + std::to_string(client.window_len));
    }
    if (account_.most_open_bytes >=
        client.window_bytes + client.connections * (client.payload_limit + kMaxFrameOverhead)) {
      findings_.add("the provider held " + std::to_string(account_.most_open_bytes) +
                    " bytes, its window is " + std::to_string(client.window_bytes));
    }
  }

  // Outcomes are told when an event is over, and so behind the attempt that it led to: one more.
  void judge_progress() {
    const std::optional<std::uint64_t> most = max_attempts();
    if (!most) {
      return;
    }
    const std::uint64_t connections = has_several() ? account_.client->connections : 1;
    std::uint64_t in_a_row = 0;
    std::size_t num_outcomes = SIZE_MAX;
    for (const Attempt& attempt : account_.attempts) {
      if (attempt.of_feedback) {
        continue;
      }
      in_a_row = attempt.num_outcomes == num_outcomes ? in_a_row + 1 : 1;
      num_outcomes = attempt.num_outcomes;
      if (in_a_row > connections * (*most + 1)) {
        if (account_.late_packets > 0) {
          return;  // it got on with what had its outcome already
        }
        findings_.add("the provider connected more than " + std::to_string(*most) +
                      " times in a row for nothing");
        return;
      }
    }
  }

  const Account& account_;
  std::vector<History> histories_;
  std::unordered_map<std::uint64_t, std::size_t> opened_at_;      // by connection
  std::unordered_map<std::uint64_t, std::uint64_t> identifiers_;  // n by connection and identifier
  Findings findings_;
};

}  // namespace

InvariantReport check_invariant(const Account& account) {
  InvariantReport report = Judge(account).report();
  if (account.http2_client != nullptr) {
    std::ranges::move(check_http2_invariant(account), std::back_inserter(report.sentences));
  }
  return report;
}

}  // namespace apns::scenarios
