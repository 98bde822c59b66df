// docs/scenario.schema.json and docs/scenarios.md say what the loader does.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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

TEST(ScenarioDocument, ShowsAScenarioThatLoads) {
  std::ifstream in(std::filesystem::path(APNSLAB_SOURCE_DIR) / "docs/scenarios.md");
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const std::string fence = "```json\n";
  const std::size_t start = text.find(fence) + fence.size();
  ASSERT_NE(text.find(fence), std::string::npos);
  const std::string block = text.substr(start, text.find("```", start) - start);
  EXPECT_NO_THROW((void)load_scenario(block, "docs/scenarios.json")) << block;
}

}  // namespace
}  // namespace apns::scenarios
