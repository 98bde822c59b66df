#include "mock_apns/ledger.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/ticker.h"

namespace apns::mock {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LedgerRecord accepted(std::uint64_t connection, std::uint64_t nth, std::string_view payload = {}) {
  LedgerRecord made;
  made.kind = EventKind::Notification;
  made.outcome = EventOutcome::Accepted;
  made.connection = connection;
  made.nth = nth;
  made.payload = as_bytes(payload);
  return made;
}

std::vector<std::uint64_t> seqs_of(const Ledger& ledger) {
  std::vector<std::uint64_t> seqs;
  for (const LedgerEvent& kept : ledger.snapshot()) {
    seqs.push_back(kept.seq);
  }
  return seqs;
}

TEST(Ledger, KeepsAtMostSoManyEvents) {
  Ledger ledger({.keep = 3});
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    EXPECT_EQ(ledger.add(0, accepted(1, seq)), seq);
  }
  EXPECT_THAT(seqs_of(ledger), ElementsAre(1, 2, 3));
  EXPECT_EQ(ledger.num_dropped(), 0U);
  ledger.add(0, accepted(1, 4));
  ledger.add(0, accepted(1, 5));
  EXPECT_THAT(seqs_of(ledger), ElementsAre(3, 4, 5));
  EXPECT_EQ(ledger.num_dropped(), 2U);
}

TEST(Ledger, OrdersWhatRingsHold) {
  Ledger ledger({.threads = 2});
  EXPECT_EQ(ledger.num_rings(), 3U);
  EXPECT_EQ(ledger.outside_ring(), 2U);
  for (const unsigned ring : {2U, 0U, 0U, 1U, 2U, 1U, 0U}) {
    ledger.add(ring, accepted(ring, 0));
  }
  std::vector<std::uint64_t> rings;
  for (const LedgerEvent& event : ledger.snapshot()) {
    rings.push_back(event.connection);
  }
  EXPECT_THAT(rings, ElementsAre(2, 0, 0, 1, 2, 1, 0));
  EXPECT_THAT(seqs_of(ledger), ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST(Ledger, CopiesWhatTheRecordViews) {
  Ledger ledger({});
  {
    std::string topic = "com.example.app";
    LedgerRecord record = accepted(1, 1);
    record.topic = topic;
    ledger.add(0, record);
    topic = "gone";
  }
  EXPECT_EQ(ledger.snapshot().at(0).topic, "com.example.app");
}

TEST(Ledger, TellsAnEventThatIsTooLargeToKeep) {
  Ledger ledger({.keep = 100, .keep_bytes = 1});
  std::vector<std::uint64_t> told;
  ledger.set_listener([&told](const LedgerEvent& e) { told.push_back(e.seq); });
  EXPECT_EQ(ledger.add(0, accepted(1, 1)), 1U);
  EXPECT_THAT(ledger.snapshot(), IsEmpty());
  EXPECT_THAT(told, ElementsAre(1));
  EXPECT_EQ(ledger.num_dropped(), 1U);
}

TEST(Ledger, TellsWhenItCollects) {
  Ledger ledger({});
  std::vector<std::uint64_t> told;
  ledger.set_listener([&told](const LedgerEvent& e) { told.push_back(e.seq); });
  ledger.add(0, accepted(1, 1));
  ledger.add(ledger.outside_ring(), accepted(1, 2));
  EXPECT_THAT(told, IsEmpty());
  ledger.collect();
  EXPECT_THAT(told, ElementsAre(1, 2));
  ledger.collect();
  EXPECT_THAT(told, ElementsAre(1, 2));
}

TEST(Ledger, TellsAtOnceWhenAskedTo) {
  Ledger ledger({.listening = Listening::AtOnce});
  std::vector<std::uint64_t> told;
  ledger.set_listener([&told](const LedgerEvent& e) { told.push_back(e.seq); });
  ledger.add(0, accepted(1, 1));
  EXPECT_THAT(told, ElementsAre(1));
  ledger.add(ledger.outside_ring(), accepted(1, 2));
  EXPECT_THAT(told, ElementsAre(1, 2));
}

TEST(Ledger, StopsTellingWhenAskedTo) {
  Ledger ledger({});
  std::vector<std::uint64_t> told;
  ledger.add(0, accepted(1, 1));
  ledger.set_listener([&told](const LedgerEvent& e) { told.push_back(e.seq); });
  ledger.add(0, accepted(1, 2));
  ledger.set_listener({});
  ledger.add(0, accepted(1, 3));
  ledger.collect();
  EXPECT_THAT(told, ElementsAre(2));
}

TEST(Ledger, LosesNothingWhenARingIsFull) {
  Ledger ledger({.ring_bytes = 1024});
  std::vector<std::uint64_t> told;
  ledger.set_listener([&told](const LedgerEvent& e) { told.push_back(e.seq); });
  for (std::uint64_t nth = 1; nth <= 1000; ++nth) {
    EXPECT_EQ(ledger.add(0, accepted(1, nth)), nth);
  }
  EXPECT_GT(told.size(), 900U) << "a full ring is emptied by who fills it";
  EXPECT_EQ(ledger.snapshot().size(), 1000U);
  ASSERT_EQ(told.size(), 1000U);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
}

TEST(Ledger, TakesARecordThatNoRingHolds) {
  const std::string payload(5000, 'x');
  Ledger ledger({.ring_bytes = 1024});
  ledger.add(ledger.outside_ring(), accepted(1, 1));
  ledger.add(0, accepted(1, 2));
  EXPECT_EQ(ledger.add(0, accepted(1, 3, payload)), 3U);
  ledger.add(0, accepted(1, 4));
  const std::vector<LedgerEvent> events = ledger.snapshot();
  ASSERT_THAT(seqs_of(ledger), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(events[2].payload, payload);
  EXPECT_EQ(events[3].nth, 4U);
}

/// Two threads of a host, a third from outside, and one that reads all the while.
void expect_order_under_threads(const Ledger::Options& options, std::size_t payload_len) {
  constexpr std::uint64_t kEvents = 2000;  // of each thread
  const std::string payload(payload_len, 'x');
  Ledger ledger(options);
  std::vector<LedgerEvent> told;  // under the ledger's lock
  ledger.set_listener([&told](const LedgerEvent& e) { told.push_back(e); });
  const auto add_all = [&ledger, &payload](unsigned ring) {
    for (std::uint64_t nth = 1; nth <= kEvents; ++nth) {
      ledger.add(ring, accepted(ring, nth, payload));
    }
  };
  {
    std::atomic<bool> is_done = false;
    std::jthread reader([&ledger, &is_done] {
      while (!is_done) {
        const std::vector<std::uint64_t> seqs = seqs_of(ledger);
        EXPECT_TRUE(seqs.empty() || seqs.back() - seqs.front() + 1 == seqs.size());
      }
    });
    {
      const std::jthread zero(add_all, 0U);
      const std::jthread one(add_all, 1U);
      const std::jthread outside(add_all, 2U);
      const std::jthread outside_too(add_all, 2U);
    }
    is_done = true;
  }
  ledger.collect();
  ASSERT_EQ(told.size(), 4 * kEvents);
  std::uint64_t last_nth[] = {0, 0};  // by ring
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].seq, i + 1);
    EXPECT_EQ(told[i].payload, payload);
    if (told[i].connection < 2) {
      EXPECT_EQ(told[i].nth, ++last_nth[told[i].connection]);
    }
  }
  EXPECT_EQ(ledger.snapshot().size(), 100U);
  EXPECT_EQ(ledger.num_dropped(), 4 * kEvents - 100);
}

TEST(Ledger, TellsInTheOrderOfSeqUnderThreads) {
  expect_order_under_threads({.keep = 100, .threads = 2}, 40);
}

TEST(Ledger, TellsInTheOrderOfSeqUnderThreadsWithFullRings) {
  expect_order_under_threads({.keep = 100, .threads = 2, .ring_bytes = 1024}, 40);
}

TEST(Ledger, TellsInTheOrderOfSeqUnderThreadsWithRecordsThatNoRingHolds) {
  expect_order_under_threads({.keep = 100, .threads = 2, .ring_bytes = 1024}, 600);
}

TEST(Ledger, TellsInTheOrderOfSeqUnderThreadsAtOnce) {
  expect_order_under_threads({.keep = 100, .threads = 2, .listening = Listening::AtOnce}, 40);
}

TEST(LedgerTicker, TellsSoonAndInTheEndAll) {
  constexpr std::uint64_t kEvents = 500;
  Ledger ledger({.threads = 1});
  std::atomic<std::uint64_t> last_told = 0;
  ledger.set_listener([&last_told](const LedgerEvent& e) {
    last_told = e.seq;
    last_told.notify_all();
  });
  {
    const Ticker ticker([&ledger] { ledger.collect(); }, std::chrono::milliseconds(1));
    ledger.add(0, accepted(1, 1));
    last_told.wait(0);  // for ever, if it does not collect by itself
    for (std::uint64_t nth = 2; nth <= kEvents; ++nth) {
      ledger.add(0, accepted(1, nth));
    }
  }
  EXPECT_EQ(last_told, kEvents);
}

TEST(LedgerTicker, TellsInTheEndWhatWasAddedLast) {
  Ledger ledger({});
  std::vector<std::uint64_t> told;
  ledger.set_listener([&told](const LedgerEvent& e) { told.push_back(e.seq); });
  {
    const Ticker ticker([&ledger] { ledger.collect(); }, std::chrono::hours(1));
    ledger.add(0, accepted(1, 1));
  }
  EXPECT_THAT(told, ElementsAre(1));
}

std::vector<std::uint64_t> seqs_of(const Ledger::Page& page) {
  std::vector<std::uint64_t> seqs;
  for (const LedgerEvent& event : page.events) {
    seqs.push_back(event.seq);
  }
  return seqs;
}

TEST(Ledger, IsReadInPages) {
  Ledger ledger({.keep = 4});
  for (std::uint64_t nth = 1; nth <= 6; ++nth) {
    ledger.add(0, accepted(1, nth));
  }
  const Ledger::Page first = ledger.read(0, 3);
  EXPECT_THAT(seqs_of(first), ElementsAre(3, 4, 5));
  EXPECT_EQ(first.dropped, 2U);
  EXPECT_EQ(first.next, 5U);
  EXPECT_FALSE(first.is_last);
  const Ledger::Page second = ledger.read(first.next, 3);
  EXPECT_THAT(seqs_of(second), ElementsAre(6));
  EXPECT_EQ(second.dropped, 0U);
  EXPECT_EQ(second.next, 6U);
  EXPECT_TRUE(second.is_last);
  const Ledger::Page none = ledger.read(second.next, 3);
  EXPECT_THAT(none.events, IsEmpty());
  EXPECT_EQ(none.next, 6U);
  EXPECT_TRUE(none.is_last);
}

// Of more than one chunk of its store, from any place.
TEST(Ledger, IsReadFromAnywhere) {
  Ledger ledger({.keep = 5000});
  const std::string payload(300, 'x');
  for (std::uint64_t nth = 1; nth <= 6000; ++nth) {
    ledger.add(0, accepted(1, nth, payload));
  }
  for (std::uint64_t after = 990; after < 6000; after += 7) {
    const Ledger::Page page = ledger.read(after, 2);
    ASSERT_EQ(page.events.front().seq, std::max<std::uint64_t>(after, 1000) + 1) << after;
    ASSERT_EQ(page.events.front().nth, page.events.front().seq);
  }
}

TEST(Ledger, IsReadByKind) {
  Ledger ledger({.keep = 10});
  for (std::uint64_t nth = 1; nth <= 3; ++nth) {
    ledger.add(0, accepted(1, nth));
    ledger.add(0, LedgerRecord());
  }
  const Ledger::Page page = ledger.read(0, 5, EventKind::Connection);
  EXPECT_THAT(seqs_of(page), ElementsAre(2, 4));
  EXPECT_EQ(page.next, 5U) << "looked at, and of another kind";
  EXPECT_FALSE(page.is_last);
}

// As with the place that somebody kept from an earlier life of the service.
TEST(Ledger, BehindItsEndThereIsNothingAndReadingGoesOnFromTheEnd) {
  Ledger ledger({.keep = 4});
  ledger.add(0, accepted(1, 1));
  const Ledger::Page page = ledger.read(100, 3);
  EXPECT_THAT(page.events, IsEmpty());
  EXPECT_EQ(page.next, 1U);
}

TEST(Ledger, WhatIsClearedIsMissedByNobody) {
  Ledger ledger({.keep = 4});
  for (std::uint64_t nth = 1; nth <= 6; ++nth) {
    ledger.add(0, accepted(1, nth));
  }
  EXPECT_EQ(ledger.clear(), 6U);
  EXPECT_THAT(ledger.read(0, 10).events, IsEmpty());
  EXPECT_EQ(ledger.read(0, 10).dropped, 0U);
  EXPECT_EQ(ledger.add(0, accepted(1, 7)), 7U);
  const Ledger::Page page = ledger.read(0, 10);
  EXPECT_THAT(seqs_of(page), ElementsAre(7));
  EXPECT_EQ(page.dropped, 0U);
}

}  // namespace
}  // namespace apns::mock
