// The hot path of the gateway takes nothing from the heap. A program of its own: it counts.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apns/tls/context.h"
#include "mock_apns/gateway.h"
#include "tests/support/alloc_counter.h"
#include "tests/support/binary_frames.h"
#include "tests/support/gateway_by_hand.h"

namespace apns::mock {
namespace {

using test::AllocCounter;
using test::framed;
using test::GatewayByHand;

constexpr std::size_t kPerFeed = 100;
constexpr std::string_view kPayload = R"({"aps":{"alert":"Hello","badge":1}})";

/// Whole notifications, so that nothing has to be kept between arrivals.
Bytes batch() {
  return binary::test::repeat(kPerFeed, framed(7, kPayload));
}

GatewayByHand::Setup without_ledger() {
  GatewayByHand::Setup setup;
  setup.with_ledger = false;
  return setup;
}

TEST(GatewayAllocations, NoneForAnAcceptedNotification) {
  GatewayByHand gateway(without_ledger());
  gateway.open();
  const Bytes bytes = batch();
  gateway.feed(bytes);  // the checker makes its room
  const AllocCounter counter;
  for (int i = 0; i < 50; ++i) {
    gateway.feed(bytes);
  }
  EXPECT_EQ(counter.num_allocations(), 0U);
  EXPECT_EQ(gateway.gateway().counters().accepted, 51 * kPerFeed);
}

TEST(GatewayAllocations, NoneForAnAcceptedNotificationInTheLedger) {
  GatewayByHand::Setup setup;
  setup.ledger.keep = 100;
  setup.ledger.ring_bytes = std::size_t{64} * 1024;
  GatewayByHand gateway(setup);
  gateway.open();
  const Bytes bytes = batch();
  for (int i = 0; i < 50; ++i) {
    gateway.feed(bytes);  // until the ledger is at its bound
  }
  const AllocCounter counter;
  for (int i = 0; i < 50; ++i) {
    gateway.feed(bytes);
  }
  EXPECT_EQ(counter.num_allocations(), 0U);
  EXPECT_EQ(gateway.events().size(), 100U);
}

TEST(GatewayAllocations, NoneWhenRulesAreLookedAtAndNoneFires) {
  GatewayByHand::Setup setup = without_ledger();
  FaultRule rule;
  rule.nth = NumberMatch{.first = 1'000'000};
  rule.then.reject = 8;
  setup.rules.push_back(rule);
  FaultRule idle;
  idle.idle = std::chrono::seconds(5);
  idle.then.close = FaultClose::Fin;
  setup.rules.push_back(idle);
  GatewayByHand gateway(setup);
  gateway.open();
  const Bytes bytes = batch();
  gateway.feed(bytes);
  const AllocCounter counter;
  for (int i = 0; i < 50; ++i) {
    gateway.feed(bytes);
  }
  EXPECT_EQ(counter.num_allocations(), 0U);
}

TEST(GatewayAllocations, AtMostOneForANotificationInPieces) {
  GatewayByHand gateway(without_ledger());
  gateway.open();
  const Bytes bytes = framed(7, kPayload);
  const ByteView view(bytes);
  gateway.feed(view);
  const AllocCounter counter;
  for (int i = 0; i < 100; ++i) {
    gateway.feed(view.first(20));
    gateway.feed(view.subspan(20));
  }
  EXPECT_LE(counter.num_allocations(), 100U);
}

TEST(GatewayAllocations, TheCounterCounts) {
  GatewayByHand gateway(without_ledger());
  const AllocCounter counter;
  gateway.open();
  EXPECT_GT(counter.num_allocations(), 0U);
}

}  // namespace
}  // namespace apns::mock
