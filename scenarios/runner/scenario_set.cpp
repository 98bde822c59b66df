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

[[noreturn]] void fail_no_match(const std::string& pattern, std::span<const Scenario> all) {
  std::vector<std::string> ids;
  for (const Scenario& scenario : all) {
    ids.push_back(scenario.id);
  }
  const std::string_view nearest = json::nearest(pattern, ids);
  throw std::runtime_error("No scenario matches \"" + pattern + "\"" +
                           (nearest.empty() ? ". apnslab check --list shows them all."
                                            : "; did you mean \"" + std::string(nearest) + "\"?"));
}

void add_matching(const std::string& pattern, std::span<const Scenario> all,
                  std::vector<Scenario>& found) {
  bool any = false;
  for (const Scenario& scenario : all) {
    if (!glob_matches(pattern, scenario.id)) {
      continue;
    }
    any = true;
    const bool known = std::any_of(found.begin(), found.end(), [&scenario](const Scenario& other) {
      return other.id == scenario.id;
    });
    if (!known) {
      found.push_back(scenario);
    }
  }
  if (!any) {
    fail_no_match(pattern, all);
  }
}

}  // namespace

std::vector<Scenario> find_scenarios(std::span<const std::string> patterns) {
  std::vector<Scenario> all;
  for (const EmbeddedFile& file : embedded_scenarios()) {
    all.push_back(load_scenario(file.text, file.path));
  }
  if (patterns.empty()) {
    return all;
  }
  std::vector<Scenario> found;
  for (const std::string& pattern : patterns) {
    if (pattern.ends_with(".json")) {
      found.push_back(load_file(pattern));
    } else {
      add_matching(pattern, all, found);
    }
  }
  return found;
}

}  // namespace apns::scenarios
