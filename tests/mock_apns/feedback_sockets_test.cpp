// The whole service and a reader on sockets of the loopback.
// Proves the rules feedback/entry-only-after-a-failed-push, feedback/no-entry-for-a-rejection and
// feedback/no-entry-for-expiry.
#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <iterator>
#include <memory>
#include <mutex>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "apns/net/socket_host.h"
#include "certs/certificate_factory.h"
#include "mock_apns/fault_syntax.h"
#include "mock_apns/service.h"
#include "provider/feedback_reader.h"
#include "tests/support/binary_frames.h"
#include "tests/support/feedback_recorder.h"
#include "tests/support/loopback_service.h"
#include "tests/support/socket_provider.h"

namespace apns::mock {
namespace {

using test::FeedbackRecorder;
using test::FeedbackWorld;
using namespace std::chrono_literals;

std::vector<std::uint32_t> range(std::uint32_t first, std::uint32_t last) {
  std::vector<std::uint32_t> all(last + 1 - first);
  std::iota(all.begin(), all.end(), first);
  return all;
}

/// Descriptors of this process; that of the listing itself is always among them.
std::ptrdiff_t num_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                       std::filesystem::directory_iterator());
}

/// A reader with a host of its own, for one poll after the other.
class SocketReader {
 public:
  SocketReader(std::uint16_t port, const tls::ClientOptions& client)
      : context_(client), scratch_(tls::make_scratch(1)) {
    provider::FeedbackReaderOptions options;
    options.service = Endpoint{"127.0.0.1", port};
    options.idle_limit = 5s;
    reader_ = std::make_unique<provider::FeedbackReader>(
        options, tls::make_transport(context_, clock_, scratch_, &observer_, {}), sink_);
    observer_.reader = reader_.get();
    sink_.on_finished = [this] {
      const std::lock_guard lock(mutex_);
      num_finished_ = sink_.results.size();
      changed_.notify_all();
    };
    reader_->use_dialer(host_.make_dialer(*reader_));
    host_.start();
  }

  ~SocketReader() {
    host_.run_on(0, [this] { reader_->release_dialer(); });
    host_.stop();
  }

  void begin() {
    host_.run_on(0, [this] { EXPECT_TRUE(reader_->poll(clock_.now())); });
  }

  /// Waits for poll `number`, from 1; as text.
  [[nodiscard]] std::string wait(std::size_t number = 1) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 10s, [&] { return num_finished_ >= number; })) {
      return "waited in vain for the end of the poll";
    }
    return test::to_text(sink_.results[number - 1]);
  }

  [[nodiscard]] const std::vector<std::uint32_t>& numbers() const { return sink_.numbers; }

 private:
  struct Observer final : tls::Observer {
    void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override {
      reader->tls_failed(peer, failure);
    }

    provider::FeedbackReader* reader = nullptr;
  };

  net::SystemClock clock_;
  tls::Context context_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_;
  Observer observer_;
  FeedbackRecorder sink_;
  std::unique_ptr<provider::FeedbackReader> reader_;
  std::mutex mutex_;  // over num_finished_
  std::condition_variable changed_;
  std::size_t num_finished_ = 0;
  net::SocketHost host_;
};

class FeedbackSockets : public testing::Test, protected test::LoopbackService {
 protected:
  [[nodiscard]] std::unique_ptr<Service> start(unsigned threads = 1) {
    ServiceOptions made = options();
    made.threads = threads;
    made.feedback = &world;
    return std::make_unique<Service>(made, credentials(), ServiceEvents{});
  }

  [[nodiscard]] static std::unique_ptr<SocketReader> reader(
      const Service& service, Environment environment = Environment::Production,
      const certs::Credential& provider = credentials().provider) {
    return std::make_unique<SocketReader>(service.feedback_port(environment), client(provider));
  }

  const std::string topic{certs::kDefaultTopic};
  FeedbackWorld world;
};

TEST_F(FeedbackSockets, ReadsALongListOnce) {
  constexpr std::uint32_t kCount = 50'000;
  world.fill(1, kCount);
  const auto service = start();
  const auto one = reader(*service);
  one->begin();
  EXPECT_EQ(one->wait(1), "complete 50000 at 1900000");
  EXPECT_EQ(one->numbers(), range(1, kCount));
  one->begin();
  EXPECT_EQ(one->wait(2), "complete 0 at 0");
  EXPECT_TRUE(service->shut_down(5s));
  EXPECT_EQ(service->feedback_counters(Environment::Production).polls, 2U);
  EXPECT_EQ(service->feedback_counters(Environment::Production).tuples, kCount);
}

TEST_F(FeedbackSockets, KeepsTopicsAndEnvironmentsApart) {
  world.fill(1, 3, topic);
  world.fill(11, 14, topic, Environment::Development);
  world.fill(21, 25, "com.example.other");
  const auto service = start();
  const certs::Credential other_app = factory().make_provider(
      certs::ProviderCertificate::universal("com.example.other", "TEAM000001"));
  const auto other_topic = reader(*service, Environment::Production, other_app);
  const auto development = reader(*service, Environment::Development);
  const auto production = reader(*service);
  for (const auto& one : {other_topic.get(), development.get(), production.get()}) {
    one->begin();
    EXPECT_EQ(one->wait().substr(0, 8), "complete");
  }
  EXPECT_EQ(other_topic->numbers(), range(21, 25));
  EXPECT_EQ(development->numbers(), range(11, 14));
  EXPECT_EQ(production->numbers(), range(1, 3));
}

TEST_F(FeedbackSockets, RefusesACertificateOfTheOtherEnvironment) {
  world.fill(1, 3);
  const auto service = start();
  const certs::Credential development = factory().make_provider(certs::ProviderCertificate::legacy(
      "com.example.app", "TEAM000001", Environment::Development));
  const auto one = reader(*service, Environment::Production, development);
  one->begin();
  EXPECT_EQ(one->wait(), "lost 0 at 0");
  EXPECT_EQ(world.size(topic), 3U);
}

TEST_F(FeedbackSockets, TwoReadersOnTwoThreadsShareTheList) {
  constexpr std::uint32_t kCount = 200'000;
  world.fill(1, kCount);
  const auto service = start(2);
  const auto one = reader(*service);
  const auto other = reader(*service);
  one->begin();
  other->begin();
  EXPECT_EQ(one->wait().substr(0, 8), "complete");
  EXPECT_EQ(other->wait().substr(0, 8), "complete");
  std::vector<std::uint32_t> all = one->numbers();
  all.insert(all.end(), other->numbers().begin(), other->numbers().end());
  std::ranges::sort(all);
  EXPECT_EQ(all, range(1, kCount));
}

TEST_F(FeedbackSockets, NoPushAloneMakesAnEntry) {
  // The service's own list, not the one of this test.
  ServiceOptions wanted = options();
  wanted.faults = {parse_fault("nth=3: reject=8")};
  const Service service(wanted, credentials(), ServiceEvents{});
  const Bytes long_expired =
      binary::test::enhanced(2, 1, test::device_token(2), test::copy_of(as_bytes("{}")));
  test::SocketProvider provider(client());
  provider.dial(service.gateway_port(Environment::Production),
                binary::test::join({test::framed(1), long_expired, test::framed(3)}));
  ASSERT_TRUE(provider.wait_until_gone());
  ASSERT_EQ(provider.received(), "080800000003");
  ASSERT_EQ(service.counters(Environment::Production).accepted, 2U);
  const auto one = reader(service);
  one->begin();
  EXPECT_EQ(one->wait(), "complete 0 at 0");
}

TEST_F(FeedbackSockets, AHundredPollsLeaveNoDescriptor) {
  const auto service = start();
  const auto one = reader(*service);
  one->begin();
  ASSERT_EQ(one->wait(1), "complete 0 at 0");
  const std::ptrdiff_t before = num_descriptors();
  for (std::size_t number = 2; number <= 101; ++number) {
    world.fill(1, 2);
    one->begin();
    ASSERT_EQ(one->wait(number), "complete 2 at 76");
  }
  EXPECT_TRUE(service->shut_down(5s)) << "the service's ends are closed too";
  EXPECT_LE(num_descriptors(), before);
}

}  // namespace
}  // namespace apns::mock
