// What the log says of those who come to the provider API with something else.
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/provider_api_by_hand.h"

namespace apns::mock {
namespace {

using test::ProviderApiByHand;
using testing::ElementsAre;

struct Row {
  const char* name;
  std::string_view said;  // and then nothing for 11 s
  const char* problem;
};

const Row kRows[] = {
    {"Nothing", "", "bound preface: the connection preface takes longer than 10 s."},
    {"HalfAPreface", "PRI * HTTP/2.0\r\n",
     "half of HTTP/2's connection preface, and then nothing."},
    {"APrefaceAlone", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
     "bound preface: the connection preface takes longer than 10 s."},
    {"TheBinaryProtocol", "\x02\x11\x22",
     "these bytes are not HTTP/2: 021122. The binary protocol is on the gateway's port."},
    {"AnEarlierHttp", "POST /3/device/00 HTTP/1.1\r\n",
     "these are HTTP/1.x bytes on the HTTP/2 port. Use a client that speaks HTTP/2 (curl "
     "--http2)."},
};

std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << row.name;
}

struct NoHost final : public EngineHost {
  void wake(Engine& /*engine*/) override {}
};

class ProviderApiProblems : public testing::TestWithParam<Row> {};

INSTANTIATE_TEST_SUITE_P(All, ProviderApiProblems, testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

TEST_P(ProviderApiProblems, AreToldInALine) {
  ProviderApiByHand by_hand;
  NoHost host;
  PeerInfo peer;
  peer.connection = 1;
  TimePoint now = by_hand.clock().io_now();
  const std::unique_ptr<Engine> engine = by_hand.api().accepted(peer, host, now);
  ASSERT_EQ(engine->feed(as_bytes(GetParam().said), now), GetParam().said.size());
  now += std::chrono::seconds(11);
  engine->on_time(now);
  EXPECT_THAT(by_hand.problems(), ElementsAre("1 http2 " + std::string(GetParam().problem)));
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
}

}  // namespace
}  // namespace apns::mock
