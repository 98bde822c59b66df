#include "apns/net/socket_host.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "tests/support/echo.h"

namespace apns::net {
namespace {

using boost::asio::ip::tcp;

/// An engine that does what a test tells it: says `words`, then closes as asked.
class Scripted final : public Engine {
 public:
  Scripted(const std::string& words, Close how) : how_(how) { out_.append(as_bytes(words)); }

  std::size_t feed(std::span<const std::byte> in, TimePoint /*now*/) override { return in.size(); }

  void ended(End /*end*/, TimePoint /*now*/) override {}

  [[nodiscard]] std::span<const std::byte> pending() const override { return out_.pending(); }

  void sent(std::size_t n, TimePoint /*now*/) override { out_.consume(n); }

  [[nodiscard]] TimePoint deadline() const override { return kNever; }

  void on_time(TimePoint /*now*/) override {}

  [[nodiscard]] bool wants_read() const override { return how_ == Close::None; }

  [[nodiscard]] Close close() const override { return how_; }

 private:
  OutBuffer out_;
  Close how_;
};

struct Service final : public AcceptEvents {
  using Make = std::function<std::unique_ptr<Engine>(const PeerInfo&)>;

  explicit Service(Make m) : make(std::move(m)) {}

  std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& /*host*/,
                                   TimePoint /*now*/) override {
    const std::lock_guard lock(mutex);
    numbers.insert(peer.connection);
    threads.insert(peer.thread);
    return make(peer);
  }

  void gone(const PeerInfo& /*peer*/, Gone why, TimePoint /*now*/) override {
    const std::lock_guard lock(mutex);
    ends.push_back(why);
  }

  Make make;
  std::mutex mutex;
  std::set<std::uint64_t> numbers;
  std::set<unsigned> threads;
  std::vector<Gone> ends;
};

tcp::socket connect(boost::asio::io_context& io, const Endpoint& to) {
  tcp::socket socket(io);
  socket.connect(tcp::endpoint(boost::asio::ip::make_address(to.host), to.port));
  return socket;
}

/// What the peer reads until it ends, and how it ended.
std::string read_all(tcp::socket& socket, boost::system::error_code& end) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const std::size_t n = socket.read_some(boost::asio::buffer(buffer), end);
    if (end) {
      return text;
    }
    text.append(buffer.data(), n);
  }
}

struct CloseCase {
  const char* name;
  Close how;
  boost::system::error_code end;
};

class ClosesAsAsked : public testing::TestWithParam<CloseCase> {};

TEST_P(ClosesAsAsked, AfterItsLastWords) {
  Service service(
      [&](const PeerInfo&) { return std::make_unique<Scripted>("last words", GetParam().how); });
  SocketHost host;
  const Endpoint at = host.listen(Endpoint{"127.0.0.1", 0}, service);
  host.start();
  boost::asio::io_context io;
  tcp::socket socket = connect(io, at);
  boost::system::error_code end;
  const std::string text = read_all(socket, end);
  EXPECT_EQ(end, GetParam().end) << end.message();
  if (GetParam().how != Close::Reset) {
    EXPECT_EQ(text, "last words");
  }
  socket.close();
  EXPECT_TRUE(host.wait_idle(std::chrono::seconds(10)));
}

INSTANTIATE_TEST_SUITE_P(
    All, ClosesAsAsked,
    testing::Values(CloseCase{"ThenDrain", Close::CloseNotifyThenDrain, boost::asio::error::eof},
                    CloseCase{"FinOnly", Close::FinOnly, boost::asio::error::eof},
                    CloseCase{"AtOnce", Close::CloseNotify, boost::asio::error::eof},
                    CloseCase{"Reset", Close::Reset, boost::asio::error::connection_reset}),
    [](const auto& row) { return row.param.name; });

TEST(SocketHost, NumbersConnectionsAndSpreadsThemOverItsThreads) {
  Service service([](const PeerInfo&) { return std::make_unique<test::EchoServer>(); });
  SocketHost host(SocketHostOptions{.threads = 3});
  const Endpoint at = host.listen(Endpoint{"127.0.0.1", 0}, service);
  host.start();
  boost::asio::io_context io;
  std::vector<tcp::socket> sockets;
  for (int i = 0; i < 9; ++i) {
    sockets.push_back(connect(io, at));
    boost::asio::write(sockets.back(), boost::asio::buffer("x", 1));
    char c = 0;
    boost::asio::read(sockets.back(), boost::asio::buffer(&c, 1));
    EXPECT_EQ(c, 'x');
  }
  const std::lock_guard lock(service.mutex);
  EXPECT_EQ(service.numbers, (std::set<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(service.threads, (std::set<unsigned>{0, 1, 2}));
}

TEST(SocketHost, ResetsAPeerThatDoesNotReadWithinTheWriteLimit) {
  std::atomic<int> num_timeouts{0};
  Service service([](const PeerInfo&) {
    return std::make_unique<Scripted>(std::string(32 << 20, 'x'), Close::CloseNotifyThenDrain);
  });
  SocketHost host(SocketHostOptions{.write_limit = std::chrono::milliseconds(50)},
                  [&](HostEvent event, const std::string&) {
                    num_timeouts += event == HostEvent::WriteTimedOut ? 1 : 0;
                  });
  const Endpoint at = host.listen(Endpoint{"127.0.0.1", 0}, service);
  host.start();
  boost::asio::io_context io;
  tcp::socket socket = connect(io, at);
  while (host.num_accepted_open() == 0) {
    // The accept is on its way; connect() returned before the host saw it.
  }
  EXPECT_TRUE(host.wait_idle(std::chrono::seconds(10)));
  EXPECT_EQ(num_timeouts, 1);
  const std::lock_guard lock(service.mutex);
  EXPECT_EQ(service.ends, (std::vector{Gone::Reset}));
}

TEST(SocketHost, SaysWhatIsWrongWithAnAddress) {
  Service service([](const PeerInfo&) { return nullptr; });
  SocketHost host;
  const Endpoint at = host.listen(Endpoint{"127.0.0.1", 0}, service);
  SocketHost other;
  try {
    (void)other.listen(at, service);
    FAIL() << "a port was bound twice";
  } catch (const ListenError& error) {
    EXPECT_EQ(error.what(),
              "port " + std::to_string(at.port) +
                  " on 127.0.0.1 is in use. Stop what uses it, or use --port 0 for free ports.");
    EXPECT_FALSE(error.address_is_missing());
  }
  EXPECT_THROW((void)other.listen(Endpoint{"nonsense", 0}, service), ListenError);
}

TEST(SocketHost, RefusesAConnectionWithoutAnEngine) {
  Service service([](const PeerInfo&) { return nullptr; });
  SocketHost host;
  const Endpoint at = host.listen(Endpoint{"127.0.0.1", 0}, service);
  host.start();
  boost::asio::io_context io;
  tcp::socket socket = connect(io, at);
  boost::system::error_code end;
  EXPECT_EQ(read_all(socket, end), "");
  EXPECT_EQ(end, boost::asio::error::connection_reset);
}

}  // namespace
}  // namespace apns::net
