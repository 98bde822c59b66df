#include "cli/feedback_report.h"

#include <nlohmann/json.hpp>

#include "apns/base/rfc3339.h"

namespace apns::cli {

namespace {

using provider::FeedbackAdvice;
using provider::FeedbackEnd;
using provider::FeedbackResult;

std::string counted(std::uint64_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string json_line(const FeedbackAdvice& advice, bool is_joined) {
  nlohmann::ordered_json json = {{"device_token", advice.device_token.to_hex()},
                                 {"timestamp", to_rfc3339(advice.gone_since)}};
  if (is_joined) {
    json["drop"] = advice.drop;
    if (advice.registered_at) {
      json["registered_at"] = to_rfc3339(*advice.registered_at);
    }
  }
  return json.dump();
}

}  // namespace

std::string feedback_line(const FeedbackAdvice& advice, FeedbackFormat format) {
  if (format == FeedbackFormat::JsonTuples || format == FeedbackFormat::JsonAdvice) {
    return json_line(advice, format == FeedbackFormat::JsonAdvice);
  }
  std::string tuple =
      advice.device_token.to_hex() + "  gone since " + to_rfc3339(advice.gone_since);
  if (format == FeedbackFormat::Tuples) {
    return tuple;
  }
  if (advice.drop || !advice.registered_at) {
    return "drop  " + tuple;
  }
  return "keep  " + tuple + "  (registered again at " + to_rfc3339(*advice.registered_at) + ")";
}

std::string feedback_remark(const FeedbackResult& result, const Endpoint& service) {
  const std::string where = service.to_string();
  switch (result.end) {
    case FeedbackEnd::Complete:
      return result.is_clean ? ""
                             : where +
                                   " ended without close_notify: if the end is not its own, "
                                   "more was on the way.";
    case FeedbackEnd::Truncated:
      return where + " ended inside a tuple, of which " + counted(result.rest_bytes, "byte") +
             " came: that one is missing. Those before it count.";
    case FeedbackEnd::Implausible:
      return where + ": " + result.detail +
             ". Nothing behind it was read; what came before counts.";
    case FeedbackEnd::TimedOut:
      if (result.is_silent) {
        return where + " fell silent and kept the connection open: that is taken for its end.";
      }
      return where + " did not come to an end in time" +
             (result.rest_bytes > 0
                  ? ", inside a tuple of which " + counted(result.rest_bytes, "byte") + " came"
                  : "") +
             ": more may be missing. What came counts.";
    case FeedbackEnd::Lost:
      return where + ": " + result.detail + "." +
             (result.num_tuples > 0 ? " More may be missing; what came counts." : "");
  }
  return "";
}

bool ended_well(const FeedbackResult& result) {
  return result.end == FeedbackEnd::Complete ||
         (result.end == FeedbackEnd::TimedOut && result.is_silent);
}

void FeedbackSummary::add(std::span<const FeedbackAdvice> part) {
  for (const FeedbackAdvice& advice : part) {
    ++(advice.drop ? num_drop_ : num_keep_);
  }
}

std::string FeedbackSummary::text(std::uint64_t num_tuples, bool is_joined) const {
  const std::uint64_t num_tokens = num_drop_ + num_keep_;
  std::string text = counted(num_tuples, "tuple");
  if (num_tokens != num_tuples) {
    text += " for " + counted(num_tokens, "device token");
  }
  if (is_joined && num_tokens > 0) {
    text += ": " + std::to_string(num_drop_) + " to drop, " + std::to_string(num_keep_) +
            " registered again";
  }
  return text;
}

}  // namespace apns::cli
