// When a provider token is made anew, by the two clocks of a provider and by what services say.
#include "provider/provider_tokens.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/auth/provider_token.h"
#include "provider/provider_token_key.h"
#include "tests/golden/provider_token_golden.h"
#include "tests/support/set_clock.h"

namespace apns::provider {
namespace {

using testing::SizeIs;
using testing::StartsWith;
using namespace std::chrono_literals;

auth::ProviderTokenSigner signer(std::string_view key_id = "KEY0000001",
                                 std::string_view team_id = "TEAM000001") {
  return make_token_signer({golden::kP8, key_id, team_id, {}});
}

class ProviderTokensTest : public testing::Test {
 public:
  /// The token at that time of the I/O clock, which the world's follows.
  std::string at(TimePoint when) {
    clock.advance_to(when);
    return std::string(source->authorization(clock.io_now()));
  }

  std::string after(Duration span) { return at(clock.io_now() + span); }

  std::string now() { return after(0s); }

  bool is_replaced() { return source->is_replaced(source->number(), clock.io_now()); }

  ManualClock clock;
  test::SetClock world{clock};
  ProviderTokens tokens{world};
  std::unique_ptr<ProviderTokenSource> source = tokens.source(signer());
};

TEST_F(ProviderTokensTest, SaysWhoAndWhen) {
  clock.advance_to(TimePoint(1500ms));
  EXPECT_EQ(source->number(), 0U);
  const std::string field = now();
  ASSERT_THAT(field, StartsWith("bearer "));
  EXPECT_EQ(source->number(), 1U);
  auth::ProviderTokenParser parser;
  const auto token = parser.parse(std::string_view(field).substr(7));
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->key_id.text(), "KEY0000001");
  EXPECT_EQ(token->team_id.text(), "TEAM000001");
  EXPECT_EQ(token->issued_at, std::chrono::floor<std::chrono::seconds>(kManualStart) + 1s);
}

// Field report J141, AndrewBarba/apns2#16: renewed at the boundary of 20 minutes, or each time.
TEST_F(ProviderTokensTest, IsKeptForFiftyMinutes) {
  const std::string first = now();
  for (const Duration age : std::vector<Duration>{1ns, 20min - 1ns, 20min, 50min - 1ns}) {
    EXPECT_EQ(at(TimePoint(age)), first);
  }
  const std::string second = at(TimePoint(50min));
  EXPECT_NE(second, first);
  EXPECT_EQ(source->number(), 2U);
  EXPECT_EQ(at(TimePoint(100min - 1ns)), second);
  EXPECT_NE(at(TimePoint(100min)), second);
}

TEST_F(ProviderTokensTest, AnIdleNightBringsOneNewToken) {
  const std::string first = now();
  EXPECT_NE(after(9h), first);
  EXPECT_EQ(source->number(), 2U);
}

// Field report J147, node-apn/node-apn#590. A service that calls each token too old, because one of
// two clocks is wrong, draws one in 20 minutes.
TEST_F(ProviderTokensTest, NoServiceDrawsOneSoonerThanTwentyMinutes) {
  std::set<std::string> seen;
  for (int second = 0; second < 4 * 3600; ++second) {
    seen.insert(at(TimePoint(second * 1s)));
    EXPECT_FALSE(is_replaced()) << second;
  }
  EXPECT_THAT(seen, SizeIs(12));
}

TEST_F(ProviderTokensTest, OneThatWasRefusedIsReplacedWhenItMayBe) {
  const std::string first = now();
  EXPECT_FALSE(is_replaced());
  EXPECT_EQ(after(20min - 1ns), first);
  EXPECT_NE(after(1ns), first);
  const std::string second = now();
  EXPECT_TRUE(source->is_replaced(1, clock.io_now())) << "a late answer to the one before";
  EXPECT_EQ(after(20min), second) << "it says nothing of the new one";
  EXPECT_TRUE(is_replaced());
  EXPECT_NE(now(), second);
}

// The I/O clock may stand still while a machine sleeps.
TEST_F(ProviderTokensTest, AMachineThatSleptRenews) {
  const std::string first = now();
  world.ahead += 50min - 2s;
  EXPECT_EQ(after(1s), first);
  world.ahead += 1s;
  EXPECT_NE(after(1s), first);
}

TEST_F(ProviderTokensTest, AClockThatRunsWildDrawsTwoInTwentyMinutesAtMost) {
  std::vector<TimePoint> made_at;
  std::set<std::string> seen;
  for (int second = 0; second < 4 * 3600; ++second) {
    world.ahead = second / 60 * 1h;
    if (seen.insert(at(TimePoint(second * 1s))).second) {
      made_at.push_back(clock.io_now());
    }
  }
  ASSERT_THAT(made_at, SizeIs(24));
  for (std::size_t i = 2; i < made_at.size(); ++i) {
    EXPECT_GE(made_at[i] - made_at[i - 2], 20min) << i;
  }
}

TEST_F(ProviderTokensTest, AClockThatIsSetBackChangesNothing) {
  const std::string first = now();
  world.ahead = -24h;
  EXPECT_EQ(after(49min), first);
  const std::string second = after(1min);
  EXPECT_NE(second, first);
  world.ahead = -48h;
  EXPECT_EQ(after(49min), second);
}

TEST_F(ProviderTokensTest, OneTeamAndKeyHaveOneForAllClients) {
  const auto other = tokens.source(signer());
  const std::string first = now();
  EXPECT_EQ(other->authorization(clock.io_now()), first);
  const std::string second = after(50min);
  EXPECT_EQ(other->authorization(clock.io_now()), second);
  EXPECT_EQ(other->number(), 2U);
  EXPECT_FALSE(other->is_replaced(2, clock.io_now()));
  (void)after(20min);
  EXPECT_EQ(other->authorization(clock.io_now()), now());
  EXPECT_EQ(other->number(), 3U) << "what one was told counts for all";
}

TEST_F(ProviderTokensTest, OthersHaveTheirOwn) {
  const auto of_key = tokens.source(signer("KEY0000002"));
  const auto of_team = tokens.source(signer("KEY0000001", "TEAM000002"));
  std::set<std::string> seen = {now()};
  seen.emplace(of_key->authorization(clock.io_now()));
  seen.emplace(of_team->authorization(clock.io_now()));
  EXPECT_THAT(seen, SizeIs(3));
}

// Field report J139, kylebrowning/APNSwift#34: one for each request, thread or connection.
TEST_F(ProviderTokensTest, EightThreadsShareOne) {
  constexpr std::size_t kNumThreads = 8;
  std::vector<std::string> seen(kNumThreads);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kNumThreads; ++i) {
    threads.emplace_back([this, &seen, i] {
      const auto mine = tokens.source(signer());
      for (int n = 0; n < 1000; ++n) {
        seen[i] = mine->authorization(TimePoint(n * 1s));
        (void)mine->is_replaced(mine->number(), TimePoint(n * 1s));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(std::set<std::string>(seen.begin(), seen.end()), SizeIs(1));
}

}  // namespace
}  // namespace apns::provider
