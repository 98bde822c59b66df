#include "scenarios/runner/tap_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/binary/error_packet.h"
#include "apns/binary/notification_codec.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

Bytes frame(std::uint32_t n, std::size_t payload_len) {
  Bytes bytes;
  binary::encode_notification(
      Notification{device_token_of(n), std::string(payload_len, '1'), {}, {}}, n,
      binary::Command::Framed, bytes);
  return bytes;
}

TEST(TapLog, NamesTheFieldsOfTheLastFrames) {
  TapLog log(TapLog::Protocol::Binary);
  for (const std::uint32_t n : {1U, 2U, 3U}) {
    log.connection(1).to_service->add(frame(n, 2));
  }
  log.connection(1).to_provider->add(binary::encode_error_packet({8, 2}));
  EXPECT_THAT(
      log.describe(8),
      ElementsAre(
          "#1 provider > service   02 00 00 00 2f 01 00 20 a1 00 00 00 00 00 00 00 00 00 00 00 00 "
          "00 00 "
          "00 …   notification, identifier 2, device token a100…0002, payload 2 bytes",
          "#1 provider > service   02 00 00 00 2f 01 00 20 a1 00 00 00 00 00 00 00 00 00 00 00 00 "
          "00 00 "
          "00 …   notification, identifier 3, device token a100…0003, payload 2 bytes",
          "#1 service > provider   08 08 00 00 00 02   error packet, status 8 (invalid token), "
          "identifier 2"));
  EXPECT_THAT(log.describe(1), SizeIs(1));
}

TEST(TapLog, SaysWhatIsNotAFrame) {
  TapLog log(TapLog::Protocol::Binary);
  log.connection(1).to_service->add(as_bytes("GET"));
  log.connection(1).to_provider->add(as_bytes("\x08\x08"));
  EXPECT_THAT(log.describe(8), ElementsAre("#1 provider > service   47 45 54   not a notification",
                                           "#1 service > provider   08 08   not whole"));
}

/// Says "hello" and takes two bytes at a time.
class SlowEngine final : public Engine {
 public:
  explicit SlowEngine(EngineHost& host) : host_(host) {}

  std::size_t feed(std::span<const std::byte> in, TimePoint /*now*/) override {
    host_.wake(*this);
    return std::min<std::size_t>(in.size(), 2);
  }

  void ended(End /*end*/, TimePoint /*now*/) override {}

  [[nodiscard]] std::span<const std::byte> pending() const override { return as_bytes("hello"); }

  void sent(std::size_t /*n*/, TimePoint /*now*/) override {}

  [[nodiscard]] TimePoint deadline() const override { return kNever; }

  void on_time(TimePoint /*now*/) override {}

  [[nodiscard]] bool wants_read() const override { return false; }

  [[nodiscard]] Close close() const override { return Close::FinOnly; }

 private:
  EngineHost& host_;
};

class CountingHost final : public EngineHost {
 public:
  void wake(Engine& engine) override { woken = &engine; }

  Engine* woken = nullptr;
};

TEST(TapEngine, IsNotThereExceptThatItKeepsWhatPassed) {
  TapLog log(TapLog::Protocol::Binary);
  CountingHost host;
  const Transport transport = tap_transport(plain_transport(), log);
  PeerInfo peer;
  peer.connection = 3;
  const std::unique_ptr<Engine> tap = transport(
      peer, host,
      [](const PeerInfo& /*peer*/, EngineHost& inner_host, TimePoint /*now*/) {
        return std::make_unique<SlowEngine>(inner_host);
      },
      TimePoint());
  EXPECT_EQ(tap->feed(as_bytes("abc"), TimePoint()), 2U);
  EXPECT_EQ(host.woken, tap.get());
  EXPECT_EQ(as_text(tap->pending()), "hello");
  tap->sent(4, TimePoint());
  EXPECT_FALSE(tap->wants_read());
  EXPECT_EQ(tap->close(), Close::FinOnly);
  EXPECT_THAT(log.describe(8),
              ElementsAre("#3 provider > service   68 65 6c 6c   not a notification",
                          "#3 service > provider   61 62   not an error packet"));
}

TEST(TapEngine, PassesARefusalOn) {
  TapLog log(TapLog::Protocol::Binary);
  CountingHost host;
  const Transport transport = tap_transport(plain_transport(), log);
  EXPECT_EQ(transport(
                PeerInfo(), host,
                [](const PeerInfo& /*peer*/, EngineHost& /*host*/, TimePoint /*now*/) {
                  return std::unique_ptr<Engine>();
                },
                TimePoint()),
            nullptr);
}

}  // namespace
}  // namespace apns::scenarios
