// What fault rules and magic device tokens make a connection of the provider API do.
#include <array>
#include <utility>

#include "mock_apns/provider_api_engine.h"
#include "mock_apns/provider_api_thread.h"
#include "mock_apns/world/world.h"

namespace apns::mock {

namespace {

using http2::ErrorCode;
using http2::Setting;
using http2::SettingId;
using http2::StreamId;

// Requests that the provider has given up, whose rule does something to the connection yet.
constexpr std::size_t kMaxOrphans = 10'000;

}  // namespace

// ---- Which ----

FaultRules::Subject ProviderApiEngine::subject() const {
  FaultRules::Subject made;
  made.protocol = FaultProtocol::Http2;
  made.environment = api_.options_.environment;
  made.connection = connection_;
  made.nth = nth_;
  made.topic = certificate_ ? certificate_->default_topic() : std::string_view(last_topic_);
  made.now = now_;
  return made;
}

ProviderApiEngine::Cause ProviderApiEngine::cause_of(const Request& request,
                                                     const PushVerdict& verdict) const {
  Cause cause = fire(request);
  if (cause.action == nullptr && verdict.magic && verdict.magic->fate == MagicToken::Fate::Faulty) {
    cause.action = std::make_shared<const FaultAction>(verdict.magic->http2);
    cause.delay = verdict.magic->http2.delay;
  }
  return cause;
}

ProviderApiEngine::Cause ProviderApiEngine::fire(const Request& request) const {
  if (api_.rules_ == nullptr || !api_.rules_->has(FaultRule::Trigger::Notification)) {
    return Cause{};
  }
  std::string token_hex;
  if (request.device_token && api_.rules_->has_token_rules()) {
    token_hex = to_hex(request.device_token->bytes());
  }
  FaultRules::Subject about = subject();
  about.nth = request.nth;
  about.topic = request.topic;
  about.device_token_hex = token_hex;
  if (request.push_type) {
    about.push_type = row_of(*request.push_type).name;
  }
  const FaultRules::Firing firing =
      api_.rules_->fire_drawing(FaultRule::Trigger::Notification, about);
  if (firing.rule == nullptr) {
    return Cause{};
  }
  const FaultAction& then = firing.rule->then;
  return Cause{.action = std::shared_ptr<const FaultAction>(firing.rule, &then),
               .rule = firing.rule,
               .delay = then.latency ? then.latency->draw(firing.random) : then.delay};
}

void ProviderApiEngine::decide(Request& request, const PushVerdict& verdict) const {
  const FaultAction* const action = request.cause.action.get();
  if (action == nullptr) {
    request.reply = reply_to(verdict, nullptr, WorldTime{});
    return;
  }
  request.reply = reply_to(verdict, action, api_.clock_.now());
  const bool is_asked_for = action->reason || action->status;
  if (action->goaway && action->goaway->last_nth && !is_asked_for &&
      streams_.stream_of(*action->goaway->last_nth) < request.stream) {
    // GOAWAY will say that nobody has looked at it.
    request.reply =
        PushReply{.outcome = PushReply::Outcome::Lost, .kind = PushReply::Kind::Silence};
  }
}

// ---- A request ----

void ProviderApiEngine::carry_out(Request& request, ByteView payload, const PushVerdict& verdict) {
  std::uint64_t seq = 0;
  switch (request.reply.outcome) {
    case PushReply::Outcome::Accepted:
      seq = accept(request, payload, verdict);
      break;
    case PushReply::Outcome::Rejected:
      seq = reject(request, payload, verdict);
      break;
    case PushReply::Outcome::Lost:
      seq = lose(request, payload);
      break;
  }
  const Cause& cause = request.cause;
  if (cause.action != nullptr) {
    if (cause.rule != nullptr) {
      record_fired(cause.rule->name, seq);
    } else if (verdict.magic && verdict.magic->times > 0 &&
               request.reply.outcome != PushReply::Outcome::Accepted) {
      api_.options_.world->drawn(request.device_token->bytes());
    }
    begin_moods(*cause.action);
    if (cause.delay > Duration{}) {
      request.state = Request::State::Waiting;
      request.body.clear();
      due_.add(place_of(request), now_ + cause.delay);
      return;
    }
  }
  conclude(request);
}

void ProviderApiEngine::conclude(Request& request) {
  const std::shared_ptr<const FaultAction> action = request.cause.action;
  const bool is_raw_said = request.reply.kind == PushReply::Kind::Raw;
  say(request);
  if (action != nullptr) {
    act(*action, !is_raw_said);
  }
  end_if_done();
}

void ProviderApiEngine::say(Request& request) {
  const PushReply::Kind kind = request.reply.kind;
  if (request.stream == 0) {
    free(request);  // the provider has given it up
    return;
  }
  if (kind == PushReply::Kind::Silence) {
    --num_open_;
    request.state = Request::State::Silent;
    request.cause = Cause{};
    request.body = Bytes();
    return;
  }
  const FaultAction* const action = request.cause.action.get();
  const StreamId stream = leave(request);
  if (kind == PushReply::Kind::Answer) {
    answer(request, stream);
    if (!request.has_ended && profile().early_rejection == EarlyRejection::AnswerAndReset) {
      session_.reset(stream, ErrorCode::NoError);
    }
  } else if (kind == PushReply::Kind::Raw) {
    session_.raw(action->raw);
    session_.forget(stream);
  } else {
    session_.reset(stream, static_cast<ErrorCode>(*action->reset_stream));
    if (action->reset_again) {
      Bytes again;
      http2::append_rst_stream(again, stream, ErrorCode::StreamClosed);
      session_.raw(again);
    }
  }
  free(request);
}

void ProviderApiEngine::give_up_waiting(Request& request) {
  const FaultAction& action = *request.cause.action;
  if (acts_on_connection(action) && due_.size() <= kMaxOrphans) {
    --num_open_;
    request.stream = 0;
    return;
  }
  due_.remove(place_of(request));
  free(request);
}

// ---- The connection ----

bool ProviderApiEngine::acts_on_connection(const FaultAction& action) {
  return action.settings || !action.raw.empty() || action.goaway || action.close;
}

void ProviderApiEngine::begin_moods(const FaultAction& action) {
  pace_.begin(action);
  session_.pause_reading(!pace_.reads());
  if (action.ignore_ping) {
    session_.ignore_pings(true);
  }
  if (action.withhold_window) {
    are_windows_held_ = true;
    session_.hold_windows(true);
  }
}

void ProviderApiEngine::act(const FaultAction& action, bool with_raw) {
  if (session_.is_over()) {
    return;
  }
  if (action.settings) {
    say_settings(*action.settings);
  }
  if (with_raw && !action.raw.empty()) {
    session_.raw(action.raw);
  }
  if (action.goaway) {
    say_goaway(*action.goaway, action.close);
  } else if (action.close) {
    end(close_of(*action.close));
  }
}

void ProviderApiEngine::say_goaway(const GoawayFault& fault, std::optional<FaultClose> close) {
  const StreamId last =
      fault.last_nth ? streams_.stream_of(*fault.last_nth) : session_.last_peer_stream();
  for (std::uint32_t i = 0; i < fault.count; ++i) {
    // Apple's second one was seen without debug data: jchambers/pushy#312, golang/go#14627.
    const bool has_reason = i == 0 && fault.reason;
    session_.goaway(last, static_cast<ErrorCode>(fault.code),
                    has_reason ? row_of(*fault.reason).body : std::string_view());
  }
  if (!fault.keep_open) {
    ends_when_done_ = close_of(close.value_or(FaultClose::Fin));
    idle_deadline_ = kNever;
    end_if_done();
  }
}

void ProviderApiEngine::say_settings(const SettingsFault& fault) {
  std::array<Setting, 5> settings;
  std::size_t num_settings = 0;
  const auto add = [&](SettingId id, const std::optional<std::uint32_t>& value) {
    if (value) {
      settings.at(num_settings++) = Setting(id, *value);
    }
  };
  add(SettingId::HeaderTableSize, fault.header_table_size);
  add(SettingId::MaxConcurrentStreams, fault.max_concurrent_streams);
  add(SettingId::InitialWindowSize, fault.initial_window_size);
  add(SettingId::MaxFrameSize, fault.max_frame_size);
  add(SettingId::MaxHeaderListSize, fault.max_header_list_size);
  if (!session_.send_settings(std::span(settings).first(num_settings))) {
    return;  // the provider has not acknowledged as many as may be
  }
  are_settings_changed_ = true;
  if (fault.max_concurrent_streams) {
    stream_limit_ = *fault.max_concurrent_streams;
    usual_limit_ = stream_limit_;
  }
}

// ---- Without a request ----

void ProviderApiEngine::apply_open_rules() {
  if (api_.rules_ != nullptr && api_.rules_->has(FaultRule::Trigger::Open)) {
    if (const auto rule = api_.rules_->fire(FaultRule::Trigger::Open, subject())) {
      record_fired(rule->name, 0);
      begin_moods(rule->then);
      act(rule->then);
    }
  }
  await_silence(now_);
}

void ProviderApiEngine::await_silence(TimePoint since) {
  quiet_since_ = since;
  idle_deadline_ = kNever;
  if (api_.rules_ != nullptr && !ends_when_done_) {
    idle_deadline_ = api_.rules_->idle_deadline(subject(), since);
  }
}

void ProviderApiEngine::end_if_idle() {
  if (session_.is_over() || now_ < idle_deadline_) {
    return;
  }
  FaultRules::Subject silent = subject();
  silent.silence = now_ - quiet_since_;
  if (const auto rule = api_.rules_->fire(FaultRule::Trigger::Idle, silent)) {
    record_fired(rule->name, 0);
    begin_moods(rule->then);
    act(rule->then);
    await_silence(now_);
  } else {
    // Another connection took the last firing; a longer one may be left.
    await_silence(quiet_since_);
  }
}

}  // namespace apns::mock
