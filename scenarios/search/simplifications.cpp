#include "scenarios/search/simplifications.h"

#include <algorithm>
#include <array>
#include <string>

#include "scenarios/runner/scenario_writer.h"

namespace apns::scenarios::search {
namespace {

using mock::FaultRule;
using mock::NumberMatch;
using provider::BinaryClientOptions;
using provider::Http2ClientOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Each is tried for all things of its kind, in this order: what makes the most difference first.
// None undoes an earlier one, or a case would never be small enough.

template <class T>
void set_unless(T& value, const T& best, const T& next_best) {
  if (value != best) {
    value = next_best;
  }
}

constexpr std::array<void (*)(Scenario&), 20> kOfScenario = {{
    [](Scenario& scenario) { scenario.refuse_connections = 0; },
    [](Scenario& scenario) { scenario.refuse_connections /= 2; },
    [](Scenario& scenario) { scenario.client.resend_unknown = false; },
    [](Scenario& scenario) { scenario.client.window_bytes = BinaryClientOptions().window_bytes; },
    [](Scenario& scenario) { scenario.client.window_len = BinaryClientOptions().window_len; },
    [](Scenario& scenario) {
      set_unless<std::size_t>(scenario.client.window_bytes, BinaryClientOptions().window_bytes, 1);
    },
    [](Scenario& scenario) {
      set_unless<std::size_t>(scenario.client.window_len, BinaryClientOptions().window_len, 1);
    },
    [](Scenario& scenario) { scenario.client.connect_limit = BinaryClientOptions().connect_limit; },
    [](Scenario& scenario) { scenario.client.backoff_first = BinaryClientOptions().backoff_first; },
    [](Scenario& scenario) { scenario.client.backoff_max = BinaryClientOptions().backoff_max; },
    [](Scenario& scenario) { scenario.client.max_attempts = BinaryClientOptions().max_attempts; },
    [](Scenario& scenario) {
      set_unless(scenario.client.max_attempts, BinaryClientOptions().max_attempts, 1U);
    },
    [](Scenario& scenario) { scenario.client.payload_limit = BinaryClientOptions().payload_limit; },
    [](Scenario& scenario) { scenario.client.settle_after = BinaryClientOptions().settle_after; },
    [](Scenario& scenario) { scenario.client.connections = 1; },
    [](Scenario& scenario) { scenario.client.on_full = BinaryClientOptions().on_full; },
    [](Scenario& scenario) { scenario.client.remember_for = BinaryClientOptions().remember_for; },
    [](Scenario& scenario) { scenario.client.write_limit = BinaryClientOptions().write_limit; },
    [](Scenario& scenario) { scenario.client.idle_limit = BinaryClientOptions().idle_limit; },
    [](Scenario& scenario) { scenario.client.give_up_after = BinaryClientOptions().give_up_after; },
}};

template <auto Http2ClientOptions::*option>
void set_default(Scenario& scenario) {
  scenario.http2_client.*option = Http2ClientOptions().*option;
}

template <auto provider::DialLimits::*limit>
void set_default_limit(Scenario& scenario) {
  scenario.http2_client.dial.*limit = provider::DialLimits().*limit;
}

template <std::optional<std::uint32_t> mock::SettingsFault::*setting>
void say_nothing_of(Scenario& scenario) {
  (scenario.settings.*setting).reset();
}

constexpr std::array<void (*)(Scenario&), 28> kOfHttp2 = {{
    set_default<&Http2ClientOptions::max_connections>,
    set_default<&Http2ClientOptions::min_connections>,
    [](Scenario& scenario) { scenario.connections.clear(); },
    [](Scenario& scenario) { scenario.provider_token.clear(); },
    [](Scenario& scenario) {
      if (scenario.provider_token.empty()) {
        scenario.auth = Auth::Certificate;
      }
    },
    say_nothing_of<&mock::SettingsFault::header_table_size>,
    say_nothing_of<&mock::SettingsFault::initial_window_size>,
    say_nothing_of<&mock::SettingsFault::max_frame_size>,
    say_nothing_of<&mock::SettingsFault::max_header_list_size>,
    say_nothing_of<&mock::SettingsFault::max_concurrent_streams>,
    [](Scenario& scenario) {
      auto& streams = scenario.settings.max_concurrent_streams;
      streams = streams ? std::optional<std::uint32_t>(1) : std::nullopt;
    },
    set_default<&Http2ClientOptions::request_limit>,
    set_default<&Http2ClientOptions::max_streams>,
    [](Scenario& scenario) {
      set_unless<std::size_t>(scenario.http2_client.max_streams, Http2ClientOptions().max_streams,
                              1);
    },
    set_default<&Http2ClientOptions::pending_bytes>,
    set_default<&Http2ClientOptions::queue_len>,
    set_default<&Http2ClientOptions::queue_bytes>,
    set_default<&Http2ClientOptions::content_length>,
    set_default<&Http2ClientOptions::check_payload>,
    set_default<&Http2ClientOptions::idle_limit>,
    set_default<&Http2ClientOptions::ping_after>,
    set_default<&Http2ClientOptions::ping_limit>,
    set_default_limit<&provider::DialLimits::connect>,
    set_default_limit<&provider::DialLimits::backoff_first>,
    set_default_limit<&provider::DialLimits::backoff_max>,
    set_default_limit<&provider::DialLimits::give_up_after>,
    set_default_limit<&provider::DialLimits::max_attempts>,
    [](Scenario& scenario) {
      set_unless(scenario.http2_client.dial.max_attempts, provider::DialLimits().max_attempts, 1U);
    },
}};

template <class Change>
void in_goaway(FaultRule& rule, const Change& change) {
  if (rule.then.goaway) {
    change(*rule.then.goaway);
  }
}

constexpr std::array<void (*)(ConnectionScript&), 2> kOfConnection = {{
    [](ConnectionScript& script) { script.settings.reset(); },
    [](ConnectionScript& script) {
      for (ServiceStep& step : script.steps) {
        if (auto* answer = std::get_if<AnswerStep>(&step)) {
          *answer = AnswerStep{answer->nth, 200, "", 0, answer->before_body, "", {}};
        }
      }
    },
}};

constexpr std::array<void (*)(FaultRule&), 43> kOfFault = {{
    [](FaultRule& rule) { rule.protocol.reset(); },
    [](FaultRule& rule) { rule.environment.reset(); },
    [](FaultRule& rule) { rule.device_token_prefix.clear(); },
    [](FaultRule& rule) { rule.probability = 1.0; },
    [](FaultRule& rule) { rule.idle.reset(); },
    [](FaultRule& rule) { rule.after = Duration::zero(); },
    [](FaultRule& rule) { rule.until = Duration::max(); },
    [](FaultRule& rule) { rule.nth.reset(); },
    [](FaultRule& rule) { rule.connection = NumberMatch(); },
    [](FaultRule& rule) { rule.times = 0; },
    [](FaultRule& rule) { set_unless<std::uint64_t>(rule.times, 0, 1); },
    [](FaultRule& rule) { rule.then.delay = Duration::zero(); },
    [](FaultRule& rule) { rule.then.error_packet.reset(); },
    [](FaultRule& rule) { rule.then.raw.clear(); },
    [](FaultRule& rule) { set_unless(rule.then.raw, Bytes(), Bytes(1, std::byte{7})); },
    [](FaultRule& rule) { rule.then.close.reset(); },
    [](FaultRule& rule) { rule.then.stop_reading = false; },
    [](FaultRule& rule) { rule.then.bandwidth = 0; },
    [](FaultRule& rule) { rule.then.no_answer = false; },
    [](FaultRule& rule) { rule.then.reject.reset(); },
    [](FaultRule& rule) { rule.push_type.clear(); },
    [](FaultRule& rule) { rule.then.timestamp.reset(); },
    [](FaultRule& rule) { rule.then.reason.reset(); },
    [](FaultRule& rule) { rule.then.status.reset(); },
    [](FaultRule& rule) { rule.then.latency.reset(); },
    [](FaultRule& rule) { rule.then.reset_again = false; },
    [](FaultRule& rule) { rule.then.reset_stream.reset(); },
    [](FaultRule& rule) { rule.then.goaway.reset(); },
    [](FaultRule& rule) { rule.then.ignore_ping = false; },
    [](FaultRule& rule) { rule.then.withhold_window = false; },
    [](FaultRule& rule) { rule.then.settings.reset(); },
    [](FaultRule& rule) { in_goaway(rule, [](auto& goaway) { goaway.last_nth.reset(); }); },
    [](FaultRule& rule) { in_goaway(rule, [](auto& goaway) { goaway.code = 0; }); },
    [](FaultRule& rule) { in_goaway(rule, [](auto& goaway) { goaway.reason.reset(); }); },
    [](FaultRule& rule) { in_goaway(rule, [](auto& goaway) { goaway.count = 1; }); },
    [](FaultRule& rule) { in_goaway(rule, [](auto& goaway) { goaway.keep_open = false; }); },
    [](FaultRule& rule) {
      if (rule.then.reason) {
        rule.then.reason = Reason::BadDeviceToken;
      }
    },
    [](FaultRule& rule) {
      set_unless(rule.then.delay, Duration::zero(), Duration(milliseconds(10)));
    },
    [](FaultRule& rule) {
      if (rule.then.reject) {
        rule.then.reject = 8;
      }
    },
    [](FaultRule& rule) {
      if (rule.nth) {
        rule.nth = NumberMatch{rule.nth->first, rule.nth->first, 1};
      }
    },
    [](FaultRule& rule) {
      if (rule.nth) {
        rule.nth = NumberMatch{1, 1, 1};
      }
    },
    [](FaultRule& rule) {
      set_unless(rule.connection, NumberMatch(), NumberMatch{1, 1, 1});
    },
    [](FaultRule& rule) {
      if (rule.then.error_packet) {
        rule.then.error_packet->split = 0;
      }
    },
}};

constexpr std::array<void (*)(LinkPlan&), 10> kOfLink = {{
    [](LinkPlan& plan) { plan.link = LinkOptions(); },
    [](LinkPlan& plan) { plan.link.split_min = plan.link.split_max = 0; },
    [](LinkPlan& plan) { plan.link.window = LinkOptions().window; },
    [](LinkPlan& plan) { plan.link.latency = LinkOptions().latency; },
    [](LinkPlan& plan) {
      set_unless<Duration>(plan.link.latency, LinkOptions().latency, milliseconds(5));
    },
    [](LinkPlan& plan) { plan.link.reset_after_to_server.reset(); },
    [](LinkPlan& plan) { plan.link.reset_after_to_client.reset(); },
    [](LinkPlan& plan) { plan.link.refuse = false; },
    [](LinkPlan& plan) { plan.link.hang = false; },
    [](LinkPlan& plan) { plan.link.stalled_server = false; },
}};

using Range = std::span<Notification>;
constexpr std::array<void (*)(Range), 8> kOfSend = {{
    [](Range range) {
      for (Notification& notification : range) {
        notification.payload = kPlainPayload;
      }
    },
    [](Range range) {
      for (Notification& notification : range) {
        set_unless(notification.payload, std::string(kPlainPayload), payload_of(1));
      }
    },
    [](Range range) {
      for (Notification& notification : range) {
        notification.expiration.reset();
      }
    },
    [](Range range) {
      for (Notification& notification : range) {
        notification.priority.reset();
      }
    },
    [](Range range) {
      for (Notification& notification : range) {
        notification.collapse_id.clear();
      }
    },
    [](Range range) {
      for (Notification& notification : range) {
        notification.apns_id.clear();
      }
    },
    [](Range range) {
      for (Notification& notification : range) {
        notification.push_type = PushType::Alert;
        notification.topic = plain_topic(PushType::Alert);
      }
    },
    [](Range range) {
      for (Notification& notification : range) {
        notification.topic = plain_topic(notification.push_type);
      }
    },
}};

constexpr std::size_t kOfBinarySend = 4;  // of them, in front; the others are of HTTP/2

constexpr std::array<Duration, 3> kTimes = {seconds(60), seconds(1), milliseconds(10)};

/// A drain that does not cut anything short, a pause of a round time; the first of kTimes that
/// does.
void simplify_time(Step& step, std::size_t choice) {
  const auto simplify = [choice](Duration& time) {
    for (std::size_t i = 0; i < choice; ++i) {
      if (time == kTimes.at(i)) {
        return;
      }
    }
    time = kTimes.at(choice);
  };
  if (auto* drain = std::get_if<DrainStep>(&step.action)) {
    simplify(drain->within);
  } else if (auto* advance = std::get_if<AdvanceStep>(&step.action)) {
    simplify(advance->by);
  }
}

/// To devices of their own.
void simplify_tokens(Scenario& scenario, const SendStep& send) {
  for (std::uint64_t n = send.first; n <= send.last; ++n) {
    scenario.notifications[n - 1].device_token = device_token_of(static_cast<std::uint32_t>(n));
  }
}

/// Two sends of notifications that are alike become one.
bool merge_with_next(Scenario& scenario, std::size_t i) {
  if (i + 1 >= scenario.workload.size()) {
    return false;
  }
  auto* send = std::get_if<SendStep>(&scenario.workload[i].action);
  const auto* next = std::get_if<SendStep>(&scenario.workload[i + 1].action);
  if (send == nullptr || next == nullptr) {
    return false;
  }
  send->last = next->last;
  scenario.workload.erase(scenario.workload.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  return true;
}

void simplify_step(Scenario& scenario, std::size_t i, std::size_t change) {
  const auto* send = std::get_if<SendStep>(&scenario.workload[i].action);
  if (send == nullptr) {
    if (change < kTimes.size()) {
      simplify_time(scenario.workload[i], change);
    }
  } else if (change < kOfSend.size()) {
    if (change < kOfBinarySend || scenario.is_http2()) {
      kOfSend.at(change)(
          Range(scenario.notifications).subspan(send->first - 1, send->last - send->first + 1));
    }
  } else if (change == kOfSend.size()) {
    simplify_tokens(scenario, *send);
  } else {
    (void)merge_with_next(scenario, i);
  }
}

constexpr std::size_t kOfStep = std::max(kTimes.size(), kOfSend.size() + 2);

}  // namespace

std::optional<Scenario> simplified(const Scenario& scenario, std::size_t index) {
  Scenario simpler = scenario;
  if (index < kOfScenario.size()) {
    kOfScenario.at(index)(simpler);
    return simpler;
  }
  index -= kOfScenario.size();
  if (index < kOfHttp2.size()) {
    if (scenario.is_http2()) {
      kOfHttp2.at(index)(simpler);
    }
    return simpler;
  }
  index -= kOfHttp2.size();
  if (index < kOfConnection.size() * scenario.connections.size()) {
    kOfConnection.at(index %
                     kOfConnection.size())(simpler.connections[index / kOfConnection.size()]);
    return simpler;
  }
  index -= kOfConnection.size() * scenario.connections.size();
  if (index < kOfFault.size() * scenario.faults.size()) {
    kOfFault.at(index % kOfFault.size())(simpler.faults[index / kOfFault.size()]);
    return simpler;
  }
  index -= kOfFault.size() * scenario.faults.size();
  const std::size_t num_links = scenario.network ? scenario.network->size() : 0;
  if (index < kOfLink.size() * num_links) {
    kOfLink.at(index % kOfLink.size())((*simpler.network)[index / kOfLink.size()]);
    return simpler;
  }
  index -= kOfLink.size() * num_links;
  if (index < kOfStep * scenario.workload.size()) {
    simplify_step(simpler, index / kOfStep, index % kOfStep);
    return simpler;
  }
  return std::nullopt;
}

}  // namespace apns::scenarios::search
