// What people do to a feedback connection while it is open.
#include <utility>
#include <vector>

#include "mock_apns/feedback_engine.h"

namespace apns::mock {

bool FeedbackEngine::apply(const FaultAction& action, TimePoint now) {
  if (close_ != Close::None || told_close_ ||
      !why_not_applicable(action, Protocol::Feedback).empty()) {
    return false;
  }
  LedgerRecord fired = service_.front_.event(EventKind::Fault, EventOutcome::Fired, connection_);
  fired.name = kAppliedName;
  service_.front_.record(thread_index_, fired);
  if (action.tuples != TuplesFault{}) {
    action_.tuples = action.tuples;
  }
  told_close_ = action.close;
  if (action.delay > Duration{}) {
    start_at_ = now + action.delay;
  } else {
    end_as_told();
  }
  host_.wake(*this);
  return true;
}

void FeedbackEngine::end_as_told() {
  const std::optional<FaultClose> told = std::exchange(told_close_, std::nullopt);
  if (!told) {
    return;
  }
  put_back_unwritten();
  is_exhausted_ = true;
  action_.close = told;
  if (const Close close = feedback_close_of(*told); close != Close::None) {
    end_list(close);
  }
}

void FeedbackEngine::reset() {
  if (close_ != Close::None) {
    return;
  }
  put_back_unwritten();
  action_ = {};
  told_close_.reset();
  start_at_ = kNever;
  since_break_ = 0;
  is_exhausted_ = is_cleared_at_accept_;
  host_.wake(*this);
}

void FeedbackEngine::hang_up() {
  if (close_ == Close::None) {
    start_at_ = kNever;
    put_back_unwritten();
    end_list(Close::CloseNotifyThenDrain);
    host_.wake(*this);
  }
}

void FeedbackEngine::put_back_unwritten() {
  const auto unwritten = taken_.begin() + static_cast<std::ptrdiff_t>(num_encoded_);
  const std::vector<FeedbackTuple> tuples(unwritten, taken_.end());
  taken_.erase(unwritten, taken_.end());
  if (is_cleared_at_accept_) {
    thread_.lost.add(tuples.size());
  } else if (!tuples.empty()) {
    thread_.put_back.add(tuples.size());
    service_.options_.source->put_back_feedback(service_.options_.environment, topic_, tuples);
  }
}

ConnectionInfo FeedbackEngine::describe() const {
  ConnectionState state = ConnectionState::Reading;
  if (close_ != Close::None) {
    state = ConnectionState::Closing;
  } else if (told_close_) {
    state = ConnectionState::Ending;
  } else if (start_at_ != kNever) {
    state = ConnectionState::Paused;
  } else if (is_exhausted_ && action_.close == FaultClose::HalfOpen) {
    state = ConnectionState::HalfOpen;
  }
  return ConnectionInfo{.connection = connection_,
                        .protocol = Protocol::Feedback,
                        .environment = service_.options_.environment,
                        .opened_at = opened_at_,
                        .peer = peer_address_,
                        .tls = tls_,
                        .auth = auth_,
                        .topic = topic_,
                        .state = state,
                        .tuples = num_handed_over_};
}

}  // namespace apns::mock
