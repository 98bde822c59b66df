// Dials over sockets that take a while, or are never answered. field reports B38,
// adobkin/libcapn#44.
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include "apns/net/socket_host.h"
#include "tests/support/echo.h"

namespace apns::net {
namespace {

using boost::asio::ip::tcp;
using namespace std::chrono_literals;

/// Listens with room for one connection that nobody accepts. Linux then answers no SYN; the dialler
/// sends another one after a second.
class FullListener {
 public:
  FullListener() : acceptor_(io_), filler_(io_) {
    const tcp::endpoint any(boost::asio::ip::make_address("127.0.0.1"), 0);
    acceptor_.open(any.protocol());
    acceptor_.bind(any);
    acceptor_.listen(0);
    filler_.connect(acceptor_.local_endpoint());
  }

  [[nodiscard]] Endpoint at() const {
    return Endpoint{"127.0.0.1", acceptor_.local_endpoint().port()};
  }

  void make_room() { (void)acceptor_.accept(); }

 private:
  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  tcp::socket filler_;
};

struct Caller final : public DialEvents {
  std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& /*host*/,
                                    TimePoint now) override {
    const std::lock_guard lock(mutex);
    connected_as = peer.connection;
    connected_at = now;
    changed.notify_all();
    return std::make_unique<test::EchoServer>();
  }

  void gone(std::uint64_t /*connection*/, Gone reason, const std::string& /*detail*/,
            TimePoint /*now*/) override {
    const std::lock_guard lock(mutex);
    why = reason;
    changed.notify_all();
  }

  void on_alarm(TimePoint /*now*/) override { listener.make_room(); }

  /// Until it is connected, or has failed.
  [[nodiscard]] testing::AssertionResult wait() {
    std::unique_lock lock(mutex);
    if (changed.wait_for(lock, 10s, [this] { return connected_at || why; })) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << "waited in vain for the end of the dial";
  }

  FullListener listener;
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t connected_as = 0;
  std::optional<TimePoint> connected_at;
  std::optional<Gone> why;
};

/// A caller's host, from the dial on.
class SocketDial : public testing::Test {
 public:
  ~SocketDial() override {
    host.run_on(0, [this] { dialer.reset(); });
    host.stop();
  }

  void dial(Duration limit) {
    dialer = host.make_dialer(caller);
    host.start();
    host.run_on(0, [this, limit] {
      begin = io_now();
      number = dialer->dial(caller.listener.at(), limit);
      dialer->set_alarm(begin + 300ms);
    });
  }

  Caller caller;
  SocketHost host;
  std::unique_ptr<Dialer> dialer;
  TimePoint begin;
  std::uint64_t number = 0;
};

TEST_F(SocketDial, AConnectThatTakesAWhileIsWaitedFor) {
  dial(8s);
  ASSERT_TRUE(caller.wait());
  const std::lock_guard lock(caller.mutex);
  ASSERT_TRUE(caller.connected_at) << "it was given up: " << to_string(*caller.why);
  EXPECT_EQ(caller.connected_as, number) << "the first attempt, and no other";
  EXPECT_GE(*caller.connected_at - begin, 300ms);
}

TEST_F(SocketDial, AConnectThatIsNotAnsweredIsGivenUpAtItsLimit) {
  dial(200ms);
  ASSERT_TRUE(caller.wait());
  const std::lock_guard lock(caller.mutex);
  EXPECT_FALSE(caller.connected_at);
  EXPECT_EQ(caller.why, Gone::TimedOut);
}

}  // namespace
}  // namespace apns::net
