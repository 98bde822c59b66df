#include "cli/push_input.h"

#include <optional>

#include "apns/json/document.h"
#include "provider/read_expiration.h"

namespace apns::cli {

namespace {

PushType to_push_type(const json::Value& value) {
  const PushTypeRow* row = find_push_type(value.text("push_type"));
  if (row == nullptr) {
    std::string names;
    for (const std::string& name : push_type_names()) {
      names += names.empty() ? name : ", " + name;
    }
    value.fail("push_type must be one of " + names);
  }
  return row->type;
}

std::uint32_t to_expiration(const json::Value& value) {
  using Kind = json::Value::Kind;
  if (value.kind() != Kind::Integer && value.kind() != Kind::Real) {
    return static_cast<std::uint32_t>(value.integer("expiration", 0, UINT32_MAX));  // says so
  }
  const provider::ReadExpiration read = provider::read_expiration(value.dump());
  if (!read.seconds) {
    value.fail(read.found + "; " + read.fix + ".");
  }
  return *read.seconds;
}

}  // namespace

PushItem parse_push_line(const std::string& line, std::uint64_t number, const std::string& file) {
  const json::Value value = json::parse(line, file + ":" + std::to_string(number));
  std::optional<DeviceToken> token;
  std::optional<std::string> payload;
  std::optional<std::uint32_t> expiration;
  std::optional<std::uint8_t> priority;
  std::optional<PushType> push_type;
  std::string topic;
  std::string apns_id;
  std::string collapse_id;
  std::uint64_t n = number;
  for (const json::Value::Member& member : value.object("a notification")) {
    if (member.key == "device_token") {
      token = DeviceToken::parse(member.value.text("device_token"));
      if (!token) {
        member.value.fail("device_token must be 2 to 200 hex digits");
      }
    } else if (member.key == "payload") {
      payload = member.value.kind() == json::Value::Kind::Text ? member.value.text("payload")
                                                               : member.value.dump();
    } else if (member.key == "expiration") {
      expiration = to_expiration(member.value);
    } else if (member.key == "priority") {
      priority = static_cast<std::uint8_t>(member.value.integer("priority", 0, 255));
    } else if (member.key == "n") {
      n = static_cast<std::uint64_t>(member.value.integer("n", 0, INT64_MAX));
    } else if (member.key == "push_type") {
      push_type = to_push_type(member.value);
    } else if (member.key == "topic") {
      topic = member.value.text("topic");
    } else if (member.key == "apns_id") {
      apns_id = member.value.text("apns_id");
    } else if (member.key == "collapse_id") {
      collapse_id = member.value.text("collapse_id");
    }
  }
  if (!token || !payload) {
    value.fail(token ? "payload is missing" : "device_token is missing");
  }
  return PushItem{n, Notification{*token, *payload, expiration, priority, topic, push_type, apns_id,
                                  collapse_id}};
}

}  // namespace apns::cli
