#include "scenarios/search/tally.h"

#include <algorithm>
#include <string_view>

namespace apns::scenarios::search {
namespace {

using mock::ErrorPacketFault;
using mock::EventKind;
using mock::EventOutcome;
using mock::FaultAction;
using mock::FaultClose;
using mock::FaultRule;
using Counts = std::map<std::string, std::uint64_t>;

void count(const char* kind, bool happened, Counts& counts) {
  if (happened) {
    ++counts[kind];
  }
}

std::string close_kind(FaultClose close) {
  switch (close) {
    case FaultClose::Fin:
      return "close fin";
    case FaultClose::FinWithoutCloseNotify:
      return "close fin-without-close-notify";
    case FaultClose::Rst:
      return "close rst";
    case FaultClose::HalfOpen:
      return "half-open";
  }
  return "";
}

void count_packet(const ErrorPacketFault& packet, Counts& counts) {
  count("error packet lost", packet.count == 0, counts);
  count("error packet repeated", packet.count > 1, counts);
  count("error packet split", packet.split != 0, counts);
  count("error packet names another", packet.identifier != ErrorPacketFault::Identifier::Own,
        counts);
  count("error packet with another status", packet.status.has_value(), counts);
}

void count_rule(const FaultRule& rule, Counts& counts) {
  const FaultAction& then = rule.then;
  count("reject", then.reject || then.reason || then.status, counts);
  count("delay", then.delay > Duration::zero() || then.latency, counts);
  count("stream reset", then.reset_stream.has_value(), counts);
  count("settings changed", then.settings.has_value(), counts);
  count("ping ignored", then.ignore_ping, counts);
  count("window withheld", then.withhold_window, counts);
  count("no answer", then.no_answer, counts);
  count("raw bytes", !then.raw.empty(), counts);
  count("stop reading", then.stop_reading, counts);
  count("bandwidth", then.bandwidth != 0, counts);
  count("tls alert", then.tls_alert.has_value(), counts);
  count("in a silence", rule.idle.has_value(), counts);
  if (then.close) {
    ++counts[close_kind(*then.close)];
  }
  if (then.error_packet) {
    count_packet(*then.error_packet, counts);
  }
}

void count_link(const Attempt& attempt, Counts& counts) {
  const LinkOptions& link = attempt.link;
  const bool was_reset = attempt.end == Gone::Reset && attempt.connection != 0;
  count("link refused", link.refuse, counts);
  count("link hung", link.hang, counts);
  count("link stalled", link.stalled_server, counts);
  count("link reset on the way to the service", was_reset && link.reset_after_to_server.has_value(),
        counts);
  count("link reset on the way to the provider",
        was_reset && link.reset_after_to_client.has_value(), counts);
  count("link in pieces", link.split_max != 0, counts);
}

void count_events(const Scenario& scenario, const CaseReport& report, Counts& counts) {
  for (const auto& [n, event] : report.events) {
    if (event.kind == EventKind::Fault) {
      const auto rule = std::ranges::find(scenario.faults, event.name, &FaultRule::name);
      if (rule != scenario.faults.end()) {
        count_rule(*rule, counts);
      }
    } else if (event.kind == EventKind::Notification && event.outcome != EventOutcome::Accepted) {
      count("bad by itself", event.cause == "rule" || event.cause == "magic", counts);
    }
    count("by a script", event.cause == "script", counts);
    count("goaway", !event.goaway.empty(), counts);
  }
}

}  // namespace

void Tally::add(const Scenario& scenario, const CaseReport& report) {
  ++conversations;
  with_tls += report.host == HostKind::MemoryTls ? 1 : 0;
  notifications += scenario.notifications.size();
  attempts += report.attempts.size();
  excused += report.num_excused;
  for (const NotificationOutcome& outcome : report.outcomes) {
    ++outcomes.at(static_cast<std::size_t>(outcome.kind));
  }
  count_events(scenario, report, faults);
  for (const Attempt& attempt : report.attempts) {
    connections += attempt.connection != 0 ? 1 : 0;
    const bool is_refused =
        attempt.connection != 0 && attempt.connection <= scenario.refuse_connections;
    count("connection refused", is_refused, faults);
    count_link(attempt, faults);
  }
}

void Tally::add(const Tally& other) {
  conversations += other.conversations;
  with_tls += other.with_tls;
  notifications += other.notifications;
  attempts += other.attempts;
  connections += other.connections;
  excused += other.excused;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    outcomes.at(i) += other.outcomes.at(i);
  }
  for (const auto& [kind, count] : other.faults) {
    faults[kind] += count;
  }
}

}  // namespace apns::scenarios::search
