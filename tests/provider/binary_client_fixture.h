#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/memory_host.h"
#include "provider/binary_client.h"
#include "tests/provider/recording_sink.h"
#include "tests/support/scripted_gateway.h"

namespace apns::provider::test {

/// A client in the memory host, opposite a scripted gateway. One way takes 100 us.
class BinaryClientTest : public testing::Test {
 public:
  static constexpr Duration kOneWay = std::chrono::microseconds(100);

  BinaryClientTest() : host(clock, 7) {
    gateway.listen(host);
    options.gateway = gateway.at;
    host.set_links(
        [this](std::uint64_t connection) { return links ? links(connection) : LinkOptions{}; });
  }

  ~BinaryClientTest() override {
    if (client_) {
      client_->release_dialer();
    }
  }

  /// Made at the first use, from `options`.
  BinaryClient& client() {
    if (!client_) {
      client_ = std::make_unique<BinaryClient>(options, plain_transport(), sink);
      client_->use_dialer(host.make_dialer(*client_));
    }
    return *client_;
  }

  /// Payloads "1", "2", ... are the tickets.
  SendResult send_one() {
    sink.is_in_call = true;
    const SendResult result =
        client().try_send(notification(std::to_string(last_ticket + 1)), last_ticket + 1);
    sink.is_in_call = false;
    last_ticket += result == SendResult::Queued ? 1 : 0;
    return result;
  }

  void send(std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_EQ(send_one(), SendResult::Queued);
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

  [[nodiscard]] static Notification notification(std::string payload) {
    return Notification{.device_token = *DeviceToken::parse("a1b2"), .payload = std::move(payload)};
  }

  /// Runs until drained(), at most a minute of the clock. How long it took.
  Duration run_until_drained() {
    const TimePoint begin = host.now();
    EXPECT_TRUE(host.run_until([this] { return sink.num_drained > 0; },
                               host.now() + std::chrono::minutes(1)))
        << "the client did not say drained()";
    return host.now() - begin;
  }

  /// On connection `number`, when notification `nth` has come: say `packet`, then close.
  void script(std::uint64_t number, std::size_t nth, const std::vector<std::string>& packet,
              Close close = Close::CloseNotifyThenDrain) {
    gateway.on_notification = [=](auto& connection, std::size_t n) {
      if (connection.number == number && n == nth) {
        for (const std::string& run : packet) {
          connection.say(run);
        }
        connection.close(close);
      }
    };
  }

  /// Remembers when each connection was dialled; `link` says what it is like.
  void watch_dials(std::function<LinkOptions(std::uint64_t)> link) {
    links = [this, link = std::move(link)](std::uint64_t connection) {
      dialled.push_back(host.now());
      return link(connection);
    };
  }

  ManualClock clock;
  test::RecordingSink sink;
  apns::test::ScriptedGateway gateway;
  MemoryHost host;
  BinaryClientOptions options;
  std::function<LinkOptions(std::uint64_t)> links;
  std::vector<TimePoint> dialled;  // with watch_dials()
  std::uint64_t last_ticket = 0;

 private:
  std::unique_ptr<BinaryClient> client_;
};

}  // namespace apns::provider::test
