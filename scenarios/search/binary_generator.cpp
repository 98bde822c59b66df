#include "scenarios/search/binary_generator.h"

#include <algorithm>
#include <string>

#include "scenarios/runner/scenario_writer.h"
#include "scenarios/search/draw.h"
#include "scenarios/search/fault_generator.h"
#include "scenarios/search/link_generator.h"

namespace apns::scenarios::search {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Names of streams.
constexpr std::uint64_t kShapeDraws = 1;
constexpr std::uint64_t kOptionDraws = 2;
constexpr std::uint64_t kWorkloadDraws = 3;
constexpr std::uint64_t kFaultDraws = 4;
constexpr std::uint64_t kLinkDraws = 5;

constexpr std::uint64_t kOneInTls = 16;
constexpr std::size_t kFrameOverhead = 60;

struct Shape {
  bool with_tls = false;
  bool may_lie = false;
  bool has_devices = false;  // several notifications to one device
  bool has_bad_ones = false;
  std::uint64_t num_notifications = 0;
};

Shape draw_shape(std::uint64_t seed) {
  Draw draw(seed, kShapeDraws);
  Shape shape;
  shape.with_tls = draw.between(1, kOneInTls) == 1;
  shape.may_lie = draw.chance(25);
  shape.has_devices = draw.chance(35);
  shape.has_bad_ones = draw.chance(25);
  const std::uint64_t size = draw.between(1, 100);
  shape.num_notifications = size <= 70   ? draw.between(1, 20)
                            : size <= 93 ? draw.between(21, 60)
                                         : draw.between(100, 300);
  return shape;
}

void draw_limits(provider::BinaryClientOptions& options, Draw& draw) {
  constexpr std::array<Duration, 3> kRemember = {Duration::zero(), milliseconds(500), seconds(30)};
  constexpr std::array<Duration, 3> kWrite = {milliseconds(500), seconds(5), seconds(20)};
  constexpr std::array<Duration, 3> kGiveUp = {seconds(1), seconds(10), seconds(120)};
  constexpr std::array<Duration, 2> kIdle = {milliseconds(100), seconds(2)};
  if (draw.chance(30)) {
    options.connections = static_cast<unsigned>(draw.between(2, 4));
  }
  if (draw.chance(20)) {
    options.on_full = provider::OnFull::Evict;
  }
  options.remember_for = draw.pick(kRemember);
  options.write_limit = draw.pick(kWrite);
  options.give_up_after = draw.pick(kGiveUp);
  if (draw.chance(20)) {
    options.idle_limit = draw.pick(kIdle);
  }
}

provider::BinaryClientOptions draw_options(const Shape& shape, Draw& draw) {
  constexpr std::array<Duration, 5> kSettle = {milliseconds(50), milliseconds(100),
                                               milliseconds(200), milliseconds(300), seconds(1)};
  constexpr std::array<Duration, 3> kFirst = {milliseconds(1), milliseconds(10), milliseconds(100)};
  constexpr std::array<Duration, 3> kMost = {milliseconds(10), milliseconds(200), seconds(1)};
  constexpr std::array<Duration, 3> kConnect = {milliseconds(20), milliseconds(100), seconds(1)};
  constexpr std::array<unsigned, 5> kAttempts = {1, 2, 3, 6, 6};
  provider::BinaryClientOptions options;
  options.settle_after = draw.pick(kSettle);
  options.backoff_first = draw.pick(kFirst);
  options.backoff_max = draw.pick(kMost);
  options.connect_limit = draw.pick(kConnect);
  options.max_attempts = draw.pick(kAttempts);
  options.resend_unknown = draw.chance(25);
  // A service that stalls leaves no room for ever: the script would not go on.
  if (!shape.may_lie) {
    if (draw.chance(35)) {
      options.window_len = draw.between(1, 12);
    }
    if (draw.chance(15)) {
      options.window_bytes = draw.between(1, 2000);
    }
  }
  if (shape.has_bad_ones && draw.chance(40)) {
    options.payload_limit = 4096;  // more than the service takes
  }
  draw_limits(options, draw);
  return options;
}

DeviceToken token_of(std::string_view prefix, std::uint64_t number) {
  std::string hex(prefix);
  const std::string digits = std::to_string(number);
  hex.append(64 - hex.size() - digits.size(), '0').append(digits);
  return *DeviceToken::parse(hex);
}

/// Appends notifications and steps.
class WorkloadWriter {
 public:
  WorkloadWriter(const Shape& shape, Scenario& scenario, Draw& draw)
      : shape_(shape), scenario_(scenario), draw_(draw), num_devices_(draw.between(1, 3)) {}

  void write() {
    while (num_left() > 0) {
      burst(std::min(num_left(), draw_.between(1, draw_.between(1, shape_.num_notifications))));
      if (num_left() > 0 ? draw_.chance(45) : draw_.chance(30)) {
        pause();
      }
    }
    drain();
  }

 private:
  [[nodiscard]] std::uint64_t num_left() const {
    return shape_.num_notifications - scenario_.notifications.size();
  }

  // A send for each run of notifications that are alike.
  void burst(std::uint64_t count) {
    while (count > 0) {
      std::uint64_t alike = 1;
      const std::uint64_t kind = draw_.between(1, 100);
      if (shape_.has_bad_ones && kind <= 15) {
        bad_one();
      } else if (shape_.has_devices && kind <= 70) {
        // Known by their payloads, so each has a length of its own.
        send(1, payload_of(40 + scenario_.notifications.size()),
             [this](std::uint64_t) { return token_of("b1", draw_.between(1, num_devices_)); });
      } else {
        alike = draw_.between(1, count);
        send(alike, draw_payload(),
             [](std::uint64_t n) { return device_token_of(static_cast<std::uint32_t>(n)); });
      }
      count -= alike;
    }
  }

  std::string draw_payload() {
    const std::uint64_t kind = draw_.between(1, 100);
    if (kind <= 50) {
      return std::string(kPlainPayload);
    }
    if (kind <= 85 || shape_.num_notifications > 60) {
      return payload_of(draw_.between(1, 256));
    }
    return payload_of(draw_.between(1, 2048));
  }

  void bad_one() {
    const auto with = [this](std::string_view prefix) {
      send(1, std::string(kPlainPayload),
           [prefix](std::uint64_t n) { return token_of(prefix, n); });
    };
    switch (draw_.between(0, 5)) {
      case 0:
        return with("fa11b0080000");  // a magic one: status 8
      case 1:
        return with("fa11b0100000");  // shutdown
      case 2:
        return with("fa11b0010000");
      case 3:
        return with("fa11ffff0000");  // no magic, and nobody registered it
      default:
        // Empty, or longer than the service takes; the provider may know that, too.
        send(1, payload_of(draw_.chance(30) ? 0 : draw_.between(2049, 3000)),
             [](std::uint64_t n) { return device_token_of(static_cast<std::uint32_t>(n)); });
    }
  }

  template <class TokenOf>
  void send(std::uint64_t count, const std::string& payload, const TokenOf& token_of_n) {
    const std::uint64_t first = scenario_.notifications.size() + 1;
    Notification notification{device_token_of(1), payload};
    if (draw_.chance(10)) {
      notification.priority = draw_.chance(50) ? 5 : 10;
    }
    if (draw_.chance(10)) {
      notification.expiration = static_cast<std::uint32_t>(draw_.between(0, UINT32_MAX));
    }
    for (std::uint64_t n = first; n < first + count; ++n) {
      notification.device_token = token_of_n(n);
      scenario_.notifications.push_back(notification);
    }
    add(SendStep{first, first + count - 1});
  }

  void pause() {
    const Duration settle = scenario_.client.settle_after;
    const std::array<Duration, 6> pauses = {microseconds(500),        milliseconds(5), settle / 4,
                                            settle - milliseconds(1), settle * 2,      seconds(5)};
    add(AdvanceStep{draw_.pick(pauses)});
  }

  void drain() {
    const Duration settle = scenario_.client.settle_after;
    const std::array<Duration, 6> limits = {seconds(60), seconds(60), seconds(60),
                                            settle * 3,  settle / 2,  milliseconds(1)};
    add(DrainStep{draw_.pick(limits)});
  }

  template <class Action>
  void add(Action action) {
    Step step;
    step.action = std::move(action);
    scenario_.workload.push_back(std::move(step));
  }

  const Shape& shape_;
  Scenario& scenario_;
  Draw& draw_;
  std::uint64_t num_devices_;
};

std::size_t bytes_of(const Scenario& scenario) {
  std::size_t bytes = 0;
  for (const Notification& notification : scenario.notifications) {
    bytes += notification.payload.size() + kFrameOverhead;
  }
  return bytes;
}

}  // namespace

Case make_binary_case(std::uint64_t seed) {
  const Shape shape = draw_shape(seed);
  Case made;
  made.host = shape.with_tls ? HostKind::MemoryTls : HostKind::Memory;
  Scenario& scenario = made.scenario;
  const std::string number = std::to_string(seed);
  scenario.id = scenario.pattern = "search/" + number;
  scenario.area = "search";
  scenario.file = "search-" + number + ".json";
  scenario.title = "Every notification has its outcome, and the outcome is what happened";
  scenario.rules = {"binary/bookkeeping-is-per-notification"};
  scenario.source = {"apnslab check --search --protocol binary --seeds " + number};
  scenario.protocol = "binary";
  scenario.seed = seed;

  Draw options(seed, kOptionDraws);
  scenario.client = draw_options(shape, options);
  Draw workload(seed, kWorkloadDraws);
  WorkloadWriter(shape, scenario, workload).write();
  Draw faults(seed, kFaultDraws);
  scenario.refuse_connections = faults.chance(8) ? faults.between(1, 4) : 0;
  scenario.faults =
      draw_faults(FaultFrame{shape.num_notifications, bytes_of(scenario),
                             scenario.client.settle_after, shape.with_tls, shape.may_lie},
                  faults);
  name_faults(scenario);
  Draw links(seed, kLinkDraws);
  LinkFrame frame;
  frame.num_bytes = bytes_of(scenario);
  frame.patience = scenario.client.settle_after;
  frame.with_tls = shape.with_tls;
  frame.may_lie = shape.may_lie;
  scenario.network = draw_network(frame, links);
  finish_scenario(scenario);
  return made;
}

}  // namespace apns::scenarios::search
