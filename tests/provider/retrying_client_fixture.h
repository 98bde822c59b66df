#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/memory_host.h"
#include "provider/retrying_client.h"
#include "tests/provider/fake_client.h"
#include "tests/provider/recording_sink.h"

namespace apns::provider::test {

/// A retrying client around a fake one, in the memory host for its clock and its alarm.
class RetryingWorld {
 public:
  explicit RetryingWorld(std::uint64_t seed = 7) : host(clock, seed) {}

  ~RetryingWorld() {
    if (client_) {
      client_->release_dialer();
    }
  }

  RetryingWorld(const RetryingWorld&) = delete;
  RetryingWorld& operator=(const RetryingWorld&) = delete;

  /// Made at the first use, from `options`.
  RetryingClient& client() {
    if (!client_) {
      client_ = std::make_unique<RetryingClient>(options, sink, [this](OutcomeSink& to) {
        auto made = std::make_unique<FakeClient>(to);
        inner_ = made.get();
        return made;
      });
      client_->use_dialer(host.make_dialer(*client_));
    }
    return *client_;
  }

  FakeClient& inner() {
    (void)client();
    return *inner_;
  }

  [[nodiscard]] static Notification notification(const std::string& payload,
                                                 const char* device_token = "a1") {
    return Notification{.device_token = *DeviceToken::parse(device_token), .payload = payload};
  }

  SendResult try_send(const Notification& notification, std::uint64_t ticket) {
    sink.is_in_call = true;
    const SendResult result = client().try_send(notification, ticket);
    sink.is_in_call = false;
    return result;
  }

  /// Payloads are the tickets.
  SendResult try_send(std::uint64_t ticket, const char* device_token = "a1") {
    return try_send(notification(std::to_string(ticket), device_token), ticket);
  }

  void send(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t ticket = first; ticket <= last; ++ticket) {
      ASSERT_EQ(try_send(ticket), SendResult::Queued) << ticket;
    }
  }

  void drain(Duration limit) {
    sink.is_in_call = true;
    client().drain(limit);
    sink.is_in_call = false;
  }

  void stop(const std::string& why) {
    sink.is_in_call = true;
    client().stop(why);
    sink.is_in_call = false;
  }

  [[nodiscard]] bool run_until_settled(std::size_t n) {
    return host.run_until([this, n] { return sink.lines.size() >= n; },
                          host.now() + std::chrono::hours(1));
  }

  [[nodiscard]] bool run_until_drained() {
    return host.run_until([this] { return sink.num_drained > 0; },
                          host.now() + std::chrono::hours(1));
  }

  /// Of one notification after the other.
  [[nodiscard]] std::size_t num_attempts(const std::string& payload) {
    std::size_t n = 0;
    for (const FakeClient::Attempt& one : inner().attempts) {
      n += one.payload == payload ? 1U : 0U;
    }
    return n;
  }

  ManualClock clock;
  MemoryHost host;
  RecordingSink sink;
  RetryOptions options;

 private:
  std::unique_ptr<RetryingClient> client_;
  FakeClient* inner_ = nullptr;
};

/// One answer after the other, whoever asks; the last one from then on.
[[nodiscard]] inline std::function<Said(const FakeClient::Attempt&)> in_turn(
    std::vector<Said> answers) {
  return [answers = std::move(answers), n = std::size_t{0}](const FakeClient::Attempt&) mutable {
    const Said said = answers[std::min(n, answers.size() - 1)];
    ++n;
    return said;
  };
}

}  // namespace apns::provider::test
