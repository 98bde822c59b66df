#include "scenarios/runner/network_reader.h"

#include <array>

#include "scenarios/runner/match_fields.h"

namespace apns::scenarios {
namespace {

std::uint64_t read_bytes(const json::Value& value, std::string_view what, std::int64_t low) {
  return static_cast<std::uint64_t>(value.integer(what, low, kMaxLinkBytes));
}

Duration read_latency(const json::Value& value) {
  const std::optional<std::int64_t> nanoseconds = json::parse_duration_ns(value.text("latency"));
  if (!nanoseconds || Duration(*nanoseconds) > kMaxLatency) {
    value.fail("\"" + value.text("latency") +
               "\" is not a latency. Write it as \"200us\", \"5ms\" or \"2s\"; 1m at most.");
  }
  return Duration(*nanoseconds);
}

constexpr std::array<json::Field<LinkPlan>, 10> kLinkFields = {{
    {"connection", json::kRequired<LinkPlan>,
     [](const json::Value& value, LinkPlan& plan) {
       plan.connections = read_numbers(value, "connection");
     }},
    {"latency", json::kOptional<LinkPlan>,
     [](const json::Value& value, LinkPlan& plan) { plan.link.latency = read_latency(value); }},
    {"split_min", json::kOptional<LinkPlan>,
     [](const json::Value& value, LinkPlan& plan) {
       plan.link.split_min = read_bytes(value, "split_min", 1);
     }},
    {"split_max", json::kOptional<LinkPlan>,
     [](const json::Value& value, LinkPlan& plan) {
       plan.link.split_max = read_bytes(value, "split_max", 1);
     }},
    {"window", json::kOptional<LinkPlan>,
     [](const json::Value& value, LinkPlan& plan) {
       plan.link.window = read_bytes(value, "window", 1);
     }},
    {"reset_after_to_server", json::kOptional<LinkPlan>,
     [](const json::Value& value, LinkPlan& plan) {
       plan.link.reset_after_to_server = read_bytes(value, "reset_after_to_server", 0);
     }},
    {"reset_after_to_client", json::kOptional<LinkPlan>,
     [](const json::Value& value, LinkPlan& plan) {
       plan.link.reset_after_to_client = read_bytes(value, "reset_after_to_client", 0);
     }},
    {"refuse", json::kOptional<LinkPlan>,
     [](const json::Value& value, LinkPlan& plan) { plan.link.refuse = value.boolean("refuse"); }},
    {"hang", json::kOptional<LinkPlan>,
     [](const json::Value& value, LinkPlan& plan) { plan.link.hang = value.boolean("hang"); }},
    {"stalled_server", json::kOptional<LinkPlan>,
     [](const json::Value& value, LinkPlan& plan) {
       plan.link.stalled_server = value.boolean("stalled_server");
     }},
}};

LinkPlan read_link(const json::Value& value) {
  LinkPlan plan;
  json::read_fields<LinkPlan>(value, "link", kLinkFields, plan);
  if (plan.link.split_min > plan.link.split_max) {
    value.fail(
        "split_min is more than split_max. A delivery has as many bytes as are drawn between the "
        "two: give split_max too, and make it the larger one.");
  }
  if (plan.link.refuse && plan.link.hang) {
    value.fail("A connect attempt is either refused or never answered. Keep refuse or hang.");
  }
  return plan;
}

constexpr std::array<json::Field<Scenario>, 1> kNetworkFields = {{
    {"links", json::kRequired<Scenario>,
     [](const json::Value& value, Scenario& scenario) {
       std::vector<LinkPlan>& plans = scenario.network.emplace();
       for (const json::Value& link : value.array("links")) {
         plans.push_back(read_link(link));
       }
     }},
}};

}  // namespace

void read_network(const json::Value& value, Scenario& scenario) {
  json::read_fields<Scenario>(value, "network", kNetworkFields, scenario);
}

std::vector<json::ObjectKeys> network_format() {
  return {
      json::object_keys<Scenario>("network", kNetworkFields),
      json::object_keys<LinkPlan>("link", kLinkFields),
  };
}

}  // namespace apns::scenarios
