#include "scenarios/runner/workload_reader.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <span>
#include <utility>

#include "apns/model/push_type.h"
#include "scenarios/runner/client_options_reader.h"
#include "scenarios/runner/duration_reader.h"
#include "scenarios/runner/match_fields.h"
#include "scenarios/runner/runner.h"
#include "scenarios/runner/scenario_writer.h"

namespace apns::scenarios {
namespace {

constexpr std::int64_t kMaxNotifications = 100'000;
constexpr std::int64_t kMaxPayloadBytes = 65535;
/// What a script may wait for over sockets, where time is real.
constexpr Duration kMaxRealAdvance = std::chrono::seconds(2);

/// What a send says that only HTTP/2 can; an empty text leaves the field out.
struct Http2Draft {
  std::optional<std::string> topic;
  const json::Value* push_type = nullptr;
  std::string collapse_id;
  std::string apns_id;
  const json::Value* first = nullptr;  // of the four, in the file
};

struct StepDraft {
  const json::Value* options = nullptr;
  const json::Value* send = nullptr;
  const json::Value* wait_for = nullptr;
  const json::Value* advance = nullptr;
  const json::Value* drain = nullptr;
  const json::Value* feedback = nullptr;

  // of send
  std::string to;
  std::string app;
  std::string activity;
  const json::Value* device_tokens = nullptr;
  std::optional<std::string> payload;
  std::optional<std::size_t> payload_bytes;
  std::optional<std::uint32_t> expiration;
  std::optional<std::uint8_t> priority;
  Http2Draft http2;

  // of wait_for
  std::optional<Duration> within;
};

void note(const json::Value& value, Http2Draft& draft) {
  draft.first = draft.first == nullptr ? &value : draft.first;
}

constexpr std::array<json::Field<StepDraft>, 19> kStepFields = {{
    {"options", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) { draft.options = &value; }},
    {"send", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) { draft.send = &value; }},
    {"device_tokens", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) { draft.device_tokens = &value; }},
    {"payload", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       const bool is_text = value.kind() == json::Value::Kind::Text;
       draft.payload = is_text ? value.text("payload") : value.dump();
     }},
    {"payload_bytes", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       draft.payload_bytes =
           static_cast<std::size_t>(value.integer("payload_bytes", 0, kMaxPayloadBytes));
     }},
    {"expiration", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       draft.expiration = static_cast<std::uint32_t>(
           value.integer("expiration", 0, std::numeric_limits<std::uint32_t>::max()));
     }},
    {"priority", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       draft.priority = static_cast<std::uint8_t>(
           value.integer("priority", 0, std::numeric_limits<std::uint8_t>::max()));
     }},
    {"wait_for", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) { draft.wait_for = &value; }},
    {"within", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       draft.within = read_duration(value, "within");
     }},
    {"advance", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) { draft.advance = &value; }},
    {"drain", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) { draft.drain = &value; }},
    {"feedback", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) { draft.feedback = &value; }},
    {"to", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) { draft.to = value.text("to"); }},
    {"app", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) { draft.app = value.text("app"); }},
    {"activity", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) { draft.activity = value.text("activity"); }},
    {"topic", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       note(value, draft.http2);
       draft.http2.topic = value.text("topic");
     }},
    {"push_type", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       note(value, draft.http2);
       draft.http2.push_type = &value;
     }},
    {"collapse_id", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       note(value, draft.http2);
       draft.http2.collapse_id = value.text("collapse_id");
     }},
    {"apns_id", json::kOptional<StepDraft>,
     [](const json::Value& value, StepDraft& draft) {
       note(value, draft.http2);
       draft.http2.apns_id = value.text("apns_id");
     }},
}};

constexpr std::string_view kDefaultApp = "com.example.app";

std::optional<PushType> read_push_type(const json::Value& value) {
  const std::string& word = value.text("push_type");
  if (word.empty()) {
    return std::nullopt;
  }
  json::require_word(value, "push type", word, push_type_names());
  return find_push_type(word)->type;
}

/// A device step has keys of its own, among them `app`.
bool is_device_step(const json::Value& step) {
  const auto members = step.object("step");
  return std::any_of(members.begin(), members.end(),
                     [](const json::Value::Member& member) { return member.key == "device"; });
}

struct ClosedDraft {
  std::uint64_t count = 0;
};

constexpr std::array<json::Field<ClosedDraft>, 1> kClosedFields = {{
    {"closed_connections", json::kRequired<ClosedDraft>,
     [](const json::Value& value, ClosedDraft& draft) {
       draft.count = static_cast<std::uint64_t>(
           value.integer("closed_connections", 1, std::numeric_limits<std::int32_t>::max()));
     }},
}};

/// Reads the steps in order; knows the number of the next notification.
class WorkloadReader {
 public:
  explicit WorkloadReader(Scenario& scenario) : scenario_(scenario) {}

  void read(const json::Value& workload) {
    for (const json::Value& step : workload.array("workload")) {
      read_step(step);
    }
    if (!drained_) {
      workload.fail(
          "The workload does not end with a drain. Let its last step be {\"drain\": \"5s\"}.");
    }
  }

 private:
  void read_step(const json::Value& step) {
    if (is_device_step(step)) {
      refuse_behind_drain(step);
      scenario_.workload.push_back(step_of(step, DeviceStep{mock::read_device_change(step)}));
      ++index_;
      return;
    }
    StepDraft draft;
    json::read_fields<StepDraft>(step, "step", kStepFields, draft);
    const std::array<const json::Value*, 6> verbs = {draft.options, draft.send,  draft.wait_for,
                                                     draft.advance, draft.drain, draft.feedback};
    if (std::count(verbs.begin(), verbs.end(), nullptr) != 5) {
      step.fail(
          "A step does exactly one thing: options, send, wait_for, advance, device, feedback or "
          "drain.");
    }
    refuse_behind_drain(step);
    check_companions(step, draft);
    if (draft.options != nullptr) {
      read_options(*draft.options);
    } else {
      add(step, draft);
    }
    ++index_;
  }

  void refuse_behind_drain(const json::Value& step) const {
    if (drained_) {
      step.fail(
          "Nothing can follow a drain: the provider takes nothing more. Move this step before it.");
    }
  }

  void check_companions(const json::Value& step, const StepDraft& draft) const {
    const bool of_send = draft.device_tokens != nullptr || draft.payload || draft.payload_bytes ||
                         draft.expiration || draft.priority || !draft.to.empty() ||
                         !draft.app.empty() || !draft.activity.empty() ||
                         draft.http2.first != nullptr;
    if (of_send && draft.send == nullptr) {
      step.fail(
          "device_tokens, to, app, activity, payload, payload_bytes, expiration, priority, topic, "
          "push_type, collapse_id and apns_id go with \"send\" only.");
    }
    if (draft.http2.first != nullptr && !scenario_.is_http2()) {
      draft.http2.first->fail(
          "topic, push_type, collapse_id and apns_id are HTTP/2's: the binary protocol has no "
          "fields for them. Leave them out, or say \"protocol\": \"http2\".");
    }
    if (!draft.app.empty() && draft.to.empty()) {
      step.fail("\"app\" goes with \"to\" only: it is an app on that device.");
    }
    if (!draft.activity.empty() && draft.to.empty()) {
      step.fail("\"activity\" goes with \"to\" only: it is a Live Activity on that device.");
    }
    if (!draft.to.empty() && draft.device_tokens != nullptr) {
      step.fail("\"to\" and \"device_tokens\" exclude each other. Leave one of them out.");
    }
    if (draft.within && draft.wait_for == nullptr) {
      step.fail("\"within\" goes with \"wait_for\" only.");
    }
  }

  /// A step without its action's details.
  template <class Action>
  [[nodiscard]] Step step_of(const json::Value& value, Action action) const {
    Step step;
    step.action = std::move(action);
    step.where = "workload[" + std::to_string(index_) + "]";
    step.text = value.dump();
    step.position = value.position();
    return step;
  }

  void read_options(const json::Value& options) {
    if (!scenario_.notifications.empty()) {
      options.fail("The provider is made before the first send. Move options to the front.");
    }
    read_client_options(options, scenario_);
  }

  void add(const json::Value& value, const StepDraft& draft) {
    Step step = step_of(value, FeedbackStep{});
    if (draft.feedback != nullptr) {
      step.action = FeedbackStep{read_duration(*draft.feedback, "feedback")};
    } else if (draft.send != nullptr) {
      step.action = read_send(*draft.send, draft);
    } else if (draft.wait_for != nullptr) {
      read_wait(*draft.wait_for, draft.within.value_or(kDefaultWithin), step);
    } else if (draft.advance != nullptr) {
      step.action = read_advance(*draft.advance);
    } else {
      step.action = DrainStep{read_duration(*draft.drain, "drain")};
      drained_ = true;
    }
    scenario_.workload.push_back(std::move(step));
  }

  SendStep read_send(const json::Value& send, const StepDraft& draft) {
    const std::uint64_t first = scenario_.notifications.size() + 1;
    const std::uint64_t last = read_last(send, first);
    if (draft.payload && draft.payload_bytes) {
      send.fail("\"payload\" and \"payload_bytes\" exclude each other. Leave one of them out.");
    }
    std::string payload = draft.payload.value_or(std::string(kPlainPayload));
    if (draft.payload_bytes) {
      payload = payload_of(*draft.payload_bytes);
    }
    if (!draft.to.empty()) {
      require_own_payload(send, payload, draft.to, last - first + 1);
    }
    const std::vector<DeviceToken> tokens = read_tokens(draft.device_tokens, payload, first, last);
    for (const DeviceToken& token : tokens) {
      Notification& made = scenario_.notifications.emplace_back(
          Notification{token, payload, draft.expiration, draft.priority});
      if (scenario_.is_http2()) {
        fill_in(draft.http2, made);
      }
    }
    SendStep step{first, last, draft.to, draft.app, draft.activity};
    if (!step.device.empty() && step.app.empty()) {
      step.app = kDefaultApp;
    }
    return step;
  }

  /// Without a word of the script: what a good provider sends, an alert for the usual app.
  static void fill_in(const Http2Draft& draft, Notification& made) {
    made.push_type =
        draft.push_type == nullptr ? PushType::Alert : read_push_type(*draft.push_type);
    made.topic = draft.topic.value_or(plain_topic(made.push_type));
    made.collapse_id = draft.collapse_id;
    made.apns_id = draft.apns_id;
  }

  /// Notifications to one device are told apart by their payload.
  void require_own_payload(const json::Value& send, const std::string& payload,
                           const std::string& device, std::uint64_t count) {
    if (count > 1 || !payloads_.insert(device + " " + payload).second) {
      send.fail(
          "Notifications to one device are known by their payload. Send them one by one, each with "
          "a payload of its own.");
    }
  }

  // A count, or the numbers themselves, which must go on where the last send ended.
  static std::uint64_t read_last(const json::Value& send, std::uint64_t first) {
    if (send.kind() == json::Value::Kind::Integer) {
      return first - 1 + static_cast<std::uint64_t>(send.integer("send", 1, kMaxNotifications));
    }
    const NumberSet numbers = read_numbers(send, "send");
    if (numbers.ranges().size() != 1 || numbers.ranges().front().first != first ||
        numbers.last() - first >= static_cast<std::uint64_t>(kMaxNotifications)) {
      send.fail("Notifications are numbered in the order of sending, so this step begins with " +
                std::to_string(first) + ". Write send as a count, or as \"" +
                std::to_string(first) + "-" + std::to_string(first + 9) + "\".");
    }
    return numbers.last();
  }

  std::vector<DeviceToken> read_tokens(const json::Value* list, const std::string& payload,
                                       std::uint64_t first, std::uint64_t last) const {
    std::vector<DeviceToken> tokens;
    if (list == nullptr) {
      for (std::uint64_t n = first; n <= last; ++n) {
        tokens.push_back(device_token_of(static_cast<std::uint32_t>(n)));
      }
      return tokens;
    }
    const std::span<const json::Value> values = list->array("device_tokens");
    if (values.size() != last - first + 1) {
      list->fail("device_tokens has " + std::to_string(values.size()) + " entries for " +
                 std::to_string(last - first + 1) + " notifications. Give one for each.");
    }
    for (const json::Value& value : values) {
      const std::optional<DeviceToken> token = DeviceToken::parse(value.text("device token"));
      if (!token) {
        value.fail("A device token is 2 to 200 hex digits, an even number of them.");
      }
      const bool known =
          std::any_of(scenario_.notifications.begin(), scenario_.notifications.end(),
                      [&token, &payload](const Notification& earlier) {
                        return earlier.device_token == *token && earlier.payload == payload;
                      });
      if (known || std::find(tokens.begin(), tokens.end(), *token) != tokens.end()) {
        value.fail(
            "Notifications are known by their device token and payload, and this pair was used "
            "before. Take another device token, or another payload in a send of its own.");
      }
      tokens.push_back(*token);
    }
    return tokens;
  }

  static void read_wait(const json::Value& wait, Duration within, Step& step) {
    const std::span<const json::Value::Member> members = wait.object("wait_for");
    if (!members.empty() && members.front().key == kClosedFields[0].key) {
      ClosedDraft draft;
      json::read_fields<ClosedDraft>(wait, "wait_for", kClosedFields, draft);
      step.action = WaitClosedStep{draft.count, within};
      return;
    }
    MatchDraft draft;
    json::read_fields(wait, "wait_for", wait_fields(), draft);
    check_match(draft, wait);
    step.action = WaitEventsStep{draft.match, draft.min_count.value_or(1), within};
  }

  AdvanceStep read_advance(const json::Value& advance) const {
    const Duration by = read_duration(advance, "advance");
    if (by > kMaxRealAdvance && obstacle(scenario_, HostKind::Sockets).empty()) {
      advance.fail(
          "Over sockets this would be waited for, and 2s is the limit there. Make it shorter, or "
          "say "
          "\"needs\": [\"clock\"].");
    }
    return AdvanceStep{by};
  }

  Scenario& scenario_;
  std::set<std::string> payloads_;  // with their device
  std::size_t index_ = 0;
  bool drained_ = false;
};

}  // namespace

void read_workload(const json::Value& workload, Scenario& scenario) {
  WorkloadReader(scenario).read(workload);
}

std::vector<json::ObjectKeys> workload_format() {
  std::vector<json::ObjectKeys> format = {
      json::object_keys<StepDraft>("step", kStepFields),
      json::object_keys<ClosedDraft>("wait_for_closed", kClosedFields),
      json::object_keys("wait_for_events", wait_fields()),
  };
  const std::vector<json::ObjectKeys> options = client_options_format();
  format.insert(format.end(), options.begin(), options.end());
  return format;
}

}  // namespace apns::scenarios
