#include "scenarios/search/http2_generator.h"

#include <algorithm>
#include <string>

#include "apns/model/push_type.h"
#include "scenarios/runner/scenario_writer.h"
#include "scenarios/search/draw.h"
#include "scenarios/search/http2_fault_generator.h"
#include "scenarios/search/link_generator.h"
#include "scenarios/search/service_script_generator.h"

namespace apns::scenarios::search {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Names of streams; those of the binary protocol's cases are others.
constexpr std::uint64_t kShapeDraws = 11;
constexpr std::uint64_t kOptionDraws = 12;
constexpr std::uint64_t kWorkloadDraws = 13;
constexpr std::uint64_t kFaultDraws = 14;
constexpr std::uint64_t kLinkDraws = 15;

constexpr std::uint64_t kOneInTls = 16;
constexpr std::size_t kRequestOverhead = 120;
constexpr std::size_t kAnswerBytes = 60;

struct Shape {
  bool with_tls = false;
  bool with_provider_token = false;
  bool has_bad_ones = false;
  bool is_long = false;  // pauses of minutes and hours
  std::uint64_t num_notifications = 0;
};

Shape draw_shape(std::uint64_t seed) {
  Draw draw(seed, kShapeDraws);
  Shape shape;
  shape.with_tls = draw.between(1, kOneInTls) == 1;
  shape.with_provider_token = draw.chance(40);
  shape.has_bad_ones = draw.chance(40);
  shape.is_long = draw.chance(shape.with_provider_token ? 15 : 5);
  const std::uint64_t size = draw.between(1, 100);
  shape.num_notifications = size <= 70   ? draw.between(1, 20)
                            : size <= 95 ? draw.between(21, 60)
                                         : draw.between(100, 300);
  return shape;
}

void draw_bounds(provider::Http2ClientOptions& options, Draw& draw) {
  if (draw.chance(25)) {
    options.max_connections = static_cast<unsigned>(draw.between(2, 4));
    options.min_connections =
        draw.chance(30) ? static_cast<unsigned>(draw.between(1, options.max_connections)) : 0;
  }
  if (draw.chance(30)) {
    options.max_streams = draw.between(1, 8);
  }
  if (draw.chance(15)) {
    options.pending_bytes = draw.between(1, 4000);
  }
  if (draw.chance(20)) {
    options.queue_len = draw.between(1, 10);
  }
  if (draw.chance(10)) {
    options.queue_bytes = draw.between(1, 2000);
  }
}

void draw_silence_limits(const Shape& shape, provider::Http2ClientOptions& options, Draw& draw) {
  constexpr std::array<Duration, 3> kIdle = {milliseconds(100), seconds(2), minutes(10)};
  constexpr std::array<Duration, 3> kPingAfter = {milliseconds(50), milliseconds(500), seconds(5)};
  constexpr std::array<Duration, 4> kPingLimit = {milliseconds(20), milliseconds(200), seconds(1),
                                                  seconds(10)};
  if (draw.chance(20)) {
    options.idle_limit = draw.pick(kIdle);
  }
  if (draw.chance(40)) {
    options.ping_after = shape.is_long ? minutes(1) : draw.pick(kPingAfter);
  }
  options.ping_limit = draw.pick(kPingLimit);
}

provider::Http2ClientOptions draw_options(const Shape& shape, Draw& draw) {
  // A send waits for room for 30 s; a service that keeps it waiting must be given up before.
  constexpr std::array<Duration, 5> kRequest = {milliseconds(50), milliseconds(300), seconds(1),
                                                seconds(3), seconds(10)};
  constexpr std::array<Duration, 3> kFirst = {milliseconds(1), milliseconds(10), milliseconds(100)};
  constexpr std::array<Duration, 3> kMost = {milliseconds(10), milliseconds(200), seconds(1)};
  constexpr std::array<Duration, 3> kConnect = {milliseconds(20), milliseconds(100), seconds(1)};
  constexpr std::array<Duration, 3> kGiveUp = {seconds(1), seconds(10), seconds(120)};
  constexpr std::array<unsigned, 5> kAttempts = {1, 2, 3, 6, 6};
  provider::Http2ClientOptions options;
  options.request_limit = draw.pick(kRequest);
  options.dial.backoff_first = draw.pick(kFirst);
  options.dial.backoff_max = draw.pick(kMost);
  options.dial.connect = draw.pick(kConnect);
  options.dial.give_up_after = draw.pick(kGiveUp);
  options.dial.max_attempts = draw.pick(kAttempts);
  options.content_length = draw.chance(20);
  options.check_payload = !shape.has_bad_ones || draw.chance(50);
  draw_bounds(options, draw);
  draw_silence_limits(shape, options, draw);
  return options;
}

DeviceToken token_of(std::string_view prefix, std::uint64_t number) {
  std::string hex(prefix);
  const std::string digits = std::to_string(number);
  hex.append(64 - hex.size() - digits.size(), '0').append(digits);
  return *DeviceToken::parse(hex);
}

/// One of its own for each number, in lower case.
std::string apns_id_of(std::uint64_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, 12 - digits.size(), '0');
  return "0d15ea5e-0000-4000-8000-" + digits;
}

/// Appends notifications and steps.
class WorkloadWriter {
 public:
  WorkloadWriter(const Shape& shape, Scenario& scenario, Draw& draw)
      : shape_(shape), scenario_(scenario), draw_(draw) {}

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
      if (shape_.has_bad_ones && draw_.chance(20)) {
        bad_one();
      } else {
        alike = draw_.between(1, count);
        send(alike, good_one(alike));
      }
      count -= alike;
    }
  }

  /// What all of a send have; the device token is not looked at.
  Notification good_one(std::uint64_t count) {
    Notification made{device_token_of(1), draw_payload()};
    made.push_type = draw_push_type();
    made.topic = plain_topic(made.push_type);
    if (made.push_type == PushType::Background) {
      made.priority = 5;
    } else if (draw_.chance(15)) {
      made.priority = draw_.chance(50) ? 5 : 10;
    }
    if (draw_.chance(10)) {
      made.expiration = static_cast<std::uint32_t>(draw_.between(0, UINT32_MAX));
    }
    if (draw_.chance(15)) {
      made.collapse_id = std::string(draw_.between(1, 64), 'c');
    }
    if (count == 1 && draw_.chance(20)) {
      made.apns_id = apns_id_of(scenario_.notifications.size() + 1);
    }
    return made;
  }

  std::optional<PushType> draw_push_type() {
    const std::uint64_t kind = draw_.between(1, 100);
    if (kind <= 75) {
      return PushType::Alert;
    }
    if (kind <= 85) {
      return PushType::Background;
    }
    if (kind <= 92) {
      return PushType::Voip;
    }
    return kind <= 96 ? std::optional(PushType::Complication) : std::nullopt;
  }

  std::string draw_payload() {
    const std::uint64_t kind = draw_.between(1, 100);
    if (kind <= 50) {
      return std::string(kPlainPayload);
    }
    if (kind <= 85 || shape_.num_notifications > 60) {
      return payload_of(draw_.between(1, 256));
    }
    return payload_of(draw_.between(1, 4096));
  }

  void bad_one() {
    constexpr std::array<const char*, 9> kMagic = {
        "fa1104000000", "fa1104100000", "fa1104290001", "fa1105000001", "fa1105030000",
        "fa1104030300",  // ExpiredProviderToken
        "fa11dead0000",  // no answer
        "fa11de1a0250",  // a late one
        "fa1160a00001",  // GOAWAY
    };
    Notification made = good_one(1);
    std::string_view prefix;
    switch (draw_.between(0, 7)) {
      case 0:
        prefix = "fa11ffff0000";  // nobody registered it
        break;
      case 1:
        made.payload = payload_of(draw_.chance(30) ? 0 : draw_.between(4097, 6000));
        break;
      case 2:
        made.topic = draw_.chance(50) ? "com.example.other" : "";
        break;
      case 3:
        made.collapse_id = std::string(draw_.between(65, 90), 'c');
        break;
      case 4:
        made.apns_id = "7";  // no UUID
        break;
      case 5:
        made.collapse_id = "a\nb";  // no field has such a value
        break;
      default:
        prefix = draw_.pick(kMagic);
        break;
    }
    send(1, made, prefix);
  }

  void send(std::uint64_t count, Notification made, std::string_view prefix = {}) {
    const std::uint64_t first = scenario_.notifications.size() + 1;
    for (std::uint64_t n = first; n < first + count; ++n) {
      made.device_token =
          prefix.empty() ? device_token_of(static_cast<std::uint32_t>(n)) : token_of(prefix, n);
      scenario_.notifications.push_back(made);
    }
    add(SendStep{first, first + count - 1});
  }

  void pause() {
    const Duration limit = scenario_.http2_client.request_limit;
    const std::array<Duration, 6> pauses = {microseconds(500), milliseconds(5), milliseconds(120),
                                            limit / 4,         limit * 2,       seconds(5)};
    constexpr std::array<Duration, 5> kLong = {minutes(21), minutes(51), minutes(61), hours(3),
                                               hours(25)};
    add(AdvanceStep{shape_.is_long && draw_.chance(60) ? draw_.pick(kLong) : draw_.pick(pauses)});
  }

  void drain() {
    const Duration limit = scenario_.http2_client.request_limit;
    const std::array<Duration, 6> limits = {seconds(60), seconds(60), seconds(60),
                                            limit * 3,   limit / 2,   milliseconds(1)};
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
};

std::size_t bytes_of(const Scenario& scenario) {
  std::size_t bytes = 0;
  for (const Notification& notification : scenario.notifications) {
    bytes += notification.payload.size() + kRequestOverhead;
  }
  return bytes;
}

/// What the provider shows of who it is.
void draw_credential(const Shape& shape, Scenario& scenario, Draw& draw) {
  constexpr std::array<const char*, 6> kShown = {
      "kept-for-ever", "kept-for-ever", "one-per-request", "too-old", "unknown-key", "none"};
  if (!shape.with_provider_token) {
    return;
  }
  scenario.auth = Auth::ProviderToken;
  if (draw.chance(15)) {
    scenario.provider_token = draw.pick(kShown);
  }
}

void draw_service(const Shape& shape, Scenario& scenario, Draw& draw) {
  scenario.refuse_connections = draw.chance(8) ? draw.between(1, 4) : 0;
  if (draw.chance(40)) {
    scenario.settings = draw_settings(1, draw);
  }
  Http2FaultFrame frame;
  frame.num_notifications = shape.num_notifications;
  frame.num_bytes = bytes_of(scenario);
  frame.request_limit = scenario.http2_client.request_limit;
  frame.with_tls = shape.with_tls;
  scenario.faults = draw_http2_faults(frame, draw);
  name_faults(scenario);
  if (draw.chance(40)) {
    scenario.connections =
        draw_connections(ScriptFrame{shape.num_notifications, frame.request_limit}, draw);
  }
}

}  // namespace

Case make_http2_case(std::uint64_t seed) {
  const Shape shape = draw_shape(seed);
  Case made;
  made.host = shape.with_tls ? HostKind::MemoryTls : HostKind::Memory;
  Scenario& scenario = made.scenario;
  const std::string number = std::to_string(seed);
  scenario.id = scenario.pattern = "search/" + number;
  scenario.area = "search";
  scenario.file = "search-" + number + ".json";
  scenario.title = "Every notification has its outcome, and the outcome is what the service said";
  scenario.rules = {"http2/status-decides"};
  scenario.source = {"apnslab check --search --protocol http2 --seeds " + number};
  scenario.protocol = "http2";
  scenario.seed = seed;

  Draw options(seed, kOptionDraws);
  draw_credential(shape, scenario, options);
  scenario.http2_client = draw_options(shape, options);
  Draw workload(seed, kWorkloadDraws);
  WorkloadWriter(shape, scenario, workload).write();
  Draw faults(seed, kFaultDraws);
  draw_service(shape, scenario, faults);
  Draw links(seed, kLinkDraws);
  LinkFrame frame;
  frame.num_bytes = bytes_of(scenario);
  frame.num_bytes_back = shape.num_notifications * kAnswerBytes;
  frame.patience = scenario.http2_client.request_limit;
  frame.with_tls = shape.with_tls;
  frame.may_lie = true;
  scenario.network = draw_network(frame, links);
  finish_scenario(scenario);
  return made;
}

}  // namespace apns::scenarios::search
