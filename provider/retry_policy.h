#pragma once

#include <chrono>
#include <cstdint>

#include "apns/base/time.h"
#include "provider/outcome.h"

namespace apns::provider {

/// What to do with a notification that went out, and of which nothing more was heard.
enum class OnUnknown : std::uint8_t {
  Report,  // at most once: it is Unknown, and never goes again
  /// At least once: it goes again, and a phone may show it twice. Of two with the same collapse id
  /// it shows the later alone, which makes the double harmless.
  SendAgain,
};

/// The one bound on all that goes again, whatever the cause.
struct RetryLimits {
  unsigned max_attempts = 5;  // the first is one of them; 1: nothing goes again
  /// From try_send on. What could go again later than that only is settled at once; an attempt that
  /// has begun takes as long as the client inside allows.
  Duration max_time = std::chrono::minutes(5);
  Duration backoff_first = std::chrono::milliseconds(500);  // doubled, half of it jitter
  Duration backoff_max = std::chrono::seconds(30);
  /// TooManyProviderTokenUpdates: all wait, then one goes to see; doubled while it is refused.
  /// Longer than max_time: none waits. Our choice: Apple says to wait, not how long.
  Duration pause_first = std::chrono::seconds(30);
  Duration pause_max = std::chrono::minutes(2);
  OnUnknown on_unknown = OnUnknown::Report;
};

/// What an outcome asks for. There is no Retry-After at APNs: pauses are our choice.
enum class RetryRule : std::uint8_t {
  Settle,         // sent, or nothing that could be different next time
  Configuration,  // the same, for all that we send: somebody has to mend what we are
  AtOnce,         // not its fault: at once, and with a pause when it is met again
  BackOff,        // with a pause that grows
  DeviceWaits,    // all for its device token wait
  AllWait,        // all of the client
  ProviderToken,  // once more, with another provider token
};

/// Of an answer with this reason, as the table of reasons has it.
/// Source: "Handling notification responses from APNs".
[[nodiscard]] RetryRule rule_of(Reason reason);

/// Of any outcome. Where status and reason do not belong together, or the reason is not known, the
/// status decides (field report I129).
///
///   REFUSED_STREAM, behind a GOAWAY   AtOnce: not processed (RFC 9113 section 8.7)
///   never left                        BackOff
///   lost, reset, no or a bad answer   as OnUnknown says: Settle, or BackOff
///   any other                         Settle
[[nodiscard]] RetryRule rule_of(const Outcome& outcome, OnUnknown on_unknown);

/// A stream reset with ENHANCE_YOUR_CALM: we are too fast, so all wait for a while. The one that
/// drew it is Unknown like any other that was reset: RFC 9113 section 8.7 vouches for
/// REFUSED_STREAM and GOAWAY alone, and section 7 says of this code nothing but that there was too
/// much load.
[[nodiscard]] bool asks_for_calm(const Outcome& outcome);

/// A second 500 for the same notification: a service was seen to say this to provider tokens that
/// are too old, over and over (field report J146, jchambers/pushy#408).
[[nodiscard]] bool hints_at_old_provider_token(const Outcome& outcome, unsigned attempts);

/// The service said no, or it never left, but next time may be different.
[[nodiscard]] constexpr bool may_change(RetryRule rule) {
  return rule != RetryRule::Settle && rule != RetryRule::Configuration;
}

/// backoff_first doubled `n - 1` times, within backoff_max; `draw` from [0, 1) decides on half of
/// it, so that what failed together does not come back together. n from 1.
[[nodiscard]] Duration backoff(Duration first, Duration max, unsigned n, double draw);

/// What is known of a notification that has an outcome.
struct RetryCase {
  RetryRule rule = RetryRule::Settle;
  unsigned attempts = 1;  // so far
  unsigned refusals = 0;  // of them AtOnce, this one too
  Duration elapsed{};     // since try_send
  Duration expires_in = Duration::max();
  Duration wait{};  // DeviceWaits, AllWait: for how long
  /// ProviderToken: another will be shown, and it is the first time that this one waits for it.
  bool is_token_replaced = false;
  double draw = 0;  // of the jitter, from [0, 1)
};

struct RetryDecision {
  bool goes_again = false;
  Duration pause{};  // before it does
  /// It takes a share of the fresh traffic (RetryThrottle). Not so what nobody has worked on (a
  /// GOAWAY may leave all that is open so), and what is bounded otherwise: once for each
  /// notification, or one at a time.
  bool is_throttled = false;
};

/// Within the limits; a pure function.
[[nodiscard]] RetryDecision decide(const RetryLimits& limits, const RetryCase& known);

}  // namespace apns::provider
