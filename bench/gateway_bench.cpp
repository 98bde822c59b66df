// What a notification costs in the gateway's engine, from its bytes to the verdict carried out, and
// on to a simulated phone.
#include <memory>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "apns/binary/notification_codec.h"
#include "apns/net/socket_host.h"
#include "mock_apns/controlled_clock.h"
#include "mock_apns/gateway.h"
#include "mock_apns/world/world.h"

namespace apns::mock {
namespace {

constexpr std::string_view kApp = "com.example.app";
constexpr std::string_view kToken = "32 bytes, which are of no matter";
constexpr std::string_view kPayload =
    R"({"aps":{"alert":{"title":"News","body":"Something happened"},"badge":1,"sound":"default"}})";
constexpr std::size_t kBatch = 100;

/// As many notifications as arrive in one read.
Bytes batch() {
  Bytes bytes;
  const Notification notification{.device_token = *DeviceToken::from_bytes(as_bytes(kToken)),
                                  .payload = std::string(kPayload)};
  for (std::size_t i = 0; i < kBatch; ++i) {
    binary::encode_notification(notification, static_cast<std::uint32_t>(i + 1),
                                binary::Command::Framed, bytes);
  }
  return bytes;
}

/// One plain connection to a gateway over a world; a host that has nothing to do.
class Bench final : private EngineHost {
 public:
  explicit Bench(bool with_ledger)
      : ledger_(with_ledger ? std::make_unique<Ledger>(Ledger::Options{}) : nullptr),
        world_(WorldOptions{.open = false}, clock_, ledger_.get()),
        gateway_(GatewayOptions{.world = &world_}, clock_, ledger_.get(), &rules_, {}) {}

  World& world() { return world_; }

  void run(benchmark::State& state) {
    PeerInfo peer;
    peer.connection = 1;
    engine_ = gateway_.accepted(peer, *this, net::io_now());
    const Bytes bytes = batch();
    for (auto iteration : state) {
      benchmark::DoNotOptimize(engine_->feed(bytes, net::io_now()));
    }
    if (gateway_.counters().accepted != static_cast<std::uint64_t>(state.iterations()) * kBatch) {
      state.SkipWithError("not all were accepted");
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
  }

 private:
  void wake(Engine& /*engine*/) override {}

  net::SystemClock system_clock_;
  ControlledClock clock_{system_clock_};
  std::unique_ptr<Ledger> ledger_;
  World world_;
  FaultRules rules_{{}, 1};
  Gateway gateway_;
  std::unique_ptr<Engine> engine_;
};

void accepted(benchmark::State& state, bool with_ledger) {
  Bench bench(with_ledger);
  bench.world().register_token(as_bytes(kToken), kApp, Environment::Production);
  bench.run(state);
}

void delivered(benchmark::State& state) {
  Bench bench(false);
  bench.world().add_phone(Phone(PhoneOptions{}));
  bench.world().install("phone", kApp,
                        ProvisioningProfile{.name = "any", .bundle_id = std::string(kApp)});
  (void)bench.world().register_app("phone", kApp, 0,
                                   {.device_token = DeviceToken::from_bytes(as_bytes(kToken))});
  bench.run(state);
}

BENCHMARK_CAPTURE(accepted, without_ledger, false)->Name("BM_Gateway/accepted_without_ledger");
BENCHMARK_CAPTURE(accepted, with_ledger, true)->Name("BM_Gateway/accepted");
BENCHMARK(delivered)->Name("BM_Gateway/delivered_without_ledger");

}  // namespace
}  // namespace apns::mock

BENCHMARK_MAIN();
