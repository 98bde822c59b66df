#include "cli/preview_report.h"

#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apns/json/document.h"
#include "apns/model/profile.h"
#include "mock_apns/ledger_escape.h"

namespace apns::cli {

namespace {

using mock::DeliveryOutcome;
using mock::Preview;
using mock::PreviewRequest;

constexpr std::size_t kWidth = 72;  // of texts on the screen, in characters

// ---- The screen ----

/// Characters, not bytes: bytes that continue one are not counted.
std::size_t num_characters(std::string_view text) {
  std::size_t num = 0;
  for (const char c : text) {
    num += (static_cast<unsigned char>(c) & 0xc0U) == 0x80U ? 0 : 1;
  }
  return num;
}

/// The words of one line of a text, in lines of at most kWidth characters; a longer word has one to
/// itself.
std::vector<std::string> wrapped(std::string_view line) {
  std::vector<std::string> lines(1);
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    if (!lines.back().empty() && num_characters(lines.back()) + 1 + num_characters(word) > kWidth) {
      lines.emplace_back();
    }
    lines.back().append(lines.back().empty() ? "" : " ").append(word);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return lines;
}

/// Each line behind a bar. Only a left one: how wide emoji are, and which way a text runs, is the
/// terminal's affair.
void append_boxed(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    for (const std::string& line : wrapped(text.substr(0, end))) {
      out += "  | " + mock::printable(line) + "\n";
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string sound_text(const Preview& preview) {
  const auto& sound = preview.payload.sound;
  std::string text = "  sound " + mock::printable(preview.shown.sound);
  if (sound && sound->is_critical) {
    text += sound->volume ? fmt::format(" (critical, volume {})", *sound->volume) : " (critical)";
  }
  return text + "\n";
}

std::string_view place_text(std::string_view place) {
  if (place == "lock-screen") {
    return "on the lock screen";
  }
  if (place == "app") {
    return "in the app, which decides what is seen";
  }
  if (place == "dynamic-island") {
    return "in the Dynamic Island";
  }
  if (place == "call-screen") {
    return "a call, as the app reports it";
  }
  return place == "background" ? "nothing is seen: it is taken in the background"
                               : "nothing is seen";
}

void append_screen(std::string& out, const Preview& preview) {
  const mock::Shown& shown = preview.shown;
  out += fmt::format("\n  {}\n", place_text(shown.place));
  append_boxed(out, shown.title);
  append_boxed(out, shown.subtitle);
  append_boxed(out, shown.body);
  append_boxed(out, shown.content_state);
  if (shown.badge) {
    out += *shown.badge == 0 ? "  badge removed\n" : fmt::format("  badge {}\n", *shown.badge);
  }
  if (!shown.sound.empty()) {
    out += sound_text(preview);
  }
  if (preview.woke_app) {
    out += "  the app runs in the background\n";
  }
  out += "\n";
}

// ---- Around it ----

std::string_view state_text(mock::AppState state) {
  switch (state) {
    case mock::AppState::Foreground:
      return "in the foreground";
    case mock::AppState::Background:
      return "in the background";
    case mock::AppState::NotRunning:
      return "not running";
    case mock::AppState::ForceQuit:
      return "force-quit";
  }
  return {};
}

std::string head_line(const Preview& preview, const PreviewRequest& request) {
  std::string line = preview.push_type ? fmt::format("{} push", row_of(*preview.push_type).name)
                                       : std::string("push over the binary interface");
  if (preview.priority) {
    line += fmt::format(", priority {}", *preview.priority);
  }
  return line + fmt::format(", for {}{}, {}{}{}\n", mock::printable(preview.bundle_id),
                            preview.is_app_of_file ? " (from the file)" : "",
                            state_text(request.state),
                            request.is_online ? "" : "; the phone is offline",
                            request.is_low_power ? "; low power mode" : "");
}

std::size_t binary_limit(std::string_view profile) {
  const Profile* row = find_profile(profile);
  return row == nullptr ? 0 : row->binary_payload_limit_framed;
}

std::string limits_text(const Preview& preview) {
  const PushTypeRow& row = row_of(preview.push_type.value_or(PushType::Alert));
  return fmt::format("{} bytes; HTTP/2 takes {}, the binary interface {} (until 2014 {})\n",
                     preview.payload_bytes, row.payload_limit,
                     default_profile().binary_payload_limit_framed, binary_limit("2013"));
}

std::string finding_line(const mock::PayloadFinding& finding, const PreviewRequest& request,
                         const std::string& file) {
  const json::Position at = json::position_at(request.json, finding.offset);
  return fmt::format("{}:{}:{}: {} ({}): {}. Right: {}.\n", file, at.line, at.column,
                     finding.why.rule, finding.is_must ? "must" : "should",
                     mock::printable(finding.why.found), finding.why.fix);
}

}  // namespace

std::string preview_text(const Preview& preview, const PreviewRequest& request,
                         const std::string& file) {
  std::string out = head_line(preview, request);
  if (!preview.refusal.empty()) {
    out += fmt::format("\n  the service refuses it: {}\n\n", preview.refusal);
  } else if (preview.outcome == DeliveryOutcome::Delivered) {
    append_screen(out, preview);
  } else {
    out += fmt::format("\n  nothing is seen: it is {}\n\n", to_string(preview.outcome));
  }
  for (const std::string& why : preview.why) {
    out += "why   " + mock::printable(why) + "\n";
  }
  out += "size  " + limits_text(preview);
  for (const mock::PayloadFinding& finding : preview.findings) {
    out += finding_line(finding, request, file);
  }
  return out;
}

namespace {

using Json = nlohmann::ordered_json;

Json shown_json(const mock::Shown& shown) {
  Json json{{"place", shown.place}};
  for (const auto& [key, text] :
       {std::pair{"title", &shown.title}, {"subtitle", &shown.subtitle}, {"body", &shown.body}}) {
    if (!text->empty()) {
      json[key] = *text;
    }
  }
  if (shown.badge) {
    json["badge"] = *shown.badge;
  }
  if (!shown.sound.empty()) {
    json["sound"] = shown.sound;
  }
  if (!shown.content_state.empty()) {
    json["content_state"] = Json::parse(shown.content_state, nullptr, false);
  }
  return json;
}

Json finding_json(const mock::PayloadFinding& finding, const PreviewRequest& request,
                  const std::string& file) {
  const json::Position at = json::position_at(request.json, finding.offset);
  return Json{{"rule", finding.why.rule},
              {"level", finding.is_must ? "must" : "should"},
              {"found", finding.why.found},
              {"fix", finding.why.fix},
              {"pointer", finding.pointer},
              {"file", file},
              {"line", at.line},
              {"column", at.column}};
}

}  // namespace

std::string preview_json(const Preview& preview, const PreviewRequest& request,
                         const std::string& file) {
  Json json{{"app", preview.bundle_id}, {"topic", preview.topic}};
  if (preview.push_type) {
    json["push_type"] = row_of(*preview.push_type).name;
  }
  if (preview.priority) {
    json["priority"] = *preview.priority;
  }
  json["state"] = to_string(request.state);
  json["outcome"] = preview.refusal.empty() ? to_string(preview.outcome) : "rejected";
  if (!preview.refusal.empty()) {
    json["refusal"] = preview.refusal;
  } else if (preview.outcome == DeliveryOutcome::Delivered) {
    json["shown"] = shown_json(preview.shown);
    json["woke_app"] = preview.woke_app;
  }
  if (!preview.why.empty()) {
    json["why"] = preview.why;
  }
  json["payload_bytes"] = preview.payload_bytes;
  json["payload_limit"] = preview.payload_limit;
  json["findings"] = Json::array();
  for (const mock::PayloadFinding& finding : preview.findings) {
    json["findings"].push_back(finding_json(finding, request, file));
  }
  json["good"] = preview.is_good();
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace apns::cli
