// The reader opposite a peer that says what it is told, in the memory host without TLS. Proves the
// rules feedback/truncation-is-reported, feedback/implausible-tuples-are-refused,
// feedback/reader-gives-up-on-silence, feedback/one-reader-at-a-time, feedback/reader-closes and
// feedback/newest-timestamp-counts.
#include "provider/feedback_reader.h"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/memory_host.h"
#include "provider/feedback_collector.h"
#include "tests/apns/binary/wire_builder.h"
#include "tests/golden/feedback_golden.h"
#include "tests/support/feedback_recorder.h"
#include "tests/support/probe_network.h"

namespace apns::provider {
namespace {

using apns::test::FeedbackRecorder;
using apns::test::Probe;
using apns::test::ProbeService;
using apns::test::to_text;
using binary::test::hex;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr WorldTime kNow = std::chrono::sys_days{std::chrono::year{2025} / 1 / 1};  // 1735689600

class FeedbackReaderTest : public testing::Test {
 protected:
  FeedbackReaderTest() : host(clock, 1) {
    at = host.listen(Endpoint{"feedback", 0}, service);
    use(sink);
  }

  void use(FeedbackSink& wanted) {
    FeedbackReaderOptions options;
    options.service = at;
    options.idle_limit = 10s;
    options.total_limit = 60s;
    reader =
        std::make_unique<FeedbackReader>(options, apns::test::checked(plain_transport()), wanted);
    reader->use_dialer(host.make_dialer(*reader));
  }

  /// The peer of the next connection says this and ends.
  void say(const std::string& wire_hex, Close close = Close::CloseNotifyThenDrain) {
    Probe& probe = service.probes[++num_connections];
    probe.out.append(hex(wire_hex));
    probe.close = close;
  }

  /// One poll to its end, as text.
  std::string poll() {
    EXPECT_TRUE(reader->poll(kNow));
    const std::size_t wanted = sink.results.size() + 1;
    EXPECT_TRUE(host.run_until([&] { return sink.results.size() == wanted; }, host.now() + 1h));
    return sink.results.empty() ? "none" : to_text(sink.results.back());
  }

  /// The peer has heard of the end too.
  [[nodiscard]] bool all_closed() {
    host.run_for(1ms);
    return host.num_open() == 0;
  }

  ManualClock clock;
  ProbeService service;
  FeedbackRecorder sink;
  MemoryHost host;
  Endpoint at;
  std::unique_ptr<FeedbackReader> reader;
  std::uint64_t num_connections = 0;
};

struct Case {
  const char* name;
  std::string wire_hex;
  Close close;
  std::string expected;
  std::string detail = {};
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

// TlsRecord: field reports C46, jpoz/APNS#8.
class FeedbackReaderEnd : public FeedbackReaderTest, public testing::WithParamInterface<Case> {};

TEST_P(FeedbackReaderEnd, IsToldAsItWas) {
  say(GetParam().wire_hex, GetParam().close);
  EXPECT_EQ(poll(), GetParam().expected);
  EXPECT_EQ(sink.results[0].detail, GetParam().detail);
  EXPECT_TRUE(all_closed());
}

TEST_P(FeedbackReaderEnd, IsTheSameByteByByte) {
  host.set_links([](std::uint64_t /*connection*/) {
    LinkOptions link;
    link.split_min = 1;
    link.split_max = 1;
    return link;
  });
  say(GetParam().wire_hex, GetParam().close);
  EXPECT_EQ(poll(), GetParam().expected);
}

constexpr Close kFin = Close::CloseNotifyThenDrain;
const std::string kGood = "5c2aad800001a1";
// With the header of the record 37 bytes, as many as were captured.
const std::string kCiphertext = "c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3";

INSTANTIATE_TEST_SUITE_P(
    Streams, FeedbackReaderEnd,
    testing::Values(
        Case{"Empty", "", kFin, "complete 0 at 0"},
        Case{"Golden", std::string(golden::kTwoFeedbackTuplesHex), kFin, "complete 2 at 45"},
        Case{"CutInTheToken", kGood + "5c2aad80000aa1a1", kFin, "truncated 1 at 7, rest 8"},
        Case{"CutInTheHeader", kGood + "5c", kFin, "truncated 1 at 7, rest 1"},
        Case{"Reset", kGood + "5c2aad", Close::Reset, "lost 1 at 7, rest 3",
             "the connection was reset"},
        Case{"ResetBetweenTuples", kGood, Close::Reset, "lost 1 at 7", "the connection was reset"},
        Case{"NoToken", kGood + "5c2aad800000a1a1a1", kFin, "implausible 1 at 7, rest 6",
             "a device token of 0 bytes in the tuple at byte 7: what the service sends is no "
             "feedback"},
        Case{"LongToken", "5c2aad800065", kFin, "implausible 0 at 0, rest 6",
             "a device token of 101 bytes in the tuple at byte 0: what the service sends is no "
             "feedback"},
        Case{"TlsRecord", std::string(golden::kTlsAlertRecordHex) + kCiphertext, kFin,
             "implausible 0 at 0, rest 6",
             "a device token of 8387 bytes in the tuple at byte 0: what the service sends is no "
             "feedback"},
        Case{"In2009", "495c07800001a1", kFin, "complete 1 at 7"},
        Case{"Before2009", "495c077f0001a1" + kGood, kFin, "implausible 0 at 0, rest 7",
             "a timestamp of 1230767999 in the tuple at byte 0: what the service sends is no "
             "feedback"},
        Case{"ADayAhead", "6775d7000001a1", kFin, "complete 1 at 7"},
        Case{"MoreThanADayAhead", kGood + "6775d7010001a1" + kGood, kFin,
             "implausible 1 at 7, rest 7",
             "a timestamp of 1735776001 in the tuple at byte 7: what the service sends is no "
             "feedback"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(FeedbackReaderTest, HandsOverWhatCameInOrder) {
  say(std::string(golden::kTwoFeedbackTuplesHex));
  (void)poll();
  const std::vector<binary::FeedbackTuple> expected = {
      {1546300799, *DeviceToken::parse("a1")},
      {1546300800,
       *DeviceToken::parse("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")}};
  EXPECT_EQ(sink.tuples, expected);
}

TEST_F(FeedbackReaderTest, SaysNothingItself) {
  say(kGood);
  (void)poll();
  EXPECT_THAT(service.probes.at(1).received, IsEmpty());
}

TEST_F(FeedbackReaderTest, GivesUpOnAServiceThatNeverCloses) {
  say("", Close::None);
  EXPECT_EQ(poll(), "timed out 0 at 0");
  EXPECT_LT(host.now(), TimePoint{} + 11s);
  EXPECT_EQ(sink.results[0].detail, "");
  say(kGood + "5c", Close::None);
  EXPECT_EQ(poll(), "timed out 1 at 7, rest 1");
  EXPECT_TRUE(all_closed());
}

TEST_F(FeedbackReaderTest, GivesUpOnAServiceThatGoesOnForEver) {
  say("", Close::None);
  for (int i = 0; i < 20; ++i) {
    host.at(TimePoint{} + i * 9s, [this] {
      service.probes.at(1).out.append(hex(kGood));
      service.probes.at(1).wake();
    });
  }
  EXPECT_EQ(poll(), "timed out 7 at 49");
  EXPECT_LT(host.now(), TimePoint{} + 61s);
}

TEST_F(FeedbackReaderTest, TellsASilentEndFromOneThatLacksSomething) {
  say(kGood, Close::None);
  EXPECT_EQ(poll(), "timed out 1 at 7");
  EXPECT_TRUE(sink.results[0].is_silent);
  say(kGood + "5c", Close::None);
  (void)poll();
  EXPECT_FALSE(sink.results[1].is_silent) << "the rest of a tuple is missing";
  say("", Close::None);
  for (int i = 0; i < 20; ++i) {
    host.at(host.now() + i * 9s, [this] {
      service.probes.at(3).out.append(hex(kGood));
      service.probes.at(3).wake();
    });
  }
  (void)poll();
  EXPECT_FALSE(sink.results[2].is_silent) << "the service was still speaking";
  say(kGood);
  (void)poll();
  EXPECT_FALSE(sink.results[3].is_silent);
}

TEST_F(FeedbackReaderTest, AGivenUpPollEndsWithWhatCame) {
  say(kGood + "5c2a", Close::None);
  EXPECT_TRUE(reader->poll(kNow));
  host.run_for(1s);
  reader->give_up();
  host.run_for(1ms);
  ASSERT_EQ(sink.results.size(), 1U);
  EXPECT_EQ(to_text(sink.results[0]), "timed out 1 at 7");
  EXPECT_FALSE(sink.results[0].is_silent);
  EXPECT_EQ(sink.tuples.size(), 1U);
  EXPECT_TRUE(all_closed());
  reader->give_up();  // nothing is under way
  say(kGood);
  EXPECT_EQ(poll(), "complete 1 at 7");
}

TEST_F(FeedbackReaderTest, ADialThatHangsCanBeGivenUp) {
  host.set_links([](std::uint64_t /*connection*/) {
    LinkOptions link;
    link.hang = true;
    return link;
  });
  EXPECT_TRUE(reader->poll(kNow));
  host.run_for(1s);
  reader->give_up();
  host.run_for(1ms);
  ASSERT_EQ(sink.results.size(), 1U);
  EXPECT_EQ(to_text(sink.results[0]), "timed out 0 at 0");
}

TEST_F(FeedbackReaderTest, SilenceIsCountedFromTheLastByte) {
  say("", Close::None);
  host.at(TimePoint{} + 9s, [this] { service.probes.at(1).say(std::string("\x5c\x2a", 2)); });
  host.at(TimePoint{} + 18s, [this] {
    service.probes.at(1).say(std::string("\xad\x80\x00\x01\xa1", 5));
    service.probes.at(1).end_with(Close::CloseNotifyThenDrain);
  });
  EXPECT_EQ(poll(), "complete 1 at 7");
}

// field reports C53, node-apn/node-apn#298.
TEST_F(FeedbackReaderTest, OnePollAtATime) {
  say(kGood);
  EXPECT_TRUE(reader->poll(kNow));
  EXPECT_FALSE(reader->poll(kNow));
  host.run_for(1s);
  EXPECT_FALSE(sink.results.empty());
  EXPECT_EQ(service.probes.size(), 1U);
}

TEST_F(FeedbackReaderTest, TheNextPollMayBeginWhenOneHasFinished) {
  say(kGood);
  say("5c2a");
  sink.on_finished = [this] {
    if (sink.results.size() == 1) {
      EXPECT_TRUE(reader->poll(kNow));
    }
  };
  EXPECT_TRUE(reader->poll(kNow));
  host.run_for(1s);
  ASSERT_EQ(sink.results.size(), 2U);
  EXPECT_EQ(to_text(sink.results[0]), "complete 1 at 7");
  EXPECT_EQ(to_text(sink.results[1]), "truncated 0 at 0, rest 2");
}

TEST_F(FeedbackReaderTest, SaysWhyThereWasNoConnection) {
  host.unlisten(at);
  EXPECT_EQ(poll(), "lost 0 at 0");
  EXPECT_THAT(sink.results[0].detail, HasSubstr("refused"));
  host.set_links([](std::uint64_t /*connection*/) {
    LinkOptions link;
    link.hang = true;
    return link;
  });
  EXPECT_EQ(poll(), "lost 0 at 0");
  EXPECT_THAT(sink.results[1].detail, HasSubstr("timed out"));
}

TEST_F(FeedbackReaderTest, TheCollectorKeepsTheNewestTimeOfEachToken) {
  FeedbackCollector collector(2);
  use(collector);
  say("5c2aad80 0001 a1  5c2aad81 0001 b2  5c2aad90 0001 a1  5c2aad7f 0001 b2  5c2aad80 0001 c3");
  EXPECT_TRUE(reader->poll(kNow));
  EXPECT_FALSE(collector.result().has_value());
  host.run_for(1s);
  ASSERT_TRUE(collector.result().has_value());
  EXPECT_EQ(collector.result()->num_tuples, 5U);
  EXPECT_EQ(collector.num_dropped(), 1U);
  const std::unordered_map<DeviceToken, std::uint32_t> expected = {
      {*DeviceToken::parse("a1"), 0x5c2aad90}, {*DeviceToken::parse("b2"), 0x5c2aad81}};
  EXPECT_EQ(collector.gone_since(), expected);
}

TEST_F(FeedbackReaderTest, TheCollectorBeginsAnewWhenItWasEmptied) {
  FeedbackCollector collector(1);
  EXPECT_FALSE(collector.is_full());
  collector.tuple({100, *DeviceToken::parse("a1")});
  EXPECT_TRUE(collector.is_full());
  EXPECT_EQ(collector.take().size(), 1U);
  EXPECT_FALSE(collector.is_full());
  collector.tuple({99, *DeviceToken::parse("a1")});
  EXPECT_EQ(collector.gone_since().at(*DeviceToken::parse("a1")), 99U);
  EXPECT_EQ(collector.num_dropped(), 0U);
}

}  // namespace
}  // namespace apns::provider
