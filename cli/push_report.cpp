#include "cli/push_report.h"

#include <chrono>
#include <cstdio>
#include <iostream>

#include <nlohmann/json.hpp>

#include "apns/base/rfc3339.h"

namespace apns::cli {

namespace {

using provider::OutcomeKind;
using Json = nlohmann::ordered_json;

// Ages beyond these are no times that RFC 3339 can write.
constexpr std::uint64_t kMaxTimestampMs = 253'402'300'799'999;  // the last of the year 9999

std::string dump(const Json& json) {
  // What a service says need not be UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string short_token(const PushResult& result) {
  const auto token = DeviceToken::parse(result.device_token);
  return token ? token->to_short_text() : result.device_token;
}

std::string since_text(std::uint64_t timestamp_ms) {
  if (timestamp_ms > kMaxTimestampMs) {
    return "since " + std::to_string(timestamp_ms) + " ms";
  }
  const auto time = std::chrono::sys_time<std::chrono::milliseconds>(
      std::chrono::milliseconds(static_cast<std::int64_t>(timestamp_ms)));
  return "since " + to_rfc3339(std::chrono::floor<std::chrono::seconds>(time));
}

std::string binary_line(const PushResult& result) {
  std::string text = short_token(result) + "  #" + std::to_string(result.n);
  return result.reason.empty() ? text : text + "  " + result.reason;
}

std::string http2_line(const PushResult& result, bool number) {
  std::string text;
  if (!result.reason.empty()) {
    text += result.reason + "  ";
  }
  if (result.http2->timestamp_ms) {
    text += since_text(*result.http2->timestamp_ms) + "  ";
  }
  text += short_token(result);
  if (number) {
    text += "  #" + std::to_string(result.n);
  }
  if (!result.http2->apns_id.empty()) {
    text += "  apns-id " + result.http2->apns_id;
  }
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(result.http2->duration);
  return text + "  " + std::to_string(ms.count()) + " ms";
}

}  // namespace

std::string push_line(const PushResult& result, bool number) {
  std::string kind = to_string(result.kind);
  kind.resize(10, ' ');
  return kind + (result.http2 ? http2_line(result, number) : binary_line(result));
}

std::string push_json(const PushResult& result) {
  Json json = {
      {"n", result.n}, {"outcome", to_string(result.kind)}, {"device_token", result.device_token}};
  if (result.status != 0) {
    json["status"] = result.status;
  }
  const bool is_answer = result.http2 && result.status != 0;
  const std::string& reason = is_answer ? result.http2->reason : result.reason;
  if (!reason.empty()) {
    json["reason"] = reason;
  }
  if (result.http2) {
    if (!result.http2->apns_id.empty()) {
      json["apns_id"] = result.http2->apns_id;
    }
    if (result.http2->timestamp_ms) {
      json["timestamp"] = *result.http2->timestamp_ms;
    }
    json["duration_us"] =
        std::chrono::duration_cast<std::chrono::microseconds>(result.http2->duration).count();
  }
  return dump(json);
}

void PushReport::add(const PushResult& result) {
  ++counts_.at(static_cast<std::size_t>(result.kind));
  is_http2_ = is_http2_ || result.http2;
  if (result.kind != OutcomeKind::Sent) {
    ++reasons_[result.reason];
  }
  if (json_) {
    std::cout << push_json(result) << '\n';
  } else if (each_ || result.kind != OutcomeKind::Sent) {
    progress_.clear();
    std::cout << push_line(result, !each_) << '\n';
  }
  progress_.advance();
}

void PushReport::add_bad_line(std::uint64_t line, const std::string& what) {
  ++num_bad_;
  progress_.clear();
  std::cerr << "apnslab push: " << what << "\n";
  if (json_) {
    std::cout << dump(Json{{"n", line}, {"outcome", "rejected"}, {"reason", what}}) << '\n';
  }
}

bool PushReport::all_sent() const {
  return count(OutcomeKind::Rejected) == 0 && count(OutcomeKind::Unknown) == 0 && num_bad_ == 0;
}

std::string PushReport::summary(double seconds, const provider::ClientStats& stats) const {
  const std::uint64_t rejected = count(OutcomeKind::Rejected) + num_bad_;
  const std::uint64_t total = count(OutcomeKind::Sent) + rejected + count(OutcomeKind::Unknown);
  std::string text = std::to_string(total) + (total == 1 ? " notification: " : " notifications: ") +
                     std::to_string(count(OutcomeKind::Sent)) + " sent, " +
                     std::to_string(rejected) + " rejected, " +
                     std::to_string(count(OutcomeKind::Unknown)) + " unknown";
  for (const auto& [reason, n] : reasons_) {
    text += "; " + std::to_string(n) + " x " + reason;
  }
  std::array<char, 96> tail{};
  (void)std::snprintf(tail.data(), tail.size(), ". %.1f s, %llu connection%s", seconds,
                      static_cast<unsigned long long>(stats.connections),
                      stats.connections == 1 ? "" : "s");
  text += tail.data();
  const std::uint64_t again = is_http2_ ? stats.retries : stats.resent;
  text += is_http2_ && again == 0 ? "." : ", " + std::to_string(again) + " sent again.";
  if (stats.misreported > 0) {
    text += " " + std::to_string(stats.misreported) +
            " reported sent and rejected later: --settle-after is too short for this gateway.";
  }
  return text;
}

}  // namespace apns::cli
