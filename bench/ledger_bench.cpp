// What an event costs the thread that adds it: docs/performance.md, row 14.
#include <string_view>

#include <benchmark/benchmark.h>

#include "apns/net/socket_host.h"
#include "mock_apns/ledger.h"

namespace apns::mock {
namespace {

constexpr std::string_view kToken = "32 bytes, which are of no matter";
constexpr std::string_view kPayload =
    R"({"aps":{"alert":{"title":"News","body":"Something happened"},"badge":1,"sound":"default"}})";

LedgerRecord accepted() {
  LedgerRecord record;
  record.kind = EventKind::Notification;
  record.outcome = EventOutcome::Accepted;
  record.connection = 1;
  record.nth = 7;
  record.identifier = 7;
  record.device_token = as_bytes(kToken);
  record.topic = "com.example.app";
  record.priority = 10;
  record.expiration = 0;
  record.payload = as_bytes(kPayload);
  record.payload_is_json = true;
  record.payload_bytes = kPayload.size();
  return record;
}

Http2View of_http2() {
  Http2View view;
  view.stream = 13;
  view.apns_id = "27CFDC15-E305-27E0-E290-8FC98E115899";
  view.push_type = "alert";
  view.duration_us = 212;
  return view;
}

void finish(benchmark::State& state, const LedgerRecord& record) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(encoded_len(record)));
}

// All of it, on one thread: the ring is emptied by who fills it, the oldest event falls out.
void add(benchmark::State& state) {
  Ledger ledger({});
  const net::SystemClock clock;
  for (int i = 0; i < 200'000; ++i) {
    ledger.add(0, accepted());
  }
  for (auto iteration : state) {
    LedgerRecord record = accepted();
    record.at = clock.now();
    benchmark::DoNotOptimize(ledger.add(0, record));
  }
  finish(state, accepted());
}

// The same with a time that the caller had anyway.
void add_without_clock(benchmark::State& state) {
  Ledger ledger({});
  for (int i = 0; i < 200'000; ++i) {
    ledger.add(0, accepted());
  }
  for (auto iteration : state) {
    benchmark::DoNotOptimize(ledger.add(0, accepted()));
  }
  finish(state, accepted());
}

// The binary form alone.
void encode_only(benchmark::State& state) {
  alignas(kRecordAlignment) std::byte room[1024];
  for (auto iteration : state) {
    const LedgerRecord record = accepted();
    encode(record, 1, encoded_len(record), room);
    benchmark::DoNotOptimize(room);
  }
  finish(state, accepted());
}

// The same of HTTP/2.
void encode_http2(benchmark::State& state) {
  alignas(kRecordAlignment) std::byte room[1024];
  const Http2View http2 = of_http2();
  LedgerRecord like = accepted();
  like.http2 = &http2;
  for (auto iteration : state) {
    const Http2View view = of_http2();
    LedgerRecord record = accepted();
    record.protocol = Protocol::Http2;
    record.http2 = &view;
    encode(record, 1, encoded_len(record), room);
    benchmark::DoNotOptimize(room);
  }
  finish(state, like);
}

BENCHMARK(add)->Name("BM_Ledger/add");
BENCHMARK(add_without_clock)->Name("BM_Ledger/add_without_clock");
BENCHMARK(encode_only)->Name("BM_Ledger/encode");
BENCHMARK(encode_http2)->Name("BM_Ledger/encode_http2");

}  // namespace
}  // namespace apns::mock

BENCHMARK_MAIN();
