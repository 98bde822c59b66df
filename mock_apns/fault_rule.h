#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/time.h"
#include "apns/model/environment.h"
#include "mock_apns/fault_action.h"

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

/// The services that a rule may be meant for.
enum class FaultProtocol : std::uint8_t { Binary, Http2, Feedback };

/// A rule of misbehaviour: where, what, how often. No rules means correct behaviour. The same model
/// is behind scenario files, --fault and the control API; docs/faults.md has the syntax,
/// fault_syntax.h refuses what makes no sense.
struct FaultRule {
  std::string name;  // empty: FaultRules gives it one

  // when; all must hold
  std::optional<FaultProtocol> protocol;
  std::optional<Environment> environment;
  NumberMatch connection;           // the service's connection number
  std::optional<NumberMatch> nth;   // the notification's on its connection
  std::string topic;                // empty: any
  std::string device_token_prefix;  // lower-case hex; empty: any
  std::string push_type;            // of HTTP/2; empty: any
  double probability = 1.0;         // drawn from (seed, connection, nth, rule index)
  std::optional<Duration> idle;     // silence of the provider
  Duration after{};                 // since the rules were armed
  Duration until = Duration::max();

  FaultAction then;

  std::uint64_t times = 0;  // how often it may fire; 0: always

  /// When a rule is looked at. Open is for those that act by `close`, `stop_reading`, `raw` and
  /// `bandwidth` alone and name no notification (nth, device_token), and for all of the feedback
  /// service.
  enum class Trigger : std::uint8_t {
    Handshake,     // a TLS handshake begins
    Open,          // a connection opens
    Notification,  // each notification
    Idle,          // after that much silence
  };
  [[nodiscard]] Trigger trigger() const;

  /// Does it mean anything to that service? If it names no protocol, what it asks for decides.
  [[nodiscard]] bool is_for(FaultProtocol service) const;

  [[nodiscard]] bool operator==(const FaultRule&) const = default;
};

/// A rule that is armed, and how often it has fired.
struct ArmedFault {
  std::shared_ptr<const FaultRule> rule;
  std::uint64_t fired = 0;
};

/// A set of rules with their counters, shared by the threads of a service. The first rule that
/// matches wins. Thread safe: rules may be armed and disarmed while others fire.
///
///   arm(a), arm(b)   fire() = a, or b if a does not match
///   disarm("a")      fire() = b; who holds a keeps it
///
/// Looking costs one atomic load as long as no rule has the trigger, a shared lock if one has.
class FaultRules {
 public:
  static constexpr std::size_t kMaxRules = 1000;

  /// A rule without a name is called "fault-N", N being its place from 1; a taken name is skipped.
  /// `armed_at` is what `after` and `until` count from, on the clock of Subject::now.
  explicit FaultRules(std::vector<FaultRule> rules, std::uint64_t seed, TimePoint armed_at = {});

  struct Subject {
    FaultProtocol protocol = FaultProtocol::Binary;
    Environment environment = Environment::Production;
    std::uint64_t connection = 0;
    std::uint64_t nth = 0;  // of the notification; without one, how many there were so far
    std::string_view topic = {};
    std::string_view push_type = {};         // as the provider sent it
    std::string_view device_token_hex = {};  // lower case; only looked at when has_token_rules()
    Duration silence = Duration::max();      // Trigger::Idle: of the provider, so far
    TimePoint now = {};
  };

  /// Arms one more behind the others, or in the place of the one that has its name, counting anew.
  /// Null: there are kMaxRules.
  std::shared_ptr<const FaultRule> arm(FaultRule rule, TimePoint now);

  /// False: there is none of this name.
  bool disarm(std::string_view name);

  /// These instead of all others, as if the set were made now.
  void reset(std::vector<FaultRule> rules, TimePoint now);

  /// The first rule with this trigger that matches and has firings left; its counter is raised.
  /// Null: none. `times` is never exceeded; which of two racing connections gets the last firing
  /// depends on the race.
  [[nodiscard]] std::shared_ptr<const FaultRule> fire(FaultRule::Trigger trigger,
                                                      const Subject& subject) {
    return fire_drawing(trigger, subject).rule;
  }

  struct Firing {
    std::shared_ptr<const FaultRule> rule;  // null: none
    std::uint64_t random = 0;
  };

  /// The same, with a number for what else is left to chance (FaultAction::latency). It is drawn
  /// from what `probability` is drawn from, and does not depend on that draw.
  [[nodiscard]] Firing fire_drawing(FaultRule::Trigger trigger, const Subject& subject);

  /// When the first of the `idle` rules that could still fire for this connection is due, if the
  /// provider is silent since `since`; kNever: none. One that is due before Subject::now and holds
  /// no more by now cannot fire. A rule that fires always is among them each time: the caller
  /// counts silence from its last firing on.
  [[nodiscard]] TimePoint idle_deadline(const Subject& subject, TimePoint since) const;

  /// Is there a rule with this trigger?
  [[nodiscard]] bool has(FaultRule::Trigger trigger) const {
    return (triggers_.load(std::memory_order_acquire) & bit(trigger)) != 0;
  }

  /// Does any rule look at device tokens? If not, nobody needs to print them.
  [[nodiscard]] bool has_token_rules() const {
    return has_token_rules_.load(std::memory_order_acquire);
  }

  /// All, in their order.
  [[nodiscard]] std::vector<ArmedFault> armed() const;

  /// By place, from 0.
  [[nodiscard]] std::uint64_t num_fired(std::size_t index) const { return armed().at(index).fired; }

 private:
  struct Armed {
    FaultRule rule;            // has a name
    std::uint64_t number = 0;  // how many were made before it: part of what is drawn by chance
    TimePoint since;
    std::atomic<std::uint64_t> fired{0};  // never above its `times`
  };

  static constexpr unsigned bit(FaultRule::Trigger trigger) {
    return 1U << static_cast<unsigned>(trigger);
  }

  [[nodiscard]] bool matches(const Armed& armed, const Subject& subject) const;
  [[nodiscard]] std::uint64_t draw(const Armed& armed, const Subject& subject) const;
  [[nodiscard]] static bool take_firing(Armed& armed);

  // Under the lock, for writing.
  std::shared_ptr<Armed> make(FaultRule rule, TimePoint now);
  void fill(std::vector<FaultRule> rules, TimePoint now);
  void note_what_there_is();

  const std::uint64_t seed_;
  mutable std::shared_mutex mutex_;  // over the next two
  std::vector<std::shared_ptr<Armed>> rules_;
  std::uint64_t num_made_ = 0;         // since the last reset
  std::atomic<unsigned> triggers_{0};  // bits, of rules_
  std::atomic<bool> has_token_rules_{false};
};

}  // namespace apns::mock
