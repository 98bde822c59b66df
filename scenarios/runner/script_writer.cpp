#include "scenarios/runner/script_writer.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "apns/model/reason.h"
#include "mock_apns/fault_text.h"

namespace apns::scenarios {
namespace {

using http2::SettingId;
using Json = nlohmann::ordered_json;

constexpr std::uint16_t kOk = 200;
constexpr auto kLastNamedCode = static_cast<std::uint32_t>(http2::ErrorCode::Http11Required);

constexpr std::array<std::pair<SettingId, const char*>, 5> kSettings = {{
    {SettingId::HeaderTableSize, "header_table_size"},
    {SettingId::MaxConcurrentStreams, "max_concurrent_streams"},
    {SettingId::InitialWindowSize, "initial_window_size"},
    {SettingId::MaxFrameSize, "max_frame_size"},
    {SettingId::MaxHeaderListSize, "max_header_list_size"},
}};

Json settings_json(const std::vector<http2::Setting>& entries) {
  Json json = Json::object();
  for (const http2::Setting& entry : entries) {
    const auto known = std::ranges::find_if(
        kSettings, [&entry](const auto& setting) { return entry.is(setting.first); });
    if (known == kSettings.end()) {
      throw std::invalid_argument("A scenario with " + http2::setting_text(entry.id) +
                                  " cannot be written to a file.");
    }
    json[known->second] = entry.value;
  }
  return json;
}

Json code_json(std::uint32_t code) {
  return code <= kLastNamedCode ? Json(http2::error_code_text(code)) : Json(code);
}

/// Null: no reason is said so.
const ReasonRow* find_row(std::string_view body) {
  const auto row = std::ranges::find(reasons(), body, &ReasonRow::body);
  return row == reasons().end() ? nullptr : &*row;
}

Json step_json(const WaitRequestsStep& step) {
  return {{"wait_for", {{"requests", step.count}}}};
}

Json step_json(const AnswerStep& step) {
  Json json = {{"answer", step.nth.to_string()}};
  const ReasonRow* const row = find_row(step.body);
  if (row != nullptr) {
    json["reject"] = row->name;
  }
  if (step.status != (row == nullptr ? kOk : row->status)) {
    json["status"] = step.status;
  }
  if (row == nullptr && !step.body.empty()) {
    json["body"] = step.body;
  }
  if (step.split != 0) {
    json["split"] = step.split;
  }
  if (step.before_body) {
    json["before_body"] = true;
  }
  return json;
}

Json step_json(const GoawayStep& step) {
  Json json = Json::object();
  if (step.last_nth) {
    json["last_nth"] = *step.last_nth;
  } else if (step.last_stream) {
    json["last_stream"] = *step.last_stream;
  }
  if (step.code != 0) {
    json["code"] = code_json(step.code);
  }
  if (const ReasonRow* const row = find_row(step.debug)) {
    json["reason"] = row->name;
  } else if (!step.debug.empty()) {
    json["debug"] = step.debug;
  }
  return {{"goaway", std::move(json)}};
}

Json step_json(const SendSettingsStep& step) {
  return {{"settings", settings_json(step.entries)}};
}

Json step_json(const ResetStreamStep& step) {
  return {{"reset_stream", {{step.nth.to_string(), code_json(step.code)}}}};
}

Json step_json(const HoldStep& step) {
  return {{"hold", mock::duration_text(step.span)}};
}

Json step_json(const WithholdWindowStep& step) {
  return {{"withhold_window", step.withhold}};
}

Json step_json(const IgnorePingStep& step) {
  return {{"ignore_ping", step.ignore}};
}

Json step_json(const RawStep& step) {
  return {{"raw", to_hex(step.bytes)}};
}

Json step_json(const CloseStep& step) {
  switch (step.how) {
    case Close::FinOnly:
      return {{"close", "fin-without-close-notify"}};
    case Close::Reset:
      return {{"close", "rst"}};
    case Close::Vanish:
      return {{"close", "half-open"}};
    default:
      return {{"close", "fin"}};
  }
}

}  // namespace

std::string write_connection(const ConnectionScript& script) {
  Json json = Json::object();
  if (script.settings) {
    json["settings"] = settings_json(*script.settings);
  }
  if (!script.steps.empty()) {
    Json& steps = json["steps"] = Json::array();
    for (const ServiceStep& step : script.steps) {
      steps.push_back(std::visit([](const auto& one) { return step_json(one); }, step));
    }
  }
  return json.dump();
}

}  // namespace apns::scenarios
