#include "apns/net/address_table.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace apns::net {
namespace {

using boost::asio::ip::tcp;
using Names = std::vector<std::string>;

constexpr Duration kFailedFor = std::chrono::seconds(30);
constexpr TimePoint kStart = TimePoint(std::chrono::hours(1));

/// "6a" is 2001:db8::a, "4b" is 192.0.2.11.
tcp::endpoint address(const std::string& name) {
  const std::string number = name.substr(1);
  return {boost::asio::ip::make_address(name[0] == '6'
                                            ? "2001:db8::" + number
                                            : "192.0.2." + std::to_string(number[0] - 'a' + 10)),
          2195};
}

std::vector<tcp::endpoint> addresses(const Names& names) {
  std::vector<tcp::endpoint> found;
  for (const std::string& name : names) {
    found.push_back(address(name));
  }
  return found;
}

Names arrange(AddressTable& table, const Names& resolved, TimePoint now = kStart) {
  Names arranged;
  for (const tcp::endpoint& found : table.arrange(addresses(resolved), now)) {
    for (const std::string& name : resolved) {
      if (address(name) == found) {
        arranged.push_back(name);
        break;
      }
    }
  }
  return arranged;
}

struct OrderCase {
  const char* name;
  AddressOrder order;
  Names resolved;
  Names arranged;
};

class FirstDial : public testing::TestWithParam<OrderCase> {};

TEST_P(FirstDial, TakesTheFamiliesInTurns) {
  AddressTable table(GetParam().order, true, kFailedFor);
  EXPECT_EQ(arrange(table, GetParam().resolved), GetParam().arranged);
}

INSTANTIATE_TEST_SUITE_P(
    All, FirstDial,
    testing::Values(
        OrderCase{"Nothing", AddressOrder::AsResolved, {}, {}},
        OrderCase{"One", AddressOrder::Ipv6First, {"4a"}, {"4a"}},
        OrderCase{"OneFamily", AddressOrder::Ipv6First, {"4a", "4b", "4c"}, {"4a", "4b", "4c"}},
        OrderCase{"AsResolvedIpv6",
                  AddressOrder::AsResolved,
                  {"6a", "6b", "4a", "4b"},
                  {"6a", "4a", "6b", "4b"}},
        OrderCase{"AsResolvedIpv4",
                  AddressOrder::AsResolved,
                  {"4a", "6a", "6b", "4b"},
                  {"4a", "6a", "4b", "6b"}},
        OrderCase{"Ipv6First", AddressOrder::Ipv6First, {"4a", "4b", "6a"}, {"6a", "4a", "4b"}},
        OrderCase{"Ipv4First", AddressOrder::Ipv4First, {"6a", "6b", "4a"}, {"4a", "6a", "6b"}},
        OrderCase{"UnevenFamilies",
                  AddressOrder::AsResolved,
                  {"6a", "4a", "4b", "4c"},
                  {"6a", "4a", "4b", "4c"}},
        OrderCase{"EachOnce", AddressOrder::AsResolved, {"4a", "4b", "4a"}, {"4a", "4b"}}),
    [](const auto& row) { return row.param.name; });

TEST(AddressTable, BeginsEachDialWithTheAddressTriedLongestAgo) {
  AddressTable table(AddressOrder::AsResolved, true, kFailedFor);
  EXPECT_EQ(arrange(table, {"4a", "4b", "4c"}), (Names{"4a", "4b", "4c"}));
  EXPECT_EQ(arrange(table, {"4a", "4b", "4c"}), (Names{"4b", "4c", "4a"}));
  EXPECT_EQ(arrange(table, {"4a", "4b", "4c"}), (Names{"4c", "4a", "4b"}));
  EXPECT_EQ(arrange(table, {"4a", "4b", "4c"}), (Names{"4a", "4b", "4c"}));
}

TEST(AddressTable, SpreadsOverAddressesThatTheResolverItselfRotates) {
  AddressTable table(AddressOrder::AsResolved, true, kFailedFor);
  EXPECT_EQ(arrange(table, {"4a", "4b"}).front(), "4a");
  EXPECT_EQ(arrange(table, {"4b", "4a"}).front(), "4b");
  EXPECT_EQ(arrange(table, {"4a", "4b"}).front(), "4a");
  EXPECT_EQ(arrange(table, {"4b", "4a"}).front(), "4b");
}

TEST(AddressTable, RotatesWithinAFamilyAndKeepsTheFamilyThatLeads) {
  AddressTable table(AddressOrder::AsResolved, true, kFailedFor);
  const Names resolved{"6a", "6b", "4a", "4b"};
  EXPECT_EQ(arrange(table, resolved), (Names{"6a", "4a", "6b", "4b"}));
  table.tried(address("4a"));  // the race came to its second candidate
  EXPECT_EQ(arrange(table, resolved), (Names{"6b", "4b", "6a", "4a"}));
}

TEST(AddressTable, PrefersAnAddressThatIsNewInTheAnswer) {
  AddressTable table(AddressOrder::AsResolved, true, kFailedFor);
  EXPECT_EQ(arrange(table, {"4a", "4b"}).front(), "4a");
  EXPECT_EQ(arrange(table, {"4a", "4b"}).front(), "4b");
  EXPECT_EQ(arrange(table, {"4a", "4b", "4c"}), (Names{"4c", "4a", "4b"}));
}

TEST(AddressTable, LeavesTheResolversOrderWithoutSpread) {
  AddressTable table(AddressOrder::AsResolved, false, kFailedFor);
  EXPECT_EQ(arrange(table, {"4a", "4b", "4c"}), (Names{"4a", "4b", "4c"}));
  EXPECT_EQ(arrange(table, {"4a", "4b", "4c"}), (Names{"4a", "4b", "4c"}));
  table.failed(address("4a"), kStart);
  EXPECT_EQ(arrange(table, {"4a", "4b", "4c"}), (Names{"4b", "4c", "4a"}));
}

TEST(AddressTable, TriesLastWhatJustFailed) {
  AddressTable table(AddressOrder::AsResolved, true, kFailedFor);
  const Names resolved{"6a", "6b", "4a"};
  EXPECT_EQ(arrange(table, resolved), (Names{"6a", "4a", "6b"}));
  table.failed(address("6a"), kStart);
  EXPECT_EQ(arrange(table, resolved), (Names{"6b", "4a", "6a"}));
  table.failed(address("6b"), kStart + std::chrono::seconds(1));
  EXPECT_EQ(arrange(table, resolved, kStart + std::chrono::seconds(1)), (Names{"4a", "6a", "6b"}))
      << "those without a route go behind the other family; the earlier failure first";
}

TEST(AddressTable, ForgetsAFailureAfterItsTimeOrWhenItAnswers) {
  AddressTable table(AddressOrder::AsResolved, false, kFailedFor);
  EXPECT_EQ(arrange(table, {"4a", "4b"}), (Names{"4a", "4b"}));
  table.failed(address("4a"), kStart);
  const Duration instant(1);
  EXPECT_EQ(arrange(table, {"4a", "4b"}, kStart + kFailedFor - instant), (Names{"4b", "4a"}));
  EXPECT_EQ(arrange(table, {"4a", "4b"}, kStart + kFailedFor), (Names{"4a", "4b"}));
  table.failed(address("4a"), kStart);
  table.answered(address("4a"));
  EXPECT_EQ(arrange(table, {"4a", "4b"}), (Names{"4a", "4b"}));
}

TEST(AddressTable, TellsPortsApart) {
  AddressTable table(AddressOrder::AsResolved, false, kFailedFor);
  EXPECT_EQ(arrange(table, {"4a"}), (Names{"4a"}));
  table.failed(address("4a"), kStart);
  const tcp::endpoint feedback(address("4a").address(), 2196);
  const std::vector<tcp::endpoint> resolved{feedback, address("4b")};
  EXPECT_EQ(table.arrange(resolved, kStart), resolved);
}

TEST(AddressTable, IsBoundedAndForgetsWhatWasTriedLongestAgo) {
  AddressTable table(AddressOrder::AsResolved, false, kFailedFor);
  const auto numbered = [](std::size_t n) {
    return tcp::endpoint(boost::asio::ip::address_v4(static_cast<unsigned>(0x7F000001U + n)), 1);
  };
  for (std::size_t n = 0; n <= AddressTable::kMaxLen; ++n) {
    table.tried(numbered(n));
    table.failed(numbered(n), kStart);
  }
  table.failed(numbered(0), kStart);  // forgotten: does not come back this way
  EXPECT_EQ(table.size(), AddressTable::kMaxLen);
  EXPECT_EQ(table.arrange({numbered(1), numbered(0)}, kStart),
            (std::vector{numbered(0), numbered(1)}));
}

}  // namespace
}  // namespace apns::net
