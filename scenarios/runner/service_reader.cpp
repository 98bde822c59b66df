#include "scenarios/runner/service_reader.h"

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "mock_apns/fault_syntax.h"

namespace apns::scenarios {
namespace {

constexpr std::int64_t kMaxRefused = 1000;

void require_http2(const json::Value& value, std::string_view what, const Scenario& scenario) {
  if (!scenario.is_http2()) {
    value.fail(std::string(what) + " is HTTP/2's. Leave it out, or say \"protocol\": \"http2\".");
  }
}

template <std::optional<std::uint32_t> mock::SettingsFault::*setting>
void read_setting(const json::Value& value, mock::SettingsFault& settings) {
  settings.*setting = static_cast<std::uint32_t>(
      value.integer("a setting", 0, std::numeric_limits<std::uint32_t>::max()));
}

using mock::SettingsFault;

constexpr std::array<json::Field<SettingsFault>, 5> kSettingsFields = {{
    {"header_table_size", json::kOptional<SettingsFault>,
     read_setting<&SettingsFault::header_table_size>},
    {"max_concurrent_streams", json::kOptional<SettingsFault>,
     read_setting<&SettingsFault::max_concurrent_streams>},
    {"initial_window_size", json::kOptional<SettingsFault>,
     read_setting<&SettingsFault::initial_window_size>},
    {"max_frame_size", json::kOptional<SettingsFault>,
     read_setting<&SettingsFault::max_frame_size>},
    {"max_header_list_size", json::kOptional<SettingsFault>,
     read_setting<&SettingsFault::max_header_list_size>},
}};

constexpr std::array<json::Field<Scenario>, 3> kServiceFields = {{
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
       json::read_fields<mock::SettingsFault>(value, "settings", kSettingsFields,
                                              scenario.settings);
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
  return {
      json::object_keys<Scenario>("service", kServiceFields),
      json::object_keys<SettingsFault>("settings", kSettingsFields),
  };
}

}  // namespace apns::scenarios
