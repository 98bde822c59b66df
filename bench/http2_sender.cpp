// The product's HTTP/2 provider as a load: provider::RetryingClient around an Http2Client
// (--no-retries: that alone) over TLS and a socket host, given the same 64 device tokens and
// payload as h2load gets from http2.py, without a command line or JSON lines in between. Against
// any server that answers POST /3/device/...
//
// CPU is that of the whole process (its main thread only waits) from the first notification to the
// last outcome: the handshake, encoding, encryption, writing, and reading of the answers are in it.

#include <array>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bench/floor/options.h"
#include "bench/floor/report.h"
#include "bench/sender.h"
#include "provider/http2_client.h"
#include "provider/provider_token_source.h"
#include "provider/retrying_client.h"

namespace apns::bench {
namespace {

constexpr std::size_t kNumTokens = 64;
constexpr std::size_t kPayloadLen = 154;

/// As http2.py has them.
std::vector<Notification> made_notifications() {
  const std::string begin = R"({"aps":{"alert":")";
  const std::string end = R"("}})";
  const std::string payload =
      begin + std::string(kPayloadLen - begin.size() - end.size(), 'x') + end;
  std::vector<Notification> made;
  for (std::uint64_t i = 1; i <= kNumTokens; ++i) {
    std::array<char, 65> hex{};
    const std::uint64_t part = i * 0x9E3779B97F4A7C15U;
    for (std::size_t at = 0; at < 64; at += 16) {
      (void)std::snprintf(&hex.at(at), 17, "%016llx", static_cast<unsigned long long>(part));
    }
    made.push_back(Notification{.device_token = *DeviceToken::parse(hex.data()),
                                .payload = payload,
                                .priority = 10,
                                .topic = "com.example.app",
                                .push_type = PushType::Alert});
  }
  return made;
}

/// One that was made elsewhere.
class GivenToken final : public provider::ProviderTokenSource {
 public:
  explicit GivenToken(const std::string& token) : authorization_("bearer " + token) {}

  [[nodiscard]] std::string_view authorization(TimePoint /*now*/) override {
    return authorization_;
  }

  [[nodiscard]] std::uint32_t number() const override { return 1; }

  [[nodiscard]] bool is_replaced(std::uint32_t /*number*/, TimePoint /*now*/) override {
    return false;
  }

 private:
  std::string authorization_;
};

std::unique_ptr<provider::Client> make_client(const provider::Http2ClientOptions& options,
                                              bool no_retries, Transport transport,
                                              const WorldClock& clock,
                                              provider::OutcomeSink& sink) {
  const auto inside = [&](provider::OutcomeSink& to) {
    return std::make_unique<provider::Http2Client>(options, std::move(transport), to);
  };
  if (no_retries) {
    return inside(sink);
  }
  provider::RetryOptions retry;
  retry.clock = &clock;
  retry.provider_token = options.provider_token;
  return std::make_unique<provider::RetryingClient>(retry, sink, inside);
}

int run(std::span<char* const> args) {
  const floor::Options options(args, {{"host", "127.0.0.1"},
                                      {"port"},
                                      {"cert", " "},
                                      {"key", " "},
                                      {"provider-token", " "},
                                      {"count", "1000000"},
                                      {"batch", "512"},
                                      {"streams", "100"},
                                      {"connections", "1"},
                                      {"request-limit-ms", "30000"},
                                      {"limit-s", "600"},
                                      {"no-retries", {}, true},
                                      {"memory", {}, true}});
  provider::Http2ClientOptions client;
  client.service =
      Endpoint{options.text("host"), static_cast<std::uint16_t>(options.number("port", 1, 65535))};
  client.max_streams = options.number("streams", 1, 1'000'000);
  client.max_connections = static_cast<unsigned>(options.number("connections", 1, 1000));
  client.request_limit =
      std::chrono::milliseconds(options.number("request-limit-ms", 1, 3'600'000));
  const std::string given = options.text("provider-token");
  GivenToken token(given);
  client.provider_token = given == " " ? nullptr : &token;
  const std::uint64_t count = options.number("count", 1, 1'000'000'000'000);
  const std::string certificate = options.text("cert");
  Sender::Options sending{.notifications = made_notifications(),
                          .count = count,
                          .batch = options.number("batch", 1, 1'000'000),
                          .limit = std::chrono::seconds(options.number("limit-s", 1, 86'400))};
  if (options.has("memory")) {
    sending.at_tenth = [](std::uint64_t n) {
      (void)std::fprintf(stderr, "%llu outcomes: %llu KB of memory\n",
                         static_cast<unsigned long long>(n),
                         static_cast<unsigned long long>(floor::user_memory_kb()));
    };
  }
  Sender sender(std::move(sending),
                sender_context(certificate == " " ? "" : certificate, options.text("key"), {"h2"}),
                [&](Transport transport, const WorldClock& clock, provider::OutcomeSink& sink) {
                  return make_client(client, options.has("no-retries"), std::move(transport), clock,
                                     sink);
                });
  run_and_print(sender, count);
  return 0;
}

}  // namespace
}  // namespace apns::bench

int main(int argc, char** argv) {
  const std::span<char* const> args(argv, static_cast<std::size_t>(argc));
  return apns::floor::run_program("http2_sender", apns::bench::run, args.subspan(1));
}
