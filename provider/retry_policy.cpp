#include "provider/retry_policy.h"

#include <algorithm>

#include "apns/http2/wire.h"

namespace apns::provider {

namespace {

RetryRule rule_of_status(std::uint16_t status) {
  constexpr std::uint16_t kForbidden = 403;
  constexpr std::uint16_t kTooMany = 429;
  constexpr std::uint16_t kServerFault = 500;
  if (status == kForbidden) {
    return RetryRule::Configuration;
  }
  if (status == kTooMany) {
    return RetryRule::DeviceWaits;
  }
  return status >= kServerFault ? RetryRule::BackOff : RetryRule::Settle;
}

RetryRule rule_of_answer(const Outcome& outcome) {
  if (outcome.answer == nullptr) {
    return RetryRule::Settle;  // an error packet, after which the connection is another
  }
  const auto& reason = outcome.answer->reason;
  return reason && row_of(*reason).status == outcome.status ? rule_of(*reason)
                                                            : rule_of_status(outcome.status);
}

}  // namespace

RetryRule rule_of(Reason reason) {
  switch (reason) {
    case Reason::BadCollapseId:
    case Reason::BadDeviceToken:
    case Reason::BadExpirationDate:
    case Reason::BadMessageId:
    case Reason::BadPriority:
    case Reason::BadTopic:
    case Reason::DeviceTokenNotForTopic:
    case Reason::DuplicateHeaders:
    case Reason::InvalidPushType:
    case Reason::MissingDeviceToken:
    case Reason::MissingTopic:
    case Reason::PayloadEmpty:
    case Reason::TopicDisallowed:
    case Reason::BadPath:
    case Reason::MethodNotAllowed:
    case Reason::ExpiredToken:
    case Reason::Unregistered:
    case Reason::PayloadTooLarge:
      return RetryRule::Settle;
    case Reason::BadCertificate:
    case Reason::BadCertificateEnvironment:
    case Reason::Forbidden:
    case Reason::InvalidProviderToken:
    case Reason::MissingProviderToken:
    case Reason::UnrelatedKeyIdInToken:  // a client has one key
    case Reason::BadEnvironmentKeyIdInToken:
    case Reason::BadEnvironmentKeyInToken:
      return RetryRule::Configuration;
    case Reason::ExpiredProviderToken:
      return RetryRule::ProviderToken;
    case Reason::TooManyProviderTokenUpdates:
      return RetryRule::AllWait;
    case Reason::TooManyRequests:
      return RetryRule::DeviceWaits;
    case Reason::IdleTimeout:
      return RetryRule::AtOnce;
    case Reason::InternalServerError:
    case Reason::ServiceUnavailable:
    case Reason::Shutdown:
      return RetryRule::BackOff;
  }
  return RetryRule::Settle;
}

RetryRule rule_of(const Outcome& outcome, OnUnknown on_unknown) {
  switch (outcome.reason) {
    case OutcomeReason::Status:
      return rule_of_answer(outcome);
    case OutcomeReason::NotProcessed:
      return RetryRule::AtOnce;
    case OutcomeReason::Unsent:
      return RetryRule::BackOff;
    case OutcomeReason::ConnectionLost:
    case OutcomeReason::UnknownIdentifier:
    case OutcomeReason::Reset:
    case OutcomeReason::BadAnswer:
    case OutcomeReason::NoAnswer:
      return on_unknown == OnUnknown::SendAgain ? RetryRule::BackOff : RetryRule::Settle;
    case OutcomeReason::None:
    case OutcomeReason::DrainLimit:
    case OutcomeReason::Evicted:
      return RetryRule::Settle;
  }
  return RetryRule::Settle;
}

bool asks_for_calm(const Outcome& outcome) {
  return outcome.reason == OutcomeReason::Reset && outcome.answer != nullptr &&
         outcome.answer->reset_code ==
             static_cast<std::uint32_t>(http2::ErrorCode::EnhanceYourCalm);
}

bool hints_at_old_provider_token(const Outcome& outcome, unsigned attempts) {
  return attempts > 1 && outcome.reason == OutcomeReason::Status && outcome.answer != nullptr &&
         outcome.answer->reason == Reason::InternalServerError;
}

Duration backoff(Duration first, Duration max, unsigned n, double draw) {
  constexpr unsigned kMaxDoublings = 30;
  const std::int64_t doubled = std::int64_t{1} << std::min(n - 1, kMaxDoublings);
  const Duration whole = first > max / doubled ? max : first * doubled;
  const double part = 0.5 + 0.5 * draw;
  return Duration(static_cast<Duration::rep>(static_cast<double>(whole.count()) * part));
}

RetryDecision decide(const RetryLimits& limits, const RetryCase& known) {
  RetryDecision decision;
  switch (known.rule) {
    case RetryRule::Settle:
    case RetryRule::Configuration:
      return {};
    case RetryRule::AtOnce:
      decision.pause = known.refusals > 1 ? backoff(limits.backoff_first, limits.backoff_max,
                                                    known.refusals - 1, known.draw)
                                          : Duration();
      break;
    case RetryRule::BackOff:
      decision.is_throttled = true;
      decision.pause =
          backoff(limits.backoff_first, limits.backoff_max, known.attempts, known.draw);
      break;
    case RetryRule::DeviceWaits:
      decision.is_throttled = true;
      decision.pause = known.wait;
      break;
    case RetryRule::AllWait:
      decision.pause = known.wait;
      break;
    case RetryRule::ProviderToken:
      if (!known.is_token_replaced) {
        return {};
      }
      break;
  }
  decision.goes_again = known.attempts < limits.max_attempts && known.elapsed <= limits.max_time &&
                        decision.pause <= limits.max_time - known.elapsed &&
                        decision.pause < known.expires_in;
  return decision;
}

}  // namespace apns::provider
