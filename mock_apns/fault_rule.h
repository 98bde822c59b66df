#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/time.h"
#include "apns/model/environment.h"

namespace apns::mock {

/// Numbers of things counted from 1: "4", "2-5", "6-", "every 500". Default: all.
struct NumberMatch {
  std::uint64_t first = 1;
  std::uint64_t last = UINT64_MAX;
  std::uint64_t every = 1;  // not 0

  [[nodiscard]] bool matches(std::uint64_t n) const {
    return n >= first && n <= last && n % every == 0;
  }

  [[nodiscard]] bool operator==(const NumberMatch&) const = default;
};

/// How the service ends a connection when a rule says so.
enum class FaultClose : std::uint8_t {
  Fin,                    // close_notify, end of stream
  FinWithoutCloseNotify,  // a truncation, to TLS
  Rst,
  HalfOpen,  // nothing more is said or read, and the connection stays
};

/// What the error packet says, where it differs from the plain one.
struct ErrorPacketFault {
  enum class Identifier : std::uint8_t { Own, Previous, Number };

  std::optional<std::uint8_t> status;  // absent: that of `reject`
  Identifier identifier = Identifier::Own;
  std::uint32_t number = 0;  // for Identifier::Number
  std::uint32_t split = 0;   // bytes per piece, each in a record of its own; 0: whole
  std::uint32_t count = 1;   // 0: the packet is lost; 2: sent twice

  [[nodiscard]] bool operator==(const ErrorPacketFault&) const = default;
};

/// What the service does instead of behaving: the `then` of a rule, and what a magic device token
/// carries.
struct FaultAction {
  std::optional<std::uint8_t> reject;  // binary status; 10 names the last accepted notification
  Duration delay{};                    // before the answer; what arrives meanwhile is discarded
  std::optional<ErrorPacketFault> error_packet;
  std::optional<FaultClose> close;  // absent with reject: Fin
  bool stop_reading = false;

  [[nodiscard]] bool operator==(const FaultAction&) const = default;
};

/// A rule of misbehaviour: where, what, how often. No rules means correct behaviour. The same model
/// is behind scenario files, --fault and the control API; docs/faults.md has the syntax,
/// fault_syntax.h refuses what makes no sense.
struct FaultRule {
  std::string name;  // empty: FaultRules gives it one

  // when; all must hold
  std::optional<Environment> environment;
  NumberMatch connection;           // the service's connection number
  std::optional<NumberMatch> nth;   // the notification's on its connection
  std::string topic;                // empty: any
  std::string device_token_prefix;  // lower-case hex; empty: any
  double probability = 1.0;         // drawn from (seed, connection, nth, rule index)
  std::optional<Duration> idle;     // silence of the provider

  FaultAction then;

  std::uint64_t times = 0;  // how often it may fire; 0: always

  /// When a rule is looked at. Open is for those that act by `close` and `stop_reading` alone and
  /// name no notification (nth, device_token).
  enum class Trigger : std::uint8_t {
    Open,          // a connection opens
    Notification,  // each notification
    Idle,          // after that much silence
  };
  [[nodiscard]] Trigger trigger() const;

  [[nodiscard]] bool operator==(const FaultRule&) const = default;
};

/// A set of rules with their counters, shared by the threads of a service. The first rule that
/// matches wins.
class FaultRules {
 public:
  /// A rule without a name is called "fault-N", N being its place from 1; a taken name is skipped.
  explicit FaultRules(std::vector<FaultRule> rules, std::uint64_t seed);

  struct Subject {
    Environment environment = Environment::Production;
    std::uint64_t connection = 0;
    std::uint64_t nth = 0;  // of the notification; without one, how many there were so far
    std::string_view topic = {};
    std::string_view device_token_hex = {};  // lower case; only looked at when has_token_rules()
    Duration silence = Duration::max();      // Trigger::Idle: of the provider, so far
  };

  /// The first rule with this trigger that matches and has firings left; its counter is raised.
  /// Null: none. The rule lives as long as this object. Thread safe. `times` is never exceeded;
  /// which of two racing connections gets the last firing depends on the race.
  [[nodiscard]] const FaultRule* fire(FaultRule::Trigger trigger, const Subject& subject);

  /// The shortest `idle` of the rules that could still fire for this connection, whatever its
  /// silence; nullopt: none. A rule that fires always is among them each time: the caller counts
  /// silence from its last firing on.
  [[nodiscard]] std::optional<Duration> idle_limit(const Subject& subject) const;

  [[nodiscard]] bool empty() const { return rules_.empty(); }

  /// Does any rule look at device tokens? If not, nobody needs to print them.
  [[nodiscard]] bool has_token_rules() const { return has_token_rules_; }

  [[nodiscard]] const std::vector<FaultRule>& rules() const { return rules_; }

  [[nodiscard]] std::uint64_t num_fired(std::size_t index) const { return fired_[index].load(); }

 private:
  [[nodiscard]] bool matches(std::size_t index, const Subject& subject) const;
  [[nodiscard]] bool take_firing(std::size_t index);

  std::vector<FaultRule> rules_;
  std::uint64_t seed_;
  bool has_token_rules_ = false;
  std::unique_ptr<std::atomic<std::uint64_t>[]> fired_;  // one per rule; never above its `times`
};

}  // namespace apns::mock
