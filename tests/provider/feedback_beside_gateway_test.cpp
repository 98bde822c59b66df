// A feedback service in trouble beside a gateway that is well: the provider's pushes are none the
// worse (field reports B45, inaka/apns4erl#80, #105, #119). Proves the rule
// feedback/trouble-stays-with-feedback.
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "provider/feedback_reader.h"
#include "provider/poll_schedule.h"
#include "tests/apns/binary/wire_builder.h"
#include "tests/provider/binary_client_fixture.h"
#include "tests/support/feedback_recorder.h"
#include "tests/support/probe_network.h"

namespace apns::provider {
namespace {

using apns::test::FeedbackRecorder;
using apns::test::ProbeService;
using test::BinaryClientTest;
using namespace std::chrono_literals;

constexpr Duration kTrouble = 60s;
constexpr int kNumPushes = 360;
constexpr Duration kBetween = 250ms;  // so that they go on for half a minute behind the trouble

struct Case {
  const char* name;
  LinkOptions link;  // of what is dialled while the trouble lasts
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

LinkOptions cut_off() {
  LinkOptions link;
  link.reset_after_to_client = 3;
  return link;
}

/// Pushes at a steady pace, a rejection in between, and polls at every second of one clock.
class FeedbackBesideGateway : public BinaryClientTest, public testing::WithParamInterface<Case> {
 public:
  FeedbackBesideGateway() {
    feedback_at = host.listen(Endpoint{"feedback", 0}, service);
    links = [this](std::uint64_t /*connection*/) {
      return is_polling && host.now() < begin + kTrouble ? GetParam().link : LinkOptions{};
    };
    // The host numbers the connections of both services in one row.
    for (std::uint64_t connection = 1; connection <= 1000; ++connection) {
      service.probes[connection].out.append(binary::test::hex("5c2aad80 0001 a1"));
      service.probes[connection].close = Close::CloseNotifyThenDrain;
    }
    gateway.on_notification = [this](auto& connection, std::size_t /*nth*/) {
      const std::string& ticket = gateway.taken.back().payload;
      if (ticket == "50" || ticket == "120" || ticket == "200") {
        connection.say("0808" + hex32(connection.identifiers.back()))
            .close(Close::CloseNotifyThenDrain);
      }
    };
    sink.on_outcomes = [this] {
      for (; num_told < sink.lines.size(); ++num_told) {
        told.push_back(std::to_string((host.now() - begin).count()) + " " + sink.lines[num_told]);
      }
    };
  }

  static std::string hex32(std::uint32_t value) {
    Bytes bytes;
    ByteWriter(bytes).write(value);
    return to_hex(bytes);
  }

  void push_at_a_steady_pace() {
    for (int i = 0; i < kNumPushes; ++i) {
      host.at(begin + i * kBetween, [this] { send(1); });
    }
  }

  /// Polls from now on, at every second at most, as `apnslab feedback --every 1s` does.
  void poll_again_and_again() {
    FeedbackReaderOptions wanted;
    wanted.service = feedback_at;
    reader = std::make_unique<FeedbackReader>(wanted, plain_transport(), polls);
    reader->use_dialer(host.make_dialer(*reader));
    polls.on_finished = [this] {
      schedule.ended(polls.results.back().end == FeedbackEnd::Complete, host.now());
      host.at(schedule.due(), [this] { poll(); });
    };
    host.at(begin, [this] { poll(); });
  }

  void poll() {
    schedule.started(host.now());
    is_polling = true;
    EXPECT_TRUE(reader->poll(clock.now()));
    is_polling = false;
  }

  /// Every outcome with its time.
  std::vector<std::string> run() {
    host.run_for(kNumPushes * kBetween + 30s);
    if (reader) {
      reader->release_dialer();
    }
    return told;
  }

  ProbeService service;
  Endpoint feedback_at;
  FeedbackRecorder polls;
  PollSchedule schedule{1s};
  std::unique_ptr<FeedbackReader> reader;
  bool is_polling = false;
  TimePoint begin = host.now();
  std::vector<std::string> told;
  std::size_t num_told = 0;
};

/// The same pushes with nothing beside them.
class WithoutFeedback : public FeedbackBesideGateway {
 public:
  void TestBody() override {}
};

TEST_P(FeedbackBesideGateway, EachPushHasItsOutcomeAtItsTime) {
  push_at_a_steady_pace();
  poll_again_and_again();
  const std::vector<std::string> with_feedback = run();

  WithoutFeedback alone;
  alone.push_at_a_steady_pace();
  EXPECT_EQ(with_feedback, alone.run());
  EXPECT_EQ(with_feedback.size(), std::size_t{kNumPushes});

  ASSERT_FALSE(polls.results.empty());
  EXPECT_EQ(polls.results.front().end, FeedbackEnd::Lost);
  EXPECT_EQ(polls.results.back().end, FeedbackEnd::Complete) << "it is read once it is well again";
  EXPECT_LT(polls.results.size(), 75U) << "back-off, then one poll a second";
}

INSTANTIATE_TEST_SUITE_P(Trouble, FeedbackBesideGateway,
                         testing::Values(Case{"Refuses", test::refused()},
                                         Case{"Hangs", test::hanging()},
                                         Case{"IsCutOff", cut_off()}),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace apns::provider
