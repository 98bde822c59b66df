#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include "provider/feedback_reader.h"

namespace apns::provider {

/// A sink that keeps one poll: of several tuples for one device token the newest timestamp counts
/// (node-apn/node-apn#409). Keeps at most `max_tokens` of them.
class FeedbackCollector final : public FeedbackSink {
 public:
  explicit FeedbackCollector(std::size_t max_tokens) : max_tokens_(max_tokens) {}

  void tuple(const binary::FeedbackTuple& tuple) override;

  void finished(const FeedbackResult& result) override { result_ = result; }

  /// When each app was found gone, in UNIX seconds.
  [[nodiscard]] const std::unordered_map<DeviceToken, std::uint32_t>& gone_since() const {
    return gone_since_;
  }

  /// There is no room for another device token.
  [[nodiscard]] bool is_full() const { return gone_since_.size() >= max_tokens_; }

  /// Hands over what was kept and begins anew, in the middle of a poll too.
  [[nodiscard]] std::unordered_map<DeviceToken, std::uint32_t> take() {
    return std::exchange(gone_since_, {});
  }

  /// Tuples that there was no room for. They are off the service's list.
  [[nodiscard]] std::uint64_t num_dropped() const { return num_dropped_; }

  /// Nullopt: the poll has not ended.
  [[nodiscard]] const std::optional<FeedbackResult>& result() const { return result_; }

 private:
  const std::size_t max_tokens_;
  std::unordered_map<DeviceToken, std::uint32_t> gone_since_;
  std::uint64_t num_dropped_ = 0;
  std::optional<FeedbackResult> result_;
};

}  // namespace apns::provider
