#pragma once

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apns/base/bytes.h"
#include "apns/base/time.h"
#include "mock_apns/gateway.h"
#include "mock_apns/world/world.h"

namespace apns::test {

/// A gateway and its plain connections, driven by hand: no host, time stands until it is moved.
///
///   GatewayByHand gateway;
///   gateway.open();
///   gateway.feed(framed_bad(7));
///   gateway.said()   -> {"080200000007"}
///   gateway.story()  -> {"1 opened", "1 rejected 7 status 2 rule"}
class GatewayByHand final : private EngineHost {
 public:
  struct Setup {
    std::vector<mock::FaultRule> rules = {};
    mock::GatewayOptions options = {};
    mock::WorldOptions world = {};
    mock::Ledger::Options ledger = {};
    bool with_ledger = true;
    std::uint64_t seed = 7;
  };

  GatewayByHand() : GatewayByHand(Setup{}) {}

  explicit GatewayByHand(Setup setup)
      : ledger_(setup.ledger),
        world_(setup.world, clock_, setup.with_ledger ? &ledger_ : nullptr),
        rules_(std::move(setup.rules), setup.seed),
        gateway_(in_world(setup.options), clock_, setup.with_ledger ? &ledger_ : nullptr, &rules_,
                 [this](const mock::GatewayProblem& problem) {
                   problems_.push_back(std::to_string(problem.connection) + " " +
                                       std::string(problem.area) + " " + problem.text);
                 }) {}

  /// A new connection takes the place of the one before, which is destroyed.
  Engine& open(std::shared_ptr<const auth::CertificateIdentity> certificate = nullptr) {
    engine_.reset();
    PeerInfo peer;
    peer.connection = ++num_opened_;
    peer.certificate = std::move(certificate);
    engine_ = gateway_.accepted(peer, *this, clock_.io_now());
    return *engine_;
  }

  /// The bytes as one arrival; how many were taken.
  std::size_t feed(ByteView bytes) { return engine_->feed(bytes, clock_.io_now()); }

  /// Moves the time, calling on_time exactly when it is wanted.
  void advance(Duration span) {
    const TimePoint end = clock_.io_now() + span;
    while (engine_ && engine_->deadline() <= end) {
      clock_.advance_to(engine_->deadline());
      engine_->on_time(clock_.io_now());
    }
    clock_.advance_to(end);
  }

  /// The runs that have become pending since the last call, as hex.
  std::vector<std::string> said() {
    std::vector<std::string> runs;
    while (!engine_->pending().empty()) {
      runs.push_back(to_hex(engine_->pending()));
      engine_->sent(engine_->pending().size(), clock_.io_now());
    }
    return runs;
  }

  void hang_up() { engine_.reset(); }

  Engine& engine() { return *engine_; }

  mock::Gateway& gateway() { return gateway_; }

  mock::World& world() { return world_; }

  mock::FaultRules& rules() { return rules_; }

  [[nodiscard]] TimePoint now() const { return clock_.io_now(); }

  [[nodiscard]] std::size_t num_wakes() const { return num_wakes_; }

  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

  [[nodiscard]] std::vector<mock::LedgerEvent> events() const { return ledger_.snapshot(); }

  /// The ledger as "CONNECTION OUTCOME ...", for comparison as a whole.
  [[nodiscard]] std::vector<std::string> story() const {
    std::vector<std::string> lines;
    for (const mock::LedgerEvent& event : ledger_.snapshot()) {
      std::string line = std::to_string(event.connection) + " " + to_string(event.outcome);
      const auto add = [&line](const std::string& word) { line += word.empty() ? "" : " " + word; };
      add(event.by);
      add(event.close);
      add(event.identifier ? std::to_string(*event.identifier) : "");
      add(event.status ? "status " + std::to_string(*event.status) : "");
      add(event.cause);
      add(event.answered == false ? "unanswered" : "");
      add(event.name);
      add(event.of != 0 ? "of " + std::to_string(event.of) : "");
      lines.push_back(std::move(line));
    }
    return lines;
  }

 private:
  void wake(Engine& /*engine*/) override { ++num_wakes_; }

  [[nodiscard]] mock::GatewayOptions in_world(mock::GatewayOptions options) {
    options.world = &world_;
    return options;
  }

  ManualClock clock_;
  mock::Ledger ledger_;
  mock::World world_;
  mock::FaultRules rules_;
  std::vector<std::string> problems_;
  mock::Gateway gateway_;
  std::unique_ptr<Engine> engine_;
  std::uint64_t num_opened_ = 0;
  std::size_t num_wakes_ = 0;
};

}  // namespace apns::test
