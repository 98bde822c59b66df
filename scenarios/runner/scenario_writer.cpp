#include "scenarios/runner/scenario_writer.h"

#include <algorithm>
#include <ostream>
#include <stdexcept>
#include <string_view>

#include <nlohmann/json.hpp>

#include "apns/model/push_type.h"
#include "mock_apns/fault_text.h"
#include "scenarios/runner/script_writer.h"

namespace apns::scenarios {
namespace {

using mock::duration_text;
using provider::BinaryClientOptions;
using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument("A scenario with " + what + " cannot be written to a file.");
}

Json options_json(const BinaryClientOptions& client) {
  const BinaryClientOptions plain;
  Json json = Json::object();
  const auto add = [&json](const char* key, const auto& value, const auto& same) {
    if (value != same) {
      json[key] = value;
    }
  };
  const auto add_duration = [&json](const char* key, Duration value, Duration same) {
    if (value != same) {
      json[key] = duration_text(value);
    }
  };
  add_duration("settle_after", client.settle_after, plain.settle_after);
  add("resend_unknown", client.resend_unknown, plain.resend_unknown);
  add("window_bytes", client.window_bytes, plain.window_bytes);
  add("window_len", client.window_len, plain.window_len);
  add_duration("connect_limit", client.connect_limit, plain.connect_limit);
  add_duration("backoff_first", client.backoff_first, plain.backoff_first);
  add_duration("backoff_max", client.backoff_max, plain.backoff_max);
  add_duration("remember_for", client.remember_for, plain.remember_for);
  add("connections", client.connections, plain.connections);
  if (client.on_full == provider::OnFull::Evict) {
    json["on_full"] = "evict";
  }
  add_duration("write_limit", client.write_limit, plain.write_limit);
  add_duration("idle_limit", client.idle_limit, plain.idle_limit);
  add_duration("give_up_after", client.give_up_after, plain.give_up_after);
  add("max_attempts", client.max_attempts, plain.max_attempts);
  add("payload_limit", client.payload_limit, plain.payload_limit);
  return json;
}

Json options_json(const provider::Http2ClientOptions& client) {
  const provider::Http2ClientOptions plain;
  Json json = Json::object();
  const auto add = [&json](const char* key, const auto& value, const auto& same) {
    if (value != same) {
      json[key] = value;
    }
  };
  const auto add_duration = [&json](const char* key, Duration value, Duration same) {
    if (value != same) {
      json[key] = duration_text(value);
    }
  };
  add_duration("request_timeout", client.request_limit, plain.request_limit);
  add("max_connections", client.max_connections, plain.max_connections);
  add("min_connections", client.min_connections, plain.min_connections);
  add_duration("max_age", client.max_age, plain.max_age);
  add("max_requests", client.max_requests, plain.max_requests);
  add("max_unanswered", client.max_unanswered, plain.max_unanswered);
  add("max_streams", client.max_streams, plain.max_streams);
  add("pending_bytes", client.pending_bytes, plain.pending_bytes);
  add("queue_len", client.queue_len, plain.queue_len);
  add("queue_bytes", client.queue_bytes, plain.queue_bytes);
  add("content_length", client.content_length, plain.content_length);
  add("check_payload", client.check_payload, plain.check_payload);
  add_duration("idle_limit", client.idle_limit, plain.idle_limit);
  add_duration("ping_after", client.ping_after, plain.ping_after);
  add_duration("ping_limit", client.ping_limit, plain.ping_limit);
  add_duration("connect_limit", client.dial.connect, plain.dial.connect);
  add_duration("backoff_first", client.dial.backoff_first, plain.dial.backoff_first);
  add_duration("backoff_max", client.dial.backoff_max, plain.dial.backoff_max);
  add_duration("give_up_after", client.dial.give_up_after, plain.dial.give_up_after);
  add("max_attempts", client.dial.max_attempts, plain.dial.max_attempts);
  return json;
}

Json settings_json(const mock::SettingsFault& settings) {
  Json json = Json::object();
  const auto add = [&json](const char* key, const std::optional<std::uint32_t>& value) {
    if (value) {
      json[key] = *value;
    }
  };
  add("header_table_size", settings.header_table_size);
  add("max_concurrent_streams", settings.max_concurrent_streams);
  add("initial_window_size", settings.initial_window_size);
  add("max_frame_size", settings.max_frame_size);
  add("max_header_list_size", settings.max_header_list_size);
  return json;
}

Json link_json(const LinkPlan& plan) {
  const LinkOptions plain;
  const LinkOptions& link = plan.link;
  Json json = Json::object();
  json["connection"] = plan.connections.to_string();
  if (link.latency != plain.latency) {
    json["latency"] = duration_text(link.latency);
  }
  const auto add = [&json](const char* key, const auto& value, const auto& same) {
    if (value != same) {
      json[key] = value;
    }
  };
  add("split_min", link.split_min, plain.split_min);
  add("split_max", link.split_max, plain.split_max);
  add("window", link.window, plain.window);
  if (link.reset_after_to_server) {
    json["reset_after_to_server"] = *link.reset_after_to_server;
  }
  if (link.reset_after_to_client) {
    json["reset_after_to_client"] = *link.reset_after_to_client;
  }
  add("refuse", link.refuse, plain.refuse);
  add("hang", link.hang, plain.hang);
  add("stalled_server", link.stalled_server, plain.stalled_server);
  return json;
}

/// What differs from what a send without a word of it hands over.
void add_http2_fields(const Notification& notification, Json& json) {
  if (notification.push_type != PushType::Alert) {
    json["push_type"] = notification.push_type ? row_of(*notification.push_type).name : "";
  }
  if (notification.topic != plain_topic(notification.push_type)) {
    json["topic"] = notification.topic;
  }
  if (!notification.collapse_id.empty()) {
    json["collapse_id"] = notification.collapse_id;
  }
  if (!notification.apns_id.empty()) {
    json["apns_id"] = notification.apns_id;
  }
}

Json send_json(const Scenario& scenario, const SendStep& send) {
  if (!send.device.empty()) {
    refuse("a send to a device");
  }
  const Notification& first = scenario.notifications.at(send.first - 1);
  Json tokens = Json::array();
  bool is_plain = true;
  for (std::uint64_t n = send.first; n <= send.last; ++n) {
    const Notification& notification = scenario.notifications.at(n - 1);
    Notification alike = first;
    alike.device_token = notification.device_token;
    if (alike != notification) {
      refuse("a send whose notifications differ");
    }
    is_plain =
        is_plain && notification.device_token == device_token_of(static_cast<std::uint32_t>(n));
    tokens.push_back(notification.device_token.to_hex());
  }
  Json json = {{"send", send.last - send.first + 1}};
  if (!is_plain) {
    json["device_tokens"] = std::move(tokens);
  }
  if (first.payload == payload_of(first.payload.size())) {
    json["payload_bytes"] = first.payload.size();
  } else if (first.payload != kPlainPayload) {
    json["payload"] = first.payload;
  }
  if (first.expiration) {
    json["expiration"] = *first.expiration;
  }
  if (first.priority) {
    json["priority"] = *first.priority;
  }
  if (scenario.is_http2()) {
    add_http2_fields(first, json);
  }
  return json;
}

bool is_any(const Scenario& scenario) {
  using enum provider::OutcomeKind;
  const std::array kinds = {Sent, Rejected, Unknown};
  const NumberSet all(1, scenario.notifications.size());
  return std::ranges::equal(
      scenario.outcomes, kinds, [&all](const OutcomeExpectation& expected, auto kind) {
        return expected.n == all && expected.kind == kind && expected.reason.empty();
      });
}

/// `"key": [` with a line for each element.
void write_lines(std::string_view head, const std::vector<std::string>& lines,
                 std::string_view tail, std::ostream& out) {
  out << head << "[";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out << (i == 0 ? "\n    " : ",\n    ") << lines[i];
  }
  out << (lines.empty() ? "]" : "\n  ]") << tail;
}

std::vector<std::string> step_lines(const Scenario& scenario) {
  std::vector<std::string> lines;
  const Json options =
      scenario.is_http2() ? options_json(scenario.http2_client) : options_json(scenario.client);
  if (!options.empty()) {
    lines.push_back(Json{{"options", options}}.dump());
  }
  for (const Step& step : scenario.workload) {
    lines.push_back(step_text(scenario, step));
  }
  return lines;
}

void write_service(const Scenario& scenario, std::ostream& out) {
  const Json settings = settings_json(scenario.settings);
  std::string_view comma;
  const auto begin = [&comma, &out](std::string_view key) {
    out << (comma.empty() ? "  \"service\": {" : comma) << "\"" << key << "\": ";
    comma = ", ";
  };
  if (scenario.refuse_connections != 0) {
    begin("refuse_connections");
    out << scenario.refuse_connections;
  }
  if (!settings.empty()) {
    begin("settings");
    out << settings;
  }
  if (!scenario.faults.empty()) {
    begin("faults");
    std::vector<std::string> faults;
    std::ranges::transform(scenario.faults, std::back_inserter(faults), mock::write_fault);
    write_lines("", faults, "", out);
  }
  if (!scenario.connections.empty()) {
    begin("connections");
    std::vector<std::string> connections;
    std::ranges::transform(scenario.connections, std::back_inserter(connections), write_connection);
    write_lines("", connections, "", out);
  }
  out << (comma.empty() ? "" : "},\n");
}

void write_network(const Scenario& scenario, std::ostream& out) {
  if (!scenario.network) {
    return;
  }
  std::vector<std::string> links;
  std::ranges::transform(*scenario.network, std::back_inserter(links),
                         [](const LinkPlan& plan) { return link_json(plan).dump(); });
  write_lines("  \"network\": {\"links\": ", links, "},\n", out);
}

}  // namespace

std::string payload_of(std::size_t len) {
  constexpr std::string_view kHead = R"({"aps":{"alert":")";
  constexpr std::string_view kTail = R"("}})";
  if (len < kHead.size() + kTail.size()) {
    return std::string(len, '1');
  }
  std::string payload(kHead);
  payload.append(len - kHead.size() - kTail.size(), 'x');
  return payload.append(kTail);
}

std::string plain_topic(std::optional<PushType> push_type) {
  std::string topic = "com.example.app";
  return push_type ? topic.append(row_of(*push_type).topic_suffix) : topic;
}

std::string step_text(const Scenario& scenario, const Step& step) {
  if (const auto* send = std::get_if<SendStep>(&step.action)) {
    return send_json(scenario, *send).dump();
  }
  if (const auto* advance = std::get_if<AdvanceStep>(&step.action)) {
    return Json{{"advance", duration_text(advance->by)}}.dump();
  }
  if (const auto* drain = std::get_if<DrainStep>(&step.action)) {
    return Json{{"drain", duration_text(drain->within)}}.dump();
  }
  refuse("steps other than send, advance and drain");
}

void write_scenario(const Scenario& scenario, std::ostream& out) {
  if (scenario.world || !scenario.ledger.empty() || !scenario.feedback.empty() ||
      !is_any(scenario)) {
    refuse("a world, or with exact expectations");
  }
  out << "{\n  \"title\": " << Json(scenario.title) << ",\n  \"rules\": " << Json(scenario.rules)
      << ",\n  \"source\": " << Json(scenario.source)
      << ",\n  \"protocol\": " << Json(scenario.protocol) << ",\n";
  if (scenario.auth == Auth::ProviderToken) {
    out << "  \"auth\": \"provider-token\",\n";
  }
  if (!scenario.provider_token.empty()) {
    out << "  \"provider_token\": " << Json(scenario.provider_token) << ",\n";
  }
  if (scenario.profile != &default_profile()) {
    out << "  \"profile\": " << Json(scenario.profile->name) << ",\n";
  }
  if (scenario.seed) {
    out << "  \"seed\": " << *scenario.seed << ",\n";
  }
  if (!scenario.certificate.empty()) {
    out << "  \"certificate\": " << Json(scenario.certificate) << ",\n";
  }
  if (!scenario.not_in.empty()) {
    Json not_in = Json::object();
    for (const auto& [host, why] : scenario.not_in) {
      not_in[std::string(to_string(host))] = why;
    }
    out << "  \"not_in\": " << not_in << ",\n";
  }
  if (scenario.needs_clock) {
    out << "  \"needs\": [\"clock\"],\n";
  }
  write_service(scenario, out);
  write_network(scenario, out);
  write_lines("  \"workload\": ", step_lines(scenario), ",\n", out);
  out << "  \"expect\": {\"outcomes\": {\"any\": \"1-" << scenario.notifications.size() << "\"}}\n"
      << "}\n";
}

}  // namespace apns::scenarios
