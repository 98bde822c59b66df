#include "mock_apns/control/clock_routes.h"

#include <array>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "apns/base/rfc3339.h"
#include "apns/json/field_table.h"
#include "mock_apns/control/json_answer.h"
#include "mock_apns/control/problem.h"

namespace apns::mock::control {

namespace {

struct ClockPlan {
  std::optional<bool> is_frozen;
  std::optional<WorldTime> now;
};

constexpr std::array<json::Field<ClockPlan>, 2> kClockFields = {{
    {"mode", json::kOptional<ClockPlan>,
     [](const json::Value& value, ClockPlan& plan) {
       static const std::array<std::string, 2> kModes = {"running", "frozen"};
       const std::string& mode = value.text("mode");
       json::require_word(value, "mode", mode, kModes);
       plan.is_frozen = mode == "frozen";
     }},
    {"now", json::kOptional<ClockPlan>,
     [](const json::Value& value, ClockPlan& plan) {
       plan.now = parse_rfc3339(value.text("now"));
       if (!plan.now) {
         value.fail("now must be a time like 2026-11-25T10:14:03Z.");
       }
     }},
}};

Response state(const ControlledClock& clock) {
  const ControlledClock::State now = clock.state();
  return answer(nlohmann::ordered_json{{"now", to_rfc3339(now.now)},
                                       {"mode", now.is_frozen ? "frozen" : "running"},
                                       {"offset_us", now.offset.count()}});
}

void set(ControlledClock& clock, const json::Value& body) {
  ClockPlan plan;
  json::read_fields<ClockPlan>(body, "clock", kClockFields, plan);
  if (plan.now && plan.is_frozen.value_or(false)) {
    clock.freeze_at(*plan.now);
    return;
  }
  if (plan.now) {
    clock.set(*plan.now);
  }
  if (plan.is_frozen) {
    *plan.is_frozen ? clock.freeze() : clock.run();
  }
}

void advance(ControlledClock& clock, const json::Value& body) {
  json::ObjectReader in(body, "advance");
  const json::Value& by = in.require("by");
  in.finish();
  const bool is_text = by.kind() == json::Value::Kind::Text;
  const auto ns = is_text ? json::parse_duration_ns(by.text("by")) : std::nullopt;
  if (!ns) {
    by.fail(R"(by must be a text with its unit, like "90s", "61m" or "24h".)");
  }
  clock.advance(std::chrono::duration_cast<WorldTime::duration>(std::chrono::nanoseconds(*ns)));
}

/// Carries out a change; the clock's complaint becomes a problem.
template <class Change>
Response changed(ControlledClock& clock, const Change& change) {
  try {
    change();
  } catch (const ClockError& error) {
    throw Problem(422, "bad-value", error.what());
  }
  return state(clock);
}

}  // namespace

void add_clock_routes(Router& router, ControlledClock& clock) {
  router.add({Method::Get, "/v1/clock", "the world's time, and whether it stands",
              [&clock](Call& /*call*/) -> Answer { return state(clock); }});
  router.add({Method::Put, "/v1/clock", "{\"mode\": \"frozen\"} or \"running\"; \"now\" sets it",
              [&clock](Call& call) -> Answer {
                return changed(clock, [&] { set(clock, call.body()); });
              }});
  router.add({Method::Post, "/v1/clock/advance",
              "{\"by\": \"61m\"}; what becomes due has happened when the answer comes",
              [&clock](Call& call) -> Answer {
                return changed(clock, [&] { advance(clock, call.body()); });
              }});
}

}  // namespace apns::mock::control
