// What a request costs in the provider API's engine, from its frames to those of its answer.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "apns/http2/frame.h"
#include "apns/http2/hpack_encoder.h"
#include "apns/net/socket_host.h"
#include "mock_apns/controlled_clock.h"
#include "mock_apns/fault_syntax.h"
#include "mock_apns/provider_api.h"
#include "mock_apns/world/world.h"

namespace apns::mock {
namespace {

using http2::Representation;

constexpr std::string_view kApp = "com.example.app";
constexpr std::string_view kPayload =
    R"({"aps":{"alert":{"title":"News","body":"Something happened"},"badge":1,"sound":"default"}})";
const std::string kToken(64, 'a');
constexpr std::size_t kBatch = 100;

/// What a client sends: as many requests as arrive in one read, under other numbers each time.
class Requests {
 public:
  /// The first one puts into the table what the others refer to.
  Bytes greeting() {
    const ByteView preface = as_bytes(http2::kPreface);
    Bytes bytes(preface.begin(), preface.end());
    http2::append_settings(bytes, {});
    http2::append_settings_ack(bytes);
    append_request(bytes, 1);
    return bytes;
  }

  /// Behind greeting().
  void make_batch() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      stream_at_.push_back(batch_.size() + kStreamAt);
      append_request(batch_, 1);
      stream_at_.push_back(batch_.size() - kPayload.size() - http2::kFrameHeaderLen + kStreamAt);
    }
  }

  /// With the next numbers.
  [[nodiscard]] ByteView next() {
    for (std::size_t i = 0; i < stream_at_.size(); i += 2) {
      last_stream_ += 2;
      for (const std::size_t at : {stream_at_[i], stream_at_[i + 1]}) {
        for (std::size_t byte = 0; byte < 4; ++byte) {
          batch_[at + byte] = static_cast<std::byte>(last_stream_ >> (24 - 8 * byte));
        }
      }
    }
    return batch_;
  }

  [[nodiscard]] bool has_next() const { return last_stream_ < http2::kMaxStreamId - 2 * kBatch; }

 private:
  static constexpr std::size_t kStreamAt = 5;  // in a frame header

  void append_request(Bytes& out, http2::StreamId stream) {
    Bytes block;
    encoder_.begin_block(block);
    encoder_.add(block, ":method", "POST", Representation::Indexed);
    encoder_.add(block, ":scheme", "https", Representation::Indexed);
    encoder_.add(block, ":path", "/3/device/" + kToken, Representation::WithoutIndexing);
    encoder_.add(block, ":authority", "localhost", Representation::Incremental);
    encoder_.add(block, "apns-topic", kApp, Representation::Incremental);
    encoder_.add(block, "apns-push-type", "alert", Representation::Incremental);
    encoder_.add(block, "apns-priority", "10", Representation::Incremental);
    http2::append_headers(out, stream, block, false);
    http2::append_frame(out, static_cast<std::uint8_t>(http2::FrameType::Data),
                        http2::flag::kEndStream, stream, as_bytes(kPayload));
  }

  http2::HpackEncoder encoder_;
  Bytes batch_;
  std::vector<std::size_t> stream_at_;  // in batch_, two a request
  http2::StreamId last_stream_ = 1;
};

/// One plain connection to a provider API over a world; a host that has nothing to do.
class Bench final : private EngineHost {
 public:
  Bench(bool with_ledger, std::vector<FaultRule> rules)
      : ledger_(with_ledger ? std::make_unique<Ledger>(Ledger::Options{}) : nullptr),
        world_(WorldOptions{.open = false}, clock_, ledger_.get()),
        rules_(std::move(rules), 1, net::io_now()),
        api_(options(), clock_, ledger_.get(), &rules_, {}) {
    world_.register_token(DeviceToken::parse(kToken)->bytes(), kApp, Environment::Production);
  }

  void run(benchmark::State& state) {
    PeerInfo peer;
    peer.connection = 1;
    engine_ = api_.accepted(peer, *this, net::io_now());
    Requests requests;
    (void)engine_->feed(requests.greeting(), net::io_now());
    requests.make_batch();
    for (auto iteration : state) {
      if (!requests.has_next()) {
        state.SkipWithError("the numbers of streams are used up");
        break;
      }
      benchmark::DoNotOptimize(engine_->feed(requests.next(), net::io_now()));
      answer_all();
    }
    if (api_.counters().accepted != 1 + static_cast<std::uint64_t>(state.iterations()) * kBatch) {
      state.SkipWithError("not all were accepted");
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
  }

 private:
  void wake(Engine& /*engine*/) override {}

  [[nodiscard]] ProviderApiOptions options() {
    auto identity = std::make_shared<auth::CertificateIdentity>();
    identity->uid = kApp;
    identity->production = true;
    ProviderApiOptions made;
    made.world = &world_;
    made.plain_identity = std::move(identity);
    return made;
  }

  /// Late ones too, as if their time had come.
  void answer_all() {
    constexpr auto kLate = std::chrono::seconds(1);
    if (rules_.has(FaultRule::Trigger::Notification)) {
      engine_->on_time(net::io_now() + kLate);
    }
    while (!engine_->pending().empty()) {
      engine_->sent(engine_->pending().size(), net::io_now());
    }
  }

  net::SystemClock system_clock_;
  ControlledClock clock_{system_clock_};
  std::unique_ptr<Ledger> ledger_;
  World world_;
  FaultRules rules_;
  ProviderApi api_;
  std::unique_ptr<Engine> engine_;
};

void accepted(benchmark::State& state, bool with_ledger) {
  Bench(with_ledger, {}).run(state);
}

void under(benchmark::State& state, std::string_view rule) {
  Bench(false, {parse_fault(rule)}).run(state);
}

BENCHMARK_CAPTURE(accepted, without_ledger, false)->Name("BM_ProviderApi/accepted_without_ledger");
BENCHMARK_CAPTURE(accepted, with_ledger, true)->Name("BM_ProviderApi/accepted");
BENCHMARK_CAPTURE(under, none_fires, "connection=2 nth=1: reject=BadTopic")
    ->Name("BM_ProviderApi/a_rule_that_does_not_fire");
BENCHMARK_CAPTURE(under, late, "protocol=http2: latency=20ms-80ms")
    ->Name("BM_ProviderApi/answered_late");

}  // namespace
}  // namespace apns::mock

BENCHMARK_MAIN();
