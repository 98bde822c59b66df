// The gateway without faults, its engine driven by hand. What rules do to it:
// gateway_fault_test.cpp.
#include "mock_apns/gateway_engine.h"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/auth/certificate_identity.h"
#include "tests/golden/binary_golden.h"
#include "tests/support/binary_frames.h"
#include "tests/support/gateway_by_hand.h"
#include "tests/support/split_feed.h"

namespace apns::mock {
namespace {

using binary::test::enhanced;
using binary::test::frame;
using binary::test::hex;
using binary::test::item;
using binary::test::join;
using binary::test::pattern;
using binary::test::simple;
using test::big_endian;
using test::copy_of;
using test::device_token;
using test::framed;
using test::framed_bad;
using test::GatewayByHand;
using testing::ElementsAre;
using testing::IsEmpty;

using Lines = std::vector<std::string>;

TEST(GatewayEngine, SaysNothingToWhatItAccepts) {
  GatewayByHand gateway;
  gateway.open();
  const Bytes three =
      join({hex(golden::kSimpleHex), hex(golden::kEnhancedHex), hex(golden::kFramedHex)});
  EXPECT_EQ(gateway.feed(three), three.size());
  gateway.advance(std::chrono::minutes(119));
  EXPECT_THAT(gateway.said(), IsEmpty());
  EXPECT_EQ(gateway.engine().close(), Close::None);
  EXPECT_TRUE(gateway.engine().wants_read());
  EXPECT_THAT(gateway.story(),
              ElementsAre("1 opened", "1 accepted", "1 accepted 124", "1 accepted 124"));
  const GatewayCounters counters = gateway.gateway().counters();
  EXPECT_EQ(counters.connections, 1U);
  EXPECT_EQ(counters.accepted, 3U);
  EXPECT_EQ(counters.rejected, 0U);
  EXPECT_EQ(counters.discarded, 0U);
  EXPECT_EQ(counters.not_json, 0U);
  EXPECT_EQ(counters.bytes, three.size());
}

TEST(GatewayEngine, WritesDownEveryFieldOfANotification) {
  GatewayByHand gateway;
  gateway.open();
  gateway.feed(hex(golden::kFramedHex));
  const std::vector<LedgerEvent> events = gateway.events();
  ASSERT_EQ(events.size(), 2U);
  const LedgerEvent& event = events[1];
  EXPECT_EQ(event.kind, EventKind::Notification);
  EXPECT_EQ(event.outcome, EventOutcome::Accepted);
  EXPECT_EQ(event.at, kManualStart);
  EXPECT_EQ(event.environment, Environment::Production);
  EXPECT_EQ(event.nth, 1U);
  EXPECT_EQ(event.identifier, 124U);
  EXPECT_EQ(event.device_token, golden::kDeviceTokenHex);
  EXPECT_EQ(event.topic, "com.example.app");
  EXPECT_EQ(event.priority, 10);
  EXPECT_EQ(event.expiration, 0x5c2aad80U);
  EXPECT_EQ(event.payload, golden::kPayload);
  EXPECT_EQ(event.payload_bytes, golden::kPayload.size());
  EXPECT_TRUE(event.payload_is_json);
  EXPECT_FALSE(event.status.has_value());
  EXPECT_FALSE(event.why.has_value());
  EXPECT_EQ(event.cause, "");
}

TEST(GatewayEngine, NamesTheFirstBadOneAndDiscardsWhatIsBehindIt) {
  GatewayByHand gateway;
  gateway.open();
  const Bytes bytes = join({framed(1), framed(2), framed_bad(3), framed(4), framed_bad(5)});
  EXPECT_EQ(gateway.feed(bytes), bytes.size());
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
  EXPECT_THAT(gateway.said(), ElementsAre("080200000003"));

  // Nothing is accepted any more, however long the connection lasts.
  EXPECT_EQ(gateway.feed(framed(6)), framed(6).size());
  gateway.advance(std::chrono::minutes(1));
  EXPECT_THAT(gateway.said(), IsEmpty());
  gateway.hang_up();
  EXPECT_THAT(
      gateway.story(),
      ElementsAre("1 opened", "1 accepted 1", "1 accepted 2", "1 rejected 3 status 2 rule",
                  "1 discarded 4", "1 discarded 5", "1 discarded 6", "1 closed service fin"));
  const GatewayCounters counters = gateway.gateway().counters();
  EXPECT_EQ(counters.accepted, 2U);
  EXPECT_EQ(counters.rejected, 1U);
  EXPECT_EQ(counters.discarded, 3U);
  EXPECT_EQ(counters.bytes, bytes.size() + framed(6).size());
}

TEST(GatewayEngine, NumbersNotificationsOfEveryOutcomeOnTheirConnection) {
  GatewayByHand gateway;
  gateway.open();
  gateway.feed(join({framed(70), framed_bad(80), framed(90)}));
  std::vector<std::uint64_t> nth;
  for (const LedgerEvent& event : gateway.events()) {
    if (event.kind == EventKind::Notification) {
      nth.push_back(event.nth);
    }
  }
  EXPECT_THAT(nth, ElementsAre(1U, 2U, 3U));
}

TEST(GatewayEngine, EchoesTheIdentifierByteForByte) {
  for (const char* identifier : {"00000001", "7fffffff", "80000000", "ffffffff", "01020304"}) {
    GatewayByHand gateway;
    gateway.open();
    gateway.feed(frame({item(3, hex(identifier)), item(1, {})}));
    EXPECT_THAT(gateway.said(), ElementsAre("0802" + std::string(identifier)));
  }
}

TEST(GatewayEngine, SeversTheConnectionOfASimpleNotificationWithoutAPacket) {
  GatewayByHand gateway;
  gateway.open();
  gateway.feed(join({framed(1), simple({}, copy_of(as_bytes("{}"))), framed(2)}));
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
  EXPECT_THAT(gateway.said(), IsEmpty());
  EXPECT_THAT(gateway.story(), ElementsAre("1 opened", "1 accepted 1",
                                           "1 rejected status 2 rule unanswered", "1 discarded 2"));
}

struct WireCase {
  const char* name;
  Bytes bytes;
  const char* packet;  // "": severed without one
  const char* rule;
  const char* profile = "2025";
};

class GatewayEngineOn : public testing::TestWithParam<WireCase> {};

/// What a connection did, for the comparison of splits.
struct Trace {
  Lines said;
  Close close = Close::None;
  Lines story;

  [[nodiscard]] bool operator==(const Trace&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Trace& trace) {
  for (const std::string& run : trace.said) {
    out << run << ", ";
  }
  out << "close " << static_cast<int>(trace.close);
  for (const std::string& line : trace.story) {
    out << ", " << line;
  }
  return out;
}

/// A connection as a subject of split_feed.
class Subject {
 public:
  explicit Subject(GatewayByHand::Setup setup)
      : gateway_(std::make_unique<GatewayByHand>(std::move(setup))) {
    gateway_->open();
  }

  void feed(ByteView part) { EXPECT_EQ(gateway_->feed(part), part.size()); }

  Trace finish() {
    Trace trace;
    trace.said = gateway_->said();
    trace.close = gateway_->engine().close();
    trace.story = gateway_->story();
    return trace;
  }

 private:
  std::unique_ptr<GatewayByHand> gateway_;
};

TEST_P(GatewayEngineOn, DrawsItsStatusAtEverySplit) {
  const WireCase& row = GetParam();
  GatewayByHand::Setup setup;
  setup.options.profile = find_profile(row.profile);
  ASSERT_NE(setup.options.profile, nullptr);

  GatewayByHand gateway(setup);
  gateway.open();
  gateway.feed(row.bytes);
  EXPECT_EQ(gateway.said(), row.packet[0] == '\0' ? Lines{} : Lines{row.packet});
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
  const std::vector<LedgerEvent> events = gateway.events();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].outcome, EventOutcome::Rejected);
  EXPECT_EQ(events[1].cause, "rule");
  ASSERT_TRUE(events[1].why.has_value());
  EXPECT_EQ(events[1].why->rule, row.rule);
  EXPECT_EQ(gateway.gateway().counters().rejected, 1U);

  const auto make = [&setup] { return Subject(setup); };
  test::expect_at_every_split(row.bytes, test::feed_whole(row.bytes, make), make);
}

Bytes json_of(std::size_t len) {
  return copy_of(as_bytes("\"" + std::string(len - 2, 'x') + "\""));
}

const WireCase kWireCases[] = {
    {"EmptyToken", framed_bad(9), "080200000009", "binary/device-token-is-present"},
    {"NoTokenItem", frame({item(3, big_endian(9)), item(2, json_of(2))}), "080200000009",
     "binary/device-token-is-present"},
    {"EmptyFrame", frame({}), "080200000000", "binary/device-token-is-present"},
    {"EnhancedEmptyToken", enhanced(9, 0, {}, json_of(2)), "080200000009",
     "binary/device-token-is-present"},
    {"SimpleEmptyToken", simple({}, json_of(2)), "", "binary/device-token-is-present"},
    {"NoPayloadItem", frame({item(3, big_endian(9)), item(1, device_token())}), "080400000009",
     "binary/payload-is-present"},
    {"EmptyPayload", frame({item(1, device_token()), item(2, {}), item(3, big_endian(9))}),
     "080400000009", "binary/payload-is-present"},
    {"TokenTooLong", frame({item(1, pattern(101)), item(2, json_of(2)), item(3, big_endian(9))}),
     "080500000009", "binary/device-token-size"},
    {"PayloadTooLong",
     frame({item(1, device_token()), item(2, json_of(2049)), item(3, big_endian(9))}),
     "080700000009", "binary/payload-size"},
    {"EnhancedPayloadTooLong", enhanced(9, 0, device_token(), json_of(257)), "080700000009",
     "binary/payload-size", "pedantic"},
    {"SimplePayloadTooLong", simple(device_token(), json_of(257)), "", "binary/payload-size",
     "2013"},
    {"BadPriority",
     frame({item(1, device_token()), item(2, json_of(2)), item(3, big_endian(9)),
            item(5, hex("07"))}),
     "088000000009", "binary/priority-is-5-or-10"},
    {"UnknownCommand", hex("03"), "088000000000", "binary/command-is-known"},
    {"ErrorPacketFromTheProvider", hex("080800000001"), "088000000000", "binary/command-is-known"},
    {"ItemPastFrame", hex("0200000005 01 0020 0001"), "088000000000", "binary/items-fit-the-frame"},
    {"ItemPastFrameBehindItsIdentifier", hex("020000000c 03 0004 00000009 01 0020 0001"),
     "088000000009", "binary/items-fit-the-frame"},
    {"IdentifierOfThreeBytes", hex("0200000006 03 0003 000009"), "088000000000",
     "binary/item-lengths-are-fixed"},
    {"ExpirationOfEightBytes", hex("0200000012 03 0004 00000009 04 0008 0000000000000000"),
     "088000000009", "binary/item-lengths-are-fixed"},
    {"FrameTooLong", hex("02 ffffffff"), "088000000000", "binary/frame-length-is-bounded"},
};

INSTANTIATE_TEST_SUITE_P(Bytes, GatewayEngineOn, testing::ValuesIn(kWireCases),
                         [](const auto& row) { return row.param.name; });

TEST(GatewayEngine, DoesTheSameWhereverTheBytesAreCut) {
  const Bytes bytes = join({hex(golden::kSimpleHex), framed(1, "not JSON"),
                            hex(golden::kEnhancedHex), framed(2), framed_bad(3), framed(4)});
  const auto make = [] { return Subject({}); };
  const Trace whole = test::feed_whole(bytes, make);
  EXPECT_THAT(whole.said, ElementsAre("080200000003"));
  EXPECT_EQ(whole.story.back(), "1 discarded 4");
  test::expect_at_every_split(bytes, whole, make);
}

TEST(GatewayEngine, DecidesTheSameWithoutALedger) {
  GatewayByHand::Setup setup;
  setup.with_ledger = false;
  GatewayByHand gateway(setup);
  gateway.open();
  gateway.feed(join({framed(1), framed(2, "not JSON"), framed_bad(3), framed(4)}));
  EXPECT_THAT(gateway.said(), ElementsAre("080200000003"));
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
  gateway.open();
  gateway.feed(hex("03"));
  EXPECT_THAT(gateway.said(), ElementsAre("088000000000"));
  const GatewayCounters counters = gateway.gateway().counters();
  EXPECT_EQ(counters.connections, 2U);
  EXPECT_EQ(counters.accepted, 2U);
  EXPECT_EQ(counters.rejected, 2U);
  EXPECT_EQ(counters.discarded, 1U);
  EXPECT_EQ(counters.not_json, 1U);
  EXPECT_THAT(gateway.events(), IsEmpty());
}

TEST(GatewayEngine, AcceptsWhatIsNotJsonAndSaysWhy) {
  GatewayByHand gateway;
  gateway.open();
  gateway.feed(join({framed(1, "Hello"), framed(2)}));
  EXPECT_THAT(gateway.said(), IsEmpty());
  const std::vector<LedgerEvent> events = gateway.events();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[1].outcome, EventOutcome::Accepted);
  EXPECT_FALSE(events[1].payload_is_json);
  EXPECT_EQ(events[1].payload, "Hello");
  ASSERT_TRUE(events[1].why.has_value());
  EXPECT_EQ(events[1].why->rule, "binary/payload-is-json");
  EXPECT_EQ(events[1].why->found, "a payload that is not JSON");
  EXPECT_EQ(events[1].why->fix,
            "send a JSON object; the service takes it, but no phone will show anything");
  EXPECT_TRUE(events[2].payload_is_json);
  EXPECT_FALSE(events[2].why.has_value());
  EXPECT_EQ(gateway.gateway().counters().not_json, 1U);
}

TEST(GatewayEngine, ClosesASilentConnectionAfterTwoHours) {
  GatewayByHand gateway;
  gateway.open();
  gateway.feed(framed(1));
  gateway.advance(std::chrono::minutes(100));
  gateway.feed(framed(2));
  gateway.advance(std::chrono::minutes(119));
  EXPECT_EQ(gateway.engine().close(), Close::None);
  gateway.advance(std::chrono::minutes(1));
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
  EXPECT_THAT(gateway.said(), IsEmpty());
}

std::shared_ptr<const auth::CertificateIdentity> identity(const char* uid, const char* name) {
  auto made = std::make_shared<auth::CertificateIdentity>();
  made->uid = uid;
  made->common_name = name;
  return made;
}

TEST(GatewayEngine, TakesTheTopicFromTheCertificate) {
  GatewayByHand gateway;
  gateway.open(identity("com.example.other", "Apple Push Services: com.example.other"));
  gateway.feed(framed(1));
  const std::vector<LedgerEvent> events = gateway.events();
  EXPECT_EQ(events[0].auth, "com.example.other");
  EXPECT_EQ(events[1].topic, "com.example.other");
}

TEST(GatewayEngine, RejectsACertificateWithoutTopicInTheStrictWorld) {
  GatewayByHand::Setup setup;
  setup.world.open = false;
  GatewayByHand strict(setup);
  strict.open(identity("", "somebody"));
  strict.feed(framed(1));
  EXPECT_THAT(strict.said(), ElementsAre("080300000001"));
  EXPECT_EQ(strict.events()[0].auth, "somebody");

  GatewayByHand open_world;
  open_world.open(identity("", "somebody"));
  open_world.feed(framed(1));
  EXPECT_THAT(open_world.said(), IsEmpty());
}

TEST(GatewayEngine, ShutsDownNamingTheLastOneItAccepted) {
  GatewayByHand gateway;
  gateway.open();
  gateway.feed(join({framed(41), framed(42)}));
  const std::size_t wakes = gateway.num_wakes();
  gateway.gateway().shut_down(0, gateway.now());
  EXPECT_EQ(gateway.num_wakes(), wakes + 1);
  EXPECT_THAT(gateway.said(), ElementsAre("080a0000002a"));
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
  gateway.feed(framed(43));
  EXPECT_EQ(gateway.story().back(), "1 discarded 43");
}

TEST(GatewayEngine, ShutsDownWithIdentifierZeroWhereNothingWasAccepted) {
  GatewayByHand gateway;
  gateway.open();
  gateway.gateway().shut_down(0, gateway.now());
  EXPECT_THAT(gateway.said(), ElementsAre("080a00000000"));
}

TEST(GatewayEngine, ShutsDownOnceAndNotAfterAnErrorPacket) {
  GatewayByHand gateway;
  gateway.open();
  gateway.gateway().shut_down(0, gateway.now());
  gateway.gateway().shut_down(0, gateway.now());
  EXPECT_THAT(gateway.said(), ElementsAre("080a00000000"));

  GatewayByHand rejecting;
  rejecting.open();
  rejecting.feed(framed_bad(1));
  rejecting.gateway().shut_down(0, rejecting.now());
  EXPECT_THAT(rejecting.said(), ElementsAre("080200000001"));
}

TEST(GatewayEngine, ShutsDownAConnectionThatOpensAfterwardsToo) {
  GatewayByHand gateway;
  gateway.gateway().shut_down(0, gateway.now());
  gateway.open();
  EXPECT_THAT(gateway.said(), ElementsAre("080a00000000"));
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
}

TEST(GatewayEngine, ClosesWhenTheProviderDoes) {
  GatewayByHand gateway;
  gateway.open();
  gateway.feed(framed(1));
  gateway.engine().ended(End::CloseNotify, gateway.now());
  EXPECT_EQ(gateway.engine().close(), Close::CloseNotifyThenDrain);
  gateway.open();
  gateway.engine().ended(End::Reset, gateway.now());
  EXPECT_EQ(gateway.engine().close(), Close::Reset);
  gateway.hang_up();
  EXPECT_THAT(gateway.story(), ElementsAre("1 opened", "1 accepted 1", "1 closed provider fin",
                                           "2 opened", "2 closed provider rst"));
}

struct StrangerCase {
  const char* name;
  std::string bytes;
  const char* problem;
};

class GatewayEngineToldBy : public testing::TestWithParam<StrangerCase> {};

TEST_P(GatewayEngineToldBy, LogsOneLine) {
  const StrangerCase& row = GetParam();
  GatewayByHand gateway;
  gateway.open();
  gateway.feed(as_bytes(row.bytes));
  gateway.feed(as_bytes(row.bytes));
  EXPECT_THAT(gateway.problems(), ElementsAre(row.problem));
  EXPECT_THAT(gateway.said(), ElementsAre("088000000000"));
}

const StrangerCase kStrangers[] = {
    {"Http2", std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
     "1 binary these are HTTP/2 bytes on the binary gateway's port; the gateway speaks the legacy "
     "binary protocol only."},
    {"Http1Get", "GET / HTTP/1.1\r\n\r\n",
     "1 binary these are HTTP/1 bytes on the binary gateway's port; the gateway speaks the legacy "
     "binary protocol only."},
    {"Http1Post", "POST /3/device/00 HTTP/1.1\r\n\r\n",
     "1 binary these are HTTP/1 bytes on the binary gateway's port; the gateway speaks the legacy "
     "binary protocol only."},
    {"Garbage", "\xff\xfe",
     "1 binary the first byte is ff, which is no command of the binary protocol (00, 01 or 02)."},
};

INSTANTIATE_TEST_SUITE_P(Stranger, GatewayEngineToldBy, testing::ValuesIn(kStrangers),
                         [](const auto& row) { return row.param.name; });

TEST(GatewayEngine, LogsNothingForABadByteBehindANotification) {
  GatewayByHand gateway;
  gateway.open();
  gateway.feed(join({framed(1), hex("ff")}));
  EXPECT_THAT(gateway.said(), ElementsAre("088000000000"));
  EXPECT_THAT(gateway.problems(), IsEmpty());
}

}  // namespace
}  // namespace apns::mock
