#include "mock_apns/ledger_ring.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "mock_apns/ledger_record.h"

namespace apns::mock {
namespace {

/// False: no room.
bool write(LedgerRing& ring, std::uint64_t seq, std::string_view topic = {}) {
  LedgerRecord record;
  record.topic = topic;
  const std::size_t len = encoded_len(record);
  std::byte* const room = ring.reserve(len);
  if (room == nullptr) {
    return false;
  }
  encode(record, seq, len, room);
  ring.publish();
  return true;
}

/// The seq of the oldest that the last look() saw, which goes; 0: none.
std::uint64_t read(LedgerRing& ring) {
  const ByteView record = ring.front();
  if (record.empty()) {
    return 0;
  }
  const std::uint64_t seq = decode(record).seq;
  ring.pop();
  return seq;
}

const std::size_t kLen = encoded_len(LedgerRecord());

TEST(LedgerRing, ShowsWhatWasThereAtTheLook) {
  LedgerRing ring(4096);
  ring.look();
  EXPECT_EQ(read(ring), 0U);
  EXPECT_TRUE(write(ring, 1));
  EXPECT_EQ(read(ring), 0U);
  ring.look();
  EXPECT_TRUE(write(ring, 2));
  EXPECT_EQ(read(ring), 1U);
  EXPECT_EQ(read(ring), 0U);
  ring.look();
  EXPECT_EQ(read(ring), 2U);
}

TEST(LedgerRing, KeepsTheFrontUntilItIsPopped) {
  LedgerRing ring(4096);
  EXPECT_TRUE(write(ring, 7));
  ring.look();
  EXPECT_EQ(record_seq(ring.front().data()), 7U);
  EXPECT_EQ(record_seq(ring.front().data()), 7U);
}

TEST(LedgerRing, NothingIsThereBeforePublish) {
  LedgerRing ring(4096);
  ASSERT_NE(ring.reserve(kLen), nullptr);
  ring.look();
  EXPECT_TRUE(ring.front().empty());
}

TEST(LedgerRing, IsFullUntilSomethingIsPopped) {
  LedgerRing ring(1024);
  std::uint64_t written = 0;
  while (write(ring, written + 1)) {
    ++written;
  }
  EXPECT_EQ(written, 1024 / kLen);
  ring.look();
  EXPECT_EQ(read(ring), 1U);
  EXPECT_EQ(read(ring), 2U);
  EXPECT_TRUE(write(ring, ++written));
  ring.look();
  for (std::uint64_t seq = 3; seq <= written; ++seq) {
    EXPECT_EQ(read(ring), seq);
  }
  EXPECT_EQ(read(ring), 0U);
}

// Lengths that do not divide the ring's, so that its end is met at every place.
TEST(LedgerRing, GoesRoundAndRound) {
  LedgerRing ring(1024);
  std::uint64_t read_last = 0;
  for (std::uint64_t seq = 1; seq <= 5000; ++seq) {
    const std::string topic(seq * 7 % 350, 't');
    while (!write(ring, seq, topic)) {
      ring.look();
      ASSERT_EQ(read(ring), ++read_last) << "a ring that is empty has room";
    }
  }
  EXPECT_GT(read_last, 4900U);
}

TEST(LedgerRing, HasRoomForHalfOfItsLengthAtAnyPlaceOnceItIsEmpty) {
  constexpr std::size_t kCapacity = 1024;
  for (std::size_t place = 0; place < kCapacity; place += kRecordAlignment) {
    LedgerRing ring(kCapacity);
    for (std::size_t at = 0; at < place;) {
      const std::size_t len = std::min(kCapacity / 2, place - at);
      std::byte* const room = ring.reserve(len);
      ASSERT_NE(room, nullptr);
      const auto narrow = static_cast<std::uint32_t>(len);
      std::memcpy(room, &narrow, sizeof(narrow));
      ring.publish();
      ring.look();
      ASSERT_EQ(ring.front().size(), len);
      ring.pop();
      at += len;
    }
    EXPECT_NE(ring.reserve(kCapacity / 2), nullptr) << place;
  }
}

TEST(LedgerRing, HasNoRoomForMoreThanHalfOfItsLength) {
  LedgerRing ring(1024);
  EXPECT_EQ(ring.reserve(1024 / 2 + 1), nullptr);
}

TEST(LedgerRing, RoundsItsLengthUp) {
  EXPECT_NE(LedgerRing(1000).reserve(512), nullptr);
  EXPECT_EQ(LedgerRing(1024).reserve(513), nullptr);
  EXPECT_NE(LedgerRing(1).reserve(LedgerRing::kMinLen / 2), nullptr);
}

TEST(LedgerRing, HandsOverBetweenTwoThreads) {
  constexpr std::uint64_t kRecords = 20'000;
  LedgerRing ring(2048);
  const std::jthread writer([&ring] {
    for (std::uint64_t seq = 1; seq <= kRecords;) {
      if (write(ring, seq, std::string(seq % 200, 't'))) {
        ++seq;
      } else {
        std::this_thread::yield();
      }
    }
  });
  for (std::uint64_t seq = 1; seq <= kRecords;) {
    ring.look();
    const ByteView record = ring.front();
    if (record.empty()) {
      std::this_thread::yield();
      continue;
    }
    const LedgerEvent event = decode(record);
    ASSERT_EQ(event.seq, seq);
    ASSERT_EQ(event.topic, std::string(seq % 200, 't'));
    ring.pop();
    ++seq;
  }
}

}  // namespace
}  // namespace apns::mock
