#include "cli/delivery_line.h"

#include <nlohmann/json.hpp>

#include "apns/base/rfc3339.h"
#include "mock_apns/ledger_text.h"

namespace apns::cli {

namespace {

using Json = nlohmann::ordered_json;

mock::Shown to_shown(const Json& json) {
  mock::Shown shown;
  shown.place = json.value("place", shown.place);
  shown.title = json.value("title", shown.title);
  shown.subtitle = json.value("subtitle", shown.subtitle);
  shown.body = json.value("body", shown.body);
  if (json.contains("badge")) {
    shown.badge = json.at("badge").get<std::int64_t>();
  }
  shown.sound = json.value("sound", shown.sound);
  return shown;
}

mock::EventOutcome to_outcome(const std::string& word) {
  for (const mock::EventOutcome outcome : outcomes_of(mock::EventKind::Delivery)) {
    if (word == to_string(outcome)) {
      return outcome;
    }
  }
  return mock::EventOutcome::Delivered;
}

mock::Protocol to_protocol(const std::string& word) {
  for (const mock::Protocol protocol : {mock::Protocol::Binary, mock::Protocol::Http2}) {
    if (word == to_string(protocol)) {
      return protocol;
    }
  }
  return mock::Protocol::None;
}

}  // namespace

std::string delivery_line(const Json& event) {
  mock::LedgerEvent read;
  read.kind = mock::EventKind::Delivery;
  read.outcome = to_outcome(event.at("outcome").get<std::string>());
  read.at = parse_rfc3339(event.at("at").get<std::string>()).value_or(WorldTime{});
  read.connection = event.value("connection", read.connection);
  read.protocol = to_protocol(event.value("protocol", std::string()));
  read.device_token = event.value("device_token", read.device_token);
  read.topic = event.value("topic", read.topic);
  read.device = event.value("device", read.device);
  if (event.contains("shown")) {
    read.shown = to_shown(event.at("shown"));
  }
  read.reasons = event.value("why", read.reasons);
  return to_text_line(read);
}

}  // namespace apns::cli
