// The path of a provider token that was seen before takes nothing from the heap.
#include <string>

#include <gtest/gtest.h>

#include "apns/auth/provider_token.h"
#include "tests/mock_apns/provider_token_fixture.h"
#include "tests/support/alloc_counter.h"

namespace apns::mock {
namespace {

using ProviderTokenAllocTest = ProviderTokenFixture;

TEST_F(ProviderTokenAllocTest, NoneForTheConnectionsLastOne) {
  const std::string field = "bearer " + fresh();
  connection.commit(connection.check(field, time(), context()), time(), context());
  const test::AllocCounter counter;
  for (int i = 0; i < 1000; ++i) {
    const TokenVerdict verdict = connection.check(field, time(), context());
    ASSERT_TRUE(verdict.accepted() && verdict.is_repeat);
    connection.commit(verdict, time(), context());
  }
  EXPECT_EQ(counter.num_allocations(), 0U);
}

TEST_F(ProviderTokenAllocTest, NoneForABadOneThatIsRepeated) {
  const std::string field = "bearer " + std::string(golden::kWrongKeyToken);
  connection.commit(connection.check(field, time(), context()), time(), context());
  const test::AllocCounter counter;
  for (int i = 0; i < 1000; ++i) {
    const TokenVerdict verdict = connection.check(field, time(), context());
    ASSERT_FALSE(verdict.accepted());
    connection.commit(verdict, time(), context());
  }
  EXPECT_EQ(counter.num_allocations(), 0U);
}

TEST_F(ProviderTokenAllocTest, NoneForOneThatComesTooSoon) {
  const std::string first = "bearer " + fresh();
  connection.commit(connection.check(first, time(), context()), time(), context());
  const std::string field = "bearer " + std::string(golden::kWrongKeyToken);
  const test::AllocCounter counter;
  for (int i = 0; i < 1000; ++i) {
    const TokenVerdict verdict = connection.check(field, time(), context());
    ASSERT_EQ(verdict.outcome, TokenOutcome::TooManyUpdates);
    connection.commit(verdict, time(), context());
  }
  EXPECT_EQ(counter.num_allocations(), 0U);
}

TEST_F(ProviderTokenAllocTest, NoneToRead) {
  auth::ProviderTokenParser parser;
  ASSERT_TRUE(parser.parse(golden::kProviderToken).has_value());
  const test::AllocCounter counter;
  for (const std::string_view text :
       {golden::kProviderToken, golden::kFloatToken, golden::kDerToken, golden::kHs256Token}) {
    (void)parser.parse(text);
  }
  EXPECT_EQ(counter.num_allocations(), 0U);
}

}  // namespace
}  // namespace apns::mock
