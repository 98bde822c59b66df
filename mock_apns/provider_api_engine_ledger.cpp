// What a connection of the provider API tells the ledger. Nothing is made when there is none.
#include <algorithm>
#include <string>

#include "apns/model/push_type.h"
#include "mock_apns/ledger.h"
#include "mock_apns/provider_api_engine.h"
#include "mock_apns/provider_api_thread.h"

namespace apns::mock {

namespace {

// Of what broke a rule of HTTP/2, so much is shown.
constexpr std::size_t kMaxHex = 256;

std::string goaway_text(const http2::Session::SaidGoaway& said) {
  return http2::error_code_text(static_cast<std::uint32_t>(said.code)) + ", last stream " +
         std::to_string(said.last_stream) + (said.debug.empty() ? "" : ", " + said.debug);
}

/// What became of a request that was not decided.
std::string cut_off_text(http2::StreamEnd end, http2::ErrorCode code) {
  const std::string named = http2::error_code_text(static_cast<std::uint32_t>(code));
  switch (end) {
    case http2::StreamEnd::ResetByPeer:
      return "the provider reset the stream: " + named;
    case http2::StreamEnd::Unprocessed:
      return "the service said GOAWAY for an earlier stream: " + named;
    case http2::StreamEnd::Done:
    case http2::StreamEnd::Reset:
      break;
  }
  return "the stream was reset: " + named;
}

}  // namespace

std::string ProviderApiEngine::Cause::text() const {
  if (action == nullptr) {
    return "rule";
  }
  return rule != nullptr ? "fault:" + rule->name : "magic";
}

LedgerRecord ProviderApiEngine::record(EventKind kind, EventOutcome outcome) const {
  LedgerRecord made;
  made.at = arrived_at_ ? *arrived_at_ : api_.clock_.now();
  made.kind = kind;
  made.outcome = outcome;
  made.protocol = Protocol::Http2;
  made.connection = connection_;
  made.environment = api_.options_.environment;
  return made;
}

void ProviderApiEngine::record_opened() const {
  if (api_.ledger_ == nullptr) {
    return;
  }
  LedgerRecord opened = record(EventKind::Connection, EventOutcome::Opened);
  opened.tls = tls_;
  opened.auth = auth_;
  Http2View http2;
  http2.alpn = alpn_;
  opened.http2 = &http2;
  api_.ledger_->add(thread_, opened);
}

void ProviderApiEngine::record_closed() const {
  if (api_.ledger_ == nullptr) {
    return;
  }
  LedgerRecord closed = record(EventKind::Connection, EventOutcome::Closed);
  closed.by = ended_by_peer_ ? "provider" : "service";
  const bool is_told = *how_ended_ != '\0' || !session_.is_over();
  closed.close = is_told ? how_ended_ : ledger_text_of(session_.close());
  Http2View http2;
  std::string goaway;
  if (const auto& said = session_.said_goaway()) {
    goaway = goaway_text(*said);
  }
  http2.goaway = goaway;
  closed.http2 = &http2;
  api_.ledger_->add(thread_, closed);
}

std::uint64_t ProviderApiEngine::record_request(const RequestRecord& of) const {
  const Request& request = of.request;
  LedgerRecord made = record(EventKind::Notification, of.outcome);
  made.nth = request.nth;
  if (request.device_token) {
    made.device_token = request.device_token->bytes();
  }
  made.topic = request.topic;
  made.priority = request.priority;
  made.expiration = request.expiration;
  made.payload = of.payload;
  made.payload_bytes = request.body_len;
  made.payload_is_json = of.is_json;
  made.cause = of.cause;
  made.why = of.why;
  if (!of.is_answered) {
    made.answered = false;
  }
  Http2View http2;
  http2.stream = request.stream;
  http2.apns_id = std::string_view(request.id.data(), request.id.size());
  if (request.push_type) {
    http2.push_type = row_of(*request.push_type).name;
  }
  http2.collapse_id = request.collapse_id;
  if (of.outcome != EventOutcome::Discarded) {
    const PushReply& reply = request.reply;
    made.status = reply.status;
    http2.reason = reply.reason ? row_of(*reply.reason).name : std::string_view();
    http2.timestamp = reply.timestamp_ms;
    http2.duration_us = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(request.cause.delay).count());
  }
  made.http2 = &http2;
  return api_.ledger_->add(thread_, made);
}

std::uint64_t ProviderApiEngine::record_accepted(const Request& request, ByteView payload,
                                                 bool is_json) const {
  if (api_.ledger_ == nullptr) {
    return 0;
  }
  RequestRecord of{request, payload, EventOutcome::Accepted};
  of.is_json = is_json;
  if (!is_json) {
    of.why = WhyView{"http2/payload-is-json", "a payload that is not JSON",
                     "send a JSON object; the service takes it, but no phone will show anything"};
  }
  std::string cause;
  if (request.cause.action != nullptr) {
    cause = request.cause.text();
    of.cause = cause;
  }
  return record_request(of);
}

std::uint64_t ProviderApiEngine::record_rejected(const Request& request, ByteView payload) const {
  if (api_.ledger_ == nullptr) {
    return 0;
  }
  RequestRecord of{request, payload, EventOutcome::Rejected};
  of.is_json = api_.threads_[thread_]->checker.is_json(payload, false);
  // A fault that only changes how it is answered is not why it is rejected.
  const bool is_told_to = request.cause.action != nullptr && rejects(*request.cause.action);
  const std::string cause = is_told_to ? request.cause.text() : "rule";
  of.cause = cause;
  if (!is_told_to && !request.why.rule.empty()) {
    of.why = view(request.why);
  }
  return record_request(of);
}

std::uint64_t ProviderApiEngine::record_lost(const Request& request, ByteView payload) const {
  if (api_.ledger_ == nullptr) {
    return 0;
  }
  RequestRecord of{request, payload, EventOutcome::Discarded};
  of.is_json = api_.threads_[thread_]->checker.is_json(payload, false);
  of.is_answered = false;
  std::string cause;
  if (request.cause.action != nullptr) {
    cause = request.cause.text();
    of.cause = cause;
  }
  return record_request(of);
}

void ProviderApiEngine::record_cut_off(const Request& request, http2::StreamEnd end,
                                       http2::ErrorCode code) const {
  if (api_.ledger_ == nullptr) {
    return;
  }
  const std::string found = cut_off_text(end, code);
  RequestRecord of{request, request.body, EventOutcome::Discarded};
  of.is_answered = false;
  of.why = WhyView{"http2/request-ends", found, "send the whole request, and wait for its answer"};
  record_request(of);
}

void ProviderApiEngine::record_fired(std::string_view name, std::uint64_t of) const {
  if (api_.ledger_ == nullptr) {
    return;
  }
  LedgerRecord fired = record(EventKind::Fault, EventOutcome::Fired);
  fired.name = name;
  fired.of = of;
  api_.ledger_->add(thread_, fired);
}

void ProviderApiEngine::record_violation(const http2::Violation& violation) const {
  if (api_.ledger_ == nullptr) {
    return;
  }
  const http2::RuleRow& row = rule_row(violation.rule);
  LedgerRecord made = record(EventKind::Violation, EventOutcome::Must);
  made.rule = row.id;
  const std::string found = std::string(row.says) +
                            (violation.detail.empty() ? "" : ": " + std::string(violation.detail));
  made.found = found;
  const std::string detail = "at byte " + std::to_string(violation.position) +
                             " of the connection; " + std::string(row.section);
  made.detail = detail;
  made.hex = violation.frame.first(std::min(violation.frame.size(), kMaxHex));
  Http2View http2;
  if (violation.stream != 0) {
    http2.stream = violation.stream;
  }
  made.http2 = &http2;
  api_.ledger_->add(thread_, made);
}

}  // namespace apns::mock
