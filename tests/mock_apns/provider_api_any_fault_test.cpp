// Whatever rules and providers do, in any order: what must hold all the same. The engine is held to
// the contract of Engine by provider_api_by_hand.
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/random.h"
#include "mock_apns/fault_syntax.h"
#include "tests/support/provider_api_by_hand.h"

namespace apns::mock {
namespace {

using http2::StreamId;
using test::ProviderApiByHand;

constexpr std::array<std::string_view, 26> kRules = {
    "protocol=http2 probability=0.3: reject=BadDeviceToken",
    "protocol=http2 probability=0.3: reject=Unregistered delay=50ms",
    "protocol=http2 probability=0.5: latency=10ms-90ms",
    "probability=0.3: no_answer=true",
    "probability=0.3: reset_stream=REFUSED_STREAM reset_again=true",
    "probability=0.3: reset_stream=CANCEL delay=20ms",
    "probability=0.2: status=418",
    "probability=0.2: status=200 settings.max_concurrent_streams=3",
    "probability=0.2: settings.initial_window_size=10 delay=30ms",
    "nth=5: goaway.reason=Shutdown",
    "nth=6: goaway.last_nth=3 delay=40ms",
    "nth=4: goaway.last_nth=9 goaway.keep_open=true",
    "nth=7: goaway.last_nth=0 goaway.count=3 close=rst",
    "nth=8: close=fin",
    "nth=8: reject=BadTopic close=half-open delay=60ms",
    "nth=3: stop_reading=true",
    "nth=3: stop_reading=true delay=40ms",
    "connection=1: bandwidth=3000",
    "nth=4: withhold_window=true",
    "connection=1: ignore_ping=true settings.max_frame_size=20000",
    "idle=70ms: goaway.reason=IdleTimeout",
    "idle=70ms: settings.max_concurrent_streams=2",
    "idle=90ms: close=rst",
    "nth=2: raw=0000080600000000006162636465666768",
    "after=100ms until=200ms: no_answer=true",
    "device_token=a1 probability=0.2: delay=1s",
};

constexpr std::array<std::string_view, 9> kActions = {
    "goaway.code=0 goaway.keep_open=true",
    "goaway.last_nth=2 delay=30ms",
    "settings.max_concurrent_streams=4",
    "stop_reading=true",
    "withhold_window=true",
    "delay=40ms",
    "bandwidth=500",
    "close=fin delay=50ms",
    "ignore_ping=true",
};

constexpr std::array<std::string_view, 6> kTokens = {"a1",           "b2",       "fa11040002",
                                                     "fa11de1a0030", "fa11dead", "fa11050300"};

/// One connection, its rules and its provider, all drawn from a seed.
class Story {
 public:
  explicit Story(std::uint64_t seed) : random_(seed, 0), profile_(default_profile()) {
    profile_.http2.early_rejection = static_cast<EarlyRejection>(draw(3));
    ProviderApiByHand::Setup setup;
    setup.options.profile = &profile_;
    for (std::size_t i = draw(4); i > 0; --i) {
      setup.rules.push_back(parse_fault(kRules.at(draw(kRules.size()))));
    }
    api_.emplace(std::move(setup));
  }

  void run() {
    api_->open();
    for (int step = 0; step < 60 && !is_over(); ++step) {
      take_step();
      api_->run();
    }
    api_->advance(std::chrono::seconds(2));
    check();
  }

 private:
  std::size_t draw(std::size_t below) { return random_.next() % below; }

  [[nodiscard]] bool is_over() const { return api_->how_closed() != Close::None; }

  ProviderApiByHand::Fields fields() {
    const std::string token(kTokens.at(draw(kTokens.size())));
    ProviderApiByHand::Fields made = {
        {":path", "/3/device/" + token + std::string(64 - token.size(), '0')}};
    if (draw(8) == 0) {
      made.emplace_back("apns-priority", "7");
    }
    return made;
  }

  void take_step() {
    switch (draw(10)) {
      case 0:
      case 1:
      case 2:
        if (api_->client().num_openable() > 0) {
          const std::string body(draw(4) == 0 ? 5000 : 20, ' ');
          (void)api_->send(fields(), body);
        }
        break;
      case 3:
        if (api_->client().num_openable() > 0) {
          begun_.push_back(api_->begin(fields()));
        }
        break;
      case 4:
        if (!begun_.empty()) {
          const StreamId stream = std::exchange(begun_.back(), begun_.front());
          begun_.erase(begun_.begin());
          (void)api_->client().send_data(stream, as_bytes("{}"), true);
        }
        break;
      case 5:
        (void)api_->client().reset(static_cast<StreamId>(1 + 2 * draw(30)),
                                   http2::ErrorCode::Cancel);
        break;
      case 6:
        if (draw(4) > 0) {
          break;
        }
        (void)api_->apply(
            parse_fault("protocol=http2: " + std::string(kActions.at(draw(kActions.size())))).then);
        break;
      case 7:
        take_rare_step();
        break;
      default:
        api_->advance(std::chrono::milliseconds(draw(40)));
    }
  }

  void take_rare_step() {
    switch (draw(30)) {
      case 0:
      case 1:
      case 2:
        api_->reset();
        break;
      case 3:
        api_->api().shut_down(0, api_->clock().io_now());
        break;
      case 4:
        api_->client().goaway(0, http2::ErrorCode::NoError);
        break;
      default: {
        const std::string_view eight = "12345678";
        api_->client().ping(std::span<const std::byte, 8>(as_bytes(eight)));
      }
    }
  }

  /// One event at most for each request, and the answer that it tells of.
  void check() {
    std::map<StreamId, LedgerEvent> by_stream;
    for (const LedgerEvent& event : api_->events()) {
      if (event.kind != EventKind::Notification) {
        continue;
      }
      EXPECT_TRUE(by_stream.emplace(*event.stream, event).second)
          << "stream " << *event.stream << " is told of twice";
    }
    for (const auto& [stream, event] : by_stream) {
      const std::string& status = api_->answer(stream).status;
      if (event.outcome == EventOutcome::Discarded) {
        EXPECT_EQ(status, "") << "stream " << stream;
      } else if (!status.empty()) {
        EXPECT_EQ(status, std::to_string(*event.status)) << "stream " << stream;
      }
    }
    EXPECT_EQ(api_->api().counters().violations, 0U);
  }

  RandomStream random_;
  Profile profile_;
  std::optional<ProviderApiByHand> api_;
  std::vector<StreamId> begun_;
};

TEST(ProviderApiUnderAnyFault, EveryRequestIsToldOfOnceAndAsItWasAnswered) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Story(seed).run();
    if (testing::Test::HasFailure()) {
      break;
    }
  }
}

}  // namespace
}  // namespace apns::mock
