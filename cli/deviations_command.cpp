#include "cli/deviations_command.h"

#include <iostream>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include "apns/json/words.h"
#include "scenarios/search/deviation_hunt.h"

namespace apns::cli {

namespace {

constexpr std::uint64_t kMaxSeeds = 3000;

double milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

std::string seed_text(const scenarios::Deviation& deviation,
                      const scenarios::search::Catch& caught) {
  if (deviation.of == scenarios::Deviant::FeedbackReader) {
    return "the search reads no feedback";
  }
  return caught.seed
             ? fmt::format("seed {}, {:.0f} ms", *caught.seed, milliseconds(caught.seed_took))
             : fmt::format("none of {} seeds", kMaxSeeds);
}

}  // namespace

std::vector<std::string> deviation_names() {
  std::vector<std::string> names;
  for (const scenarios::Deviation& deviation : scenarios::all_deviations()) {
    names.emplace_back(deviation.name);
  }
  return names;
}

const scenarios::Deviation& require_deviation(const std::string& name) {
  if (const scenarios::Deviation* found = scenarios::find_deviation(name)) {
    return *found;
  }
  std::vector<std::string> names;
  for (const scenarios::Deviation& one : scenarios::all_deviations()) {
    names.emplace_back(one.name);
  }
  const std::string_view near = json::nearest(name, names);
  throw std::runtime_error("--deviation: \"" + name + "\" is not a deviation" +
                           (near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?") +
                           " See apnslab check --deviations.");
}

int hunt_deviations() {
  const scenarios::RuleCatalogue& rules = scenarios::RuleCatalogue::embedded();
  std::size_t num_found = 0;
  for (const scenarios::Deviation& deviation : scenarios::all_deviations()) {
    const auto caught = scenarios::search::hunt(deviation, rules, kMaxSeeds);
    const bool is_found = !caught.scenario.empty() || caught.seed;
    num_found += is_found ? 1 : 0;
    std::cout << fmt::format("{:<5} {:<32} {:<9} {}\n", is_found ? "found" : "MISS", deviation.name,
                             deviation.reports, deviation.what)
              << fmt::format("      {}, {:.0f} ms;  {}\n",
                             caught.scenario.empty() ? "no scenario" : caught.scenario,
                             milliseconds(caught.took), seed_text(deviation, caught))
              << std::flush;
  }
  std::cout << fmt::format("\n{} of {} deviations of the provider are found.\n", num_found,
                           scenarios::all_deviations().size());
  return num_found == scenarios::all_deviations().size() ? 0 : 1;
}

}  // namespace apns::cli
