#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apns/base/random.h"
#include "apns/binary/error_packet.h"
#include "mock_apns/fault_syntax.h"
#include "mock_apns/gateway.h"
#include "mock_apns/ledger.h"
#include "mock_apns/ledger_text.h"
#include "mock_apns/world/world.h"
#include "tests/support/checked_engine.h"

// Input: rule (1 byte, of the table below), seed of the splits (1), pace (1: milliseconds between
// two arrivals, and whether the host takes what is pending at once), maintenance (1: before which
// arrival the service shuts down; 0: never), then a provider's stream. Checked: the contract of
// Engine, and what check_output() and check_ledger() say.

namespace {

using apns::Bytes;
using apns::ByteView;
using apns::Close;
using apns::End;
using apns::TimePoint;
using apns::mock::EventKind;
using apns::mock::EventOutcome;
using apns::mock::FaultRule;
using apns::mock::LedgerEvent;
using apns::test::require;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// One of each kind of misbehaviour; the first is none.
std::vector<std::vector<FaultRule>> make_rule_table() {
  std::vector<std::vector<FaultRule>> table(1);
  for (const char* text : {
           "nth=2: reject=8",
           "nth=3: reject=10",
           "nth=2: reject=8 delay=200ms",
           "nth=1: reject=8 error_packet.split=1",
           "nth=2: reject=8 error_packet.split=4 error_packet.count=2",
           "nth=2: reject=8 error_packet.count=0",
           "nth=2: reject=8 error_packet.identifier=previous",
           "nth=2: reject=8 error_packet.identifier=77",
           "nth=2: close=rst",
           "nth=2: close=half-open delay=50ms",
           "nth=2: stop_reading=true",
           "connection=1: close=fin-without-close-notify",
           "idle=5s: close=fin",
           "probability=0.3 device_token=a1: reject=8",
       }) {
    table.push_back({apns::mock::parse_fault(text)});
  }
  return table;
}

constexpr std::size_t kMaxOutputLen = 2 * apns::binary::kErrorPacketLen;

struct IgnoredWakes final : public apns::EngineHost {
  void wake(apns::Engine& /*engine*/) override {}
};

apns::mock::GatewayOptions in_world(apns::mock::World& world) {
  apns::mock::GatewayOptions options;
  options.world = &world;
  return options;
}

class Conversation {
 public:
  Conversation(std::vector<FaultRule> rules, bool takes_at_once)
      : rules_(std::move(rules), 7),
        gateway_(in_world(world_), clock_, &ledger_, &rules_, {}),
        takes_at_once_(takes_at_once) {
    apns::PeerInfo peer;
    peer.connection = 1;
    engine_ = std::make_unique<apns::test::CheckedEngine>(wakes_, [&](apns::EngineHost& host) {
      return gateway_.accepted(peer, host, clock_.io_now());
    });
    look();
  }

  /// What a host does with bytes: offers them as long as they are wanted.
  void arrive(ByteView part) {
    waiting_.insert(waiting_.end(), part.begin(), part.end());
    while (engine_ && !waiting_.empty() && engine_->wants_read()) {
      const Bytes exact = waiting_;  // a read past it is seen by the address sanitizer
      const bool was_closing = engine_->close() != Close::None;
      const std::uint64_t accepted_before = gateway_.counters().accepted;
      const std::size_t taken = engine_->feed(exact, clock_.io_now());
      require(!was_closing || gateway_.counters().accepted == accepted_before,
              "nothing is accepted behind the end");
      require(engine_->pending().size() <= kMaxOutputLen, "output is bounded");
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(taken));
      look();
    }
  }

  void advance(apns::Duration span) {
    const TimePoint end = clock_.io_now() + span;
    for (int calls = 0; engine_ && engine_->deadline() <= end; ++calls) {
      require(calls < 100, "deadlines come to an end");
      clock_.advance_to(engine_->deadline());
      engine_->on_time(clock_.io_now());
      look();
    }
    clock_.advance_to(end);
  }

  void shut_down() {
    gateway_.shut_down(0, clock_.io_now());
    if (engine_) {
      engine_->on_time(clock_.io_now());
      look();
    }
  }

  /// The provider goes away.
  void end(End end) {
    takes_at_once_ = true;
    if (engine_) {
      look();
    }
    if (engine_ && waiting_.empty()) {
      engine_->ended(end, clock_.io_now());
      require(engine_->close() != Close::None || engine_->deadline() != apns::kNever,
              "who is left alone ends");
      if (end != End::Reset) {
        advance(seconds(1));  // an answer that is due later is waited for
        look_if_there();
        require(engine_ == nullptr, "all was said");
      }
    }
    engine_.reset();
  }

  void check_output(const std::vector<FaultRule>& rules) const {
    const std::size_t len = apns::binary::kErrorPacketLen;
    if (output_.empty()) {
      return;
    }
    require(output_.size() % len == 0, "whole error packets");
    const std::size_t count =
        rules.empty() || !rules[0].then.error_packet ? 1 : rules[0].then.error_packet->count;
    require(output_.size() == len || output_.size() == len * count,
            "one packet, or what the rule says");
    for (std::size_t i = 0; i < output_.size(); ++i) {
      require(output_[i] == output_[i % len], "all packets are one");
    }
    require(output_[0] == std::byte{8}, "command 8");
    require(output_[1] != std::byte{0}, "no packet says that all is well");
  }

  void check_ledger() const {
    const std::vector<LedgerEvent> events = ledger_.snapshot();
    std::uint64_t accepted = 0;
    std::uint64_t rejected = 0;
    std::uint64_t discarded = 0;
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;
    std::uint64_t nth = 0;
    for (const LedgerEvent& event : events) {
      require(closed == 0, "closed is the last word");
      opened += event.outcome == EventOutcome::Opened ? 1 : 0;
      closed += event.outcome == EventOutcome::Closed ? 1 : 0;
      require(opened == 1, "opened is the first word");
      (void)to_json_line(event);
      (void)to_text_line(event);
      if (event.kind != EventKind::Notification) {
        continue;
      }
      require(event.nth == ++nth, "notifications are counted without a gap");
      if (event.outcome == EventOutcome::Accepted) {
        require(rejected + discarded == 0, "nothing is accepted behind a rejection");
        ++accepted;
      } else if (event.outcome == EventOutcome::Rejected) {
        require(rejected + discarded == 0, "one rejection, and nothing before it discarded");
        ++rejected;
      } else {
        ++discarded;
      }
    }
    require(closed == 1, "closed is said");
    const apns::mock::GatewayCounters counters = gateway_.counters();
    require(counters.connections == 1, "one connection");
    require(counters.accepted == accepted, "accepted, as in the ledger");
    require(counters.rejected == rejected, "rejected, as in the ledger");
    require(counters.discarded == discarded, "discarded, as in the ledger");
  }

 private:
  void look_if_there() {
    if (engine_) {
      look();
    }
  }

  void look() {
    while (takes_at_once_ && !engine_->pending().empty()) {
      const ByteView run = engine_->pending();
      output_.insert(output_.end(), run.begin(), run.end());
      engine_->sent(run.size(), clock_.io_now());
    }
    if (engine_->pending().empty() && engine_->close() != Close::None) {
      engine_.reset();
    }
  }

  apns::ManualClock clock_;
  IgnoredWakes wakes_;
  apns::mock::Ledger ledger_{{.ring_bytes = std::size_t{64} * 1024}};
  apns::mock::World world_{{.max_trusted_tokens = 1000}, clock_, &ledger_};
  apns::mock::FaultRules rules_;
  apns::mock::Gateway gateway_;
  bool takes_at_once_;
  std::unique_ptr<apns::test::CheckedEngine> engine_;
  Bytes waiting_;
  Bytes output_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::vector<FaultRule>> kTable = make_rule_table();
  apns::ByteReader in(std::as_bytes(std::span(data, size)));
  if (!in.has(4)) {
    return 0;
  }
  const std::vector<FaultRule>& rules = kTable[in.read<std::uint8_t>() % kTable.size()];
  apns::RandomStream random(in.read<std::uint8_t>(), 0);
  const auto pace = in.read<std::uint8_t>();
  const auto maintenance = in.read<std::uint8_t>();

  Conversation conversation(rules, pace % 2 == 0);
  for (unsigned arrival = 1; in.left() > 0; ++arrival) {
    if (arrival == maintenance) {
      conversation.shut_down();
    }
    const std::size_t most = std::min<std::size_t>(in.left(), arrival % 3 == 0 ? 9 : 400);
    conversation.arrive(in.read_view(apns::random_between(random.next(), 1, most)));
    conversation.advance(milliseconds(pace / 2));
  }
  conversation.advance(seconds(pace % 8));
  conversation.end(pace % 16 < 8 ? End::Fin : End::Reset);
  conversation.check_output(rules);
  conversation.check_ledger();
  return 0;
}
