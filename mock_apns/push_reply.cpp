#include "mock_apns/push_reply.h"

#include <chrono>

namespace apns::mock {

namespace {

constexpr std::uint16_t kGone = 410;

bool is_success(std::uint16_t status) {
  return status < 300;
}

std::uint64_t in_ms(WorldTime now) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
}

PushReply without_action(const PushVerdict& verdict) {
  PushReply reply;
  if (!verdict.accepted()) {
    reply.outcome = PushReply::Outcome::Rejected;
    reply.reason = verdict.reason;
    reply.status = row_of(*verdict.reason).status;
    reply.timestamp_ms = verdict.timestamp_ms;
  }
  return reply;
}

PushReply rejection(const FaultAction& action, WorldTime now) {
  PushReply reply{.outcome = PushReply::Outcome::Rejected};
  reply.reason = action.reason;
  if (!reply.reason) {
    if (const ReasonRow* usual = find_reason(*action.status, 0)) {
      reply.reason = usual->reason;
    }
  }
  if (reply.reason && row_of(*reply.reason).status == kGone) {
    reply.timestamp_ms = in_ms(now);
  }
  reply.status = reply.reason ? row_of(*reply.reason).status : *action.status;
  return reply;
}

}  // namespace

bool rejects(const FaultAction& action) {
  return action.reason || (action.status && !is_success(*action.status));
}

bool loses(const FaultAction& action) {
  const bool closes_unasked = action.close && !action.goaway && !action.reason && !action.status;
  return action.no_answer || action.reset_stream || closes_unasked;
}

PushReply reply_to(const PushVerdict& verdict, const FaultAction* action, WorldTime now) {
  if (action == nullptr) {
    return without_action(verdict);
  }
  if (loses(*action)) {
    return PushReply{
        .outcome = PushReply::Outcome::Lost,
        .kind = action->reset_stream ? PushReply::Kind::Reset : PushReply::Kind::Silence};
  }
  PushReply reply = rejects(*action) ? rejection(*action, now) : without_action(verdict);
  reply.status = action->status.value_or(reply.status);
  reply.timestamp_ms = action->timestamp ? action->timestamp : reply.timestamp_ms;
  if (rejects(*action) && !action->raw.empty()) {
    reply.kind = PushReply::Kind::Raw;
  }
  return reply;
}

}  // namespace apns::mock
