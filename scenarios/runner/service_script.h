#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "apns/base/bytes.h"
#include "apns/base/engine.h"
#include "apns/base/time.h"
#include "apns/http2/frame.h"
#include "scenarios/runner/number_set.h"

// What the service does on one HTTP/2 connection, step by step, instead of serving it. Requests are
// numbered from 1 in the order in which they come.
namespace apns::scenarios {

/// Until so many requests have come whole.
struct WaitRequestsStep {
  std::uint64_t count = 0;
};

/// Answers these requests, each as soon as it has come.
struct AnswerStep {
  NumberSet nth;
  std::uint16_t status = 200;
  std::string body;          // empty: none
  std::uint32_t split = 0;   // bytes of it in a DATA frame; 0: all in one
  bool before_body = false;  // when the header section has come, whatever is behind it
  // What the body says, for the ledger.
  std::string reason;
  std::optional<std::uint64_t> timestamp;
};

struct GoawayStep {
  // The last stream that counts: of that request (0: none), or itself. Neither: the last that came.
  std::optional<std::uint64_t> last_nth;
  std::optional<http2::StreamId> last_stream;
  std::uint32_t code = 0;
  std::string debug;
};

struct SendSettingsStep {
  std::vector<http2::Setting> entries;
};

/// RST_STREAM. What is reset again gets another frame.
struct ResetStreamStep {
  NumberSet nth;
  std::uint32_t code = 0;
};

/// So much time passes.
struct HoldStep {
  Duration span{};
};

/// Whether windows are given back.
struct WithholdWindowStep {
  bool withhold = false;
};

/// Whether PING is answered.
struct IgnorePingStep {
  bool ignore = false;
};

/// Bytes as they are.
struct RawStep {
  Bytes bytes;
};

/// Nothing is said or read behind it.
struct CloseStep {
  Close how = Close::CloseNotifyThenDrain;
};

using ServiceStep =
    std::variant<WaitRequestsStep, AnswerStep, GoawayStep, SendSettingsStep, ResetStreamStep,
                 HoldStep, WithholdWindowStep, IgnorePingStep, RawStep, CloseStep>;

struct ConnectionScript {
  /// Exactly what its first SETTINGS say; absent: as elsewhere in the scenario.
  std::optional<std::vector<http2::Setting>> settings;
  std::vector<ServiceStep> steps;  // none: the connection is served as usual
};

}  // namespace apns::scenarios
