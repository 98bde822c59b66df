// A ledger that is at its bounds takes nothing from the heap. A program of its own: it counts.
#include <string_view>

#include <gtest/gtest.h>

#include "mock_apns/ledger.h"
#include "tests/support/alloc_counter.h"

namespace apns::mock {
namespace {

using test::AllocCounter;

constexpr std::string_view kToken = "32 bytes, which are of no matter";
constexpr std::string_view kPayload = R"({"aps":{"alert":"Hello","badge":1}})";

LedgerRecord accepted() {
  LedgerRecord record;
  record.kind = EventKind::Notification;
  record.outcome = EventOutcome::Accepted;
  record.connection = 1;
  record.identifier = 7;
  record.device_token = as_bytes(kToken);
  record.topic = "com.example.app";
  record.payload = as_bytes(kPayload);
  record.payload_is_json = true;
  record.payload_bytes = kPayload.size();
  return record;
}

void add(Ledger& ledger, int num_records) {
  const LedgerRecord record = accepted();
  for (int i = 0; i < num_records; ++i) {
    ledger.add(0, record);
  }
}

TEST(LedgerAllocations, NoneInARing) {
  Ledger ledger({});
  const AllocCounter counter;
  add(ledger, 1000);
  EXPECT_EQ(counter.num_allocations(), 0U);
}

TEST(LedgerAllocations, NoneOverAMillionRecordsOnceItsBoundIsReached) {
  for (const Ledger::Options& options :
       {Ledger::Options{.keep = 10'000}, Ledger::Options{.keep_bytes = 1'000'000}}) {
    Ledger ledger(options);
    add(ledger, 50'000);
    const AllocCounter counter;
    add(ledger, 1'000'000);
    ledger.collect();
    EXPECT_EQ(counter.num_allocations(), 0U);
  }
}

TEST(LedgerAllocations, OnlyWhatItKeepsUntilItsBoundIsReached) {
  Ledger ledger({});
  add(ledger, 50'000);
  const AllocCounter counter;
  add(ledger, 10'000);
  ledger.collect();
  EXPECT_GT(counter.num_allocations(), 0U) << "the counter counts";
  EXPECT_LT(counter.num_allocations(), 100U) << "large pieces";
}

}  // namespace
}  // namespace apns::mock
