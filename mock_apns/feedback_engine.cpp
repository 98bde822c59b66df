#include "mock_apns/feedback_engine.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "apns/auth/certificate_identity.h"

namespace apns::mock {

namespace {

constexpr std::size_t kTakeAtOnce = 128;  // tuples
constexpr std::size_t kEnough = 4096;     // bytes pending: no more is encoded

}  // namespace

Close feedback_close_of(FaultClose close) {
  switch (close) {
    case FaultClose::FinWithoutCloseNotify:
      return Close::FinOnly;
    case FaultClose::Rst:
      return Close::Reset;
    case FaultClose::HalfOpen:
      return Close::None;
    case FaultClose::Fin:
      break;
  }
  return Close::CloseNotifyThenDrain;
}

FeedbackEngine::FeedbackEngine(FeedbackService& service, const PeerInfo& peer, EngineHost& host,
                               TimePoint now)
    : service_(service),
      host_(host),
      connection_(peer.connection),
      thread_index_(peer.thread),
      thread_(*service.threads_.at(peer.thread)),
      topic_(service.options_.plain_topic),
      tls_(peer.tls_version),
      peer_address_(peer.peer_address),
      opened_at_(service.front_.now()),
      is_cleared_at_accept_(service.options_.profile->feedback_cleared_at_accept) {
  if (peer.certificate) {
    topic_ = peer.certificate->default_topic();
    auth_ = topic_.empty() ? peer.certificate->common_name : topic_;
  }
  thread_.engines.insert(this);
  thread_.polls.add(1);
  LedgerRecord opened =
      service_.front_.event(EventKind::Connection, EventOutcome::Opened, connection_);
  opened.tls = tls_;
  opened.auth = auth_;
  service_.front_.record(thread_index_, opened);
  if (const auto rule = service_.front_.fire(FaultRule::Trigger::Open, peer, topic_, now)) {
    action_ = rule->then;
  }

  if (thread_.is_shut_down) {  // its handshake was not over when the others were told
    end_list(Close::CloseNotifyThenDrain);
    return;
  }
  if (is_cleared_at_accept_) {
    clear_list();
  }
  if (action_.delay > Duration{}) {
    start_at_ = now + action_.delay;
  } else {
    fill();
  }
}

FeedbackEngine::~FeedbackEngine() {
  thread_.engines.erase(this);
  settle();
  LedgerRecord closed =
      service_.front_.event(EventKind::Connection, EventOutcome::Closed, connection_);
  closed.by = ended_by_peer_ ? "provider" : "service";
  closed.close = how_ended_;
  service_.front_.record(thread_index_, closed);
}

void FeedbackEngine::clear_list() {
  const std::size_t limit = service_.options_.max_cleared_at_accept;
  while (taken_.size() < limit && take_from_list(std::min(kTakeAtOnce, limit - taken_.size()))) {
  }
  is_exhausted_ = true;
}

bool FeedbackEngine::take_from_list(std::size_t max) {
  if (service_.options_.source == nullptr) {
    return false;
  }
  const std::vector<FeedbackTuple> more =
      service_.options_.source->take_feedback(service_.options_.environment, topic_, max);
  taken_.insert(taken_.end(), more.begin(), more.end());
  return !more.empty();
}

void FeedbackEngine::fill() {
  while (out_.size() < kEnough && has_next()) {
    encode_next();
  }
  const Close close = feedback_close_of(action_.close.value_or(FaultClose::Fin));
  if (is_exhausted_ && num_encoded_ == taken_.size() && close != Close::None) {
    end_list(close);
  }
}

bool FeedbackEngine::has_next() {
  // To cut the last tuple short it has to be known as such: it waits for the one behind it.
  const std::size_t wanted = num_encoded_ + (action_.tuples.truncate > 0 ? 2 : 1);
  while (taken_.size() < wanted && !is_exhausted_) {
    is_exhausted_ = !take_from_list(kTakeAtOnce);
  }
  return num_encoded_ < taken_.size();
}

void FeedbackEngine::encode_next() {
  const FeedbackTuple& tuple = taken_[num_encoded_++];
  Bytes wire;
  binary::encode_feedback_tuple({tuple.since, tuple.device_token}, wire);
  if (action_.tuples.truncate > 0 && is_exhausted_ && num_encoded_ == taken_.size()) {
    wire.resize(wire.size() - std::min<std::size_t>(action_.tuples.truncate, wire.size()));
  }
  if (action_.tuples.split == 0) {
    out_.append(wire);
    return;
  }
  for (ByteView rest(wire); !rest.empty();) {
    const std::size_t len = std::min(action_.tuples.split - since_break_, rest.size());
    out_.append(rest.first(len));
    rest = rest.subspan(len);
    since_break_ += len;
    if (since_break_ == action_.tuples.split) {
      out_.add_break();
      since_break_ = 0;
    }
  }
}

void FeedbackEngine::sent(std::size_t n, TimePoint /*now*/) {
  out_.consume(n);
  sent_of_first_ += n;
  const auto first_len = [this] {
    return binary::kFeedbackHeaderLen + taken_.front().device_token.bytes().size();
  };
  while (num_encoded_ > 0 && sent_of_first_ >= first_len()) {
    sent_of_first_ -= first_len();
    taken_.pop_front();
    --num_encoded_;
    ++num_handed_over_;
    thread_.tuples.add(1);
  }
  if (close_ == Close::None && start_at_ == kNever) {
    fill();
  }
  if (close_ != Close::None && out_.empty()) {
    settle();
  }
}

std::size_t FeedbackEngine::feed(std::span<const std::byte> in, TimePoint /*now*/) {
  if (!std::exchange(has_spoken_, true)) {
    service_.front_.problem(connection_, "feedback",
                            "the provider sends bytes to the feedback service, which reads none. "
                            "Notifications go to the gateway's port.");
  }
  return in.size();
}

void FeedbackEngine::ended(End end, TimePoint /*now*/) {
  if (close_ == Close::None || !out_.empty()) {
    ended_by_peer_ = true;
    how_ended_ = end == End::Reset ? "rst" : "fin";
  }
  // Who has said goodbye takes nothing more (RFC 5246, section 7.2.1).
  out_.clear();
  close_ = end == End::Reset ? Close::Reset : Close::CloseNotifyThenDrain;
  start_at_ = kNever;
  settle();
}

void FeedbackEngine::on_time(TimePoint now) {
  if (close_ != Close::None) {
    return;
  }
  if (now >= start_at_) {
    start_at_ = kNever;
    end_as_told();
  }
  if (close_ == Close::None && start_at_ == kNever) {
    fill();
  }
}

void FeedbackEngine::shut_down() {
  if (close_ == Close::None) {
    start_at_ = kNever;
    end_list(Close::CloseNotifyThenDrain);
    host_.wake(*this);
  }
}

void FeedbackEngine::end_list(Close close) {
  close_ = close;
  how_ended_ = ledger_text_of(close);
  if (out_.empty()) {
    settle();
  }
}

void FeedbackEngine::settle() {
  if (std::exchange(is_settled_, true)) {
    return;
  }
  if (is_cleared_at_accept_) {
    thread_.lost.add(taken_.size());
  } else if (!taken_.empty()) {
    thread_.put_back.add(taken_.size());
    service_.options_.source->put_back_feedback(
        service_.options_.environment, topic_,
        std::vector<FeedbackTuple>(taken_.begin(), taken_.end()));
  }
  taken_.clear();
  num_encoded_ = 0;
  LedgerRecord read = service_.front_.event(EventKind::Feedback, EventOutcome::Read, connection_);
  read.topic = topic_;
  read.tuples = num_handed_over_;
  service_.front_.record(thread_index_, read);
}

}  // namespace apns::mock
