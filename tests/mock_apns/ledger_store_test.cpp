#include "mock_apns/ledger_store.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/ledger_record.h"

namespace apns::mock {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Bytes record_of(std::uint64_t seq, std::size_t payload_len = 0) {
  const std::string payload(payload_len, 'x');
  LedgerRecord record;
  record.payload = as_bytes(payload);
  Bytes bytes(encoded_len(record));
  encode(record, seq, bytes.size(), bytes.data());
  return bytes;
}

std::vector<std::uint64_t> seqs_of(const LedgerStore& store) {
  std::vector<std::uint64_t> seqs;
  store.for_each([&seqs](ByteView record) { seqs.push_back(decode(record).seq); });
  EXPECT_EQ(seqs.size(), store.num_kept());
  return seqs;
}

TEST(LedgerStore, KeepsAtMostSoMany) {
  LedgerStore store(2, 1'000'000);
  store.append(record_of(1));
  store.append(record_of(2));
  EXPECT_THAT(seqs_of(store), ElementsAre(1, 2));
  EXPECT_EQ(store.num_dropped(), 0U);
  store.append(record_of(3));
  EXPECT_THAT(seqs_of(store), ElementsAre(2, 3));
  EXPECT_EQ(store.num_dropped(), 1U);
}

TEST(LedgerStore, KeepsAtMostSoManyBytes) {
  const std::size_t small = record_of(1).size();
  const std::size_t large = record_of(1, 2048).size();
  LedgerStore store(100, small + large);
  store.append(record_of(1));
  store.append(record_of(2, 2048));
  EXPECT_THAT(seqs_of(store), ElementsAre(1, 2));
  store.append(record_of(3));
  EXPECT_THAT(seqs_of(store), ElementsAre(2, 3));
  store.append(record_of(4, 2048));
  EXPECT_THAT(seqs_of(store), ElementsAre(3, 4));
  EXPECT_EQ(store.num_dropped(), 2U);
}

TEST(LedgerStore, DropsARecordThatIsTooLargeWithAllBeforeIt) {
  LedgerStore store(100, 1000);
  store.append(record_of(1));
  store.append(record_of(2, 1000));
  EXPECT_THAT(seqs_of(store), IsEmpty());
  EXPECT_EQ(store.num_dropped(), 2U);
  store.append(record_of(3));
  EXPECT_THAT(seqs_of(store), ElementsAre(3));
}

TEST(LedgerStore, KeepsNothingWhenThatIsAsked) {
  LedgerStore store(0, 1'000'000);
  store.append(record_of(1));
  EXPECT_THAT(seqs_of(store), IsEmpty());
  EXPECT_EQ(store.num_dropped(), 1U);
}

// Over many chunks, and with records that are larger than one.
TEST(LedgerStore, KeepsTheNewestInOrder) {
  constexpr std::size_t kKeep = 700;
  LedgerStore store(kKeep, 100'000'000);
  for (std::uint64_t seq = 1; seq <= 5000; ++seq) {
    store.append(record_of(seq, seq % 500 == 0 ? 300'000 : seq * 31 % 3000));
  }
  const std::vector<std::uint64_t> seqs = seqs_of(store);
  ASSERT_EQ(seqs.size(), kKeep);
  for (std::size_t i = 0; i < kKeep; ++i) {
    EXPECT_EQ(seqs[i], 5000 - kKeep + 1 + i);
  }
  EXPECT_EQ(store.num_dropped(), 5000 - kKeep);
}

}  // namespace
}  // namespace apns::mock
