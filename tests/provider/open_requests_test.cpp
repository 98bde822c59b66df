#include "provider/open_requests.h"

#include <cstdint>
#include <iterator>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/random.h"

namespace apns::provider {
namespace {

std::uint32_t open(OpenRequests& requests, std::uint64_t ticket) {
  const std::uint32_t number = requests.open();
  requests[number].ticket = ticket;
  requests[number].stream = static_cast<http2::StreamId>(2 * ticket + 1);
  return number;
}

TEST(OpenRequests, TheOldestIsTheFirstThatIsOpen) {
  OpenRequests requests;
  EXPECT_EQ(requests.oldest(), 0U);
  const std::uint32_t one = open(requests, 1);
  const std::uint32_t two = open(requests, 2);
  const std::uint32_t three = open(requests, 3);
  EXPECT_EQ(requests.oldest(), one);
  requests.close(two);
  EXPECT_EQ(requests.oldest(), one);
  requests.close(one);
  EXPECT_EQ(requests.oldest(), three);
  requests.close(three);
  EXPECT_EQ(requests.oldest(), 0U);
  EXPECT_TRUE(requests.empty());
}

TEST(OpenRequests, APlaceIsTakenAgainAndClean) {
  OpenRequests requests;
  const std::uint32_t one = open(requests, 1);
  requests[one].status = 400;
  requests[one].body.assign(5000, 'x');
  requests[one].apns_id = "id";
  requests[one].is_in_parts = true;
  requests.close(one);
  const std::uint32_t again = requests.open();
  EXPECT_EQ(again, one);
  EXPECT_EQ(requests[again].status, 0U);
  EXPECT_TRUE(requests[again].body.empty());
  EXPECT_LT(requests[again].body.capacity(), 1000U);
  EXPECT_TRUE(requests[again].apns_id.empty());
  EXPECT_FALSE(requests[again].is_in_parts);
}

TEST(OpenRequests, KeepTheirOrderWhateverIsClosed) {
  OpenRequests requests;
  std::set<std::uint64_t> tickets;  // in order
  std::vector<std::uint32_t> numbers(2001);
  RandomStream random(7, 1);
  std::uint64_t last = 0;
  for (int i = 0; i < 4000; ++i) {
    if (last < 2000 && (tickets.empty() || random.next() % 2 == 0)) {
      ++last;
      numbers.at(last) = open(requests, last);
      tickets.insert(last);
    } else if (!tickets.empty()) {
      auto at = tickets.begin();
      std::advance(at, static_cast<std::ptrdiff_t>(random.next() % tickets.size()));
      requests.close(numbers.at(*at));
      tickets.erase(at);
    }
    ASSERT_EQ(requests.size(), tickets.size());
    ASSERT_EQ(requests.oldest(), tickets.empty() ? 0 : numbers.at(*tickets.begin()));
  }
}

}  // namespace
}  // namespace apns::provider
