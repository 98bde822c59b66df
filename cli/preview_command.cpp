#include <chrono>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/time.h"
#include "apns/json/words.h"
#include "certs/state_folder.h"
#include "certs/whole_file.h"
#include "cli/commands.h"
#include "cli/preview_report.h"
#include "mock_apns/world/preview.h"

namespace apns::cli {

namespace {

constexpr std::uint64_t kNotGiven = UINT64_MAX;

struct PreviewOptions {
  std::string file;
  std::string push_type = "automatic";
  std::string topic;
  std::string protocol = "http2";
  std::string priority = "automatic";
  std::uint64_t expiration = kNotGiven;
  std::string state = "background";
  std::vector<std::string> settings;
  bool offline = false;
  bool low_power = false;
  bool json = false;
};

std::string read_payload(const std::string& file) {
  if (file.empty()) {
    throw std::runtime_error("FILE is missing. Give a payload, one of Xcode's .apns files, or -.");
  }
  if (file == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), {});
  }
  const auto text = certs::read_file(file);
  if (!text) {
    throw std::runtime_error(file + " is not there. Give a file, or - for standard input.");
  }
  return *text;
}

mock::AppState read_state(std::string_view word) {
  using enum mock::AppState;
  for (const mock::AppState state : {Foreground, NotRunning, ForceQuit}) {
    if (to_string(state) == word) {
      return state;
    }
  }
  return Background;
}

struct Setting {
  const char* name;
  bool mock::AppSettings::*is_on;
};

constexpr Setting kSettings[] = {{"alerts", &mock::AppSettings::alerts},
                                 {"badges", &mock::AppSettings::badges},
                                 {"sounds", &mock::AppSettings::sounds},
                                 {"background_refresh", &mock::AppSettings::background_refresh}};

/// One of "alerts=off".
void read_setting(std::string_view text, mock::AppSettings& settings) {
  const std::size_t equals = text.find('=');
  const std::string name(text.substr(0, equals));
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1);
  std::vector<std::string> names;
  for (const Setting& setting : kSettings) {
    if (name == setting.name) {
      if (value != "on" && value != "off") {
        throw std::runtime_error(std::string("--settings ")
                                     .append(name)
                                     .append(" must be on or off, as in ")
                                     .append(name) +
                                 "=off.");
      }
      settings.*setting.is_on = value == "on";
      return;
    }
    names.emplace_back(setting.name);
  }
  const std::string_view near = json::nearest(name, names);
  throw std::runtime_error("--settings: \"" + name + "\" is no setting" +
                           (near.empty() ? "" : "; did you mean " + std::string(near) + "?") +
                           (near.empty() ? ". There are" : " There are") +
                           " alerts, badges, sounds and background_refresh.");
}

mock::AppSettings read_settings(const std::vector<std::string>& lists) {
  mock::AppSettings settings;
  for (std::string_view list : lists) {
    while (!list.empty()) {
      const std::string_view one = list.substr(0, list.find(','));
      read_setting(one, settings);
      list.remove_prefix(std::min(one.size() + 1, list.size()));
    }
  }
  return settings;
}

int preview_main(const PreviewOptions& options) {
  mock::PreviewRequest request;
  request.is_binary = options.protocol == "binary";
  if (const PushTypeRow* row = find_push_type(options.push_type)) {
    if (request.is_binary) {
      throw std::runtime_error("--push-type is for HTTP/2 only; the binary interface has none.");
    }
    request.push_type = row->type;
  }
  request.topic = options.topic;
  request.default_app = certs::kDefaultTopic;
  if (options.priority != "automatic") {
    request.priority = static_cast<std::uint8_t>(std::stoi(options.priority));
  }
  if (options.expiration != kNotGiven) {
    request.expiration = static_cast<std::int64_t>(options.expiration);
  }
  request.state = read_state(options.state);
  request.settings = read_settings(options.settings);
  request.is_online = !options.offline;
  request.is_low_power = options.low_power;
  request.json = read_payload(options.file);
  const mock::Preview preview = mock::preview(
      request, std::chrono::time_point_cast<WorldTime::duration>(std::chrono::system_clock::now()));
  const std::string name = options.file == "-" ? "standard input" : options.file;
  std::cout << (options.json ? preview_json(preview, request, name)
                             : preview_text(preview, request, name));
  return preview.is_good() ? 0 : 1;
}

std::vector<std::string> with_automatic(std::vector<std::string> names) {
  names.insert(names.begin(), "automatic");
  return names;
}

}  // namespace

Command preview_command() {
  return Command{
      "preview", "preview FILE", "what a phone would show for this payload, or why not",
      "See what happens", [](Options& o) -> std::function<int()> {
        const auto options = std::make_shared<PreviewOptions>();
        o.file("FILE", options->file, "payload, or one of Xcode's .apns files; -: standard input");
        o.choice("--push-type", options->push_type, with_automatic(push_type_names()),
                 "apns-push-type; automatic: what the payload looks made for");
        o.text("--topic", options->topic,
               "apns-topic; without it the app that the file names, else com.example.app");
        o.choice("--priority", options->priority, {"automatic", "10", "5", "1"},
                 "apns-priority; automatic: 5 for a background push, else 10");
        o.number("--expiration", options->expiration, 0, INT64_MAX,
                 "UNIX seconds; 0: now or never; without it 30 days");
        o.choice("--protocol", options->protocol, {"http2", "binary"}, "decides the size limit");
        o.choice("--state", options->state,
                 {"foreground", "background", "not-running", "force-quit"}, "of the app");
        o.texts("--settings", options->settings,
                "what the phone's user allows: alerts=off,sounds=off; badges, background_refresh");
        o.flag("--offline", options->offline, "the phone is not connected");
        o.flag("--low-power", options->low_power, "the phone is in low power mode");
        o.flag("--json", options->json, "one JSON object");
        o.example("apnslab preview hello.apns --state force-quit --settings sounds=off");
        return [options] { return preview_main(*options); };
      }};
}

}  // namespace apns::cli
