#include "mock_apns/fault_text.h"

#include <nlohmann/json.hpp>

#include "apns/http2/frame.h"
#include "apns/http2/wire.h"

namespace apns::mock {

namespace {

using Json = nlohmann::ordered_json;

Json number_json(const NumberMatch& match) {
  if (match.every != 1) {
    return "every " + std::to_string(match.every);
  }
  if (match.first == match.last) {
    return match.first;
  }
  const std::string last = match.last == UINT64_MAX ? "" : std::to_string(match.last);
  return std::to_string(match.first) + "-" + last;
}

const char* close_text(FaultClose close) {
  switch (close) {
    case FaultClose::Fin:
      return "fin";
    case FaultClose::FinWithoutCloseNotify:
      return "fin-without-close-notify";
    case FaultClose::Rst:
      return "rst";
    case FaultClose::HalfOpen:
      return "half-open";
  }
  return "";
}

const char* protocol_text(FaultProtocol protocol) {
  switch (protocol) {
    case FaultProtocol::Binary:
      return "binary";
    case FaultProtocol::Http2:
      return "http2";
    case FaultProtocol::Feedback:
      return "feedback";
  }
  return "";
}

Json when_json(const FaultRule& rule) {
  Json when = Json::object();
  if (rule.protocol) {
    when["protocol"] = protocol_text(*rule.protocol);
  }
  if (rule.environment) {
    when["environment"] =
        *rule.environment == Environment::Production ? "production" : "development";
  }
  if (rule.connection != NumberMatch()) {
    when["connection"] = number_json(rule.connection);
  }
  if (rule.nth) {
    when["nth"] = number_json(*rule.nth);
  }
  if (!rule.topic.empty()) {
    when["topic"] = rule.topic;
  }
  if (!rule.device_token_prefix.empty()) {
    when["device_token"] = rule.device_token_prefix;
  }
  if (!rule.push_type.empty()) {
    when["push_type"] = rule.push_type;
  }
  if (rule.probability != 1.0) {
    when["probability"] = rule.probability;
  }
  if (rule.idle) {
    when["idle"] = duration_text(*rule.idle);
  }
  if (rule.after > Duration::zero()) {
    when["after"] = duration_text(rule.after);
  }
  if (rule.until != Duration::max()) {
    when["until"] = duration_text(rule.until);
  }
  return when;
}

Json packet_json(const ErrorPacketFault& packet, bool rejects) {
  Json json = Json::object();
  if (packet.status) {
    json["status"] = *packet.status;
  }
  if (packet.identifier == ErrorPacketFault::Identifier::Previous) {
    json["identifier"] = "previous";
  } else if (packet.identifier == ErrorPacketFault::Identifier::Number) {
    json["identifier"] = packet.number;
  }
  if (packet.split != 0) {
    json["split"] = packet.split;
  }
  if (packet.count != 1 || (json.empty() && rejects)) {
    json["count"] = packet.count;
  }
  return json;
}

Json reject_json(const FaultAction& action) {
  if (!action.reason) {
    return *action.reject;
  }
  const std::string reason(row_of(*action.reason).name);
  return action.reject ? Json{{"binary", *action.reject}, {"http2", reason}} : Json(reason);
}

Json error_code_json(std::uint32_t code) {
  const bool has_name = code <= static_cast<std::uint32_t>(http2::ErrorCode::Http11Required);
  return has_name ? Json(http2::error_code_text(code)) : Json(code);
}

Json goaway_json(const GoawayFault& goaway) {
  Json json = Json::object();
  if (goaway.last_nth) {
    json["last_nth"] = *goaway.last_nth;
  }
  if (goaway.code != 0 || goaway == GoawayFault{}) {
    json["code"] = error_code_json(goaway.code);
  }
  if (goaway.reason) {
    json["reason"] = row_of(*goaway.reason).name;
  }
  if (goaway.count != 1) {
    json["count"] = goaway.count;
  }
  if (goaway.keep_open) {
    json["keep_open"] = true;
  }
  return json;
}

Json settings_json(const SettingsFault& settings) {
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

void add_http2(Json& then, const FaultAction& action) {
  if (action.reset_stream) {
    then["reset_stream"] = error_code_json(*action.reset_stream);
  }
  if (action.reset_again) {
    then["reset_again"] = true;
  }
  if (action.goaway) {
    then["goaway"] = goaway_json(*action.goaway);
  }
  if (action.ignore_ping) {
    then["ignore_ping"] = true;
  }
  if (action.withhold_window) {
    then["withhold_window"] = true;
  }
  if (action.settings) {
    then["settings"] = settings_json(*action.settings);
  }
}

void add_verdict(Json& then, const FaultAction& action) {
  if (action.reject || action.reason) {
    then["reject"] = reject_json(action);
  }
  if (action.status) {
    then["status"] = *action.status;
  }
  if (action.timestamp) {
    then["timestamp"] = *action.timestamp;
  }
}

Json then_json(const FaultAction& action) {
  Json then = Json::object();
  add_verdict(then, action);
  if (action.delay > Duration::zero()) {
    then["delay"] = duration_text(action.delay);
  }
  if (action.latency) {
    then["latency"] = action.latency->text();
  }
  if (action.error_packet) {
    then["error_packet"] = packet_json(*action.error_packet, action.reject.has_value());
  }
  if (action.no_answer) {
    then["no_answer"] = true;
  }
  if (!action.raw.empty()) {
    then["raw"] = to_hex(action.raw);
  }
  if (action.close) {
    then["close"] = close_text(*action.close);
  }
  if (action.stop_reading) {
    then["stop_reading"] = true;
  }
  if (action.bandwidth != 0) {
    then["bandwidth"] = action.bandwidth;
  }
  add_http2(then, action);
  if (action.tls_alert) {
    then["tls_alert"] = *action.tls_alert;
  }
  if (action.tuples.split != 0) {
    then["tuples"]["split"] = action.tuples.split;
  }
  if (action.tuples.truncate != 0) {
    then["tuples"]["truncate"] = action.tuples.truncate;
  }
  return then;
}

}  // namespace

std::string duration_text(Duration duration) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  if (us % 1'000'000 == 0) {
    return std::to_string(us / 1'000'000) + "s";
  }
  return us % 1000 == 0 ? std::to_string(us / 1000) + "ms" : std::to_string(us) + "us";
}

std::string write_fault(const FaultRule& rule) {
  Json json = Json::object();
  if (Json when = when_json(rule); !when.empty()) {
    json["when"] = std::move(when);
  }
  json["then"] = then_json(rule.then);
  if (rule.times != 0) {
    json["times"] = rule.times;
  }
  if (!rule.name.empty()) {
    json["name"] = rule.name;
  }
  return json.dump();
}

}  // namespace apns::mock
