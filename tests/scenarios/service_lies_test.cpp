#include "scenarios/runner/service_lies.h"

#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"

namespace apns::scenarios {
namespace {

using mock::EventKind;
using mock::EventOutcome;
using std::chrono::milliseconds;

constexpr std::uint32_t kLastAccepted = 2;
constexpr std::uint32_t kOwn = 3;

/// Six notifications, of which the third met `rule` on connection 1, behind two that were accepted.
struct Met {
  Scenario scenario;
  std::vector<NumberedEvent> events;
  std::vector<Attempt> attempts;

  Met(const char* rule, EventOutcome outcome, std::optional<std::uint8_t> status) {
    scenario.client.settle_after = milliseconds(200);
    scenario.faults.push_back(mock::parse_fault(rule));
    scenario.faults[0].name = "rule";
    for (std::uint32_t n = 1; n <= 6; ++n) {
      scenario.notifications.push_back(Notification{device_token_of(n), "payload"});
    }
    add(kLastAccepted, EventOutcome::Accepted, {});
    add(kOwn, outcome, status);
    NumberedEvent fired{kOwn, {}};
    fired.event.kind = EventKind::Fault;
    fired.event.connection = 1;
    fired.event.name = "rule";
    fired.event.of = kOwn;
    events.push_back(fired);
    Attempt attempt;
    attempt.number = attempt.connection = 1;
    attempts.push_back(attempt);
  }

  void add(std::uint32_t n, EventOutcome outcome, std::optional<std::uint8_t> status) {
    NumberedEvent numbered{n, {}};
    numbered.event.kind = EventKind::Notification;
    numbered.event.seq = n;
    numbered.event.outcome = outcome;
    numbered.event.connection = 1;
    numbered.event.identifier = n;
    numbered.event.status = status;
    events.push_back(numbered);
  }

  [[nodiscard]] Lies lies(bool with_tls = false) const {
    const LiesByConnection found = find_lies(scenario, with_tls, events, attempts);
    return found.empty() ? Lies() : found.at(1);
  }
};

struct Case {
  const char* rule;
  const char* met;  // "accepted", "rejected 8", "discarded 10"
  Lies lies;

  friend void PrintTo(const Case& row, std::ostream* out) { *out << row.rule; }
};

class ServiceLies : public testing::TestWithParam<Case> {};

TEST_P(ServiceLies, AreWhatNoProviderCanKnow) {
  const std::string met = GetParam().met;
  const Met conversation = met == "accepted" ? Met(GetParam().rule, EventOutcome::Accepted, {})
                           : met == "rejected 8"
                               ? Met(GetParam().rule, EventOutcome::Rejected, std::uint8_t{8})
                               : Met(GetParam().rule, EventOutcome::Discarded, std::uint8_t{10});
  EXPECT_EQ(conversation.lies(), GetParam().lies);
}

const Lies kSilent{.is_silent = true};
const Lies kFalse{.is_false = true};

INSTANTIATE_TEST_SUITE_P(
    Table, ServiceLies,
    testing::Values(
        // The truth.
        Case{"nth=3: reject=8", "rejected 8", {}},
        Case{"nth=3: reject=8 delay=50ms error_packet.split=1", "rejected 8", {}},
        Case{"nth=3: reject=8 error_packet.count=0", "rejected 8", {}},
        Case{"nth=3: reject=8 close=half-open", "rejected 8", {}},
        Case{"nth=3: reject=8 stop_reading=true", "rejected 8", {}},
        Case{"nth=3: reject=8 raw=07ff", "rejected 8", {}},
        Case{"nth=3: reject=8 raw=0808", "rejected 8", {}},
        Case{"nth=3: reject=8 error_packet.identifier=3", "rejected 8", {}},
        Case{"nth=3: reject=8 error_packet.identifier=0", "rejected 8", {.names_nobody = true}},
        Case{"nth=3: reject=8 error_packet.identifier=4000000000",
             "rejected 8",
             {.names_nobody = true}},
        Case{"nth=3: reject=8 error_packet.status=0", "rejected 8", {.other_status = 0}},
        Case{"nth=3: reject=8 error_packet.status=10 error_packet.identifier=previous",
             "rejected 8",
             {.other_status = 10}},
        Case{"nth=3: reject=10", "discarded 10", {}}, Case{"nth=3: close=rst", "accepted", {}},
        Case{"nth=3: close=fin raw=07", "accepted", {}}, Case{"nth=3: delay=50ms", "accepted", {}},
        Case{"nth=3: no_answer=true", "accepted", {}},
        // Silence.
        Case{"nth=3: close=half-open", "accepted", kSilent},
        Case{"nth=3: stop_reading=true", "accepted", kSilent},
        Case{"nth=3: reject=8 close=half-open error_packet.count=0", "rejected 8", kSilent},
        Case{"nth=3: reject=8 close=half-open raw=0808", "rejected 8", kSilent},
        Case{"nth=3: delay=250ms", "accepted", kSilent},
        Case{"nth=3: reject=8 delay=200ms", "rejected 8", kSilent},
        Case{"nth=3: bandwidth=100", "accepted", kSilent},
        // False words.
        Case{"nth=3: reject=8 error_packet.identifier=previous", "rejected 8", kFalse},
        Case{"nth=3: reject=8 error_packet.identifier=5", "rejected 8", kFalse},
        Case{"nth=3: reject=8 error_packet.status=10",
             "rejected 8",
             {.is_false = true, .other_status = 10}},
        Case{"nth=3: reject=10 error_packet.status=8",
             "discarded 10",
             {.is_false = true, .other_status = 8}},
        Case{"nth=3: reject=10 error_packet.identifier=3", "discarded 10", kFalse},
        Case{"nth=3: reject=8 raw=080800000001", "rejected 8", kFalse},
        // Bytes, and on it goes.
        Case{"nth=3: raw=07", "accepted", {.goes_on = true}},
        Case{"nth=3: raw=08", "accepted", {.is_false = true, .goes_on = true}}));

TEST(ServiceLies, AShutdownBeforeTheFirstAcceptanceNamesNobody) {
  Met met("nth=9: close=fin", EventOutcome::Discarded, std::uint8_t{10});
  EXPECT_EQ(met.lies(), Lies());
  met.events.erase(met.events.begin());
  EXPECT_EQ(met.lies(), Lies{.names_nobody = true});
}

TEST(ServiceLies, AnErrorPacketTellsUnlessTheLinkResets) {
  using Connections = std::set<std::uint64_t>;
  const auto told = [](const Met& met) {
    return find_told(met.scenario, met.events, met.attempts);
  };
  Met met("nth=3: reject=8", EventOutcome::Rejected, std::uint8_t{8});
  EXPECT_EQ(told(met), Connections{1});
  met.attempts[0].link.reset_after_to_client = 3;
  EXPECT_EQ(told(met), Connections{});
  Met raw("nth=3: reject=8 raw=07", EventOutcome::Rejected, std::uint8_t{8});
  raw.events[1].event.cause = "fault:rule";
  EXPECT_EQ(told(raw), Connections{});
  EXPECT_EQ(told(Met("nth=3: close=rst", EventOutcome::Accepted, {})), Connections{});
}

TEST(ServiceLies, DelaysOnOneConnectionAddUp) {
  Met met("nth=3: delay=90ms", EventOutcome::Accepted, {});
  EXPECT_EQ(met.lies(), Lies());
  met.events.push_back(met.events.back());
  EXPECT_EQ(met.lies(), Lies());
  met.events.push_back(met.events.back());
  EXPECT_EQ(met.lies(), kSilent);
}

TEST(ServiceLies, ALinkMayBeSilentToo) {
  Met met("nth=9: close=fin", EventOutcome::Accepted, {});
  met.attempts[0].link.stalled_server = true;
  EXPECT_EQ(met.lies(), kSilent);
  met.attempts[0].link = LinkOptions();
  met.attempts[0].link.latency = milliseconds(99);
  EXPECT_EQ(met.lies(), Lies()) << "there and back again in time";
  met.attempts[0].link.latency = milliseconds(100);
  EXPECT_EQ(met.lies(), kSilent);
}

TEST(ServiceLies, WithTlsANarrowLinkTakesLonger) {
  Met met("nth=9: close=fin", EventOutcome::Accepted, {});
  met.attempts[0].link.latency = milliseconds(20);
  met.attempts[0].link.window = 500;
  EXPECT_EQ(met.lies(false), Lies());
  EXPECT_EQ(met.lies(true), kSilent);
}

}  // namespace
}  // namespace apns::scenarios
