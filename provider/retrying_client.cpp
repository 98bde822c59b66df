#include "provider/retrying_client.h"

#include <algorithm>
#include <utility>

#include "apns/base/random.h"
#include "provider/configuration_advice.h"
#include "provider/dial_plan.h"
#include "provider/provider_token_source.h"

namespace apns::provider {

RetryingClient::RetryingClient(RetryOptions options, OutcomeSink& sink,
                               const MakeClient& make_client)
    : options_(options),
      sink_(sink),
      inner_(make_client(*this)),
      kept_(options.max_kept, options.max_kept_bytes),
      devices_(options_.limits, options.max_devices),
      throttle_(options.throttle_burst, options.throttle_share) {}

RetryingClient::~RetryingClient() = default;

void RetryingClient::use_dialer(std::unique_ptr<Dialer> dialer) {
  alarm_ = std::make_unique<SharedAlarm>(std::move(dialer));
  inner_->use_dialer(alarm_->make_inner());
}

void RetryingClient::release_dialer() {
  inner_->release_dialer();
  alarm_.reset();
}

// ---- Sending ----

SendResult RetryingClient::try_send(const Notification& notification, std::uint64_t ticket) {
  if (is_stopped_) {
    return SendResult::Stopped;
  }
  if (is_draining_) {
    return SendResult::Draining;
  }
  const TimePoint now = alarm_->now();
  if (!has_room(now)) {
    wants_room_ = true;
    set_alarm(now);
    return SendResult::Full;
  }
  const Place place = kept_.add(notification, ticket, now);
  if (const TimePoint until = devices_.until(notification.device_token); until > now) {
    wait(place, until);
    throttle_.add_fresh();
    set_alarm(now);
    return SendResult::Queued;
  }
  const SendResult result = inner_->try_send(notification, kept_.inner_ticket(place));
  if (result == SendResult::Queued) {
    handed_over(place, now);
    throttle_.add_fresh();
    return result;
  }
  kept_.remove(place);
  if (result == SendResult::Full) {
    is_inner_full_ = true;
    wants_room_ = true;
  } else if (result == SendResult::Stopped) {
    is_stopped_ = true;
    is_event_due_ = true;
    set_alarm(now);
  }
  return result;
}

bool RetryingClient::has_room(TimePoint now) const {
  return !is_inner_full_ && ready_.empty() && kept_.has_room() && pause_.lets_go(now);
}

void RetryingClient::handed_over(Place place, TimePoint now) {
  KeptNotification& kept = kept_[place];
  counted_.retries += kept.attempts > 0 ? 1U : 0U;
  ++kept.attempts;
  kept.provider_token = options_.provider_token == nullptr ? 0 : options_.provider_token->number();
  pause_.went(kept_.inner_ticket(place));
  devices_.went(kept.notification.device_token, now);
}

// ---- Ending ----

void RetryingClient::drain(Duration limit) {
  is_draining_ = true;
  drain_deadline_ = std::min(drain_deadline_, later(alarm_->now(), limit));
  if (is_inner_draining_) {
    inner_->drain(limit);
  }
  is_event_due_ = true;
  set_alarm(alarm_->now());
}

void RetryingClient::stop(const std::string& why) {
  is_stopped_ = true;
  error_.clear();
  inner_->stop(why);
  is_event_due_ = true;
  set_alarm(alarm_->now());
}

void RetryingClient::tls_failed(const PeerInfo& peer, const tls::Failure& failure) {
  inner_->tls_failed(peer, failure);
}

const std::string& RetryingClient::last_error() const {
  return error_.empty() ? inner_->last_error() : error_;
}

const ClientStats& RetryingClient::stats() const {
  stats_ = inner_->stats();
  stats_.retries += counted_.retries;
  stats_.given_up += counted_.given_up;
  return stats_;
}

// ---- Events ----

std::unique_ptr<Engine> RetryingClient::connected(const PeerInfo& peer, EngineHost& host,
                                                  TimePoint now) {
  return inner_->connected(peer, host, now);
}

void RetryingClient::gone(std::uint64_t connection, Gone why, const std::string& detail,
                          TimePoint now) {
  inner_->gone(connection, why, detail, now);
}

void RetryingClient::on_alarm(TimePoint now) {
  const SharedAlarm::Due due = alarm_->take_due(now);
  if (due.inner) {
    inner_->on_alarm(now);
  }
  if (!due.outer) {
    return;
  }
  is_event_due_ = false;
  if (!stop_reason_.empty()) {
    stop(std::exchange(stop_reason_, {}));
    is_event_due_ = false;
  }
  is_drain_over_ = is_drain_over_ || (is_draining_ && drain_deadline_ <= now);
  finish(now);
  if (is_draining_ && !is_inner_draining_ && (num_open() == 0 || is_drain_over_)) {
    is_inner_draining_ = true;
    inner_->drain(std::max(Duration(), drain_deadline_ - now));
  }
}

void RetryingClient::outcomes(std::span<const Outcome> batch) {
  const TimePoint now = alarm_->now();
  for (const Outcome& outcome : batch) {
    look_at(outcome, now);
  }
  finish(now);
}

void RetryingClient::writable() {
  is_inner_full_ = false;
  finish(alarm_->now());
}

void RetryingClient::drained() {
  is_inner_drained_ = true;
  finish(alarm_->now());
}

void RetryingClient::finish(TimePoint now) {
  if (is_ending()) {
    give_up_all();
  } else {
    pump(now);
  }
  tell_sink(now);
  is_event_due_ = is_event_due_ || !stop_reason_.empty() ||
                  (is_draining_ && !is_inner_draining_ && num_open() == 0);
  set_alarm(now);
}

void RetryingClient::tell_sink(TimePoint now) {
  if (!settled_.empty()) {
    std::vector<Outcome> told;
    std::swap(told, settled_);
    sink_.outcomes(told);
    told.clear();
    std::swap(told, settled_);  // keeps its memory: what is settled comes from the inner client
  }
  if (!ended_.empty()) {
    std::vector<Ended> ended = std::exchange(ended_, {});
    std::vector<Outcome> told;
    for (Ended& one : ended) {
      told.push_back(one.outcome.outcome());
      told.back().ticket = one.ticket;
    }
    sink_.outcomes(told);
  }
  // When nothing is taken any more, too: who waits learns it from the next try_send.
  if (wants_room_ && (is_stopped_ || is_draining_ || has_room(now))) {
    wants_room_ = false;
    sink_.writable();
  }
  if (is_inner_drained_ && !drained_said_) {
    drained_said_ = true;
    sink_.drained();
  }
}

void RetryingClient::set_alarm(TimePoint now) {
  TimePoint when = is_event_due_ ? now : kNever;
  if (!waiting_.empty()) {
    when = std::min(when, waiting_.front().due);
  }
  if (!pause_.lets_go(now) && (wants_room_ || !ready_.empty())) {
    when = std::min(when, pause_.until());
  }
  if (is_draining_ && !is_drain_over_) {
    when = std::min(when, drain_deadline_);
  }
  alarm_->set_outer(when);
}

// ---- An outcome ----

void RetryingClient::look_at(const Outcome& outcome, TimePoint now) {
  const auto place = kept_.find(outcome.ticket);
  if (!place) {
    return;
  }
  const RetryRule rule = rule_of(outcome, options_.limits.on_unknown);
  look_at_others(*place, outcome, rule, now);
  KeptNotification& kept = kept_[*place];
  kept.refusals += rule == RetryRule::AtOnce ? 1U : 0U;
  RetryDecision decision;
  if (!is_ending() && stop_reason_.empty()) {
    decision = decide_on(*place, outcome, rule, now);
    if (decision.goes_again && decision.is_throttled && !throttle_.take()) {
      decision.goes_again = false;
    }
    counted_.given_up += may_change(rule) && !decision.goes_again ? 1U : 0U;
  }
  if (!decision.goes_again) {
    settle(*place, outcome, rule);
    return;
  }
  if (kept.last.kind() != OutcomeKind::Unknown) {
    kept.last.keep(outcome);
  }
  kept.is_token_renewed = kept.is_token_renewed || rule == RetryRule::ProviderToken;
  if (decision.pause == Duration() || rule == RetryRule::AllWait) {
    ready_.push_back(*place);  // behind the pause of all, if there is one
    swept_until_ = TimePoint();
  } else {
    wait(*place, now + decision.pause);
  }
}

/// What it says for more than the one that has it.
void RetryingClient::look_at_others(Place place, const Outcome& outcome, RetryRule rule,
                                    TimePoint now) {
  const RetryLimits& limits = options_.limits;
  const KeptNotification& kept = kept_[place];
  count_configuration(outcome, rule);
  if (outcome.kind == OutcomeKind::Sent) {
    devices_.accepted(kept.notification.device_token);
    error_.clear();
    pause_.settled(outcome.ticket);
    return;
  }
  const double jitter = draw(kept);
  if (rule == RetryRule::DeviceWaits && limits.max_attempts > 1) {
    (void)devices_.refused(kept.notification.device_token, jitter, now);
  }
  if (limits.max_attempts > 1 && rule == RetryRule::AllWait &&
      limits.pause_first <= limits.max_time) {
    pause_.refused(outcome.ticket, limits.pause_first, limits.pause_max, jitter, now);
  } else if (limits.max_attempts > 1 && asks_for_calm(outcome)) {
    pause_.refused(outcome.ticket, limits.backoff_first, limits.backoff_max, jitter, now);
  } else {
    pause_.settled(outcome.ticket);
  }
  if (hints_at_old_provider_token(outcome, kept.attempts)) {
    // From now on another is shown, if that one is old enough.
    (void)is_token_replaced(kept, now);
  }
}

void RetryingClient::count_configuration(const Outcome& outcome, RetryRule rule) {
  if (rule != RetryRule::Configuration) {
    num_configuration_errors_ = outcome.status == 0 ? num_configuration_errors_ : 0;
    return;
  }
  if (++num_configuration_errors_ == options_.max_configuration_errors) {
    stop_reason_ = "the service answers nothing but " + reason_text(outcome) + ": " +
                   std::string(configuration_advice(outcome));
  }
}

RetryDecision RetryingClient::decide_on(Place place, const Outcome& outcome, RetryRule rule,
                                        TimePoint now) {
  if (!may_change(rule)) {
    return {};
  }
  const KeptNotification& kept = kept_[place];
  RetryCase known;
  known.rule = rule;
  known.attempts = kept.attempts;
  known.refusals = kept.refusals;
  known.elapsed = now - kept.since;
  known.draw = draw(kept);
  known.expires_in = expires_in(kept.notification);
  if (rule == RetryRule::DeviceWaits) {
    known.wait = devices_.until(kept.notification.device_token) - now;
  } else if (rule == RetryRule::AllWait) {
    if (pause_.until() != kNever) {
      known.wait = pause_.until() - now;
    } else if (pause_.lets_go(now)) {
      return {};  // there is none: it would be longer than the limits
    }
  } else if (rule == RetryRule::ProviderToken) {
    known.is_token_replaced = !kept.is_token_renewed && is_token_replaced(kept, now);
    if (kept.is_token_renewed) {
      error_ = "the service answers " + reason_text(outcome) +
               " to a fresh provider token, too: this machine's clock is wrong, most likely "
               "behind";
    }
  }
  return decide(options_.limits, known);
}

/// Where it waited for a connection, the first one was made later: its number is 1.
bool RetryingClient::is_token_replaced(const KeptNotification& kept, TimePoint now) {
  return options_.provider_token != nullptr &&
         options_.provider_token->is_replaced(std::max(kept.provider_token, 1U), now);
}

Duration RetryingClient::expires_in(const Notification& notification) const {
  // 0 is no time: the service tries once when it has it.
  if (options_.clock == nullptr || notification.expiration.value_or(0) == 0) {
    return Duration::max();
  }
  const WorldTime at{std::chrono::seconds(*notification.expiration)};
  return at - options_.clock->now();
}

double RetryingClient::draw(const KeptNotification& kept) const {
  return random_unit(random_u64(options_.seed, kept.ticket, kept.attempts));
}

void RetryingClient::settle(Place place, const Outcome& outcome, RetryRule rule) {
  KeptNotification& kept = kept_[place];
  // Whether it was taken the first time is as little known as before.
  const bool stays_unknown = kept.last.kind() == OutcomeKind::Unknown &&
                             outcome.kind == OutcomeKind::Rejected && may_change(rule);
  if (stays_unknown) {
    give_up(place);
    return;
  }
  settled_.push_back(outcome);
  settled_.back().ticket = kept.ticket;
  kept_.remove(place);
}

// ---- What waits ----

void RetryingClient::wait(Place place, TimePoint due) {
  waiting_.push_back(Waiting{due, ++next_order_, place});
  std::ranges::push_heap(waiting_, std::greater<>());
}

void RetryingClient::give_up(Place place) {
  KeptNotification& kept = kept_[place];
  ended_.push_back(Ended{kept.ticket, kept.last});
  kept_.remove(place);
}

void RetryingClient::give_up_all() {
  for (const Place place : std::exchange(ready_, {})) {
    give_up(place);
  }
  for (const Waiting& one : std::exchange(waiting_, {})) {
    give_up(one.place);
  }
}

bool RetryingClient::is_too_late(Place place, TimePoint earliest) {
  const KeptNotification& kept = kept_[place];
  if (earliest - kept.since <= options_.limits.max_time &&
      expires_in(kept.notification) > Duration()) {
    return false;
  }
  ++counted_.given_up;
  give_up(place);
  return true;
}

void RetryingClient::pump(TimePoint now) {
  while (!waiting_.empty() && waiting_.front().due <= now) {
    std::ranges::pop_heap(waiting_, std::greater<>());
    ready_.push_back(waiting_.back().place);
    waiting_.pop_back();
    swept_until_ = TimePoint();
  }
  if (const TimePoint until = pause_.until(); until > now && until != kNever) {
    if (until != swept_until_) {
      std::erase_if(ready_, [this, until](Place place) { return is_too_late(place, until); });
      swept_until_ = until;
    }
    return;
  }
  while (!ready_.empty() && !is_inner_full_ && pause_.lets_go(now)) {
    const Place place = ready_.front();
    if (!is_too_late(place, now) && !send_ready(place, now)) {
      return;
    }
    ready_.pop_front();
  }
}

bool RetryingClient::send_ready(Place place, TimePoint now) {
  const DeviceToken& token = kept_[place].notification.device_token;
  if (const TimePoint until = devices_.until(token); until > now) {
    wait(place, until);
    return true;
  }
  const SendResult result = inner_->try_send(kept_[place].notification, kept_.inner_ticket(place));
  switch (result) {
    case SendResult::Queued:
      handed_over(place, now);
      return true;
    case SendResult::Full:
      is_inner_full_ = true;
      return false;
    case SendResult::Draining:
    case SendResult::Stopped:
      is_stopped_ = true;  // it did so by itself
      give_up_all();
      return false;
    case SendResult::PayloadTooLong:
    case SendResult::PayloadEmpty:
    case SendResult::FieldIllegal:
      // It waited since try_send, and the client inside has not seen it before.
      error_ =
          "a notification that waited for its device token's back-off cannot be sent: its "
          "payload or a field is not allowed";
      give_up(place);
      return true;
  }
  return true;
}

}  // namespace apns::provider
