// The engine between two others: bytes, ends, breaks, pressure, time. What goes wrong:
// tls_failures_test.cpp. Certificates: tls_certificates_test.cpp.
#include "apns/tls/tls_engine.h"

#include <malloc.h>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/random.h"
#include "tests/apns/tls/tls_engine_fixture.h"

namespace apns::tls {

namespace {

using std::chrono::seconds;
using test::Probe;
using test::text_of;
using test::TlsEngineTest;
using test::TlsPair;
using test::TlsRecord;
using testing::ElementsAre;

INSTANTIATE_TEST_SUITE_P(All, TlsEngineTest, testing::Values(Version::Tls12, Version::Tls13),
                         [](const auto& row) {
                           return row.param == Version::Tls12 ? "Tls12" : "Tls13";
                         });

// ---- any split gives the same events

/// A conversation of several records both ways with breaks, ends and all.
std::string events_of(TlsPair& pair) {
  pair.client.probe.out.append(as_bytes("first"));
  pair.client.probe.out.add_break();
  pair.client.probe.out.append(as_bytes(text_of(40'000)));
  pair.server.probe.out.append(as_bytes("welcome"));
  pair.server.probe.out.add_break();
  pair.server.probe.out.append(as_bytes(text_of(3'000)));
  pair.run();
  pair.client.probe.end_with(Close::CloseNotifyThenDrain);
  pair.run();
  std::string events;
  for (const test::TlsEnd* end : {&pair.server, &pair.client}) {
    const Probe& probe = end->probe;
    events += probe.peer.tls_version + " sni " + probe.peer.sni + " got " + probe.received +
              " end " + (probe.end ? std::to_string(static_cast<int>(*probe.end)) : "none") +
              " closed " + std::to_string(static_cast<int>(end->closed)) + " failures " +
              std::to_string(end->failures.size()) + "\n";
  }
  return events;
}

TEST_P(TlsEngineTest, AnySplitGivesTheSameEvents) {
  const std::string expected = events_of(*make_pair());
  EXPECT_THAT(expected, testing::HasSubstr(text_of(40'000)));
  EXPECT_THAT(expected, testing::HasSubstr(text_of(3'000)));

  const auto in_bytes = make_pair();
  in_bytes->cut = [](std::size_t /*waiting*/) { return 1; };
  ASSERT_EQ(events_of(*in_bytes), expected) << "byte by byte";

  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto pair = make_pair();
    RandomStream random(seed, 0);
    pair->cut = [&random](std::size_t waiting) {
      // Small pieces cut headers and handshake messages, large ones join records.
      return random_between(random.next(), 1, random.next() % 4 == 0 ? 64 : waiting);
    };
    ASSERT_EQ(events_of(*pair), expected) << "seed " << seed;
  }
}

// ---- ends

TEST_P(TlsEngineTest, TellsCloseNotifyFromTruncation) {
  const auto said = make_open_pair();
  said->client.probe.end_with(Close::CloseNotifyThenDrain);
  said->run();
  EXPECT_EQ(said->server.probe.end, End::CloseNotify);

  const auto cut_off = make_open_pair();
  cut_off->end_stream(cut_off->client, cut_off->server);
  EXPECT_EQ(cut_off->server.probe.end, End::Fin);
  EXPECT_TRUE(cut_off->server.failures.empty())
      << "a connection that was up does not fail by ending";
}

struct CloseCase {
  Close how;
  bool says_close_notify;
  std::optional<End> seen;
};

TEST_P(TlsEngineTest, InnerClosesAreSeenOnTheWire) {
  static constexpr CloseCase kCases[] = {
      {Close::CloseNotifyThenDrain, true, End::CloseNotify},
      {Close::CloseNotify, true, End::CloseNotify},
      {Close::FinOnly, false, End::Fin},
      {Close::Reset, false, End::Reset},
      {Close::Vanish, false, std::nullopt},
  };
  for (const CloseCase& row : kCases) {
    SCOPED_TRACE(static_cast<int>(row.how));
    const auto pair = make_open_pair();
    const std::size_t before = pair->server.wire.size();
    pair->server.probe.out.append(as_bytes("last words"));
    pair->server.probe.end_with(row.how);
    pair->run();
    EXPECT_EQ(pair->server.closed, row.how) << "handed down to the host";
    EXPECT_EQ(pair->client.probe.received, "last words");
    EXPECT_EQ(pair->client.probe.end, row.seen);
    const auto records = test::parse_records(ByteView(pair->server.wire).subspan(before));
    ASSERT_EQ(records.size(), row.says_close_notify ? 2U : 1U);
    EXPECT_EQ(records[0].type, test::kDataRecord);
    if (row.says_close_notify) {
      // TLS 1.3 hides the type.
      EXPECT_EQ(records[1].type,
                GetParam() == Version::Tls12 ? test::kAlertRecord : test::kDataRecord);
    }
  }
}

TEST_P(TlsEngineTest, ResetByTheHostReachesTheInnerEngine) {
  const auto pair = make_open_pair();
  pair->client.probe.end_with(Close::Reset);
  pair->run();
  EXPECT_EQ(pair->server.probe.end, End::Reset);
}

TEST_P(TlsEngineTest, CloseNotifyBehindUnreadDataIsNotTakenForATruncation) {
  const auto pair = make_open_pair();
  pair->server.probe.stop_reading_at = 3;
  pair->client.probe.out.append(as_bytes("abcdef"));
  pair->client.probe.end_with(Close::CloseNotifyThenDrain);
  pair->run();  // close_notify and the end of stream both arrive behind what is not read
  EXPECT_FALSE(pair->server.probe.end);
  pair->server.probe.stop_reading_at = SIZE_MAX;
  pair->server.probe.reads = true;
  pair->server.probe.wake();
  pair->run();
  EXPECT_EQ(pair->server.probe.received, "abcdef");
  EXPECT_EQ(pair->server.probe.end, End::CloseNotify);
}

TEST_P(TlsEngineTest, HalfClosedByThePeerStillSends) {
  const auto pair = make_open_pair();
  pair->server.probe.close_at_end = Close::None;
  pair->client.probe.end_with(Close::CloseNotifyThenDrain);
  pair->run();
  ASSERT_EQ(pair->server.probe.end, End::CloseNotify);
  const std::size_t before = pair->server.wire.size();
  pair->server.probe.say("still here");
  pair->run();
  EXPECT_EQ(test::parse_records(ByteView(pair->server.wire).subspan(before)).size(), 1U);
  pair->server.probe.end_with(Close::CloseNotifyThenDrain);
  pair->run();
  EXPECT_EQ(pair->server.closed, Close::CloseNotifyThenDrain);
}

TEST_P(TlsEngineTest, FactoryThatRefusesResetsTheConnection) {
  const auto pair = make_pair();
  pair->server.refuses = true;
  pair->run();
  EXPECT_EQ(pair->server.closed, Close::Reset);
  EXPECT_TRUE(pair->server.failures.empty());
}

// ---- records

std::vector<TlsRecord> records_since(const test::TlsEnd& end, std::size_t before) {
  return test::parse_records(ByteView(end.wire).subspan(before));
}

TEST_P(TlsEngineTest, BreaksGiveRecordsAndRunsOfTheirOwn) {
  const auto pair = make_open_pair();
  const std::size_t before = pair->server.wire.size();
  const std::size_t runs_before = pair->server.runs.size();
  for (const char* run : {"8", "ab", "cdef"}) {
    pair->server.probe.out.append(as_bytes(run));
    pair->server.probe.out.add_break();
  }
  pair->server.probe.wake();
  pair->run();
  const auto records = records_since(pair->server, before);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[1].len, records[0].len + 1);
  EXPECT_EQ(records[2].len, records[0].len + 3);
  const std::vector<std::size_t> runs(
      pair->server.runs.begin() + static_cast<std::ptrdiff_t>(runs_before),
      pair->server.runs.end());
  EXPECT_THAT(runs, ElementsAre(records[0].len + 5, records[1].len + 5, records[2].len + 5));
  EXPECT_EQ(pair->client.probe.received, "8abcdef");
}

TEST_P(TlsEngineTest, RunsAreCutIntoRecordsOf16Kilobytes) {
  const auto pair = make_open_pair();
  const std::size_t before = pair->client.wire.size();
  pair->client.probe.say(text_of(40'000));
  pair->run();
  const auto records = records_since(pair->client, before);
  ASSERT_EQ(records.size(), 3U);
  const std::size_t overhead = records[0].len - 16'384;
  EXPECT_LE(overhead, 256U);
  EXPECT_EQ(records[1].len, records[0].len);
  EXPECT_EQ(records[2].len, 40'000 - 2 * 16'384 + overhead);
  EXPECT_EQ(pair->server.probe.received, text_of(40'000));
}

TEST_P(TlsEngineTest, RecordsOfOneFeedAreGivenAtOnce) {
  const auto pair = make_open_pair();
  for (int i = 0; i < 100; ++i) {
    pair->client.probe.out.append(as_bytes("xyz"));
    pair->client.probe.out.add_break();
  }
  pair->client.probe.wake();
  pair->client.engine->on_time(pair->now);
  Bytes records;
  for (ByteView run = pair->client.engine->pending(); !run.empty();
       run = pair->client.engine->pending()) {
    records.insert(records.end(), run.begin(), run.end());
    pair->client.engine->sent(run.size(), pair->now);
  }
  EXPECT_EQ(test::parse_records(records).size(), 100U);
  EXPECT_EQ(pair->server.engine->feed(records, pair->now), records.size());
  EXPECT_THAT(pair->server.probe.feeds, ElementsAre(300U));
}

TEST_P(TlsEngineTest, OneFeedGivesAllOfItsRecords) {
  const auto pair = make_open_pair();
  // Records of 10,000 bytes, which do not fill a scratch evenly.
  Bytes records;
  for (std::size_t i = 0; i < 7; ++i) {
    pair->client.probe.say(text_of(10'000));
    pair->client.engine->on_time(pair->now);
    const ByteView run = pair->client.engine->pending();
    records.insert(records.end(), run.begin(), run.end());
    pair->client.engine->sent(run.size(), pair->now);
  }
  EXPECT_EQ(test::parse_records(records).size(), 7U);
  EXPECT_EQ(pair->server.engine->feed(records, pair->now), records.size());
  EXPECT_EQ(pair->server.probe.received.size(), 70'000U);
}

TEST_P(TlsEngineTest, InnerThatIsDoneIsToldNothingMore) {
  const auto pair = make_open_pair();
  pair->server.probe.close_at = 1;
  pair->client.probe.out.append(as_bytes(text_of(300'000)));
  pair->client.probe.end_with(Close::CloseNotifyThenDrain);
  pair->run();
  EXPECT_EQ(pair->server.closed, Close::CloseNotifyThenDrain);
  EXPECT_EQ(pair->server.probe.feeds.size(), 1U) << "though more was there";
  EXPECT_FALSE(pair->server.probe.end);
}

TEST_P(TlsEngineTest, ServerSaysNothingBehindTheHandshake) {
  const auto pair = make_open_pair();
  pair->client.probe.say("data");
  pair->run();
  // Session tickets would be there: they make a silent gateway readable, on which known clients
  // hang.
  if (GetParam() == Version::Tls13) {
    EXPECT_EQ(pair->server.runs.size(), 1U) << "ServerHello to Finished";
    return;
  }
  ASSERT_EQ(pair->server.runs.size(), 2U);
  const auto last_flight = records_since(pair->server, pair->server.runs[0]);
  ASSERT_EQ(last_flight.size(), 2U);
  EXPECT_EQ(last_flight[0].type, test::kChangeCipherSpecRecord);
  EXPECT_EQ(last_flight[1].type, test::kHandshakeRecord) << "Finished";
}

// ---- pressure

TEST_P(TlsEngineTest, InnerThatStopsReadingStopsTheHost) {
  const auto pair = make_open_pair();
  Probe& server = pair->server.probe;
  server.stop_reading_at = 20'000;
  const std::string text = text_of(1'000'000);
  pair->client.probe.say(text);
  pair->run();
  EXPECT_EQ(server.received.size(), 20'000U);
  EXPECT_FALSE(pair->server.engine->wants_read());
  EXPECT_GT(pair->server.inbox.size(), 900'000U) << "it waits below, not in the engine";
  EXPECT_THAT(server.feeds, testing::Each(testing::Gt(0U))) << "no feed without a wish to read";

  server.stop_reading_at = SIZE_MAX;
  server.reads = true;
  server.wake();
  pair->run();
  EXPECT_EQ(server.received, text);
  EXPECT_TRUE(pair->server.engine->wants_read());
}

TEST_P(TlsEngineTest, OutputStopsAtTheHighWaterMark) {
  TlsEngine::Options options;
  options.high_water = 30'000;
  const auto pair = make_open_pair(options);
  Probe& server = pair->server.probe;
  server.out.append(as_bytes(text_of(1'000'000)));
  server.deadline = pair->now;
  Engine& engine = *pair->server.engine;
  engine.on_time(pair->now);
  EXPECT_GE(engine.pending().size(), options.high_water);
  EXPECT_LT(engine.pending().size(), options.high_water + 17'000);
  EXPECT_TRUE(engine.wants_read()) << "else two ends that both write much wait for each other";
  const std::size_t waiting = server.out.size();
  engine.on_time(pair->now);
  EXPECT_EQ(server.out.size(), waiting) << "nothing more is encrypted";
  pair->run();
  EXPECT_EQ(pair->client.probe.received, text_of(1'000'000));
}

TEST_P(TlsEngineTest, BothEndsMayWriteMuchAtOnce) {
  const auto pair = make_open_pair();
  const std::string text = text_of(1'000'000);
  pair->client.probe.say(text);
  pair->server.probe.say(text);
  pair->run();
  EXPECT_EQ(pair->server.probe.received, text);
  EXPECT_EQ(pair->client.probe.received, text);
}

/// The heap in use, in bytes; 0 where an allocator of a sanitizer does not say.
std::size_t heap_in_use() {
  return mallinfo2().uordblks;
}

/// What the test itself keeps of a connection.
void forget(test::TlsEnd& end) {
  std::string().swap(end.probe.received);  // an assignment may keep the capacity
  end.probe.feeds = std::vector<std::size_t>();
  end.probe.feed_times = std::vector<TimePoint>();
  end.runs = std::vector<std::size_t>();
  end.wire = Bytes();
  end.inbox = Bytes();
}

TEST_P(TlsEngineTest, IdleConnectionKeepsNoLargeBuffers) {
  if (heap_in_use() == 0) {
    GTEST_SKIP() << "this allocator does not count";
  }
  constexpr std::size_t kNumPairs = 20;
  std::vector<std::unique_ptr<TlsPair>> fresh;
  const std::size_t start = heap_in_use();
  for (std::size_t i = 0; i < kNumPairs; ++i) {
    fresh.push_back(make_open_pair());
    forget(fresh.back()->server);
    forget(fresh.back()->client);
  }
  const std::size_t idle = heap_in_use() - start;
  for (const auto& pair : fresh) {
    pair->client.probe.say(text_of(200'000));
    pair->server.probe.say(text_of(200'000));
    pair->run();
    for (test::TlsEnd* end : {&pair->server, &pair->client}) {
      EXPECT_EQ(end->probe.received.size(), 200'000U);
      forget(*end);
    }
  }
  const std::size_t after = heap_in_use() - start;
  EXPECT_LE(after, idle + kNumPairs * 4'096) << "200 KB each way leave nothing behind";
  // A connection of OpenSSL takes about 28 KB; its two buffers would be 34 more.
  EXPECT_LE(after, 2 * kNumPairs * (sizeof(Scratch) + 40'000))
      << "buffers of records are given back";
}

// ---- wakes

TEST_P(TlsEngineTest, WakeOfTheInnerEngineLeadsToOutput) {
  const auto pair = make_open_pair();
  pair->server.probe.say("news");
  EXPECT_TRUE(pair->server.woken) << "the host was asked";
  EXPECT_TRUE(pair->server.engine->pending().empty()) << "but nothing happens inside the call";
  pair->run();
  EXPECT_EQ(pair->server.probe.num_on_time, 1U);
  EXPECT_EQ(pair->client.probe.received, "news");
}

TEST_P(TlsEngineTest, TimersOfTheInnerEngineLeadToOutput) {
  const auto pair = make_open_pair();
  Probe& server = pair->server.probe;
  server.deadline = TimePoint{seconds(5)};
  server.on_time = [&server](TimePoint /*now*/) { server.out.append(as_bytes("tick")); };
  pair->now = TimePoint{seconds(4)};
  pair->run();
  EXPECT_EQ(pair->client.probe.received, "");
  pair->now = TimePoint{seconds(5)};
  pair->run();
  EXPECT_EQ(pair->client.probe.received, "tick");
}

}  // namespace

}  // namespace apns::tls
