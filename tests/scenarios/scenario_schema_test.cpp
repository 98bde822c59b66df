// docs/scenario.schema.json and docs/scenarios.md say what the loader does.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "scenarios/runner/rule_catalogue.h"
#include "scenarios/runner/runner.h"
#include "scenarios/runner/scenario_loader.h"

namespace apns::scenarios {
namespace {

nlohmann::json schema() {
  std::ifstream in(std::filesystem::path(APNSLAB_SOURCE_DIR) / "docs/scenario.schema.json");
  return nlohmann::json::parse(in);
}

std::vector<std::string> sorted(std::vector<std::string> keys) {
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<std::string> keys_in(const nlohmann::json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.at("properties").items()) {
    keys.push_back(key);
  }
  return keys;
}

TEST(ScenarioSchema, HasTheKeysOfTheLoaderAndNoOthers) {
  const nlohmann::json document = schema();
  for (const json::ObjectKeys& object : scenario_format()) {
    const nlohmann::json& definition = document.at("$defs").at(object.object);
    EXPECT_EQ(sorted(keys_in(definition)), sorted(object.keys)) << object.object;
    EXPECT_EQ(definition.at("additionalProperties"), false) << object.object;
  }
}

TEST(ScenarioSchema, DescribesEveryKey) {
  const nlohmann::json document = schema();
  for (const json::ObjectKeys& object : scenario_format()) {
    for (const auto& [key, value] :
         document.at("$defs").at(object.object).at("properties").items()) {
      EXPECT_TRUE(value.contains("description")) << object.object << "." << key;
    }
  }
}

TEST(ScenarioSchema, RequiresWhatTheLoaderRequires) {
  const nlohmann::json required = schema().at("$defs").at("scenario").at("required");
  for (const std::string key : {"title", "rules", "source", "protocol", "workload", "expect"}) {
    EXPECT_NE(std::find(required.begin(), required.end(), key), required.end()) << key;
  }
  EXPECT_EQ(required.size(), 6U);
}

TEST(ScenarioSchema, ADeviceStepDoesExactlyOneThing) {
  const nlohmann::json step = schema().at("$defs").at("device_step");
  std::vector<std::string> verbs;
  for (const nlohmann::json& one : step.at("oneOf")) {
    verbs.push_back(one.at("required").at(0));
  }
  std::vector<std::string> keys = keys_in(step);
  std::erase_if(keys, [](const std::string& key) {
    return key == "device" || key == "app" || key == "family" || key == "activity" ||
           key == "channel";
  });
  EXPECT_EQ(sorted(verbs), sorted(keys));
}

/// The examples of docs/scenarios.md, each a whole scenario.
std::vector<std::string> documented_scenarios() {
  std::ifstream in(std::filesystem::path(APNSLAB_SOURCE_DIR) / "docs/scenarios.md");
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const std::string fence = "```json\n";
  std::vector<std::string> blocks;
  std::size_t at = text.find(fence);
  while (at != std::string::npos) {
    const std::size_t start = at + fence.size();
    blocks.push_back(text.substr(start, text.find("```", start) - start));
    at = text.find(fence, start);
  }
  return blocks;
}

TEST(ScenarioDocument, ItsExamplesLoadAndPass) {
  const std::vector<std::string> examples = documented_scenarios();
  EXPECT_EQ(examples.size(), 3U);
  const RuleCatalogue& rules = RuleCatalogue::embedded();
  for (const std::string& example : examples) {
    const Scenario scenario = load_scenario(example, "scenarios/docs/example.json");
    EXPECT_EQ(Runner(rules).run(scenario, HostKind::Memory, {}).verdict, CaseVerdict::Pass)
        << example;
    for (const std::string& rule : scenario.rules) {
      EXPECT_NE(rules.find(rule), nullptr) << rule;
    }
  }
}

}  // namespace
}  // namespace apns::scenarios
