// What a flood of bad provider tokens costs the provider API, with all of HTTP/2 around them:
// docs/wire/provider_token.md#cost.
#include <memory>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "apns/auth/base64url.h"
#include "apns/http2/session.h"
#include "mock_apns/provider_api.h"
#include "mock_apns/world/world.h"
#include "tests/support/provider_tokens.h"

namespace apns::mock {
namespace {

constexpr unsigned kNumRequests = 10'000;

class Deaf final : public http2::SessionEvents {
  void message(const http2::Message& /*message*/) override {}

  void data(http2::StreamId /*stream*/, ByteView /*content*/, bool /*end_stream*/) override {}

  void closed(http2::StreamId /*stream*/, http2::StreamEnd /*end*/, http2::ErrorCode /*code*/,
              std::uint64_t /*user*/) override {}
};

struct NoHost final : EngineHost {
  void wake(Engine& /*engine*/) override {}
};

std::string encoded(ByteView bytes) {
  std::string text;
  auth::append_base64url(bytes, text);
  return text;
}

/// Good but for its signature; each number another one.
std::string bad_token(unsigned number) {
  Bytes signature(64, std::byte{0x11});
  for (unsigned i = 0; i < sizeof(number); ++i) {
    signature[i] = static_cast<std::byte>(number >> (8U * i));
  }
  return encoded(as_bytes(std::string_view(R"({"alg":"ES256","kid":"KEY0000001"})"))) + "." +
         encoded(as_bytes(std::string_view(R"({"iss":"TEAM000001","iat":1735689600})"))) + "." +
         encoded(signature);
}

/// What a provider sends that has a new token for each of its requests, or one for all.
Bytes requests(bool is_flood) {
  http2::SessionOptions options;
  options.role = http2::Role::Client;
  http2::HpackScratch scratch;
  Deaf events;
  http2::Session client(options, events, scratch, TimePoint{});
  Bytes all;
  const std::string path = "/3/device/" + std::string(64, 'a');
  for (unsigned i = 0; i < kNumRequests; ++i) {
    const std::string authorization = "bearer " + bad_token(is_flood ? i : 0);
    const http2::Field fields[] = {
        {":method", "POST"},
        {":scheme", "https"},
        {":path", path, http2::field_name::kOther, http2::Representation::Incremental},
        {"apns-topic", "com.example.app", http2::field_name::kOther,
         http2::Representation::Incremental},
        {"authorization", authorization, http2::field_name::kOther,
         is_flood ? http2::Representation::WithoutIndexing : http2::Representation::Incremental}};
    (void)client.open_stream(fields, true);
    all.insert(all.end(), client.pending().begin(), client.pending().end());
    client.sent(client.pending().size(), TimePoint{});
  }
  return all;
}

void refuse(benchmark::State& state, bool is_flood) {
  const Bytes sent = requests(is_flood);
  const test::TokenSource source;
  TeamKeys keys;
  keys.add(source.team_key());
  ManualClock clock;
  NoHost host;
  std::uint64_t verified = 0;
  bool is_refused = true;
  for (auto iteration : state) {
    World world(WorldOptions{.open = false}, clock, nullptr);
    ProviderApi api(ProviderApiOptions{.world = &world, .team_keys = &keys}, clock, nullptr,
                    nullptr, {});
    PeerInfo peer;
    peer.connection = 1;
    const auto engine = api.accepted(peer, host, clock.io_now());
    for (ByteView left = sent; !left.empty();) {
      const std::size_t taken =
          engine->feed(left.first(std::min<std::size_t>(left.size(), 65'536)), clock.io_now());
      left = left.subspan(taken);
      engine->sent(engine->pending().size(), clock.io_now());
    }
    is_refused &= api.counters().rejected == kNumRequests;
    verified = api.counters().signatures;
  }
  if (!is_refused) {
    state.SkipWithError("some were not refused");
  }
  state.counters["verified"] = static_cast<double>(verified);
  state.SetItemsProcessed(state.iterations() * kNumRequests);
}

// One bad token for all requests: found among those that were seen.
void same(benchmark::State& state) {
  refuse(state, false);
}

// Another bad token with each request.
void flood(benchmark::State& state) {
  refuse(state, true);
}

BENCHMARK(same)->Name("BM_ProviderApi/one_bad_token")->Unit(benchmark::kMillisecond);
BENCHMARK(flood)->Name("BM_ProviderApi/flood_of_bad_tokens")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace apns::mock
