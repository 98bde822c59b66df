#include "scenarios/runner/scenario_set.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "scenarios/runner/embedded_files.h"
#include "scenarios/runner/glob.h"
#include "scenarios/runner/scenario_loader.h"

namespace apns::scenarios {
namespace {

Scenario load_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw std::runtime_error("The scenario file " + path + " cannot be read. Is the path right?");
  }
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  Scenario scenario = load_scenario(text, path);
  scenario.pattern = path;
  return scenario;
}

[[noreturn]] void fail_no_match(const std::string& pattern) {
  std::vector<std::string> ids;
  for (const EmbeddedFile& file : embedded_scenarios()) {
    ids.emplace_back(scenario_id(file.path));
  }
  const std::string_view nearest = json::nearest(pattern, ids);
  throw std::runtime_error("No scenario matches \"" + pattern + "\"" +
                           (nearest.empty() ? ". apnslab check --list shows them all."
                                            : "; did you mean \"" + std::string(nearest) + "\"?"));
}

void add_matching(const std::string& pattern, std::vector<Scenario>& found) {
  bool any = false;
  for (const EmbeddedFile& file : embedded_scenarios()) {
    const std::string_view id = scenario_id(file.path);
    if (!glob_matches(pattern, id)) {
      continue;
    }
    any = true;
    if (std::ranges::find(found, id, &Scenario::id) == found.end()) {
      found.push_back(load_scenario(file.text, file.path));
    }
  }
  if (!any) {
    fail_no_match(pattern);
  }
}

}  // namespace

std::vector<Scenario> find_scenarios(std::span<const std::string> patterns) {
  static const std::string kAll[] = {"**"};
  std::vector<Scenario> found;
  for (const std::string& pattern :
       patterns.empty() ? std::span<const std::string>(kAll) : patterns) {
    if (pattern.ends_with(".json")) {
      found.push_back(load_file(pattern));
    } else {
      add_matching(pattern, found);
    }
  }
  return found;
}

}  // namespace apns::scenarios
