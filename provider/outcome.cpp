#include "provider/outcome.h"

#include "apns/model/binary_status.h"

namespace apns::provider {

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
      return binary_status_text(outcome.status);
    case OutcomeReason::Unsent:
      return "never left";
    case OutcomeReason::ConnectionLost:
      return "the connection was lost without an error packet";
    case OutcomeReason::UnknownIdentifier:
      return "the error packet named none of ours";
    case OutcomeReason::DrainLimit:
      return "not settled in time";
    case OutcomeReason::Evicted:
      return "its place in the window was needed";
  }
  return "?";
}

}  // namespace apns::provider
