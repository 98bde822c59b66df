#include "scenarios/runner/service_lies.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "apns/binary/wire.h"
#include "apns/model/binary_status.h"

namespace apns::scenarios {
namespace {

using mock::ErrorPacketFault;
using mock::EventKind;
using mock::EventOutcome;
using mock::FaultAction;
using mock::FaultClose;
using mock::FaultRule;
using mock::LedgerEvent;

constexpr std::byte kErrorPacketCommand{8};
constexpr auto kShutdown = static_cast<std::uint8_t>(BinaryStatus::Shutdown);
constexpr std::size_t kMaxFrameOverhead = 256;
/// A handshake, records' headers, and what is encrypted but not yet on the link.
constexpr std::size_t kTlsOverhead = 16384;
/// The gateway reads a tenth of its bandwidth in each tenth of a second.
constexpr Duration kTenth = std::chrono::milliseconds(100);

/// Bytes of all notifications in frames, and a little more.
std::size_t workload_bytes(const Scenario& scenario, bool with_tls) {
  std::size_t bytes = with_tls ? kTlsOverhead : 0;
  for (const Notification& notification : scenario.notifications) {
    bytes += notification.payload.size() + kMaxFrameOverhead;
  }
  return bytes;
}

class LieFinder {
 public:
  LieFinder(const Scenario& scenario, bool with_tls, std::span<const Attempt> attempts)
      : scenario_(scenario), bytes_(workload_bytes(scenario, with_tls)) {
    for (const FaultRule& rule : scenario.faults) {
      rules_.emplace(rule.name, &rule);
    }
    for (const Attempt& attempt : attempts) {
      if (attempt.connection != 0) {
        read_link(attempt.connection, attempt.link, with_tls);
      }
    }
  }

  void read(const LedgerEvent& event) {
    if (event.kind == EventKind::Notification) {
      Notified& notified = by_seq_[event.seq];
      notified = Notified{event.outcome, event.status, event.identifier.value_or(0),
                          last_accepted_[event.connection]};
      if (event.outcome == EventOutcome::Accepted) {
        last_accepted_[event.connection] = notified.identifier;
      } else if (event.status == kShutdown && notified.last_accepted == 0) {
        lies_[event.connection].names_nobody = true;
      }
    } else if (event.kind == EventKind::Fault) {
      const auto rule = rules_.find(event.name);
      if (rule != rules_.end()) {
        const auto notified = by_seq_.find(event.of);
        fired(event.connection, rule->second->then,
              notified == by_seq_.end() ? Notified() : notified->second);
      }
    }
  }

  [[nodiscard]] LiesByConnection lies() && {
    for (const auto& [connection, late] : lateness_) {
      if (late >= scenario_.client.settle_after) {
        lies_[connection].is_silent = true;
      }
    }
    std::erase_if(lies_, [](const auto& entry) { return entry.second == Lies(); });
    return std::move(lies_);
  }

 private:
  /// The notification that a rule fired for. Without one, nothing was answered.
  struct Notified {
    EventOutcome outcome = EventOutcome::Accepted;
    std::optional<std::uint16_t> status;
    std::uint32_t identifier = 0;
    std::uint32_t last_accepted = 0;  // on the connection, before it

    [[nodiscard]] bool is_answered() const { return outcome != EventOutcome::Accepted && status; }
  };

  void read_link(std::uint64_t connection, const LinkOptions& link, bool with_tls) {
    lies_[connection].is_silent = link.stalled_server;
    // There and back; more often where a packet, or what TLS has taken, does not fit the window.
    const std::size_t window = std::max<std::size_t>(link.window, 1);
    const std::size_t there = with_tls ? bytes_ / window : 0;
    const std::size_t back = (with_tls ? 256 : binary::kErrorPacketLen) / window;
    lateness_[connection] += link.latency * static_cast<Duration::rep>(2 + there + back);
  }

  void fired(std::uint64_t connection, const FaultAction& then, const Notified& notified) {
    Lies& lies = lies_[connection];
    const bool is_answered = notified.is_answered();
    const bool ends = is_answered || then.close;
    const bool says_packet =
        is_answered && then.raw.empty() && (!then.error_packet || then.error_packet->count > 0);
    lateness_[connection] += then.delay;
    if (then.bandwidth != 0) {
      const auto tenths = bytes_ / std::max(then.bandwidth / 10, 1U) + 2;
      lateness_[connection] += kTenth * static_cast<Duration::rep>(tenths);
    }
    read_raw(then.raw, ends, lies);
    const bool is_heard = says_packet || (ends && !then.raw.empty() && !may_be_packet(then.raw));
    const bool vanishes = then.close == FaultClose::HalfOpen || (then.stop_reading && !ends);
    lies.is_silent = lies.is_silent || (vanishes && !is_heard);
    if (says_packet && then.error_packet) {
      read_packet(*then.error_packet, notified, lies);
    }
  }

  static bool may_be_packet(ByteView raw) { return raw.front() == kErrorPacketCommand; }

  static void read_raw(const Bytes& raw, bool ends, Lies& lies) {
    if (raw.empty()) {
      return;
    }
    if (!may_be_packet(raw)) {
      lies.goes_on = lies.goes_on || !ends;
    } else if (!ends || raw.size() >= binary::kErrorPacketLen) {
      lies.is_false = true;  // a whole packet, or the beginning of one that comes later
      lies.goes_on = lies.goes_on || !ends;
    }
  }

  void read_packet(const ErrorPacketFault& packet, const Notified& notified, Lies& lies) const {
    const std::uint16_t status = packet.status ? *packet.status : *notified.status;
    if (packet.status) {
      lies.other_status = packet.status;
    }
    const bool was_shutdown = notified.outcome == EventOutcome::Discarded;
    std::uint32_t named = was_shutdown ? notified.last_accepted : notified.identifier;
    if (packet.identifier == ErrorPacketFault::Identifier::Previous) {
      named = notified.last_accepted;
    } else if (packet.identifier == ErrorPacketFault::Identifier::Number) {
      named = packet.number;
    }
    // One that nobody has names nothing, and that is what a provider makes of it. But a shutdown
    // that names 0 says that none was accepted.
    const bool is_nobodys =
        (named == 0 && status != kShutdown) || named > scenario_.notifications.size();
    lies.names_nobody = lies.names_nobody || is_nobodys;
    const std::uint32_t right = status == kShutdown ? notified.last_accepted : notified.identifier;
    const bool is_true = named == right && (status == kShutdown || !was_shutdown);
    lies.is_false = lies.is_false || !(is_nobodys || is_true);
  }

  const Scenario& scenario_;
  std::size_t bytes_;
  std::unordered_map<std::string_view, const FaultRule*> rules_;
  std::unordered_map<std::uint64_t, Notified> by_seq_;
  std::unordered_map<std::uint64_t, std::uint32_t> last_accepted_;  // identifiers, by connection
  std::unordered_map<std::uint64_t, Duration> lateness_;            // what all can come to
  LiesByConnection lies_;
};

}  // namespace

LiesByConnection find_lies(const Scenario& scenario, bool with_tls,
                           std::span<const NumberedEvent> events,
                           std::span<const Attempt> attempts) {
  LieFinder finder(scenario, with_tls, attempts);
  for (const NumberedEvent& numbered : events) {
    finder.read(numbered.event);
  }
  return std::move(finder).lies();
}

std::set<std::uint64_t> find_told(const Scenario& scenario, std::span<const NumberedEvent> events,
                                  std::span<const Attempt> attempts) {
  std::set<std::uint64_t> told;
  for (const auto& [n, event] : events) {
    const bool is_answered = event.kind == EventKind::Notification && event.status &&
                             event.answered.value_or(true) && n != 0;
    const auto rule = std::ranges::find_if(scenario.faults, [&event = event](const FaultRule& one) {
      return event.cause == "fault:" + one.name;
    });
    if (is_answered && (rule == scenario.faults.end() || rule->then.raw.empty())) {
      told.insert(event.connection);
    }
  }
  std::set<std::uint64_t> heard;
  for (const Attempt& attempt : attempts) {
    const bool is_cut = attempt.link.reset_after_to_client || attempt.link.reset_after_to_server ||
                        attempt.end == Gone::Dropped;  // by the provider, which did not wait for it
    if (!is_cut && told.contains(attempt.connection)) {
      heard.insert(attempt.connection);
    }
  }
  return heard;
}

}  // namespace apns::scenarios
