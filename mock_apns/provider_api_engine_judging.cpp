// How a connection of the provider API judges a request, as it arrives.
#include <string>

#include "mock_apns/provider_api_engine.h"
#include "mock_apns/provider_api_thread.h"
#include "mock_apns/topic_scope.h"
#include "mock_apns/world/team_keys.h"
#include "mock_apns/world/world.h"

namespace apns::mock {

using http2::ErrorCode;
using http2::StreamId;

PushContext ProviderApiEngine::context() const {
  return PushContext{.profile = *api_.options_.profile,
                     .environment = api_.options_.environment,
                     .certificate = certificate_.get(),
                     .world = api_.options_.world};
}

void ProviderApiEngine::judge_head(Request& request, const PushHead& head) {
  const PushContext look = context();
  Why* const why = why_of(request);
  PushVerdict verdict = judge_line(head, look, why);
  if (verdict.accepted()) {
    verdict = judge_credential(head, why);
  }
  if (verdict.accepted()) {
    verdict = judge_fields(head, look, why);
  }
  if (verdict.accepted() && !certificate_) {
    verdict = judge_scope(topic_of(head, nullptr), tokens_, why);
  }
  request.refused = verdict.reason;
  request.rule = verdict.rule;
}

PushVerdict ProviderApiEngine::judge_credential(const PushHead& head, Why* why) {
  if (certificate_) {
    return PushVerdict{};
  }
  const TokenTime time = TokenTime::of(api_.clock_);
  const TokenContext look{.policy = profile().provider_token,
                          .environment = api_.options_.environment,
                          .verifier = api_.threads_[thread_]->verifier,
                          .memory = *api_.options_.token_memory};
  const TokenVerdict verdict = tokens_.check(head.text(PushField::Authorization), time, look);
  if (!verdict.accepted() && why != nullptr) {
    *why = tokens_.explain(verdict, time, look);
  }
  tokens_.commit(verdict, time, look);
  if (verdict.accepted()) {
    limit_streams(usual_limit_);
  }
  return PushVerdict{.reason = reason_of(verdict.outcome, profile()),
                     .rule = rule_of(verdict.outcome)};
}

PushBody ProviderApiEngine::body_of(const Request& request) {
  return PushBody{.device_token = request.device_token,
                  .topic = request.topic,
                  .topic_id = topic_id(request.topic),
                  .push_type = request.push_type.value_or(PushType::Alert),
                  .payload_len = request.body_len};
}

void ProviderApiEngine::finish(Request& request, ByteView payload) {
  api_.threads_[thread_]->bytes.add(request.body_len);
  if (is_discarding_) {
    lose(request, payload);
    const StreamId stream = leave(request);
    free(request);
    session_.reset(stream, ErrorCode::RefusedStream);
    return;
  }
  PushVerdict verdict{.reason = request.refused, .rule = request.rule};
  if (verdict.accepted()) {
    verdict = judge_body(body_of(request), context(), why_of(request));
  }
  if (!request.is_caused) {
    request.cause = cause_of(request, verdict);
  }
  decide(request, verdict);
  carry_out(request, payload, verdict);
}

void ProviderApiEngine::reject_early(Request& request) {
  if (is_discarding_) {
    return;
  }
  PushVerdict verdict{.reason = request.refused, .rule = request.rule};
  if (verdict.accepted()) {
    verdict = judge_device_token(body_of(request), context(), why_of(request));
  }
  request.cause = cause_of(request, verdict);
  request.is_caused = true;
  decide(request, verdict);
  if (request.reply.outcome != PushReply::Outcome::Accepted) {
    carry_out(request, request.body, verdict);
  }
}

Why* ProviderApiEngine::why_of(Request& request) const {
  return api_.ledger_ != nullptr ? &request.why : nullptr;
}

std::uint32_t ProviderApiEngine::topic_id(std::string_view topic) {
  if (api_.options_.world == nullptr) {
    return 0;
  }
  if (topic != last_topic_ || last_topic_id_ == 0) {
    last_topic_ = topic;
    last_topic_id_ = api_.options_.world->topic_id(topic);
  }
  return last_topic_id_;
}

}  // namespace apns::mock
