#include "provider/outcome.h"

#include "apns/http2/frame.h"
#include "apns/model/binary_status.h"

namespace apns::provider {

namespace {

std::string status_text(const Outcome& outcome) {
  if (outcome.answer == nullptr) {
    return binary_status_text(static_cast<std::uint8_t>(outcome.status));
  }
  std::string text = std::to_string(outcome.status);
  if (!outcome.answer->reason_text.empty()) {
    text += " ";
    text += outcome.answer->reason_text;
  }
  return text;
}

}  // namespace

const char* to_string(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::Sent:
      return "sent";
    case OutcomeKind::Rejected:
      return "rejected";
    case OutcomeKind::Unknown:
      return "unknown";
  }
  return "?";
}

std::string reason_text(const Outcome& outcome) {
  switch (outcome.reason) {
    case OutcomeReason::None:
      return "";
    case OutcomeReason::Status:
      return status_text(outcome);
    case OutcomeReason::Unsent:
      return "never left";
    case OutcomeReason::ConnectionLost:
      return outcome.answer == nullptr ? "the connection was lost without an error packet"
                                       : "the connection was lost without an answer";
    case OutcomeReason::UnknownIdentifier:
      return "the error packet named none of ours";
    case OutcomeReason::DrainLimit:
      return "not settled in time";
    case OutcomeReason::Evicted:
      return "its place in the window was needed";
    case OutcomeReason::NotProcessed:
      return "the service did not process it";
    case OutcomeReason::Reset:
      return "the service reset the stream (" +
             http2::error_code_text(outcome.answer == nullptr ? 0 : outcome.answer->reset_code) +
             ")";
    case OutcomeReason::BadAnswer:
      return "the answer broke HTTP/2's rules";
    case OutcomeReason::NoAnswer:
      return "no answer in time";
  }
  return "?";
}

}  // namespace apns::provider
