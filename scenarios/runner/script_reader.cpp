#include "scenarios/runner/script_reader.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "apns/model/reason.h"
#include "apns/model/reason_body.h"
#include "scenarios/runner/duration_reader.h"
#include "scenarios/runner/match_fields.h"

namespace apns::scenarios {
namespace {

using http2::SettingId;
using mock::SettingsFault;

constexpr std::int64_t kMaxCount = 1'000'000;
constexpr std::int64_t kMaxU32 = std::numeric_limits<std::uint32_t>::max();

// ---- SETTINGS ----

template <std::optional<std::uint32_t> SettingsFault::*setting>
void read_setting(const json::Value& value, SettingsFault& settings) {
  settings.*setting = static_cast<std::uint32_t>(value.integer("a setting", 0, kMaxU32));
}

constexpr std::array<json::Field<SettingsFault>, 5> kSettingsFields = {{
    {"header_table_size", json::kOptional<SettingsFault>,
     read_setting<&SettingsFault::header_table_size>},
    {"max_concurrent_streams", json::kOptional<SettingsFault>,
     read_setting<&SettingsFault::max_concurrent_streams>},
    {"initial_window_size", json::kOptional<SettingsFault>,
     read_setting<&SettingsFault::initial_window_size>},
    {"max_frame_size", json::kOptional<SettingsFault>,
     read_setting<&SettingsFault::max_frame_size>},
    {"max_header_list_size", json::kOptional<SettingsFault>,
     read_setting<&SettingsFault::max_header_list_size>},
}};

std::vector<http2::Setting> read_entries(const json::Value& value) {
  const SettingsFault settings = read_settings(value);
  std::vector<http2::Setting> entries;
  const auto add = [&entries](SettingId id, const std::optional<std::uint32_t>& of) {
    if (of) {
      entries.emplace_back(id, *of);
    }
  };
  add(SettingId::HeaderTableSize, settings.header_table_size);
  add(SettingId::MaxConcurrentStreams, settings.max_concurrent_streams);
  add(SettingId::InitialWindowSize, settings.initial_window_size);
  add(SettingId::MaxFrameSize, settings.max_frame_size);
  add(SettingId::MaxHeaderListSize, settings.max_header_list_size);
  return entries;
}

// ---- Words ----

std::uint32_t read_code(const json::Value& value) {
  if (value.kind() == json::Value::Kind::Integer) {
    return static_cast<std::uint32_t>(value.integer("error code", 0, kMaxU32));
  }
  std::vector<std::string> words;
  for (auto code = static_cast<std::uint32_t>(http2::ErrorCode::NoError);
       code <= static_cast<std::uint32_t>(http2::ErrorCode::Http11Required); ++code) {
    words.push_back(http2::error_code_text(code));
  }
  const std::string& word = value.text("error code");
  json::require_word(value, "error code", word, words);
  return static_cast<std::uint32_t>(std::ranges::find(words, word) - words.begin());
}

const ReasonRow& read_reason_row(const json::Value& value) {
  std::vector<std::string> words;
  for (const ReasonRow& row : reasons()) {
    words.emplace_back(row.name);
  }
  json::require_word(value, "reason", value.text("reason"), words);
  return *find_reason(value.text("reason"));
}

Close read_close(const json::Value& value) {
  static const std::array<std::pair<std::string, Close>, 4> kWords = {{
      {"fin", Close::CloseNotifyThenDrain},
      {"fin-without-close-notify", Close::FinOnly},
      {"rst", Close::Reset},
      {"half-open", Close::Vanish},
  }};
  std::vector<std::string> words;
  words.reserve(kWords.size());
  for (const auto& [word, how] : kWords) {
    words.push_back(word);
  }
  json::require_word(value, "close", value.text("close"), words);
  return kWords
      .at(static_cast<std::size_t>(std::ranges::find(words, value.text("close")) - words.begin()))
      .second;
}

// ---- Steps ----

struct StepDraft {
  const json::Value* wait_for = nullptr;
  const json::Value* answer = nullptr;
  const json::Value* goaway = nullptr;
  const json::Value* settings = nullptr;
  const json::Value* reset_stream = nullptr;
  const json::Value* hold = nullptr;
  const json::Value* withhold_window = nullptr;
  const json::Value* ignore_ping = nullptr;
  const json::Value* raw = nullptr;
  const json::Value* close = nullptr;

  // of answer
  const json::Value* reject = nullptr;
  std::optional<std::uint16_t> status;
  std::optional<ReasonTime> timestamp;
  std::optional<std::string> body;
  std::optional<std::uint32_t> split;
  bool before_body = false;
};

template <const json::Value* StepDraft::*verb>
void note(const json::Value& value, StepDraft& draft) {
  draft.*verb = &value;
}

constexpr std::array<json::Field<StepDraft>, 16> kStepFields = {{
    {"wait_for", json::kOptional<StepDraft>, note<&StepDraft::wait_for>},
    {"answer", json::kOptional<StepDraft>, note<&StepDraft::answer>},
    {"goaway", json::kOptional<StepDraft>, note<&StepDraft::goaway>},
    {"settings", json::kOptional<StepDraft>, note<&StepDraft::settings>},
    {"reset_stream", json::kOptional<StepDraft>, note<&StepDraft::reset_stream>},
    {"hold", json::kOptional<StepDraft>, note<&StepDraft::hold>},
    {"withhold_window", json::kOptional<StepDraft>, note<&StepDraft::withhold_window>},
    {"ignore_ping", json::kOptional<StepDraft>, note<&StepDraft::ignore_ping>},
    {"raw", json::kOptional<StepDraft>, note<&StepDraft::raw>},
    {"close", json::kOptional<StepDraft>, note<&StepDraft::close>},
    {"reject", json::kOptional<StepDraft>, note<&StepDraft::reject>},
    {"status", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       draft.status = static_cast<std::uint16_t>(value.integer("status", 200, 999));
     }},
    {"timestamp", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       draft.timestamp = ReasonTime(std::chrono::milliseconds(
           value.integer("timestamp", 0, std::numeric_limits<std::int64_t>::max())));
     }},
    {"body", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       const bool is_text = value.kind() == json::Value::Kind::Text;
       draft.body = is_text ? value.text("body") : value.dump();
     }},
    {"split", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       draft.split = static_cast<std::uint32_t>(value.integer("split", 1, kMaxCount));
     }},
    {"before_body", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       draft.before_body = value.boolean("before_body");
     }},
}};

struct WaitDraft {
  std::uint64_t requests = 0;
};

constexpr std::array<json::Field<WaitDraft>, 1> kWaitFields = {{
    {"requests", json::kRequired<WaitDraft>,
     [](const json::Value& value, WaitDraft& draft) {
       draft.requests = static_cast<std::uint64_t>(value.integer("requests", 1, kMaxCount));
     }},
}};

constexpr std::array<json::Field<GoawayStep>, 5> kGoawayFields = {{
    {"last_nth", json::kOptional<GoawayStep>,
     [](const json::Value& value, GoawayStep& step) {
       step.last_nth = static_cast<std::uint64_t>(value.integer("last_nth", 0, kMaxCount));
     }},
    {"last_stream", json::kOptional<GoawayStep>,
     [](const json::Value& value, GoawayStep& step) {
       step.last_stream =
           static_cast<http2::StreamId>(value.integer("last_stream", 0, http2::kMaxStreamId));
     }},
    {"code", json::kOptional<GoawayStep>,
     [](const json::Value& value, GoawayStep& step) { step.code = read_code(value); }},
    {"reason", json::kOptional<GoawayStep>,
     [](const json::Value& value, GoawayStep& step) { step.debug = read_reason_row(value).body; }},
    {"debug", json::kOptional<GoawayStep>,
     [](const json::Value& value, GoawayStep& step) { step.debug = value.text("debug"); }},
}};

GoawayStep read_goaway(const json::Value& value) {
  GoawayStep step;
  json::read_fields<GoawayStep>(value, "goaway", kGoawayFields, step);
  if (step.last_nth && step.last_stream) {
    value.fail("last_nth and last_stream both name the last stream. Keep one of them.");
  }
  return step;
}

void add_resets(const json::Value& value, std::vector<ServiceStep>& steps) {
  for (const json::Value::Member& member : value.object("reset_stream")) {
    const std::optional<NumberSet> numbers = NumberSet::parse(member.key);
    if (!numbers) {
      throw json::Error(
          value.file(), member.position,
          "\"" + member.key + "\" is not a set of numbers from 1. Write \"4\" or \"1-3,5-47\".");
    }
    steps.push_back(ResetStreamStep{*numbers, read_code(member.value)});
  }
}

/// What a provider should read in an answer's body: nothing, unless it is a JSON object.
void examine_body(AnswerStep& step) {
  const nlohmann::json body = nlohmann::json::parse(step.body, nullptr, false);
  if (!body.is_object()) {
    return;
  }
  if (const auto reason = body.find("reason"); reason != body.end() && reason->is_string()) {
    step.reason = reason->get<std::string>();
  }
  if (const auto timestamp = body.find("timestamp");
      timestamp != body.end() && timestamp->is_number_unsigned()) {
    step.timestamp = timestamp->get<std::uint64_t>();
  }
}

AnswerStep read_answer(const json::Value& value, const StepDraft& draft) {
  AnswerStep step;
  step.nth = read_numbers(value, "answer");
  step.split = draft.split.value_or(0);
  step.before_body = draft.before_body;
  if (draft.reject != nullptr) {
    const ReasonRow& row = read_reason_row(*draft.reject);
    step.status = draft.status.value_or(row.status);
    step.body = draft.timestamp ? ReasonBody(row.reason, *draft.timestamp).text() : row.body;
  } else {
    step.status = draft.status.value_or(step.status);
    step.body = draft.body.value_or("");
  }
  examine_body(step);
  return step;
}

void check_companions(const json::Value& value, const StepDraft& draft) {
  const bool of_answer = draft.reject != nullptr || draft.status || draft.timestamp || draft.body ||
                         draft.split || draft.before_body;
  if (of_answer && draft.answer == nullptr) {
    value.fail("reject, status, timestamp, body, split and before_body go with \"answer\" only.");
  }
  if (draft.timestamp && draft.reject == nullptr) {
    value.fail("timestamp is part of a rejection. Add \"reject\": \"Unregistered\".");
  }
  if (draft.body && draft.reject != nullptr) {
    value.fail("The body of a rejection says its reason. Keep reject or body.");
  }
}

void add_step(const json::Value& value, std::vector<ServiceStep>& steps) {
  StepDraft draft;
  json::read_fields<StepDraft>(value, "step", kStepFields, draft);
  const std::array<const json::Value*, 10> verbs = {
      draft.wait_for, draft.answer,          draft.goaway,      draft.settings, draft.reset_stream,
      draft.hold,     draft.withhold_window, draft.ignore_ping, draft.raw,      draft.close};
  if (std::count(verbs.begin(), verbs.end(), nullptr) != 9) {
    value.fail(
        "A step does exactly one thing: wait_for, answer, goaway, settings, reset_stream, hold, "
        "withhold_window, ignore_ping, raw or close.");
  }
  check_companions(value, draft);
  if (draft.wait_for != nullptr) {
    WaitDraft wait;
    json::read_fields<WaitDraft>(*draft.wait_for, "wait_for", kWaitFields, wait);
    steps.push_back(WaitRequestsStep{wait.requests});
  } else if (draft.answer != nullptr) {
    steps.push_back(read_answer(*draft.answer, draft));
  } else if (draft.goaway != nullptr) {
    steps.push_back(read_goaway(*draft.goaway));
  } else if (draft.settings != nullptr) {
    steps.push_back(SendSettingsStep{read_entries(*draft.settings)});
  } else if (draft.reset_stream != nullptr) {
    add_resets(*draft.reset_stream, steps);
  } else if (draft.hold != nullptr) {
    steps.push_back(HoldStep{read_duration(*draft.hold, "hold")});
  } else if (draft.withhold_window != nullptr) {
    steps.push_back(WithholdWindowStep{draft.withhold_window->boolean("withhold_window")});
  } else if (draft.ignore_ping != nullptr) {
    steps.push_back(IgnorePingStep{draft.ignore_ping->boolean("ignore_ping")});
  } else if (draft.raw != nullptr) {
    RawStep raw;
    if (!parse_hex(draft.raw->text("raw"), raw.bytes) || raw.bytes.empty()) {
      draft.raw->fail("raw is hex: an even number of digits, at least two.");
    }
    steps.push_back(std::move(raw));
  } else {
    steps.push_back(CloseStep{read_close(*draft.close)});
  }
}

constexpr std::array<json::Field<ConnectionScript>, 2> kConnectionFields = {{
    {"settings", json::kOptional<ConnectionScript>,
     [](const json::Value& value, ConnectionScript& script) {
       script.settings = read_entries(value);
     }},
    {"steps", json::kOptional<ConnectionScript>,
     [](const json::Value& value, ConnectionScript& script) {
       for (const json::Value& step : value.array("steps")) {
         add_step(step, script.steps);
       }
     }},
}};

}  // namespace

std::vector<ConnectionScript> read_connections(const json::Value& value) {
  std::vector<ConnectionScript> scripts;
  for (const json::Value& connection : value.array("connections")) {
    json::read_fields<ConnectionScript>(connection, "connection", kConnectionFields,
                                        scripts.emplace_back());
    if (scripts.back().settings && scripts.back().steps.empty()) {
      connection.fail(
          "A connection without steps is served as usual, with the settings of the service. Give "
          "it steps, or leave its settings out.");
    }
  }
  return scripts;
}

mock::SettingsFault read_settings(const json::Value& value) {
  SettingsFault settings;
  json::read_fields<SettingsFault>(value, "settings", kSettingsFields, settings);
  return settings;
}

std::vector<json::ObjectKeys> script_format() {
  return {
      json::object_keys<SettingsFault>("settings", kSettingsFields),
      json::object_keys<ConnectionScript>("connection", kConnectionFields),
      json::object_keys<StepDraft>("service_step", kStepFields),
      json::object_keys<WaitDraft>("wait_for_requests", kWaitFields),
      json::object_keys<GoawayStep>("goaway", kGoawayFields),
  };
}

}  // namespace apns::scenarios
