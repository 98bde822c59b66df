#include "mock_apns/control/expectation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "apns/json/field_table.h"
#include "mock_apns/control/problem.h"
#include "mock_apns/fault_text.h"
#include "mock_apns/ledger_text.h"

namespace apns::mock::control {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kEventsPerLook = 5000;
constexpr std::size_t kMaxNear = 1000;  // that are compared in the end
constexpr std::int64_t kMaxCount = 1'000'000'000;
constexpr Duration kLongestWait = std::chrono::minutes(10);

std::uint64_t read_count(const json::Value& value, std::string_view what) {
  return static_cast<std::uint64_t>(value.integer(what, 0, kMaxCount));
}

constexpr std::array<json::Field<ExpectPlan>, 2> kCountFields = {{
    {"min", json::kOptional<ExpectPlan>,
     [](const json::Value& value, ExpectPlan& plan) { plan.min = read_count(value, "min"); }},
    {"max", json::kOptional<ExpectPlan>,
     [](const json::Value& value, ExpectPlan& plan) { plan.max = read_count(value, "max"); }},
}};

void read_counts(const json::Value& value, ExpectPlan& plan) {
  if (value.kind() != json::Value::Kind::Object) {
    plan.min = plan.max = read_count(value, "count");
    return;
  }
  plan.min = 0;
  json::read_fields<ExpectPlan>(value, "count", kCountFields, plan);
  if (plan.min > plan.max) {
    value.fail("min is above max, so no count is right. Swap them.");
  }
}

void read_within(const json::Value& value, ExpectPlan& plan) {
  const bool is_text = value.kind() == json::Value::Kind::Text;
  const auto ns = is_text ? json::parse_duration_ns(value.text("within")) : std::nullopt;
  if (!ns || Duration(*ns) > kLongestWait) {
    value.fail(R"(within must be a text with its unit, like "200ms", "5s" or "1m", up to "10m".)");
  }
  plan.within = Duration(*ns);
}

constexpr std::array<json::Field<ExpectPlan>, 4> kFields = {{
    {"match", json::kRequired<ExpectPlan>,
     [](const json::Value& value, ExpectPlan& plan) { plan.match = EventMatcher(value); }},
    {"count", json::kOptional<ExpectPlan>, read_counts},
    {"within", json::kOptional<ExpectPlan>, read_within},
    {"after", json::kOptional<ExpectPlan>,
     [](const json::Value& value, ExpectPlan& plan) {
       plan.after = static_cast<std::uint64_t>(value.integer("after", 0, INT64_MAX));
     }},
}};

std::string count_text(const ExpectPlan& plan) {
  if (plan.min == plan.max) {
    return std::to_string(plan.min);
  }
  if (plan.max == UINT64_MAX) {
    return "at least " + std::to_string(plan.min);
  }
  return std::to_string(plan.min) + " to " + std::to_string(plan.max);
}

Json to_json(const std::vector<LedgerEvent>& events) {
  Json items = Json::array();
  for (const LedgerEvent& event : events) {
    items.push_back(Json::parse(to_json_line(event)));
  }
  return items;
}

Json to_json(const std::vector<Difference>& differences) {
  Json list = Json::array();
  for (const Difference& difference : differences) {
    Json one = {{"pointer", difference.pointer}, {"expected", difference.expected}};
    if (difference.actual) {
      one["actual"] = *difference.actual;
    }
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

ExpectPlan read_expect_plan(const json::Value& value) {
  ExpectPlan plan;
  json::read_fields<ExpectPlan>(value, "expect", kFields, plan);
  return plan;
}

Expectation::Expectation(ExpectPlan plan, const Ledger& ledger, TimePoint now)
    : plan_(std::move(plan)), ledger_(ledger), deadline_(now + plan_.within), next_(plan_.after) {}

std::optional<Response> Expectation::poll(TimePoint now) {
  look();
  if (count_ > plan_.max) {
    return not_found();
  }
  const bool is_over = now >= deadline_;
  if (is_over && !last_) {
    last_ = ledger_.last_seq();
  }
  if (is_over && is_behind_ && next_ < *last_) {
    return std::nullopt;
  }
  // What is there already is looked at to its end: one too many may be behind the one that was
  // wanted, unless none is.
  const bool may_be_spoiled = is_behind_ && plan_.max != UINT64_MAX;
  if (!is_over && (may_be_spoiled || count_ < plan_.min || watches_to_the_end())) {
    return std::nullopt;
  }
  return count_ >= plan_.min ? found() : not_found();
}

void Expectation::look() {
  const Ledger::Page page = ledger_.read(next_, kEventsPerLook, plan_.match.kind());
  next_ = std::max(next_, page.next);
  dropped_ += page.dropped;
  is_behind_ = !page.is_last;
  for (const LedgerEvent& event : page.events) {
    if (plan_.match.matches(event)) {
      ++count_;
      if (items_.size() < kMaxItems) {
        items_.push_back(event);
      }
    } else if (plan_.match.is_near(event)) {
      near_.push_back(event);
      if (near_.size() > kMaxNear) {
        near_.pop_front();
      }
    }
  }
}

Response Expectation::found() const {
  Response response;
  response.body =
      Json{{"count", count_}, {"items", to_json(items_)}, {"dropped", dropped_}}.dump() + "\n";
  return response;
}

Response Expectation::not_found() const {
  struct Miss {
    const LedgerEvent* event;
    std::vector<Difference> differs;
  };

  std::vector<Miss> misses;
  for (const LedgerEvent& event : near_) {
    misses.push_back(Miss{&event, plan_.match.differences(event)});
  }
  // Of those that are as near the newest first.
  std::ranges::reverse(misses);
  std::ranges::stable_sort(misses, {}, [](const Miss& miss) { return miss.differs.size(); });
  if (misses.size() > kMaxNearest) {
    misses.resize(kMaxNearest);
  }
  Json nearest = Json::array();
  for (const Miss& miss : misses) {
    nearest.push_back(Json{{"seq", miss.event->seq},
                           {"differs", to_json(miss.differs)},
                           {"event", Json::parse(to_json_line(*miss.event))}});
  }
  Json more = {{"count", count_}, {"dropped", dropped_}};
  if (count_ > plan_.max) {
    more["items"] = to_json(items_);
  } else {
    more["nearest"] = std::move(nearest);
  }
  return problem_response(409, "expectation",
                          "Expected " + count_text(plan_) + ", found " + std::to_string(count_) +
                              " within " + duration_text(plan_.within),
                          more);
}

}  // namespace apns::mock::control
