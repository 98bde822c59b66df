#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "apns/net/socket_host.h"
#include "cli/target.h"
#include "provider/feedback_collector.h"
#include "provider/feedback_reader.h"

namespace apns::cli {

/// When each app was found gone, in UNIX seconds.
using GoneSince = std::unordered_map<DeviceToken, std::uint32_t>;

/// A feedback reader on a thread of its own, for polls one after the other: there is never a second
/// one, which would share the list. stop() may be called from any thread, all else is for one.
class FeedbackSession final : private provider::FeedbackSink {
 public:
  /// How many device tokens are kept before they are handed over.
  static constexpr std::size_t kMaxTokens = 1'000'000;

  FeedbackSession(const Target& target, provider::FeedbackReaderOptions options,
                  std::size_t max_tokens = kMaxTokens);
  ~FeedbackSession() override;

  /// One poll to its end. What comes is handed to `on_tuples` on the caller's thread: once, or in
  /// parts of max_tokens, of which each has the newest time of its device tokens. Handed over is
  /// all that came, however the poll ends. After stop() nothing is polled: nullopt.
  std::optional<provider::FeedbackResult> poll(const std::function<void(GoneSince)>& on_tuples);

  /// Waits until then. False: stop() was called, before or meanwhile.
  [[nodiscard]] bool wait_until(TimePoint when);

  /// No further poll, and one that is under way ends within `limit`, with what came.
  void stop(std::chrono::milliseconds limit);

 private:
  void tuple(const binary::FeedbackTuple& tuple) override;
  void finished(const provider::FeedbackResult& result) override;
  void hand_over();

  net::SystemClock clock_;
  tls::Context context_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_;
  provider::FeedbackCollector collector_;  // reader's thread

  std::mutex mutex_;  // over what stands below, up to the reader
  std::condition_variable changed_;
  std::optional<GoneSince> part_;  // handed over, not yet taken
  std::optional<provider::FeedbackResult> result_;
  bool is_closing_ = false;              // nobody takes parts any more
  std::optional<TimePoint> give_up_at_;  // stop() was called

  provider::FeedbackReader reader_;
  net::SocketHost host_;
};

}  // namespace apns::cli
