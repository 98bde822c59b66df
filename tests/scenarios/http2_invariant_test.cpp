#include "scenarios/runner/http2_invariant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/runner/invariant.h"

namespace apns::scenarios {
namespace {

using mock::EventOutcome;
using provider::OutcomeKind;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kUuid = "0d15ea5e-0000-4000-8000-000000000001";

/// A conversation of one connection; each notification is handed over alike.
struct Conversation {
  std::vector<Notification> notifications;
  std::vector<NotificationOutcome> outcomes;
  std::vector<NumberedEvent> events;
  std::vector<Attempt> attempts;
  provider::Http2ClientOptions client;
  std::size_t most_open = 0;
  std::set<std::uint64_t> taken_in_part;
  WireFacts wire;  // of connection 1, where n has the stream 2n-1
  std::uint64_t num_excused = 0;

  explicit Conversation(std::uint32_t num_notifications) {
    for (std::uint32_t n = 1; n <= num_notifications; ++n) {
      Notification& made = notifications.emplace_back(Notification{device_token_of(n), "payload"});
      made.topic = "com.example.app";
      made.push_type = PushType::Alert;
    }
    Attempt& attempt = attempts.emplace_back();
    attempt.number = 1;
    attempt.connection = 1;
    attempt.end = Gone::Closed;
  }

  mock::LedgerEvent& offer(std::uint64_t n, EventOutcome outcome) {
    mock::LedgerEvent& event = events.emplace_back(NumberedEvent{n, {}}).event;
    event.kind = mock::EventKind::Notification;
    event.outcome = outcome;
    event.connection = 1;
    event.protocol = mock::Protocol::Http2;
    event.payload = "payload";
    event.topic = "com.example.app";
    event.push_type = "alert";
    event.apns_id = "ID";
    event.stream = static_cast<http2::StreamId>(2 * n - 1);
    return event;
  }

  void accept(std::uint64_t n) { offer(n, EventOutcome::Accepted).status = 200; }

  void reject(std::uint64_t n) {
    mock::LedgerEvent& event = offer(n, EventOutcome::Rejected);
    event.status = 410;
    event.reason = "Unregistered";
    event.timestamp = 7;
  }

  void report(std::uint64_t n, OutcomeKind kind, const std::string& reason) {
    outcomes.push_back(NotificationOutcome{n, kind, reason});
  }

  NotificationOutcome& report_answer(std::uint64_t n, OutcomeKind kind) {
    report(n, kind, kind == OutcomeKind::Sent ? "" : "Unregistered");
    NotificationOutcome& outcome = outcomes.back();
    outcome.apns_id = "ID";
    outcome.status = kind == OutcomeKind::Sent ? 200 : 410;
    if (kind == OutcomeKind::Rejected) {
      outcome.timestamp = 7;
    }
    return outcome;
  }

  [[nodiscard]] std::vector<std::string> findings() {
    Account account;
    account.num_notifications = notifications.size();
    account.notifications = notifications;
    account.outcomes = outcomes;
    account.events = events;
    account.attempts = attempts;
    account.http2_client = &client;
    account.most_open = most_open;
    account.wire.emplace(1, wire);
    account.taken_in_part = taken_in_part;
    const InvariantReport report = check_invariant(account);
    num_excused = report.num_excused;
    return report.sentences;
  }
};

TEST(Http2Invariant, HoldsForAnHonestConversation) {
  Conversation talk(6);
  talk.accept(2);
  talk.reject(1);
  talk.offer(3, EventOutcome::Discarded);
  talk.offer(4, EventOutcome::Discarded).answered = false;
  talk.report_answer(1, OutcomeKind::Rejected);
  talk.report_answer(2, OutcomeKind::Sent);
  talk.report(3, OutcomeKind::Rejected, "not-processed");
  talk.report(4, OutcomeKind::Unknown, "no-answer");
  talk.report(5, OutcomeKind::Unknown, "connection-lost");
  talk.report(6, OutcomeKind::Rejected, "unsent");
  EXPECT_THAT(talk.findings(), IsEmpty());
}

TEST(Http2Invariant, FindsAnAnswerThatIsNotTheServices) {
  const auto findings_with = [](const auto& change) {
    Conversation talk(1);
    talk.reject(1);
    change(talk.report_answer(1, OutcomeKind::Rejected));
    return talk.findings();
  };
  const auto other = ElementsAre("1 reported with another answer than the service gave");
  EXPECT_THAT(findings_with([](NotificationOutcome&) {}), IsEmpty());
  EXPECT_THAT(findings_with([](NotificationOutcome& told) { told.status = 400; }), other);
  EXPECT_THAT(findings_with([](NotificationOutcome& told) { told.reason = "BadTopic"; }), other);
  EXPECT_THAT(findings_with([](NotificationOutcome& told) { told.timestamp = 7000; }), other);
  EXPECT_THAT(findings_with([](NotificationOutcome& told) { told.timestamp.reset(); }), other);
  EXPECT_THAT(findings_with([](NotificationOutcome& told) { told.apns_id = "id"; }), other);
}

TEST(Http2Invariant, FindsAnAnswerThatNobodyGave) {
  Conversation talk(1);
  talk.offer(1, EventOutcome::Discarded).answered = false;
  talk.report_answer(1, OutcomeKind::Rejected);
  EXPECT_THAT(talk.findings(), ElementsAre("1 reported with another answer than the service gave"));
}

TEST(Http2Invariant, FindsWhatWasAnsweredAndIsReportedAsNotProcessed) {
  Conversation talk(2);
  talk.reject(1);
  talk.reject(2);
  talk.report(1, OutcomeKind::Rejected, "not-processed");
  talk.report(2, OutcomeKind::Rejected, "unsent");
  EXPECT_THAT(talk.findings(), ElementsAre("1 reported not processed, but answered",
                                           "2 reported unsent, but answered"));
}

TEST(Http2Invariant, FindsWhatIsUnknownThoughItsAnswerCame) {
  for (const char* reason : {"connection-lost", "no-answer", "reset", "bad-answer"}) {
    Conversation talk(1);
    talk.accept(1);
    talk.report(1, OutcomeKind::Unknown, reason);
    EXPECT_THAT(talk.findings(), IsEmpty()) << "it did not come";
    talk.wire.answered = {1};
    EXPECT_THAT(talk.findings(), ElementsAre("1 reported unknown, though the answer came through"))
        << reason;
  }
}

TEST(Http2Invariant, LetsADrainEndWhatIsAnswered) {
  Conversation talk(1);
  talk.accept(1);
  talk.report(1, OutcomeKind::Unknown, "drain-limit");
  talk.wire.answered = {1};
  EXPECT_THAT(talk.findings(), IsEmpty());
}

TEST(Http2Invariant, FindsARefusalThatIsTakenForSomethingElse) {
  for (const char* reason : {"connection-lost", "no-answer", "reset", "bad-answer"}) {
    Conversation talk(1);
    talk.offer(1, EventOutcome::Discarded).answered = false;
    talk.report(1, OutcomeKind::Unknown, reason);
    EXPECT_THAT(talk.findings(), IsEmpty());
    talk.wire.refused = {1};
    EXPECT_THAT(talk.findings(), ElementsAre("1 reported unknown, though the service refused it"));
  }
}

TEST(Http2Invariant, TakesTheHeadOfAnAnswerWhoseBodyDidNotCome) {
  Conversation talk(1);
  talk.reject(1);
  NotificationOutcome& told = talk.report_answer(1, OutcomeKind::Rejected);
  told.reason.clear();
  told.timestamp.reset();
  EXPECT_THAT(talk.findings(), IsEmpty());
  talk.wire.answered = {1};
  EXPECT_THAT(talk.findings(), ElementsAre("1 reported with another answer than the service gave"));
}

TEST(Http2Invariant, ExcusesWhatTheServiceTookBackAndNothingElse) {
  Conversation talk(2);
  talk.accept(1);
  talk.accept(2);
  talk.report(1, OutcomeKind::Rejected, "not-processed");
  talk.report(2, OutcomeKind::Rejected, "not-processed");
  talk.wire.last_stream = 1;
  EXPECT_THAT(talk.findings(), ElementsAre("1 reported rejected, but accepted",
                                           "1 reported not processed, but answered"));
  EXPECT_EQ(talk.num_excused, 1U);
  talk.wire.last_stream = 0;
  EXPECT_THAT(talk.findings(), IsEmpty());
  talk.wire.answered = {3};
  EXPECT_THAT(talk.findings(), ElementsAre("2 reported rejected, but accepted",
                                           "2 reported not processed, but answered"));
}

TEST(Http2Invariant, LetsWhatWasTakenInPartBeUnsent) {
  Conversation talk(1);
  talk.accept(1);
  talk.events[0].event.seq = 9;
  talk.events[0].event.payload = "pay";
  talk.report(1, OutcomeKind::Rejected, "unsent");
  EXPECT_THAT(talk.findings(), ElementsAre("1 arrived changed", "1 reported rejected, but accepted",
                                           "1 reported unsent, but answered"));
  talk.taken_in_part = {9};
  EXPECT_THAT(talk.findings(), IsEmpty());
  talk.wire.answered = {1};
  EXPECT_THAT(talk.findings(),
              ElementsAre("1 reported rejected, but accepted", "1 reported unsent, but answered"));
}

TEST(Http2Invariant, LetsWhatWasTakenBackBeAcceptedOnceMore) {
  Conversation talk(1);
  talk.wire.last_stream = 0;
  talk.accept(1);
  talk.accept(1);
  talk.events.back().event.connection = 2;
  talk.report_answer(1, OutcomeKind::Sent);
  EXPECT_THAT(talk.findings(), IsEmpty());
  talk.accept(1);
  talk.events.back().event.connection = 3;
  EXPECT_THAT(talk.findings(), ElementsAre("1 accepted 3 times"));
}

TEST(Http2Invariant, FindsAStreamThatIsOpenedBehindAGoaway) {
  Conversation talk(0);
  talk.wire.behind_goaway = {7};
  EXPECT_THAT(talk.findings(), ElementsAre("the provider opened stream 7 on connection 1 though a "
                                           "GOAWAY had come"));
}

TEST(Http2Invariant, FindsFieldsThatArriveChanged) {
  const auto findings_with = [](const auto& change) {
    Conversation talk(1);
    talk.notifications[0].collapse_id = "score";
    talk.notifications[0].apns_id = kUuid;
    talk.accept(1);
    talk.events[0].event.apns_id = kUuid;
    talk.events[0].event.collapse_id = "score";
    change(talk.events[0].event);
    talk.report_answer(1, OutcomeKind::Sent).apns_id = talk.events[0].event.apns_id;
    return talk.findings();
  };
  const auto changed = ElementsAre("1 arrived with other fields");
  EXPECT_THAT(findings_with([](mock::LedgerEvent&) {}), IsEmpty());
  EXPECT_THAT(findings_with([](mock::LedgerEvent& event) { event.topic = "other"; }), changed);
  EXPECT_THAT(findings_with([](mock::LedgerEvent& event) { event.push_type = "voip"; }), changed);
  EXPECT_THAT(findings_with([](mock::LedgerEvent& event) { event.collapse_id = ""; }), changed);
  EXPECT_THAT(findings_with([](mock::LedgerEvent& event) { event.collapse_id = "x"; }), changed);
  EXPECT_THAT(findings_with([](mock::LedgerEvent& event) { event.apns_id = "other"; }), changed);
}

TEST(Http2Invariant, LetsTheServiceMakeAnIdWhereNoUuidWasSent) {
  Conversation talk(1);
  talk.notifications[0].apns_id = "7";
  talk.accept(1);
  talk.report_answer(1, OutcomeKind::Sent);
  EXPECT_THAT(talk.findings(), IsEmpty());
}

TEST(Http2Invariant, LetsTheServiceFillInWhatWasNotSent) {
  Conversation talk(1);
  talk.notifications[0].topic = "";
  talk.accept(1);
  talk.report_answer(1, OutcomeKind::Sent);
  EXPECT_THAT(talk.findings(), IsEmpty());
}

TEST(Http2Invariant, FindsARuleOfHttp2ThatTheProviderBreaks) {
  Conversation talk(0);
  mock::LedgerEvent& event = talk.events.emplace_back().event;
  event.kind = mock::EventKind::Violation;
  event.protocol = mock::Protocol::Http2;
  event.connection = 1;
  event.rule = "http2/concurrent-streams";
  event.found = "too many";
  EXPECT_THAT(talk.findings(),
              ElementsAre("the provider broke http2/concurrent-streams on connection 1: too many"));
}

// Search over HTTP/2, seed 12029.
TEST(Http2Invariant, BlamesNobodyForASlowLinkThatHoldsBackAnAcknowledgement) {
  Conversation talk(0);
  mock::LedgerEvent& event = talk.events.emplace_back().event;
  event.kind = mock::EventKind::Violation;
  event.protocol = mock::Protocol::Http2;
  event.connection = 1;
  event.rule = "http2/settings-are-acknowledged";
  event.found = "not in time";
  EXPECT_THAT(talk.findings(), IsEmpty());
  talk.wire.owes_ack = true;
  EXPECT_THAT(talk.findings(), ElementsAre("the provider broke http2/settings-are-acknowledged on "
                                           "connection 1: not in time"));
}

TEST(Http2Invariant, AllowsAnotherOrder) {
  Conversation talk(2);
  talk.notifications[1].device_token = talk.notifications[0].device_token;
  talk.accept(2);
  talk.accept(1);
  talk.report_answer(2, OutcomeKind::Sent);
  talk.report_answer(1, OutcomeKind::Sent);
  EXPECT_THAT(talk.findings(), IsEmpty());
}

TEST(Http2Invariant, FindsAProviderThatHoldsTooMuch) {
  Conversation talk(0);
  talk.client.max_streams = 3;
  talk.client.queue_len = 2;
  talk.most_open = 5;
  EXPECT_THAT(talk.findings(), IsEmpty());
  talk.most_open = 6;
  EXPECT_THAT(talk.findings(), ElementsAre("the provider held 6 notifications, it may have 3 on "
                                           "their way and 2 waiting"));
}

TEST(Http2Invariant, FindsConnectingForNothing) {
  Conversation talk(1);
  talk.client.dial.max_attempts = 2;
  talk.report(1, OutcomeKind::Rejected, "unsent");
  talk.attempts.assign(3, Attempt());
  EXPECT_THAT(talk.findings(), IsEmpty());
  talk.attempts.assign(4, Attempt());
  EXPECT_THAT(talk.findings(),
              ElementsAre("the provider connected more than 2 times in a row for nothing"));
}

}  // namespace
}  // namespace apns::scenarios
