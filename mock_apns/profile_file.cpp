#include "mock_apns/profile_file.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apns::mock {

namespace {

using Json = nlohmann::ordered_json;
using Policy = ProviderTokenPolicy;

constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kMost31 = 0x7FFF'FFFF;

/// A name that can be a template's argument.
template <std::size_t kLen>
struct Name {
  // NOLINTNEXTLINE(google-explicit-constructor): so that a literal can stand there
  constexpr Name(const char (&literal)[kLen]) { std::copy_n(literal, kLen, text); }

  [[nodiscard]] constexpr std::string_view view() const { return {text, kLen - 1}; }

  char text[kLen]{};
};

/// One value: how it is read, and how it is told.
template <class T>
struct Row {
  json::Field<T> field;
  Json (*write)(const T& from);
};

// ---- Each type of value ----

void read(const json::Value& value, std::string_view key, bool& out) {
  out = value.boolean(key);
}

Json write(bool value) {
  return value;
}

void read(const json::Value& value, std::string_view key, Reason& out) {
  std::vector<std::string> names;
  for (const ReasonRow& row : reasons()) {
    names.emplace_back(row.name);
  }
  json::require_word(value, key, value.text(key), names);
  out = find_reason(value.text(key))->reason;
}

Json write(Reason value) {
  return row_of(value).name;
}

void read(const json::Value& value, std::string_view key, std::chrono::seconds& out) {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  const auto ns = value.kind() == json::Value::Kind::Text ? json::parse_duration_ns(value.text(key))
                                                          : std::nullopt;
  if (!ns || *ns < 0 || *ns % kNsPerSecond != 0) {
    value.fail(std::string(key) +
               " must be a text with whole seconds and their unit, like \"90s\" or \"20m\".");
  }
  out = std::chrono::seconds(*ns / kNsPerSecond);
}

Json write(std::chrono::seconds value) {
  return std::to_string(value.count()) + "s";
}

constexpr std::array kEarlyRejections = {"never", "answer", "answer-and-reset"};
constexpr std::array kDistinct = {"texts", "claims"};
constexpr std::array kAccounting = {"connection", "team"};

template <class Enum, std::size_t kNum>
void read_word(const json::Value& value, std::string_view key,
               const std::array<const char*, kNum>& words, Enum& out) {
  const std::vector<std::string> known(words.begin(), words.end());
  json::require_word(value, key, value.text(key), known);
  out = static_cast<Enum>(std::ranges::find(known, value.text(key)) - known.begin());
}

void read(const json::Value& value, std::string_view key, EarlyRejection& out) {
  read_word(value, key, kEarlyRejections, out);
}

Json write(EarlyRejection value) {
  return kEarlyRejections.at(static_cast<std::size_t>(value));
}

void read(const json::Value& value, std::string_view key, Policy::Distinct& out) {
  read_word(value, key, kDistinct, out);
}

Json write(Policy::Distinct value) {
  return kDistinct.at(static_cast<std::size_t>(value));
}

void read(const json::Value& value, std::string_view key, Policy::Accounting& out) {
  read_word(value, key, kAccounting, out);
}

Json write(Policy::Accounting value) {
  return kAccounting.at(static_cast<std::size_t>(value));
}

// ---- Rows ----

template <class T, Name kKey, auto kMember>
constexpr Row<T> row() {
  return {{kKey.view(), json::kOptional<T>,
           [](const json::Value& value, T& out) { read(value, kKey.view(), out.*kMember); }},
          [](const T& from) { return write(from.*kMember); }};
}

template <class T, Name kKey, auto kMember, std::uint32_t kLow, std::uint32_t kHigh>
constexpr Row<T> number() {
  return {{kKey.view(), json::kOptional<T>,
           [](const json::Value& value, T& out) {
             out.*kMember = static_cast<std::uint32_t>(value.integer(kKey.view(), kLow, kHigh));
           }},
          [](const T& from) -> Json { return from.*kMember; }};
}

constexpr std::array kPolicyRows = {
    row<Policy, "text_issued_at", &Policy::text_issued_at>(),
    row<Policy, "der_signature", &Policy::der_signature>(),
    row<Policy, "max_age", &Policy::max_age>(),
    row<Policy, "max_ahead", &Policy::max_ahead>(),
    row<Policy, "update_interval", &Policy::update_interval>(),
    row<Policy, "distinct", &Policy::distinct>(),
    row<Policy, "accounting", &Policy::accounting>(),
    number<Policy, "free_updates", &Policy::free_updates, 0, Policy::kMaxFreeUpdates>(),
    number<Policy, "free_invalid", &Policy::free_invalid, 0, kMost>(),
    row<Policy, "update_limit_blocks_all", &Policy::update_limit_blocks_all>(),
    row<Policy, "expired_ends_connection", &Policy::expired_ends_connection>(),
};

template <class T, std::size_t kNum>
std::vector<json::Field<T>> fields_of(const std::array<Row<T>, kNum>& rows) {
  std::vector<json::Field<T>> fields;
  for (const Row<T>& one : rows) {
    fields.push_back(one.field);
  }
  return fields;
}

template <class T, std::size_t kNum>
Json all_of(const std::array<Row<T>, kNum>& rows, const T& from) {
  Json json = Json::object();
  for (const Row<T>& one : rows) {
    json[std::string(one.field.key)] = one.write(from);
  }
  return json;
}

using Http2 = Http2Profile;

/// Null: it is not in the SETTINGS.
constexpr Row<Http2> kInitialWindow = {
    {"initial_window", json::kOptional<Http2>,
     [](const json::Value& value, Http2& out) {
       out.initial_window.reset();
       if (value.kind() != json::Value::Kind::Null) {
         out.initial_window =
             static_cast<std::uint32_t>(value.integer("initial_window", 0, kMost31));
       }
     }},
    [](const Http2& from) { return from.initial_window ? Json(*from.initial_window) : Json(); }};

constexpr Row<Http2> kProviderToken = {
    {"provider_token", json::kOptional<Http2>,
     [](const json::Value& value, Http2& out) {
       json::read_fields<Policy>(value, "provider_token", fields_of(kPolicyRows),
                                 out.provider_token);
     }},
    [](const Http2& from) { return all_of(kPolicyRows, from.provider_token); }};

constexpr std::array kRows = {
    number<Http2, "header_table_size", &Http2::header_table_size, 0, kMost>(),
    number<Http2, "max_concurrent_streams", &Http2::max_concurrent_streams, 0, kMost>(),
    kInitialWindow,
    number<Http2, "max_frame_size", &Http2::max_frame_size, 16'384, 16'777'215>(),
    number<Http2, "max_header_list_size", &Http2::max_header_list_size, 0, kMost>(),
    row<Http2, "one_stream_until_token", &Http2::one_stream_until_token>(),
    row<Http2, "one_stream_after_rejection", &Http2::one_stream_after_rejection>(),
    row<Http2, "goaway_past_limit", &Http2::goaway_past_limit>(),
    row<Http2, "reset_again", &Http2::reset_again>(),
    row<Http2, "early_rejection", &Http2::early_rejection>(),
    row<Http2, "limit_before_ack", &Http2::limit_before_ack>(),
    row<Http2, "bad_certificate_is_internal_error", &Http2::bad_certificate_is_internal_error>(),
    row<Http2, "topic_of_other_app", &Http2::topic_of_other_app>(),
    row<Http2, "key_of_other_environment", &Http2::key_of_other_environment>(),
    row<Http2, "replaced_device_token", &Http2::replaced_device_token>(),
    row<Http2, "background_needs_priority_5", &Http2::background_needs_priority_5>(),
    row<Http2, "topic_fits_live_activity", &Http2::topic_fits_live_activity>(),
    row<Http2, "topic_fits_push_type", &Http2::topic_fits_push_type>(),
    kProviderToken,
};

}  // namespace

void read_http2_profile(const json::Value& value, Http2Profile& http2) {
  json::read_fields<Http2>(value, "http2", fields_of(kRows), http2);
}

Json to_json(const Http2Profile& http2) {
  return all_of(kRows, http2);
}

std::vector<json::ObjectKeys> http2_profile_format() {
  return {json::object_keys<Http2>("http2", fields_of(kRows)),
          json::object_keys<Policy>("provider_token", fields_of(kPolicyRows))};
}

}  // namespace apns::mock
