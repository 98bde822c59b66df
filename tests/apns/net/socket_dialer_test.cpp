#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/net/socket_host.h"
#include "tests/support/echo.h"
#include "tests/support/loopback_sockets.h"

namespace apns::net {
namespace {

using test::LoopbackSockets;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = LoopbackSockets::Kind;

constexpr Duration kLong = std::chrono::hours(1);
constexpr Duration kShort = std::chrono::milliseconds(20);

struct End {
  std::uint64_t connection;
  Gone why;
  std::string detail;
};

/// Connections that stay up, and what became of each.
class Caller final : public DialEvents {
 public:
  std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& /*host*/,
                                    TimePoint /*now*/) override {
    const std::lock_guard lock(mutex_);
    peers_.push_back(peer);
    changed_.notify_all();
    return std::make_unique<test::EchoServer>();
  }

  void gone(std::uint64_t connection, Gone why, const std::string& detail,
            TimePoint /*now*/) override {
    if (on_gone) {
      on_gone();
    }
    const std::lock_guard lock(mutex_);
    ends_.push_back(End{connection, why, detail});
    changed_.notify_all();
  }

  void on_alarm(TimePoint /*now*/) override {}

  /// Until so many dials have an answer, of either kind.
  [[nodiscard]] testing::AssertionResult wait_for(std::size_t num_answers) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, std::chrono::seconds(20),
                          [&] { return peers_.size() + ends_.size() >= num_answers; })) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << "waited in vain for " << num_answers << " answers; have "
                                       << peers_.size() << " and " << ends_.size();
  }

  [[nodiscard]] std::vector<PeerInfo> peers() {
    const std::lock_guard lock(mutex_);
    return peers_;
  }

  [[nodiscard]] std::vector<End> ends() {
    const std::lock_guard lock(mutex_);
    return ends_;
  }

  std::function<void()> on_gone;  // on the dialer's thread

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<PeerInfo> peers_;
  std::vector<End> ends_;
};

/// A dialer on a host whose resolver the test gives.
class Dialling {
 public:
  explicit Dialling(DialOptions options, Duration connect_limit = std::chrono::seconds(10))
      : connect_limit_(connect_limit), host_(with(std::move(options))) {
    dialer_ = host_.make_dialer(caller_);
    host_.start();
  }

  ~Dialling() {
    destroy_dialer();
    host_.stop();
  }

  Dialling(const Dialling&) = delete;
  Dialling& operator=(const Dialling&) = delete;

  void destroy_dialer() {
    run([this] { dialer_.reset(); });
  }

  /// Its gone() is on the way when the dialer is destroyed.
  void drop_and_destroy_dialer(std::uint64_t connection) {
    run([this, connection] {
      dialer_->drop(connection);
      dialer_.reset();
    });
  }

  std::uint64_t dial(const std::string& name, std::uint16_t port) {
    std::uint64_t number = 0;
    run([&] { number = dialer_->dial(Endpoint{name, port}, connect_limit_); });
    return number;
  }

  void drop(std::uint64_t connection) {
    run([&] { dialer_->drop(connection); });
  }

  void run(const std::function<void()>& task) { host_.run_on(0, task); }

  [[nodiscard]] Caller& caller() { return caller_; }

  [[nodiscard]] Dialer& dialer() { return *dialer_; }

 private:
  static SocketHostOptions with(DialOptions dial) {
    SocketHostOptions options;
    options.dial = std::move(dial);
    return options;
  }

  Duration connect_limit_;
  Caller caller_;
  SocketHost host_;
  std::unique_ptr<Dialer> dialer_;
};

/// Every name has the addresses of `place`.
DialOptions resolving_to(const LoopbackSockets& place, Duration stagger = kShort) {
  DialOptions options;
  options.stagger = stagger;
  options.resolver = [addresses = place.addresses()](
                         const std::string& /*host*/,
                         const std::function<void(ResolvedName)>& done) {
    done(ResolvedName{addresses, ""});
  };
  return options;
}

TEST(SocketDialer, ReachesTheAddressThatAnswersThoughTheFirstSwallowsItsSyns) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Swallows}, {"127.0.0.3", Kind::Listens}});
  Dialling dialling(resolving_to(place));
  EXPECT_EQ(dialling.dial("gateway", place.port()), 1U);
  ASSERT_TRUE(dialling.caller().wait_for(1));
  ASSERT_EQ(dialling.caller().peers().size(), 1U);
  EXPECT_EQ(dialling.caller().peers()[0].peer_address, place.name(1));
}

// pushy#557: all connections of a pool went to the first address.
TEST(SocketDialer, SpreadsConsecutiveDialsOverAllAddresses) {
  const LoopbackSockets place(
      {{"127.0.0.2", Kind::Listens}, {"127.0.0.3", Kind::Listens}, {"127.0.0.4", Kind::Listens}});
  Dialling dialling(resolving_to(place));
  std::vector<std::string> reached;
  for (std::size_t i = 1; i <= 4; ++i) {
    dialling.dial("gateway", place.port());
    ASSERT_TRUE(dialling.caller().wait_for(i));
    reached.push_back(dialling.caller().peers().back().peer_address);
  }
  EXPECT_THAT(reached, ElementsAre(place.name(0), place.name(1), place.name(2), place.name(0)));
}

TEST(SocketDialer, BeginsWithTheFamilyThatTheOptionsName) {
  if (!LoopbackSockets::has_ipv6()) {
    GTEST_SKIP() << "no IPv6 here";
  }
  const LoopbackSockets place({{"127.0.0.2", Kind::Listens}, {"::1", Kind::Listens}});
  const std::map<AddressOrder, std::string> cases{{AddressOrder::AsResolved, place.name(0)},
                                                  {AddressOrder::Ipv6First, place.name(1)},
                                                  {AddressOrder::Ipv4First, place.name(0)}};
  for (const auto& [order, reached] : cases) {
    DialOptions options = resolving_to(place, kLong);
    options.order = order;
    Dialling dialling(options);
    dialling.dial("gateway", place.port());
    ASSERT_TRUE(dialling.caller().wait_for(1));
    ASSERT_EQ(dialling.caller().peers().size(), 1U);
    EXPECT_EQ(dialling.caller().peers()[0].peer_address, reached);
  }
}

TEST(SocketDialer, SaysWhatEachAddressDid) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Refuses}, {"127.0.0.3", Kind::Refuses}});
  Dialling dialling(resolving_to(place, kLong));
  dialling.dial("gateway", place.port());
  ASSERT_TRUE(dialling.caller().wait_for(1));
  ASSERT_EQ(dialling.caller().ends().size(), 1U);
  const End end = dialling.caller().ends()[0];
  EXPECT_EQ(end.connection, 1U);
  EXPECT_EQ(end.why, Gone::Refused);
  EXPECT_EQ(end.detail, place.name(0) + " refused, " + place.name(1) + " refused");
}

TEST(SocketDialer, EndsWithinTheConnectLimitWhenAllAddressesHang) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Swallows},
                               {"127.0.0.3", Kind::Swallows},
                               {"127.0.0.4", Kind::Refuses},
                               {"127.0.0.5", Kind::Swallows}});
  const Duration limit = std::chrono::milliseconds(200);
  Dialling dialling(resolving_to(place), limit);
  const std::size_t before = test::num_descriptors();
  const TimePoint start = io_now();
  dialling.dial("gateway", place.port());
  ASSERT_TRUE(dialling.caller().wait_for(1));
  EXPECT_GE(io_now() - start, limit);
  ASSERT_EQ(dialling.caller().ends().size(), 1U);
  EXPECT_EQ(dialling.caller().ends()[0].why, Gone::TimedOut);
  EXPECT_EQ(dialling.caller().ends()[0].detail, place.name(0) + " timed out, " + place.name(1) +
                                                    " timed out, " + place.name(2) + " refused, " +
                                                    place.name(3) + " timed out");
  EXPECT_EQ(test::num_descriptors(), before);
}

TEST(SocketDialer, ResolvesANameAnewForEachDialAndANumericAddressNever) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Refuses}});
  std::atomic<int> num_asked{0};
  DialOptions options;
  options.resolver = [&](const std::string& host, const std::function<void(ResolvedName)>& done) {
    ++num_asked;
    EXPECT_EQ(host, "gateway");
    done(ResolvedName{{"nonsense", "127.0.0.2"}, ""});
  };
  Dialling dialling(options);
  dialling.dial("gateway", place.port());
  dialling.dial("gateway", place.port());
  dialling.dial("127.0.0.2", place.port());
  ASSERT_TRUE(dialling.caller().wait_for(3));
  EXPECT_EQ(num_asked, 2);
  std::map<std::uint64_t, std::string> details;
  for (const End& end : dialling.caller().ends()) {
    EXPECT_EQ(end.why, Gone::Refused);
    details[end.connection] = end.detail;
  }
  EXPECT_EQ(details[1], place.name(0) + " refused");
  EXPECT_EQ(details[3], "") << "the reason says it all";
}

TEST(SocketDialer, SaysThatANameHasNoAddress) {
  DialOptions options;
  options.resolver = [](const std::string& host, const std::function<void(ResolvedName)>& done) {
    done(ResolvedName{{}, host == "gateway" ? "Host not found" : ""});
  };
  Dialling dialling(options);
  dialling.dial("gateway", 2195);
  ASSERT_TRUE(dialling.caller().wait_for(1));
  EXPECT_EQ(dialling.caller().ends()[0].why, Gone::Unresolved);
  EXPECT_EQ(dialling.caller().ends()[0].detail, "Host not found");
}

TEST(SocketDialer, AsksTheSystemWithoutAResolverOfItsOwn) {
  const LoopbackSockets place({{"127.0.0.1", Kind::Listens}});
  Dialling dialling(DialOptions{});
  dialling.dial("localhost", place.port());
  dialling.dial("name.invalid", place.port());  // RFC 6761 section 6.4: never has an address
  ASSERT_TRUE(dialling.caller().wait_for(2));
  ASSERT_EQ(dialling.caller().peers().size(), 1U);
  EXPECT_EQ(dialling.caller().peers()[0].peer_address, place.name(0));
  EXPECT_EQ(dialling.caller().ends()[0].why, Gone::Unresolved);
  EXPECT_NE(dialling.caller().ends()[0].detail, "");
}

TEST(SocketDialer, EndsWithinTheConnectLimitWhenTheResolverDoesNotAnswer) {
  std::function<void(ResolvedName)> kept;
  DialOptions options;
  options.resolver = [&](const std::string& /*host*/, std::function<void(ResolvedName)> done) {
    kept = std::move(done);
  };
  Dialling dialling(options, kShort);
  dialling.dial("gateway", 2195);
  ASSERT_TRUE(dialling.caller().wait_for(1));
  EXPECT_EQ(dialling.caller().ends()[0].why, Gone::TimedOut);
  EXPECT_EQ(dialling.caller().ends()[0].detail, "resolving gateway");
  kept(ResolvedName{{"127.0.0.2"}, ""});
  dialling.run([] {});
  EXPECT_EQ(dialling.caller().ends().size(), 1U) << "too late";
}

TEST(SocketDialer, TakesTheResolversAnswerFromAnotherThreadAndOnlyOnce) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Listens}});
  std::vector<std::thread> threads;
  DialOptions options;
  options.resolver = [&](const std::string& /*host*/,
                         const std::function<void(ResolvedName)>& done) {
    threads.emplace_back([done] {
      done(ResolvedName{{"127.0.0.2"}, ""});
      done(ResolvedName{{"127.0.0.2"}, ""});
    });
  };
  Dialling dialling(options);
  dialling.dial("gateway", place.port());
  ASSERT_TRUE(dialling.caller().wait_for(1));
  for (std::thread& thread : threads) {
    thread.join();
  }
  dialling.run([] {});
  EXPECT_EQ(dialling.caller().peers().size(), 1U);
  EXPECT_THAT(dialling.caller().ends(), IsEmpty());
}

TEST(SocketDialer, DropsADialInEachOfItsStates) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Swallows}, {"127.0.0.3", Kind::Swallows}});
  DialOptions options = resolving_to(place);
  options.resolver = [addresses = place.addresses()](
                         const std::string& host, const std::function<void(ResolvedName)>& done) {
    if (host == "gateway") {
      done(ResolvedName{addresses, ""});
    }
  };
  Dialling dialling(options);
  const std::size_t before = test::num_descriptors();
  const std::uint64_t racing = dialling.dial("gateway", place.port());
  const std::uint64_t resolving = dialling.dial("slow", place.port());
  ASSERT_TRUE(test::wait_for_descriptors(before + 2)) << "the second attempt did not begin";
  dialling.drop(racing);
  dialling.drop(racing);
  dialling.drop(resolving);
  ASSERT_TRUE(dialling.caller().wait_for(2));
  dialling.run([&] {
    const std::uint64_t young = dialling.dialer().dial(Endpoint{"gateway", place.port()}, kLong);
    dialling.dialer().drop(young);
    EXPECT_EQ(dialling.caller().ends().size(), 2U) << "never from inside a call to the dialer";
  });
  ASSERT_TRUE(dialling.caller().wait_for(3));
  EXPECT_EQ(test::num_descriptors(), before);
  dialling.run([] {});
  ASSERT_EQ(dialling.caller().ends().size(), 3U);
  for (const End& end : dialling.caller().ends()) {
    EXPECT_EQ(end.why, Gone::Dropped);
    EXPECT_EQ(end.detail, "");
  }
}

TEST(SocketDialer, DestroyedInTheMiddleOfARaceClosesAllAndSaysNothing) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Swallows}, {"127.0.0.3", Kind::Swallows}});
  Dialling dialling(resolving_to(place));
  const std::size_t before = test::num_descriptors();
  dialling.dial("gateway", place.port());
  const std::uint64_t second = dialling.dial("gateway", place.port());
  ASSERT_TRUE(test::wait_for_descriptors(before + 4)) << "the second attempts did not begin";
  dialling.drop_and_destroy_dialer(second);
  EXPECT_EQ(test::num_descriptors(), before);
  dialling.run([] {});
  EXPECT_THAT(dialling.caller().ends(), IsEmpty());
  EXPECT_THAT(dialling.caller().peers(), IsEmpty());
}

TEST(SocketDialer, MayBeDestroyedByTheEventThatTellsOfAFailure) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Refuses}});
  DialOptions options = resolving_to(place);
  options.resolver = [addresses = place.addresses()](
                         const std::string& host, const std::function<void(ResolvedName)>& done) {
    done(ResolvedName{host == "gateway" ? addresses : std::vector<std::string>{}, ""});
  };
  for (const char* const name : {"gateway", "nowhere"}) {
    Caller caller;
    SocketHostOptions with;
    with.dial = options;
    SocketHost host(with);
    std::unique_ptr<Dialer> dialer = host.make_dialer(caller);
    caller.on_gone = [&] { dialer.reset(); };
    host.start();
    host.run_on(0, [&] { dialer->dial(Endpoint{name, place.port()}, kLong); });
    ASSERT_TRUE(caller.wait_for(1));
    host.stop();
  }
}

TEST(SocketDialer, LeaksNoDescriptorInAThousandFailedDials) {
  const LoopbackSockets place(
      {{"127.0.0.2", Kind::Refuses}, {"127.0.0.3", Kind::Refuses}, {"127.0.0.4", Kind::Refuses}});
  Dialling dialling(resolving_to(place));
  const std::size_t before = test::num_descriptors();
  for (int i = 0; i < 1000; ++i) {
    dialling.dial("gateway", place.port());
  }
  ASSERT_TRUE(dialling.caller().wait_for(1000));
  EXPECT_EQ(test::num_descriptors(), before);
  EXPECT_EQ(dialling.caller().ends().size(), 1000U);
}

/// The descriptor of this process's connection from the address that `peer` calls its own.
int descriptor_of(const PeerInfo& peer) {
  for (int fd = 3; fd < 1024; ++fd) {
    sockaddr_in own{};
    socklen_t len = sizeof own;
    if (getsockname(fd, static_cast<sockaddr*>(static_cast<void*>(&own)), &len) == 0 &&
        own.sin_family == AF_INET &&
        peer.local_address.ends_with(":" + std::to_string(ntohs(own.sin_port)))) {
      return fd;
    }
  }
  return -1;
}

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t len = sizeof value;
  EXPECT_EQ(getsockopt(fd, level, name, &value, &len), 0);
  return value;
}

std::vector<int> tcp_options_of(int fd) {
  return {option(fd, IPPROTO_TCP, TCP_NODELAY) != 0 ? 1 : 0,
          option(fd, SOL_SOCKET, SO_KEEPALIVE) != 0 ? 1 : 0,
          option(fd, IPPROTO_TCP, TCP_KEEPIDLE),
          option(fd, IPPROTO_TCP, TCP_KEEPINTVL),
          option(fd, IPPROTO_TCP, TCP_KEEPCNT),
          option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT)};
}

TEST(SocketDialer, SetsTheTcpOptions) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Listens}});
  const auto options_when = [&](const TcpOptions& tcp) {
    DialOptions options = resolving_to(place);
    options.tcp = tcp;
    Dialling dialling(options);
    dialling.dial("gateway", place.port());
    EXPECT_TRUE(dialling.caller().wait_for(1));
    return tcp_options_of(descriptor_of(dialling.caller().peers().at(0)));
  };
  EXPECT_THAT(options_when(TcpOptions{}), ElementsAre(1, 1, 60, 10, 3, 30'000));
  TcpOptions other;
  other.no_delay = false;
  other.keepalive_idle = std::chrono::seconds(7);
  other.keepalive_interval = std::chrono::seconds(2);
  other.keepalive_probes = 5;
  other.user_timeout = std::chrono::milliseconds(1500);
  EXPECT_THAT(options_when(other), ElementsAre(0, 1, 7, 2, 5, 1500));
  other.keepalive = false;
  EXPECT_EQ(options_when(other).at(1), 0);
}

TEST(SocketDialer, ConnectsThoughAnOptionCannotBeSet) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Listens}});
  DialOptions options = resolving_to(place);
  options.tcp.keepalive_idle = std::chrono::seconds(1'000'000);  // Linux takes 32,767 at most
  Dialling dialling(options);
  dialling.dial("gateway", place.port());
  ASSERT_TRUE(dialling.caller().wait_for(1));
  EXPECT_EQ(dialling.caller().peers().size(), 1U);
}

}  // namespace
}  // namespace apns::net
