#include "scenarios/search/service_script_generator.h"

#include <algorithm>
#include <string>
#include <utility>

#include "apns/model/reason.h"
#include "scenarios/search/http2_fault_generator.h"

namespace apns::scenarios::search {
namespace {

using http2::ErrorCode;
using http2::SettingId;
using std::chrono::milliseconds;

std::uint32_t number_of(ErrorCode code) {
  return static_cast<std::uint32_t>(code);
}

std::vector<http2::Setting> entries_of(const mock::SettingsFault& settings) {
  std::vector<http2::Setting> entries;
  const auto add = [&entries](SettingId id, const std::optional<std::uint32_t>& value) {
    if (value) {
      entries.emplace_back(id, *value);
    }
  };
  add(SettingId::HeaderTableSize, settings.header_table_size);
  add(SettingId::MaxConcurrentStreams, settings.max_concurrent_streams);
  add(SettingId::InitialWindowSize, settings.initial_window_size);
  add(SettingId::MaxFrameSize, settings.max_frame_size);
  return entries;
}

/// Writes the script of one connection.
class ScriptWriter {
 public:
  ScriptWriter(const ScriptFrame& frame, Draw& draw) : frame_(frame), draw_(draw) {}

  ConnectionScript write() && {
    if (draw_.chance(40)) {
      script_.settings = draw_.chance(15) ? std::vector<http2::Setting>() : settings_entries();
      raise_limit(*script_.settings);
    }
    for (std::uint64_t left = draw_.between(1, 8); left > 0 && !is_closed_; --left) {
      step();
    }
    if (!is_closed_ && draw_.chance(75)) {
      add(AnswerStep{NumberSet(1, UINT64_MAX), 200, "", 0, false, "", {}});
    }
    return std::move(script_);
  }

 private:
  void add(ServiceStep step) { script_.steps.push_back(std::move(step)); }

  [[nodiscard]] std::uint64_t draw_nth() {
    return draw_.between(1, draw_.between(1, frame_.num_notifications));
  }

  [[nodiscard]] NumberSet draw_requests() {
    const std::uint64_t first = draw_nth();
    switch (draw_.between(0, 3)) {
      case 0:
        return NumberSet(first, first);
      case 1:
        return NumberSet(first, UINT64_MAX);
      default:
        return NumberSet(first, first + draw_.between(0, 10));
    }
  }

  void step() {
    const std::uint64_t kind = draw_.between(1, 100);
    if (kind <= 20) {
      add(WaitRequestsStep{draw_nth()});
    } else if (kind <= 45) {
      add(draw_answer());
    } else if (kind <= 60) {
      add(draw_goaway());
    } else if (kind <= 72) {
      std::vector<http2::Setting> entries = settings_entries();
      add(SendSettingsStep{entries});
      raise_limit(entries);
    } else if (kind <= 82) {
      add(ResetStreamStep{draw_requests(), draw_code()});
    } else if (kind <= 89) {
      hold();
    } else if (kind <= 92) {
      add(WithholdWindowStep{draw_.chance(70)});
    } else if (kind <= 94) {
      add(IgnorePingStep{draw_.chance(70)});
    } else if (kind <= 96) {
      add(RawStep{draw_raw(draw_)});
    } else {
      close();
    }
  }

  /// Maybe a limit of no streams among them.
  [[nodiscard]] std::vector<http2::Setting> settings_entries() {
    return entries_of(draw_settings(draw_.chance(50) ? 0 : 1, draw_));
  }

  void raise_limit(const std::vector<http2::Setting>& entries) {
    const bool is_none = std::ranges::any_of(entries, [](const http2::Setting& entry) {
      return entry.is(SettingId::MaxConcurrentStreams) && entry.value == 0;
    });
    if (is_none) {
      add(HoldStep{draw_.time(milliseconds(1), frame_.request_limit / 4)});
      const auto streams = static_cast<std::uint32_t>(draw_.between(1, 20));
      add(SendSettingsStep{{{SettingId::MaxConcurrentStreams, streams}}});
    }
  }

  void hold() {
    add(HoldStep{draw_.chance(75)
                     ? draw_.time(milliseconds(1), frame_.request_limit / 4)
                     : draw_.time(frame_.request_limit / 2, frame_.request_limit * 2)});
  }

  [[nodiscard]] std::uint32_t draw_code() {
    constexpr std::array kCodes = {ErrorCode::RefusedStream, ErrorCode::RefusedStream,
                                   ErrorCode::Cancel,        ErrorCode::InternalError,
                                   ErrorCode::StreamClosed,  ErrorCode::EnhanceYourCalm,
                                   ErrorCode::NoError};
    return draw_.chance(5) ? static_cast<std::uint32_t>(draw_.between(0, UINT32_MAX))
                           : number_of(draw_.pick(kCodes));
  }

  [[nodiscard]] AnswerStep draw_answer() {
    AnswerStep answer;
    answer.nth = draw_requests();
    answer.before_body = draw_.chance(12);
    if (draw_.chance(55)) {
      return answer;
    }
    reject(answer);
    if (!answer.body.empty() && draw_.chance(30)) {
      answer.split = static_cast<std::uint32_t>(draw_.between(1, 10));
    }
    return answer;
  }

  void reject(AnswerStep& answer) {
    constexpr std::array<std::uint16_t, 5> kStatuses = {400, 410, 429, 500, 503};
    const std::uint64_t kind = draw_.between(1, 100);
    if (kind <= 70) {
      const ReasonRow& row = row_of(draw_reason(draw_));
      answer.status = row.status;
      answer.body = row.body;
      answer.reason = row.name;
    } else {
      answer.status = draw_.pick(kStatuses);
      if (kind <= 80) {
        answer.body = R"({"reason":"NotOnTheList"})";
        answer.reason = "NotOnTheList";
      } else if (kind <= 90) {
        answer.body = "<html>no</html>";
      }
    }
  }

  [[nodiscard]] GoawayStep draw_goaway() {
    constexpr std::array kReasons = {Reason::Shutdown, Reason::IdleTimeout,
                                     Reason::ServiceUnavailable, Reason::ExpiredProviderToken};
    GoawayStep goaway;
    switch (draw_.between(0, 3)) {
      case 0:
        goaway.last_nth = draw_.between(0, frame_.num_notifications + 2);
        break;
      case 1:
        goaway.last_stream = draw_.chance(30) ? http2::kMaxStreamId
                                              : static_cast<http2::StreamId>(draw_.between(0, 60));
        break;
      default:
        break;
    }
    goaway.code = draw_.chance(60) ? 0 : draw_code();
    if (draw_.chance(60)) {
      goaway.debug = draw_.chance(80) ? std::string(row_of(draw_.pick(kReasons)).body) : "bye";
    }
    return goaway;
  }

  void close() {
    constexpr std::array kCloses = {Close::CloseNotifyThenDrain, Close::CloseNotifyThenDrain,
                                    Close::FinOnly, Close::Reset, Close::Vanish};
    add(CloseStep{draw_.pick(kCloses)});
    is_closed_ = true;
  }

  const ScriptFrame& frame_;
  Draw& draw_;
  ConnectionScript script_;
  bool is_closed_ = false;
};

}  // namespace

std::vector<ConnectionScript> draw_connections(const ScriptFrame& frame, Draw& draw) {
  constexpr std::array<std::uint64_t, 5> kCounts = {1, 1, 1, 2, 3};
  std::vector<ConnectionScript> scripts;
  for (std::uint64_t left = draw.pick(kCounts); left > 0; --left) {
    scripts.push_back(ScriptWriter(frame, draw).write());
  }
  return scripts;
}

}  // namespace apns::scenarios::search
