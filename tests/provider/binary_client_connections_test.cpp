// Several connections of one client at once.
#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/provider/binary_client_fixture.h"

namespace apns::provider {
namespace {

using test::BinaryClientTest;
using test::refused;
using namespace std::chrono_literals;

class BinaryClientConnections : public BinaryClientTest {
 public:
  BinaryClientConnections() { options.connections = 4; }

  /// Notification `ticket` to one of `num_devices` devices.
  void send_to_devices(std::uint64_t num, std::uint64_t num_devices) {
    for (std::uint64_t i = 0; i < num; ++i) {
      const std::uint64_t ticket = ++last_ticket;
      const std::byte device{static_cast<unsigned char>(ticket % num_devices)};
      const Notification made{.device_token = *DeviceToken::from_bytes(Bytes(32, device)),
                              .payload = std::to_string(ticket)};
      sink.is_in_call = true;
      ASSERT_EQ(client().try_send(made, ticket), SendResult::Queued);
      sink.is_in_call = false;
    }
  }

  /// The connection on which each payload was taken first.
  [[nodiscard]] std::map<std::string, std::uint64_t> connection_of() const {
    std::map<std::string, std::uint64_t> found;
    for (const auto& taken : gateway.taken) {
      found.emplace(taken.payload, taken.connection);
    }
    return found;
  }
};

TEST_F(BinaryClientConnections, ADeviceAlwaysGoesByTheSameOneAndInOrder) {
  send_to_devices(100, 20);
  host.run_for(2s);
  EXPECT_EQ(sink.lines.size(), 100U);
  EXPECT_GT(gateway.num_accepted, 1U);
  EXPECT_LE(gateway.num_accepted, 4U);
  const auto by = connection_of();
  for (std::uint64_t ticket = 21; ticket <= 100; ++ticket) {
    EXPECT_EQ(by.at(std::to_string(ticket)), by.at(std::to_string(ticket - 20)));
  }
  for (std::uint64_t connection = 1; connection <= gateway.num_accepted; ++connection) {
    std::vector<int> order;
    for (const std::string& payload : gateway.payloads(connection)) {
      order.push_back(std::stoi(payload));
    }
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  }
}

TEST_F(BinaryClientConnections, AnErrorOnOneTouchesNoOther) {
  send_to_devices(40, 40);
  host.run_for(10ms);
  const std::size_t before = gateway.taken.size();
  ASSERT_EQ(before, 40U);
  auto* hit = gateway.connection(1);
  ASSERT_GE(hit->identifiers.size(), 3U);
  const std::vector<std::string> on_hit = gateway.payloads(1);
  hit->say("080800000002").close(Close::CloseNotifyThenDrain);
  host.run_for(2s);
  EXPECT_EQ(sink.lines.size(), 40U);
  EXPECT_EQ(sink.by_ticket.at(std::stoull(on_hit[1])).kind, OutcomeKind::Rejected);
  std::set<std::string> again;
  for (std::size_t i = before; i < gateway.taken.size(); ++i) {
    again.insert(gateway.taken[i].payload);
  }
  EXPECT_EQ(again, std::set<std::string>(on_hit.begin() + 2, on_hit.end()));
}

TEST_F(BinaryClientConnections, ShareTheWindow) {
  options.window_len = 8;
  std::uint64_t num_queued = 0;
  for (unsigned device = 0; device < 200; ++device) {
    const Notification made{.device_token = *DeviceToken::from_bytes(
                                Bytes(8, std::byte{static_cast<unsigned char>(device)})),
                            .payload = "{}"};
    num_queued += client().try_send(made, device + 1) == SendResult::Queued ? 1U : 0U;
  }
  EXPECT_EQ(num_queued, 8U);
  EXPECT_EQ(client().num_open(), 8U);
  host.run_for(2s);
  EXPECT_EQ(client().num_open(), 0U);
  EXPECT_EQ(client().open_bytes(), 0U);
  EXPECT_GE(sink.num_writable, 1);
}

TEST_F(BinaryClientConnections, OneThatIsRefusedLosesNothing) {
  links = [](std::uint64_t connection) { return connection % 2 == 1 ? refused() : LinkOptions{}; };
  send_to_devices(100, 100);
  host.run_for(30s);
  EXPECT_EQ(sink.lines.size(), 100U);
  EXPECT_TRUE(std::all_of(sink.by_ticket.begin(), sink.by_ticket.end(),
                          [](const auto& one) { return one.second.kind == OutcomeKind::Sent; }));
  EXPECT_EQ(gateway.taken.size(), 100U);
}

TEST_F(BinaryClientConnections, DrainClosesAllAndStopReportsAll) {
  send_to_devices(40, 40);
  host.run_for(10ms);
  drain(10s);
  run_until_drained();
  EXPECT_EQ(sink.lines.size(), 40U);
  EXPECT_EQ(host.num_open(), 0U);
}

}  // namespace
}  // namespace apns::provider
