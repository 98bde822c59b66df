// docs/scenario.schema.json says what the loader does.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
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
  for (const ObjectKeys& object : scenario_format()) {
    const nlohmann::json& definition = document.at("$defs").at(object.object);
    EXPECT_EQ(sorted(keys_in(definition)), sorted(object.keys)) << object.object;
    EXPECT_EQ(definition.at("additionalProperties"), false) << object.object;
  }
}

TEST(ScenarioSchema, DescribesEveryKey) {
  const nlohmann::json document = schema();
  for (const ObjectKeys& object : scenario_format()) {
    for (const auto& [key, value] : document.at("$defs").at(object.object).at("properties").items()) {
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

}  // namespace
}  // namespace apns::scenarios
