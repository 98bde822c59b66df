#include "cli/push_drops.h"

#include <array>
#include <chrono>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "apns/base/rfc3339.h"

namespace apns::cli {

std::string drop_line(const provider::DeviceTokenVerdict& verdict) {
  nlohmann::ordered_json json = {{"device_token", verdict.device_token.to_hex()},
                                 {"drop", verdict.advice == provider::DeviceTokenAdvice::Drop},
                                 {"advice", provider::to_string(verdict.advice)},
                                 {"status", verdict.status}};
  if (verdict.reason) {
    json["reason"] = row_of(*verdict.reason).name;
  }
  if (verdict.gone_since) {
    json["timestamp"] = to_rfc3339(*verdict.gone_since);
  }
  if (verdict.registered_at) {
    json["registered_at"] = to_rfc3339(*verdict.registered_at);
  }
  json["why"] = verdict.why;
  return json.dump();
}

PushDrops::PushDrops(const std::string& file, const std::string& registrations)
    : name_(file), file_(file) {
  if (!file_) {
    throw std::runtime_error("--drop " + file + " cannot be written.");
  }
  if (!registrations.empty()) {
    registrations_.emplace(registrations);
    if (registrations_->is_file()) {
      registrations_->read([](const DeviceToken& /*token*/, WorldTime /*at*/) {});
    }
  }
}

void PushDrops::add(const PushResult& result) {
  const auto device_token = DeviceToken::parse(result.device_token);
  if (!device_token || !result.http2) {
    return;
  }
  const ReasonRow* const row = find_reason(result.http2->reason);
  hygiene_.answered(
      *device_token,
      {.status = result.status,
       .reason = row == nullptr ? std::nullopt : std::optional(row->reason),
       .timestamp_ms = result.http2->timestamp_ms,
       .at = std::chrono::time_point_cast<WorldTime::duration>(std::chrono::system_clock::now())});
}

std::string PushDrops::finish() {
  if (registrations_) {
    registrations_->read([this](const DeviceToken& device_token, WorldTime at) {
      hygiene_.registered(device_token, at);
    });
  }
  std::array<std::size_t, 3> counts{};
  for (const provider::DeviceTokenVerdict& verdict : hygiene_.verdicts()) {
    ++counts.at(static_cast<std::size_t>(verdict.advice));
    file_ << drop_line(verdict) << '\n';
  }
  file_.flush();
  if (!file_) {
    throw std::runtime_error("--drop " + name_ + " could not be written to its end.");
  }
  const std::string brake = hygiene_.brake_text();
  return name_ + ": " + std::to_string(counts[0]) + " to drop, " + std::to_string(counts[1]) +
         " to keep, " + std::to_string(counts[2]) + " suspect." +
         (brake.empty() ? "" : " " + brake);
}

}  // namespace apns::cli
