#include "scenarios/runner/client_options_reader.h"

#include <array>
#include <limits>
#include <string>

#include "provider/binary_client_options.h"
#include "provider/http2_client_options.h"
#include "scenarios/runner/duration_reader.h"

namespace apns::scenarios {
namespace {

using provider::BinaryClientOptions;
using provider::Http2ClientOptions;

constexpr std::int64_t kMaxPayloadBytes = 65535;

std::int64_t read_size(const json::Value& value, std::string_view what) {
  return value.integer(what, 1, std::numeric_limits<std::int32_t>::max());
}

constexpr std::array<json::Field<BinaryClientOptions>, 15> kBinaryFields = {{
    {"settle_after", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.settle_after = read_duration(value, "settle_after");
     }},
    {"resend_unknown", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.resend_unknown = value.boolean("resend_unknown");
     }},
    {"window_bytes", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.window_bytes = static_cast<std::size_t>(read_size(value, "window_bytes"));
     }},
    {"window_len", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.window_len = static_cast<std::size_t>(read_size(value, "window_len"));
     }},
    {"connect_limit", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.connect_limit = read_duration(value, "connect_limit");
     }},
    {"backoff_first", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.backoff_first = read_duration(value, "backoff_first");
     }},
    {"backoff_max", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.backoff_max = read_duration(value, "backoff_max");
     }},
    {"remember_for", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.remember_for = read_duration(value, "remember_for");
     }},
    {"connections", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.connections =
           static_cast<unsigned>(value.integer("connections", 1, provider::kMaxBinaryConnections));
     }},
    {"on_full", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       static const std::array<std::string, 2> kWords = {"wait", "evict"};
       const std::string& word = value.text("on_full");
       json::require_word(value, "on_full", word, kWords);
       options.on_full = word == "wait" ? provider::OnFull::Wait : provider::OnFull::Evict;
     }},
    {"write_limit", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.write_limit = read_duration(value, "write_limit");
     }},
    {"idle_limit", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.idle_limit = read_duration(value, "idle_limit");
     }},
    {"give_up_after", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.give_up_after = read_duration(value, "give_up_after");
     }},
    {"max_attempts", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.max_attempts = static_cast<unsigned>(read_size(value, "max_attempts"));
     }},
    {"payload_limit", json::kOptional<BinaryClientOptions>,
     [](const json::Value& value, BinaryClientOptions& options) {
       options.payload_limit =
           static_cast<std::size_t>(value.integer("payload_limit", 1, kMaxPayloadBytes));
     }},
}};

constexpr std::array<json::Field<Http2ClientOptions>, 20> kHttp2Fields = {{
    {"request_timeout", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.request_limit = read_duration(value, "request_timeout");
     }},
    {"max_connections", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.max_connections = static_cast<unsigned>(
           value.integer("max_connections", 1, provider::kMaxHttp2Connections));
     }},
    {"min_connections", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.min_connections = static_cast<unsigned>(
           value.integer("min_connections", 0, provider::kMaxHttp2Connections));
     }},
    {"max_age", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.max_age = read_duration(value, "max_age");
     }},
    {"max_requests", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.max_requests = static_cast<std::uint64_t>(read_size(value, "max_requests"));
     }},
    {"max_unanswered", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.max_unanswered = static_cast<std::uint64_t>(read_size(value, "max_unanswered"));
     }},
    {"max_streams", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.max_streams = static_cast<std::size_t>(read_size(value, "max_streams"));
     }},
    {"pending_bytes", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.pending_bytes = static_cast<std::size_t>(read_size(value, "pending_bytes"));
     }},
    {"queue_len", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.queue_len = static_cast<std::size_t>(read_size(value, "queue_len"));
     }},
    {"queue_bytes", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.queue_bytes = static_cast<std::size_t>(read_size(value, "queue_bytes"));
     }},
    {"content_length", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.content_length = value.boolean("content_length");
     }},
    {"check_payload", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.check_payload = value.boolean("check_payload");
     }},
    {"idle_limit", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.idle_limit = read_duration(value, "idle_limit");
     }},
    {"ping_after", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.ping_after = read_duration(value, "ping_after");
     }},
    {"ping_limit", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.ping_limit = read_duration(value, "ping_limit");
     }},
    {"connect_limit", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.dial.connect = read_duration(value, "connect_limit");
     }},
    {"backoff_first", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.dial.backoff_first = read_duration(value, "backoff_first");
     }},
    {"backoff_max", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.dial.backoff_max = read_duration(value, "backoff_max");
     }},
    {"give_up_after", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.dial.give_up_after = read_duration(value, "give_up_after");
     }},
    {"max_attempts", json::kOptional<Http2ClientOptions>,
     [](const json::Value& value, Http2ClientOptions& options) {
       options.dial.max_attempts = static_cast<unsigned>(read_size(value, "max_attempts"));
     }},
}};

}  // namespace

void read_client_options(const json::Value& value, Scenario& scenario) {
  if (scenario.is_http2()) {
    json::read_fields<Http2ClientOptions>(value, "options", kHttp2Fields, scenario.http2_client);
  } else {
    json::read_fields<BinaryClientOptions>(value, "options", kBinaryFields, scenario.client);
  }
}

std::vector<json::ObjectKeys> client_options_format() {
  return {
      json::object_keys<BinaryClientOptions>("options", kBinaryFields),
      json::object_keys<Http2ClientOptions>("http2_options", kHttp2Fields),
  };
}

}  // namespace apns::scenarios
