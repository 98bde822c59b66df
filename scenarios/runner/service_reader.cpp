#include "scenarios/runner/service_reader.h"

#include <array>
#include <string>
#include <utility>

#include "mock_apns/fault_syntax.h"
#include "scenarios/runner/script_reader.h"

namespace apns::scenarios {
namespace {

constexpr std::int64_t kMaxRefused = 1000;

void require_http2(const json::Value& value, std::string_view what, const Scenario& scenario) {
  if (!scenario.is_http2()) {
    value.fail(std::string(what) + " is HTTP/2's. Leave it out, or say \"protocol\": \"http2\".");
  }
}

constexpr std::array<json::Field<Scenario>, 4> kServiceFields = {{
    {"faults", json::kOptional<Scenario>,
     [](const json::Value& value, Scenario& scenario) {
       (void)value.array("faults");
       add_faults(mock::read_faults(value), scenario);
     }},
    {"refuse_connections", json::kOptional<Scenario>,
     [](const json::Value& value, Scenario& scenario) {
       scenario.refuse_connections =
           static_cast<std::uint64_t>(value.integer("refuse_connections", 1, kMaxRefused));
     }},
    {"settings", json::kOptional<Scenario>,
     [](const json::Value& value, Scenario& scenario) {
       require_http2(value, "settings", scenario);
       scenario.settings = read_settings(value);
     }},
    {"connections", json::kOptional<Scenario>,
     [](const json::Value& value, Scenario& scenario) {
       require_http2(value, "connections", scenario);
       scenario.connections = read_connections(value);
     }},
}};

}  // namespace

void add_faults(std::vector<mock::FaultRule> faults, Scenario& scenario) {
  for (mock::FaultRule& fault : faults) {
    scenario.faults.push_back(std::move(fault));
    if (scenario.faults.back().name.empty()) {
      scenario.faults.back().name = "fault-" + std::to_string(scenario.faults.size());
    }
  }
}

void read_service(const json::Value& value, Scenario& scenario) {
  json::read_fields<Scenario>(value, "service", kServiceFields, scenario);
}

std::vector<json::ObjectKeys> service_format() {
  std::vector<json::ObjectKeys> format = {
      json::object_keys<Scenario>("service", kServiceFields),
  };
  const std::vector<json::ObjectKeys> script = script_format();
  format.insert(format.end(), script.begin(), script.end());
  return format;
}

}  // namespace apns::scenarios
