// Dialer::unacknowledged on sockets. In memory: tests/apns/base/memory_host_test.cpp.
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <gtest/gtest.h>

#include "apns/net/socket_host.h"
#include "tests/support/probe_network.h"

namespace apns::net {
namespace {

using boost::asio::ip::tcp;

/// One connection to a peer that does what the test does with its socket. The probe is the engine
/// on our side.
class Unacknowledged : public testing::Test {
 protected:
  Unacknowledged() : acceptor(io, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0)) {
    dialer = host.make_dialer(caller);
    host.start();
  }

  ~Unacknowledged() override {
    host.run_on(0, [this] { dialer.reset(); });
    host.stop();
  }

  /// The peer's receive window stays small, as it does not read.
  void connect() {
    acceptor.set_option(boost::asio::socket_base::receive_buffer_size(16'384));
    const Endpoint at{"127.0.0.1", acceptor.local_endpoint().port()};
    host.run_on(0, [&] { dialer->dial(at, std::chrono::seconds(10)); });
    peer.emplace(acceptor.accept());
    ASSERT_TRUE(becomes([this] { return caller.probes[1].is_built; }));
  }

  void say(const std::string& text) {
    host.run_on(0, [&] { caller.probes[1].say(text); });
  }

  [[nodiscard]] std::optional<std::size_t> unacknowledged() {
    std::optional<std::size_t> now;
    host.run_on(0, [&] { now = dialer->unacknowledged(1); });
    return now;
  }

  /// Waits for what depends on the kernel; asked on the dialer's thread.
  [[nodiscard]] testing::AssertionResult becomes(const std::function<bool()>& is_so) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    bool so = false;
    while (!so) {
      if (std::chrono::steady_clock::now() > end) {
        return testing::AssertionFailure() << "waited in vain";
      }
      host.run_on(0, [&] { so = is_so(); });
      std::this_thread::yield();
    }
    return testing::AssertionSuccess();
  }

  boost::asio::io_context io;
  tcp::acceptor acceptor;
  std::optional<tcp::socket> peer;
  test::ProbeCaller caller;
  SocketHost host;
  std::unique_ptr<Dialer> dialer;
};

TEST_F(Unacknowledged, IsNothingOnceThePeersKernelHasItThoughThePeerReadsNothing) {
  connect();
  EXPECT_EQ(unacknowledged(), 0U);
  say("a few words");
  EXPECT_TRUE(becomes([this] { return dialer->unacknowledged(1) == 0U; }));
  EXPECT_EQ(caller.probes[1].num_sent, 11U);
}

TEST_F(Unacknowledged, IsWhatDoesNotFitThePeersWindowUntilItReads) {
  constexpr std::size_t kLen = 16U << 20U;
  connect();
  say(std::string(kLen, 'x'));
  EXPECT_TRUE(becomes([&] {
    return dialer->unacknowledged(1) == kLen - peer->available() && peer->available() > 0;
  })) << "what the peer's kernel has is acknowledged, the rest is queued here";
  host.run_on(0, [&] {
    const std::size_t taken = caller.probes[1].num_sent;
    EXPECT_LT(taken, kLen) << "some is still the engine's";
    EXPECT_GT(*dialer->unacknowledged(1), kLen - taken) << "some is the kernel's";
  });
  std::string received(kLen, '\0');
  boost::asio::read(*peer, boost::asio::buffer(received));
  EXPECT_TRUE(becomes([this] { return dialer->unacknowledged(1) == 0U; }));
}

TEST_F(Unacknowledged, IsNeverNothingWhenThePeerResetsWithBytesUnread) {
  connect();
  say(std::string(4U << 20U, 'x'));
  peer->wait(tcp::socket::wait_read);
  peer->close();  // with unread input: RST
  EXPECT_TRUE(becomes([this] {
    const auto now = dialer->unacknowledged(1);
    EXPECT_NE(now, 0U);
    return !now.has_value();
  }));
  EXPECT_TRUE(becomes([this] { return caller.over.contains(1); }));
  EXPECT_EQ(unacknowledged(), std::nullopt);
}

TEST_F(Unacknowledged, IsUnknownBeforeTheConnectionIsUpAndAfterItIsDropped) {
  EXPECT_EQ(unacknowledged(), std::nullopt);
  const Endpoint at{"127.0.0.1", acceptor.local_endpoint().port()};
  host.run_on(0, [&] {
    dialer->dial(at, std::chrono::seconds(10));
    EXPECT_EQ(dialer->unacknowledged(1), std::nullopt);
  });
  ASSERT_TRUE(becomes([this] { return dialer->unacknowledged(1) == 0U; }));
  host.run_on(0, [this] {
    dialer->drop(1);
    EXPECT_EQ(dialer->unacknowledged(1), std::nullopt) << "gone() is on its way";
  });
}

TEST_F(Unacknowledged, IsStillKnownWhileOurSideDrains) {
  connect();
  host.run_on(0, [this] { caller.probes[1].end_with(Close::FinOnly); });
  EXPECT_TRUE(becomes([this] { return caller.probes[1].is_destroyed; }));
  EXPECT_TRUE(becomes([this] { return dialer->unacknowledged(1) == 0U; }));
}

}  // namespace
}  // namespace apns::net
