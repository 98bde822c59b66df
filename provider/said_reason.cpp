#include "provider/said_reason.h"

#include "apns/json/scanner.h"

namespace apns::provider {

SaidReason read_reason(std::string_view text) {
  SaidReason said;
  json::Scanner in(text);
  if (!in.skip('{')) {
    return said;
  }
  do {
    std::string_view key;
    if (!in.read_text(key) || !in.skip(':')) {
      break;
    }
    if (key == "reason" && in.next() == '"') {
      if (!in.read_text(said.text)) {
        break;
      }
      continue;
    }
    if (key == "timestamp") {
      if (const auto value = in.read_integer()) {
        said.timestamp_ms = value;
        continue;
      }
    }
    if (!in.skip_value()) {
      break;
    }
  } while (in.skip(','));
  if (const ReasonRow* row = find_reason(said.text)) {
    said.known = row->reason;
  }
  return said;
}

}  // namespace apns::provider
