#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/memory_host.h"
#include "provider/http2_client.h"
#include "tests/provider/recording_sink.h"
#include "tests/support/checked_engine.h"
#include "tests/support/credentials.h"
#include "tests/support/scripted_api.h"

namespace apns::provider::test {

/// A client in the memory host, opposite a scripted service, plain or with both TLS engines. One
/// way takes 100 us.
class Http2ClientWorld : public tls::Observer {
 public:
  using Connection = apns::test::ScriptedApi::Connection;
  using StreamId = http2::StreamId;

  explicit Http2ClientWorld(bool with_tls, std::uint64_t seed = 7)
      : host(clock, seed),
        server_context_(tls_options()),
        client_context_(client_options()),
        with_tls_(with_tls) {
    if (with_tls) {
      api.transport = tls::make_transport(server_context_, clock, scratch_, nullptr, {});
    }
    api.listen(host);
    options.service = api.at;
    host.set_links(
        [this](std::uint64_t connection) { return links ? links(connection) : LinkOptions{}; });
  }

  ~Http2ClientWorld() override {
    if (client_) {
      client_->release_dialer();
    }
  }

  /// Made at the first use, from `options`.
  Http2Client& client() {
    if (!client_) {
      client_ = std::make_unique<Http2Client>(
          options,
          apns::test::checked(with_tls_
                                  ? tls::make_transport(client_context_, clock, scratch_, this, {})
                                  : plain_transport()),
          sink);
      client_->use_dialer(host.make_dialer(*client_));
    }
    return *client_;
  }

  SendResult try_send(const Notification& notification, std::uint64_t ticket) {
    sink.is_in_call = true;
    const SendResult result = client().try_send(notification, ticket);
    sink.is_in_call = false;
    return result;
  }

  /// Payloads "1", "2", ... are the tickets.
  SendResult send_one() {
    const SendResult result =
        try_send(notification(std::to_string(last_ticket + 1)), last_ticket + 1);
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
    return Notification{.device_token = *DeviceToken::parse("a1b2"),
                        .payload = std::move(payload),
                        .topic = "com.example.app"};
  }

  /// Runs until `n` outcomes have come, at most two minutes of the clock.
  void run_until_settled(std::size_t n) {
    EXPECT_TRUE(host.run_until([this, n] { return sink.lines.size() >= n; },
                               host.now() + std::chrono::minutes(2)))
        << sink.lines.size() << " of " << n << " outcomes";
  }

  /// Runs until drained(), at most two minutes of the clock. How long it took.
  Duration run_until_drained() {
    const TimePoint begin = host.now();
    EXPECT_TRUE(host.run_until([this] { return sink.num_drained > 0; },
                               host.now() + std::chrono::minutes(2)))
        << "the client did not say drained()";
    return host.now() - begin;
  }

  ManualClock clock;
  RecordingSink sink;
  apns::test::ScriptedApi api;
  MemoryHost host;
  Http2ClientOptions options;
  std::function<LinkOptions(std::uint64_t)> links;
  std::uint64_t last_ticket = 0;

 private:
  static tls::ServerOptions tls_options() {
    tls::ServerOptions options = apns::test::Credentials::shared().server_options();
    options.max_version = tls::Version::Tls13;
    options.alpn = {"h2"};
    return options;
  }

  static tls::ClientOptions client_options() {
    tls::ClientOptions options = apns::test::Credentials::shared().client_options();
    options.alpn = {"h2"};
    return options;
  }

  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override {
    client_->tls_failed(peer, failure);
  }

  tls::Context server_context_;
  tls::Context client_context_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_ = tls::make_scratch(1);
  bool with_tls_;
  std::unique_ptr<Http2Client> client_;
};

class Http2ClientTest : public testing::TestWithParam<bool>, public Http2ClientWorld {
 public:
  Http2ClientTest() : Http2ClientWorld(GetParam()) {}
};

[[nodiscard]] inline std::string transport_name(const testing::TestParamInfo<bool>& with_tls) {
  return with_tls.param ? "Tls" : "Plain";
}

}  // namespace apns::provider::test
