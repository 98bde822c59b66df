#include "scenarios/runner/scripted_connection.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "mock_apns/push_request.h"

namespace apns::scenarios {
namespace {

using http2::ErrorCode;
using http2::StreamId;
using mock::EventKind;
using mock::EventOutcome;
using mock::PushField;

constexpr std::uint16_t kOk = 200;

/// Another one for each request of a run, in the form of Apple's.
std::string make_id(std::uint64_t connection, std::uint64_t nth) {
  return fmt::format("{:08X}-0000-0000-0000-{:012X}", connection, nth);
}

/// As the ledger has it: "NO_ERROR, last stream 9, {...}".
std::string goaway_text(const std::optional<http2::Session::SaidGoaway>& said) {
  if (!said) {
    return "";
  }
  return http2::error_code_text(static_cast<std::uint32_t>(said->code)) + ", last stream " +
         std::to_string(said->last_stream) + (said->debug.empty() ? "" : ", " + said->debug);
}

}  // namespace

ScriptedConnection::ScriptedConnection(const ConnectionScript& script,
                                       const http2::SessionOptions& options,
                                       const mock::FrontEnd& front, http2::HpackScratch& scratch,
                                       const PeerInfo& peer, TimePoint now)
    : script_(script),
      front_(front),
      connection_(peer.connection),
      thread_(peer.thread),
      now_(now),
      session_(options, *this, scratch, now) {
  mock::LedgerRecord opened =
      front_.event(EventKind::Connection, EventOutcome::Opened, connection_);
  opened.tls = peer.tls_version;
  mock::Http2View http2;
  http2.alpn = peer.alpn;
  opened.http2 = &http2;
  front_.record(thread_, opened);
  go_on();
}

ScriptedConnection::~ScriptedConnection() {
  for (Request& request : requests_) {
    discard(request);
  }
  mock::LedgerRecord closed =
      front_.event(EventKind::Connection, EventOutcome::Closed, connection_);
  closed.by = by_;
  closed.close = how_ended_;
  mock::Http2View http2;
  const std::string goaway = goaway_text(session_.said_goaway());
  http2.goaway = goaway;
  closed.http2 = &http2;
  front_.record(thread_, closed);
}

// ---- Engine ----

std::size_t ScriptedConnection::feed(std::span<const std::byte> in, TimePoint now) {
  now_ = now;
  const std::size_t taken = session_.feed(in, now);
  go_on();
  return taken;
}

void ScriptedConnection::ended(End end, TimePoint now) {
  now_ = now;
  if (!session_.is_over()) {
    by_ = "provider";
    how_ended_ = end == End::Reset ? "rst" : "fin";
  }
  session_.ended(end, now);
}

TimePoint ScriptedConnection::deadline() const {
  return std::min(session_.deadline(), session_.is_over() ? kNever : hold_until_.value_or(kNever));
}

void ScriptedConnection::on_time(TimePoint now) {
  now_ = now;
  session_.on_time(now);
  go_on();
}

// ---- Requests ----

void ScriptedConnection::message(const http2::Message& message) {
  if (message.kind == http2::MessageKind::Trailers) {
    came_whole(requests_[session_.user(message.stream) - 1]);
    return;
  }
  const mock::PushHead head(message);
  Request& request = requests_.emplace_back();
  request.stream = message.stream;
  request.nth = requests_.size();
  request.device_token = DeviceToken::parse(head.device_token);
  request.topic = head.text(PushField::Topic);
  request.push_type = head.text(PushField::PushType);
  request.collapse_id = head.text(PushField::CollapseId);
  request.apns_id = head.is_id_uuid ? head.text(PushField::Id) : make_id(connection_, request.nth);
  request.priority = head.priority;
  request.expiration = head.expiration;
  session_.set_user(message.stream, request.nth);
  if (message.end_stream) {
    came_whole(request);
  } else {
    answer_if_due(request);
  }
}

void ScriptedConnection::data(StreamId stream, ByteView content, bool end_stream) {
  const std::uint64_t nth = session_.user(stream);
  if (nth == 0) {
    return;
  }
  Request& request = requests_[nth - 1];
  request.payload.insert(request.payload.end(), content.begin(), content.end());
  if (end_stream) {
    came_whole(request);
  }
}

void ScriptedConnection::came_whole(Request& request) {
  request.is_whole = true;
  ++num_whole_;
  answer_if_due(request);
}

void ScriptedConnection::closed(StreamId /*stream*/, http2::StreamEnd /*end*/, ErrorCode /*code*/,
                                std::uint64_t user) {
  if (user != 0) {
    discard(requests_[user - 1]);
  }
}

void ScriptedConnection::goaway(StreamId /*last_stream*/, ErrorCode /*code*/,
                                std::string_view /*debug*/) {
  if (!session_.is_over()) {
    by_ = "provider";
    how_ended_ = "fin";
    session_.hang_up();
  }
}

void ScriptedConnection::violation(const http2::Violation& violation) {
  const http2::RuleRow& row = rule_row(violation.rule);
  mock::LedgerRecord broken = front_.event(EventKind::Violation, EventOutcome::Must, connection_);
  broken.rule = row.id;
  broken.found = row.says;
  broken.detail = row.section;
  front_.record(thread_, broken);
}

void ScriptedConnection::answer_if_due(Request& request) {
  if (request.is_settled) {
    return;
  }
  const auto plan = std::find_if(answers_.rbegin(), answers_.rend(), [&](const AnswerStep* step) {
    return step->nth.contains(request.nth);
  });
  if (plan != answers_.rend() && (request.is_whole || (*plan)->before_body)) {
    answer(request, **plan);
  }
}

void ScriptedConnection::answer(Request& request, const AnswerStep& with) {
  request.is_settled = true;
  record_request(request, with.status == kOk ? EventOutcome::Accepted : EventOutcome::Rejected,
                 &with);
  const std::string status = std::to_string(with.status);
  const std::array fields = {
      http2::Field{":status", status, http2::field_name::kStatus, http2::Representation::Indexed},
      http2::Field{"apns-id", request.apns_id, http2::field_name::kOther,
                   http2::Representation::WithoutIndexing}};
  session_.send_headers(request.stream, fields, with.body.empty());
  std::string_view left = with.body;
  while (!left.empty()) {
    const std::size_t len =
        with.split == 0 ? left.size() : std::min<std::size_t>(with.split, left.size());
    session_.send_data(request.stream, as_bytes(left.substr(0, len)), len == left.size());
    left.remove_prefix(len);
  }
}

void ScriptedConnection::discard(Request& request) {
  if (!request.is_settled) {
    request.is_settled = true;
    record_request(request, EventOutcome::Discarded, nullptr);
  }
}

// ---- Steps ----

void ScriptedConnection::go_on() {
  while (next_ < script_.steps.size() && !session_.is_over() &&
         std::visit([this](const auto& step) { return carry_out(step); }, script_.steps[next_])) {
    ++next_;
  }
}

bool ScriptedConnection::carry_out(const WaitRequestsStep& step) {
  return num_whole_ >= step.count;
}

bool ScriptedConnection::carry_out(const AnswerStep& step) {
  session_.at(now_);
  answers_.push_back(&step);
  for (Request& request : requests_) {
    answer_if_due(request);
  }
  return true;
}

bool ScriptedConnection::carry_out(const GoawayStep& step) {
  StreamId last = session_.last_peer_stream();
  if (step.last_stream) {
    last = *step.last_stream;
  } else if (step.last_nth) {
    const bool is_there = *step.last_nth >= 1 && *step.last_nth <= requests_.size();
    last = is_there ? requests_[*step.last_nth - 1].stream : 0;
  }
  for (Request& request : requests_) {
    if (request.stream > last) {
      discard(request);
    }
  }
  session_.at(now_);
  session_.goaway(last, static_cast<ErrorCode>(step.code), step.debug);
  return true;
}

bool ScriptedConnection::carry_out(const SendSettingsStep& step) {
  session_.at(now_);
  (void)session_.send_settings(step.entries);
  return true;
}

bool ScriptedConnection::carry_out(const ResetStreamStep& step) {
  session_.at(now_);
  for (Request& request : requests_) {
    if (!step.nth.contains(request.nth)) {
      continue;
    }
    discard(request);
    if (!session_.reset(request.stream, static_cast<ErrorCode>(step.code))) {
      Bytes again;
      http2::append_rst_stream(again, request.stream, static_cast<ErrorCode>(step.code));
      session_.raw(again);
    }
  }
  return true;
}

bool ScriptedConnection::carry_out(const HoldStep& step) {
  hold_until_ = hold_until_.value_or(now_ + step.span);
  if (now_ < *hold_until_) {
    return false;
  }
  hold_until_.reset();
  return true;
}

bool ScriptedConnection::carry_out(const WithholdWindowStep& step) {
  session_.at(now_);
  session_.hold_windows(step.withhold);
  return true;
}

bool ScriptedConnection::carry_out(const IgnorePingStep& step) {
  session_.ignore_pings(step.ignore);
  return true;
}

bool ScriptedConnection::carry_out(const RawStep& step) {
  session_.raw(step.bytes);
  return true;
}

bool ScriptedConnection::carry_out(const CloseStep& step) {
  how_ended_ = mock::ledger_text_of(step.how);
  session_.hang_up(step.how);
  return true;
}

// ---- The ledger ----

void ScriptedConnection::record_request(const Request& request, EventOutcome outcome,
                                        const AnswerStep* with) const {
  mock::LedgerRecord made = front_.event(EventKind::Notification, outcome, connection_);
  made.nth = request.nth;
  if (request.device_token) {
    made.device_token = request.device_token->bytes();
  }
  made.topic = request.topic;
  made.priority = request.priority;
  made.expiration = request.expiration;
  made.payload = request.payload;
  made.payload_bytes = request.payload.size();
  made.cause = "script";
  mock::Http2View http2;
  http2.stream = request.stream;
  http2.apns_id = request.apns_id;
  http2.push_type = request.push_type;
  http2.collapse_id = request.collapse_id;
  if (with == nullptr) {
    made.answered = false;
  } else {
    made.status = with->status;
    if (with->status != kOk) {
      http2.reason = with->reason;
    }
    http2.timestamp = with->timestamp;
  }
  made.http2 = &http2;
  front_.record(thread_, made);
}

}  // namespace apns::scenarios
