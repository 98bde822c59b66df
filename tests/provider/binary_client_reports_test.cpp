// Field reports about the client that no scenario can show. Proves the rule
// binary/slow-connect-is-waited-for.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/binary/error_packet.h"
#include "apns/model/binary_status.h"
#include "tests/provider/binary_client_fixture.h"

namespace apns::provider {
namespace {

using test::BinaryClientTest;
using testing::ElementsAre;
using namespace std::chrono_literals;

// field reports A22, notnoop/java-apns#274: every status that a byte can hold. Each but 10 is about
// the one that is named, and none stops the rest.
class BinaryClientStatus : public BinaryClientTest, public testing::WithParamInterface<int> {};

TEST_P(BinaryClientStatus, IsAboutTheOneThatIsNamedUnlessItIsAShutdown) {
  const auto status = static_cast<std::uint8_t>(GetParam());
  const bool is_shutdown = status == static_cast<std::uint8_t>(BinaryStatus::Shutdown);
  script(1, 5, {to_hex(binary::encode_error_packet({status, 3}))});
  send(5);
  host.run_for(5s);
  ASSERT_EQ(sink.by_ticket.size(), 5U);
  for (const auto& [ticket, outcome] : sink.by_ticket) {
    const bool is_named = ticket == 3 && !is_shutdown;
    EXPECT_EQ(outcome.kind, is_named ? OutcomeKind::Rejected : OutcomeKind::Sent) << ticket;
    EXPECT_EQ(outcome.status, is_named ? status : 0) << ticket;
  }
  EXPECT_THAT(gateway.payloads(2), ElementsAre("4", "5"));
  EXPECT_EQ(gateway.num_accepted, 2U);
}

INSTANTIATE_TEST_SUITE_P(All, BinaryClientStatus, testing::Range(0, 256));

// field reports B38, adobkin/libcapn#44: a connect that is under way is no failure. Over sockets:
// SocketDial.AConnectThatTakesAWhileIsWaitedFor.
TEST_F(BinaryClientTest, AConnectThatTakesAWhileIsOneAttempt) {
  options.max_attempts = 1;
  watch_dials([](std::uint64_t /*connection*/) {
    LinkOptions link;
    link.latency = 4s;  // there and back: just below connect_limit
    return link;
  });
  send(2);
  host.run_for(60s);
  EXPECT_EQ(dialled.size(), 1U);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent"));
}

}  // namespace
}  // namespace apns::provider
