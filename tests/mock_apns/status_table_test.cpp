// Every status of the binary protocol: by what it is drawn naturally, by a rule, and by a magic
// device token; the bytes that answer, and the rule that says so.
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "apns/model/binary_status.h"
#include "mock_apns/verdict.h"
#include "mock_apns/world/world.h"
#include "tests/support/binary_frames.h"
#include "tests/support/gateway_by_hand.h"

namespace apns::mock {
namespace {

using namespace binary::test;
using test::big_endian;
using test::copy_of;
using test::device_token;
using test::framed;
using test::GatewayByHand;

constexpr std::uint32_t kIdentifier = 7;
constexpr std::string_view kTopic = "com.example.app";

Bytes text(std::string_view bytes) {
  return copy_of(as_bytes(bytes));
}

/// Command 2 with this token and payload.
Bytes framed_with(const Bytes& token, const Bytes& payload) {
  return frame({item(1, token), item(2, payload), item(3, big_endian(kIdentifier))});
}

struct Row {
  const char* name;
  std::uint8_t status;
  const char* rule;  // of the ledger's `why`
  Bytes bytes;       // what the provider sends; status 10 needs none
  std::function<void(GatewayByHand::Setup&)> set_up = {};
  std::function<void(World&)> before = {};
  std::string topic = std::string(kTopic);  // of the certificate
  std::uint32_t identifier = kIdentifier;   // of the packet
};

void strict(GatewayByHand::Setup& setup) {
  setup.world.open = false;
}

void pedantic(GatewayByHand::Setup& setup) {
  setup.options.profile = find_profile("pedantic");
}

void of_2016(GatewayByHand::Setup& setup) {
  setup.options.profile = find_profile("2016");
}

std::function<void(World&)> registered(std::string_view topic, Environment environment) {
  return [topic, environment](World& world) {
    world.register_token(device_token(), topic, environment);
  };
}

const Row kRows[] = {
    {"CommandThatIsNone", 128, "binary/command-is-known", hex("47"), {}, {}, "com.example.app", 0},
    {"ItemPastItsFrame",
     128,
     "binary/items-fit-the-frame",
     hex("02 00000005 03 0004 0000"),
     {},
     {},
     "com.example.app",
     0},
    {"IdentifierOfThreeBytes", 128, "binary/item-lengths-are-fixed",
     frame({item(3, big_endian(kIdentifier)), item(4, text("abc"))})},
    {"FrameThatNoneNeeds",
     128,
     "binary/frame-length-is-bounded",
     hex("02 7fffffff"),
     {},
     {},
     "com.example.app",
     0},
    {"NoDeviceToken", 2, "binary/device-token-is-present",
     frame({item(2, text("{}")), item(3, big_endian(kIdentifier))})},
    {"DeviceTokenOfLengthZero", 2, "binary/device-token-is-present", framed_with({}, text("{}"))},
    {"DeviceTokenOf101Bytes", 5, "binary/device-token-size",
     framed_with(Bytes(101, std::byte{1}), text("{}"))},
    {"DeviceTokenOf31BytesIn2016", 5, "binary/device-token-size",
     framed_with(Bytes(31, std::byte{1}), text("{}")), of_2016},
    {"RepeatedItemToThePedantic", 128, "binary/items-are-not-repeated",
     frame({item(1, device_token()), item(2, text("{}")), item(2, text("{}")),
            item(3, big_endian(kIdentifier))}),
     pedantic},
    {"UnknownItemToThePedantic", 128, "binary/items-are-known",
     frame({item(1, device_token()), item(2, text("{}")), item(9, text("x")),
            item(3, big_endian(kIdentifier))}),
     pedantic},
    {"NoPayload", 4, "binary/payload-is-present",
     frame({item(1, device_token()), item(3, big_endian(kIdentifier))})},
    {"PayloadOfLengthZero", 4, "binary/payload-is-present", framed_with(device_token(), {})},
    {"PayloadOf2049Bytes", 7, "binary/payload-size",
     framed_with(device_token(), Bytes(2049, std::byte{' '}))},
    {"PayloadOf257BytesIn2013", 7, "binary/payload-size",
     framed_with(device_token(), Bytes(257, std::byte{' '})),
     [](GatewayByHand::Setup& setup) { setup.options.profile = find_profile("2013"); }},
    {"PriorityOfSeven", 128, "binary/priority-is-5-or-10",
     frame({item(1, device_token()), item(2, text("{}")), item(3, big_endian(kIdentifier)),
            item(5, hex("07"))})},
    {"CertificateWithoutTopic", 3, "binary/topic-is-known", framed(kIdentifier), strict, {}, ""},
    {"CertificateWithATopicTooLong",
     6,
     "binary/topic-size",
     framed(kIdentifier),
     {},
     {},
     std::string(256, 'a')},
    {"DeviceTokenThatWasNeverRegistered", 8, "binary/device-token-is-known", framed(kIdentifier),
     strict},
    {"DeviceTokenOfTheOtherEnvironment",
     8,
     "binary/device-token-of-this-environment",
     framed(kIdentifier),
     {},
     registered(kTopic, Environment::Development)},
    {"DeviceTokenOfAnotherApp",
     8,
     "binary/device-token-of-this-topic",
     framed(kIdentifier),
     {},
     registered("com.example.other", Environment::Production)},
    {"DeviceTokenThatWasReplaced",
     8,
     "binary/device-token-is-the-newest",
     framed(kIdentifier),
     {},
     [](World& world) {
       registered(kTopic, Environment::Production)(world);
       world.tokens().update(device_token(), false,
                             [](TokenRecord& record) { record.state = TokenState::Replaced; });
     }},
    {"AppThatIsGone",
     8,
     "binary/device-token-is-active",
     framed(kIdentifier),
     {},
     [](World& world) {
       registered(kTopic, Environment::Production)(world);
       world.tokens().update(device_token(), false,
                             [](TokenRecord& record) { record.state = TokenState::Inactive; });
     }},
};

std::string packet(std::uint8_t status, std::uint32_t identifier) {
  return "08" + to_hex(Bytes{std::byte{status}}) + to_hex(big_endian(identifier));
}

class StatusTable : public testing::TestWithParam<Row> {};

TEST_P(StatusTable, NaturalInputDrawsItsBytesAndItsRule) {
  const Row& row = GetParam();
  GatewayByHand::Setup setup;
  if (row.set_up) {
    row.set_up(setup);
  }
  GatewayByHand gateway(setup);
  if (row.before) {
    row.before(gateway.world());
  }
  auto certificate = std::make_shared<auth::CertificateIdentity>();
  certificate->uid = row.topic;
  gateway.open(certificate);
  gateway.feed(row.bytes);
  EXPECT_EQ(gateway.said(), std::vector{packet(row.status, row.identifier)});
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
  const LedgerEvent rejected = gateway.events().at(1);
  EXPECT_EQ(rejected.outcome, EventOutcome::Rejected);
  EXPECT_EQ(rejected.status, row.status);
  ASSERT_TRUE(rejected.why);
  EXPECT_EQ(rejected.why->rule, row.rule);
  EXPECT_NE(rejected.why->found, "");
  EXPECT_NE(rejected.why->fix, "");
}

INSTANTIATE_TEST_SUITE_P(Natural, StatusTable, testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

TEST(StatusTables, NameEveryRuleOfTheVerdict) {
  for (const VerdictRow& rule : verdict_rows()) {
    EXPECT_TRUE(std::ranges::any_of(kRows, [&rule](const Row& row) {
      return row.rule == rule.rule && row.status == static_cast<std::uint8_t>(rule.status);
    })) << rule.rule;
  }
}

TEST(StatusTables, ThePageHasEachRuleWithItsStatus) {
  std::ifstream in(APNSLAB_SOURCE_DIR "/docs/wire/binary.md");
  std::stringstream page;
  page << in.rdbuf();
  std::size_t at = 0;
  for (const VerdictRow& row : verdict_rows()) {
    const std::string line = "| " + std::to_string(static_cast<unsigned>(row.status)) + " | `" +
                             std::string(row.rule) + "` |";
    const std::size_t found = page.str().find(line);
    ASSERT_NE(found, std::string::npos) << line;
    EXPECT_GT(found, at) << line << " is not in the order of looking";
    at = found;
  }
}

// The last notification that was accepted, and not the next, is what shutdown names.
TEST(StatusTables, ShutdownNamesTheLastAccepted) {
  GatewayByHand gateway;
  gateway.open();
  gateway.feed(framed(kIdentifier));
  gateway.gateway().shut_down(0, gateway.now());
  EXPECT_EQ(gateway.said(), std::vector{packet(10, kIdentifier)});
}

class ForcedStatus : public testing::TestWithParam<std::uint8_t> {};

TEST_P(ForcedStatus, IsDrawnByARule) {
  GatewayByHand::Setup setup;
  FaultRule rule;
  rule.nth = NumberMatch{.first = 2, .last = 2};
  rule.then.reject = GetParam();
  setup.rules = {rule};
  GatewayByHand gateway(setup);
  gateway.open();
  gateway.feed(framed(1));
  gateway.feed(framed(2));
  EXPECT_EQ(gateway.said(), std::vector{packet(GetParam(), GetParam() == 10 ? 1 : 2)});
  EXPECT_EQ(gateway.rules().num_fired(0), 1U);
}

TEST_P(ForcedStatus, IsDrawnByAMagicDeviceToken) {
  std::string digits = std::to_string(GetParam());
  digits.insert(0, 3 - digits.size(), '0');
  Bytes token = hex("fa11b" + digits);
  token.resize(32);
  GatewayByHand gateway;
  gateway.open();
  gateway.feed(framed(1));
  gateway.feed(frame({item(1, token), item(2, text("{}")), item(3, big_endian(2))}));
  EXPECT_EQ(gateway.said(), std::vector{packet(GetParam(), GetParam() == 10 ? 1 : 2)});
  EXPECT_EQ(gateway.events().at(2).cause, "magic");
}

INSTANTIATE_TEST_SUITE_P(Statuses, ForcedStatus,
                         testing::Values(1, 2, 3, 4, 5, 6, 7, 8, 10, 128, 255),
                         [](const auto& status) { return std::to_string(status.param); });

// Status 0 says that nothing is wrong; no natural cause draws it, and a rule has to insist.
TEST(StatusTables, StatusZeroIsSaidOnlyByARuleThatRejectsBesides) {
  GatewayByHand::Setup setup;
  FaultRule rule;
  rule.then.reject = 8;
  rule.then.error_packet.emplace().status = 0;
  setup.rules = {rule};
  GatewayByHand gateway(setup);
  gateway.open();
  gateway.feed(framed(kIdentifier));
  EXPECT_EQ(gateway.said(), std::vector{packet(0, kIdentifier)});
}

}  // namespace
}  // namespace apns::mock
