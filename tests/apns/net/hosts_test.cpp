// One conversation in every host: memory, memory with TLS, sockets, sockets with TLS.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include <gtest/gtest.h>

#include "apns/base/memory_host.h"
#include "apns/net/socket_host.h"
#include "apns/tls/tls_engine.h"
#include "tests/support/credentials.h"
#include "tests/support/echo.h"

namespace apns {
namespace {

struct EchoService final : public AcceptEvents {
  explicit EchoService(Transport t) : transport(std::move(t)) {}

  std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host, TimePoint now) override {
    return transport(
        peer, host,
        [this](const PeerInfo& known, EngineHost& /*inner*/, TimePoint /*when*/) {
          last_peer = known;
          return std::make_unique<test::EchoServer>();
        },
        now);
  }

  void gone(const PeerInfo& /*peer*/, Gone why, TimePoint /*now*/) override {
    last_gone = why;
    ++num_gone;
  }

  Transport transport;
  PeerInfo last_peer;
  Gone last_gone = Gone::Refused;
  int num_gone = 0;
};

struct EchoCaller final : public DialEvents {
  EchoCaller(Transport t, std::string message)
      : transport(std::move(t)), text(std::move(message)) {}

  std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host,
                                    TimePoint now) override {
    return transport(
        peer, host,
        [this](const PeerInfo& /*known*/, EngineHost& /*inner*/, TimePoint /*when*/) {
          return std::make_unique<test::EchoClient>(text, received);
        },
        now);
  }

  void gone(std::uint64_t /*connection*/, Gone reason, const std::string& /*detail*/,
            TimePoint /*now*/) override {
    const std::lock_guard lock(mutex);
    why = reason;
    over = true;
    changed.notify_all();
  }

  void on_alarm(TimePoint /*now*/) override {}

  bool wait(std::chrono::seconds limit) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, limit, [this] { return over; });
  }

  Transport transport;
  std::string text;
  std::string received;
  std::mutex mutex;
  std::condition_variable changed;
  Gone why = Gone::Refused;
  bool over = false;
};

struct Case {
  const char* name;
  bool sockets;
  bool tls;
};

class Hosts : public testing::TestWithParam<Case> {
 protected:
  Hosts()
      : server_context(test::Credentials::shared().server_options()),
        client_context(test::Credentials::shared().client_options()),
        server_scratch(tls::make_scratch(2)),
        client_scratch(tls::make_scratch(1)) {}

  Transport transport(const tls::Context& context) {
    if (!GetParam().tls) {
      return plain_transport();
    }
    const WorldClock& clock = GetParam().sockets ? static_cast<const WorldClock&>(system) : manual;
    // Two hosts have threads of the same index, so each has scratch of its own.
    const auto& scratch = context.is_server() ? server_scratch : client_scratch;
    return tls::make_transport(context, clock, scratch, nullptr, {});
  }

  void talk(EchoService& service, EchoCaller& caller) {
    if (GetParam().sockets) {
      net::SocketHost server(net::SocketHostOptions{.threads = 2});
      net::SocketHost client;
      const Endpoint at = server.listen(Endpoint{"127.0.0.1", 0}, service);
      server.start();
      client.start();
      std::unique_ptr<Dialer> dialer = client.make_dialer(caller);
      client.run_on(0, [&] { dialer->dial(at, std::chrono::seconds(5)); });
      ASSERT_TRUE(caller.wait(std::chrono::seconds(10))) << "the conversation did not end";
      ASSERT_TRUE(server.wait_idle(std::chrono::seconds(10)));
      client.stop();
      server.stop();
      return;
    }
    MemoryHost host(manual, 7);
    host.set_links([](std::uint64_t /*connection*/) {
      LinkOptions link;
      link.split_min = 1;
      link.split_max = 700;
      return link;
    });
    const Endpoint at = host.listen(Endpoint{"gateway", 0}, service);
    const std::unique_ptr<Dialer> dialer = host.make_dialer(caller);
    dialer->dial(at, std::chrono::seconds(5));
    ASSERT_TRUE(host.run_until([&] { return caller.over && service.num_gone == 1; },
                               host.now() + std::chrono::minutes(1)));
    EXPECT_EQ(host.num_open(), 0U);
  }

  ManualClock manual;
  net::SystemClock system;
  tls::Context server_context;
  tls::Context client_context;
  std::vector<std::unique_ptr<tls::Scratch>> server_scratch;
  std::vector<std::unique_ptr<tls::Scratch>> client_scratch;
};

TEST_P(Hosts, CarryAConversationBothWaysAndEndIt) {
  EchoService service(transport(server_context));
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    text += "line " + std::to_string(i) + "\n";
  }
  EchoCaller caller(transport(client_context), text);
  talk(service, caller);
  EXPECT_EQ(caller.received, text);
  EXPECT_EQ(caller.why, Gone::Closed);
  EXPECT_EQ(service.last_gone, Gone::Closed);
  EXPECT_EQ(service.last_peer.connection, 1U);
  EXPECT_EQ(service.last_peer.certificate != nullptr, GetParam().tls);
}

TEST_P(Hosts, TellTheDialerThatNobodyListens) {
  EchoCaller caller(transport(client_context), "");
  if (GetParam().sockets) {
    net::SocketHost client;
    client.start();
    std::unique_ptr<Dialer> dialer = client.make_dialer(caller);
    // Port 1 of the loopback: nothing sensible listens there.
    client.run_on(0, [&] { dialer->dial(Endpoint{"127.0.0.1", 1}, std::chrono::seconds(5)); });
    ASSERT_TRUE(caller.wait(std::chrono::seconds(10)));
    client.stop();
  } else {
    MemoryHost host(manual, 7);
    const std::unique_ptr<Dialer> dialer = host.make_dialer(caller);
    dialer->dial(Endpoint{"nowhere", 1}, std::chrono::seconds(5));
    ASSERT_TRUE(host.run_until([&] { return caller.over; }, host.now() + std::chrono::minutes(1)));
  }
  EXPECT_EQ(caller.why, Gone::Refused);
}

INSTANTIATE_TEST_SUITE_P(All, Hosts,
                         testing::Values(Case{"Memory", false, false},
                                         Case{"MemoryTls", false, true},
                                         Case{"Sockets", true, false},
                                         Case{"SocketsTls", true, true}),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace apns
