#include "apns/net/connect_race.h"

#include <memory>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "apns/net/socket_host.h"
#include "tests/support/loopback_sockets.h"

namespace apns::net {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kIsUnderSanitizer = true;
#else
constexpr bool kIsUnderSanitizer = false;
#endif
#else
constexpr bool kIsUnderSanitizer = false;
#endif

using boost::asio::ip::tcp;
using test::LoopbackSockets;
using Kind = LoopbackSockets::Kind;
using Addresses = std::vector<tcp::endpoint>;

constexpr Duration kLong = std::chrono::hours(1);
constexpr std::chrono::milliseconds kShort{20};

/// One race on a loop that the test's own thread runs.
class Race : public testing::Test {
 protected:
  void start(const Addresses& addresses, Duration stagger) {
    options.stagger = stagger;
    started = io_now();
    race.emplace(io, table.arrange(addresses, started), table, options,
                 [this](std::optional<tcp::socket> socket) {
                   is_over = true;
                   winner = std::move(socket);
                 });
  }

  /// At most `limit`.
  void run(std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    io.restart();
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!is_over && io.run_one_until(end) > 0) {
    }
  }

  [[nodiscard]] std::optional<tcp::endpoint> connected_to() const {
    return winner ? std::optional(winner->remote_endpoint()) : std::nullopt;
  }

  /// In which order the next dial would try them.
  [[nodiscard]] Addresses next_order(const Addresses& addresses) {
    return table.arrange(addresses, io_now());
  }

  boost::asio::io_context io;
  tcp::socket first{io};  // with it the loop has the descriptors that it needs for itself
  AddressTable table{AddressOrder::AsResolved, false, std::chrono::minutes(1)};
  DialOptions options;
  TimePoint started;
  std::optional<ConnectRace> race;
  bool is_over = false;
  std::optional<tcp::socket> winner;
};

TEST_F(Race, BeginsTheNextAttemptWhenTheFirstHasNotAnsweredForAStagger) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Swallows}, {"127.0.0.3", Kind::Listens}});
  const std::size_t before = test::num_descriptors();
  start(place.endpoints(), kShort);
  run();
  EXPECT_EQ(connected_to(), place.endpoint(1));
  EXPECT_GE(io_now() - started, kShort);
  EXPECT_EQ(test::num_descriptors(), before + 1) << "the loser is closed";
  EXPECT_EQ(next_order(place.endpoints()), (Addresses{place.endpoint(1), place.endpoint(0)}))
      << "what was overtaken is tried last";
}

TEST_F(Race, BeginsTheNextAttemptAtOnceWhenOneIsRefused) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Refuses}, {"127.0.0.3", Kind::Listens}});
  start(place.endpoints(), kLong);
  run();
  EXPECT_EQ(connected_to(), place.endpoint(1));
  EXPECT_EQ(next_order(place.endpoints()), (Addresses{place.endpoint(1), place.endpoint(0)}));
}

// pushy#1044: AAAA records without an IPv6 route. TCP to a multicast address is refused by the
// kernel with the same error, without a packet.
TEST_F(Race, GoesOnAtOnceWhenTheNetworkIsUnreachable) {
  if (!LoopbackSockets::has_ipv6()) {
    GTEST_SKIP() << "no IPv6 here";
  }
  const LoopbackSockets place({{"127.0.0.2", Kind::Listens}});
  const tcp::endpoint nowhere(boost::asio::ip::make_address("ff02::1"), place.port());
  start({nowhere, place.endpoint(0)}, kLong);
  run();
  EXPECT_EQ(connected_to(), place.endpoint(0));
  EXPECT_EQ(describe(race->outcomes().front()), "unreachable");
}

TEST_F(Race, GoesOnAtOnceOnlyWhenTheLatestAttemptFailed) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Swallows},
                               {"127.0.0.3", Kind::Refuses},
                               {"127.0.0.4", Kind::Swallows},
                               {"127.0.0.5", Kind::Listens}});
  start(place.endpoints(), kShort);
  run();
  EXPECT_EQ(connected_to(), place.endpoint(3));
  EXPECT_GE(io_now() - started, 2 * kShort) << "two of the first three were waited for";
}

TEST_F(Race, IsStillWonByTheFirstAfterOthersBegan) {
  LoopbackSockets place({{"127.0.0.2", Kind::Swallows}, {"127.0.0.3", Kind::Swallows}});
  start(place.endpoints(), kShort);
  run(2 * kShort + std::chrono::milliseconds(10));
  ASSERT_FALSE(is_over);
  place.take_one(0);  // its SYN is sent again a second after the first
  run();
  EXPECT_EQ(connected_to(), place.endpoint(0));
  EXPECT_EQ(next_order(place.endpoints()), place.endpoints())
      << "the second had no start, and is not to blame";
}

TEST_F(Race, SaysWhatEachAddressDidWhenAllHaveFailed) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Refuses}, {"127.0.0.3", Kind::Refuses}});
  const tcp::endpoint nowhere(boost::asio::ip::make_address("224.0.0.1"), place.port());
  const std::size_t before = test::num_descriptors();
  start({place.endpoint(0), nowhere, place.endpoint(1)}, kLong);
  run();
  EXPECT_TRUE(is_over);
  EXPECT_FALSE(winner);
  EXPECT_EQ(describe(race->outcomes()), place.name(0) +
                                            " refused, 224.0.0.1:" + std::to_string(place.port()) +
                                            " unreachable, " + place.name(1) + " refused");
  EXPECT_EQ(test::num_descriptors(), before);
}

TEST_F(Race, WaitsForTheLastOfThoseThatWereBegun) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Swallows}, {"127.0.0.3", Kind::Refuses}});
  start(place.endpoints(), kShort);
  run(5 * kShort);
  EXPECT_FALSE(is_over);
  race->time_out();
  EXPECT_EQ(describe(race->outcomes()),
            place.name(0) + " timed out, " + place.name(1) + " refused");
}

TEST_F(Race, ToldOfTheLimitClosesAllAndNamesWhatWasNotTried) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Swallows}, {"127.0.0.3", Kind::Swallows}});
  const std::size_t before = test::num_descriptors();
  start(place.endpoints(), kLong);
  run(kShort);
  EXPECT_FALSE(is_over);
  race->time_out();
  EXPECT_EQ(describe(race->outcomes()),
            place.name(0) + " timed out, " + place.name(1) + " not tried");
  EXPECT_EQ(test::num_descriptors(), before);
  EXPECT_EQ(next_order(place.endpoints()), (Addresses{place.endpoint(1), place.endpoint(0)}));
  run(std::chrono::milliseconds(10));
  EXPECT_FALSE(is_over) << "nothing is called after the limit";
}

TEST_F(Race, DestroyedInTheMiddleCallsNothingAndClosesAll) {
  const LoopbackSockets place(
      {{"127.0.0.2", Kind::Swallows}, {"127.0.0.3", Kind::Swallows}, {"127.0.0.4", Kind::Listens}});
  const std::size_t before = test::num_descriptors();
  start(place.endpoints(), kShort);
  run(kShort + std::chrono::milliseconds(5));
  ASSERT_FALSE(is_over);
  EXPECT_GT(test::num_descriptors(), before);
  race.reset();
  EXPECT_EQ(test::num_descriptors(), before);
  run(3 * kShort);
  EXPECT_FALSE(is_over);
  EXPECT_EQ(next_order(place.endpoints()), place.endpoints()) << "nothing has failed";
}

/// Leaves the process without a free descriptor.
class NoDescriptors {
 public:
  NoDescriptors() {
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
    const int next = dup(STDERR_FILENO);
    close(next);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(next);
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  }

  ~NoDescriptors() { EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before_), 0); }

  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_F(Race, DoesNotBlameAddressesForALackOfDescriptors) {
  if (kIsUnderSanitizer) {
    GTEST_SKIP() << "the sanitizer itself needs descriptors";
  }
  const LoopbackSockets place({{"127.0.0.2", Kind::Listens}, {"127.0.0.3", Kind::Listens}});
  {
    const NoDescriptors none;
    start(place.endpoints(), kLong);
    run();
  }
  EXPECT_TRUE(is_over);
  EXPECT_FALSE(winner);
  EXPECT_EQ(describe(race->outcomes().back()), "Too many open files");
  EXPECT_EQ(next_order({place.endpoint(1), place.endpoint(0)}),
            (Addresses{place.endpoint(1), place.endpoint(0)}));
}

TEST_F(Race, DoesNotBeginAllAtOnceWithoutAStagger) {
  const LoopbackSockets place({{"127.0.0.2", Kind::Swallows}, {"127.0.0.3", Kind::Listens}});
  start(place.endpoints(), Duration::zero());
  run();
  EXPECT_EQ(connected_to(), place.endpoint(1));
  EXPECT_GE(io_now() - started, std::chrono::milliseconds(10)) << "RFC 8305 section 5";
}

TEST(DescribeOutcomes, NamesEightAndCountsTheRest) {
  std::vector<ConnectRace::Outcome> outcomes;
  for (unsigned i = 1; i <= 10; ++i) {
    outcomes.push_back(ConnectRace::Outcome{
        tcp::endpoint(boost::asio::ip::address_v4(0x7F000000U + i), 2195),
        i == 1 ? boost::asio::error::host_unreachable : boost::asio::error::connection_refused});
  }
  const std::string text = describe(outcomes);
  EXPECT_EQ(text.substr(0, 46), "127.0.0.1:2195 unreachable, 127.0.0.2:2195 ref");
  EXPECT_EQ(text.substr(text.size() - 34), "127.0.0.8:2195 refused, and 2 more");
}

}  // namespace
}  // namespace apns::net
