#pragma once

#include <cstdint>
#include <optional>

#include "apns/base/time.h"
#include "apns/model/reason.h"
#include "mock_apns/fault_action.h"
#include "mock_apns/push_verdict.h"

namespace apns::mock {

/// What becomes of a request, and what is said to it: as its verdict has it, or a fault.
struct PushReply {
  enum class Outcome : std::uint8_t {
    Accepted,
    Rejected,
    Lost,  // as if it had never come: nobody judged it, and it is not answered
  };

  enum class Kind : std::uint8_t {
    Answer,
    Raw,      // a rule's bytes in place of the answer
    Reset,    // RST_STREAM
    Silence,  // for ever
  };

  Outcome outcome = Outcome::Accepted;
  Kind kind = Kind::Answer;
  // Of the answer. Without a reason it has no body, which is the rule when it is accepted.
  std::uint16_t status = 200;
  std::optional<Reason> reason = std::nullopt;
  std::optional<std::uint64_t> timestamp_ms = std::nullopt;

  [[nodiscard]] bool operator==(const PushReply&) const = default;
};

/// Does an action reject, whatever the verdict? Others only change how the verdict is answered.
[[nodiscard]] bool rejects(const FaultAction& action);

/// Does an action leave a request without an answer? So it is with `no_answer` and `reset_stream`,
/// and with a `close` that is not told by GOAWAY and follows no answer that the action asks for.
[[nodiscard]] bool loses(const FaultAction& action);

/// A reason of status 410 has a time, of which `now` stands in where neither knows better (the text
/// of that status has one always: docs/wire/reasons.md#body). `action` may be null.
[[nodiscard]] PushReply reply_to(const PushVerdict& verdict, const FaultAction* action,
                                 WorldTime now);

}  // namespace apns::mock
