#include <algorithm>
#include <iostream>
#include <map>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "apns/json/document.h"
#include "cli/commands.h"
#include "scenarios/runner/glob.h"
#include "scenarios/runner/rule_catalogue.h"
#include "scenarios/runner/scenario_set.h"

namespace apns::cli {

namespace {

using scenarios::Rule;
using scenarios::RuleCatalogue;

struct RulesFlags {
  std::string pattern;
  bool list = false;
  bool json = false;
};

using ScenariosOfRule = std::map<std::string, std::vector<std::string>>;

ScenariosOfRule scenarios_of_rules() {
  ScenariosOfRule ids;
  for (const scenarios::Scenario& scenario : scenarios::find_scenarios({})) {
    for (const std::string& rule : scenario.rules) {
      ids[rule].push_back(scenario.id);
    }
  }
  return ids;
}

std::vector<Rule> find_rules(const std::string& pattern) {
  const RuleCatalogue& catalogue = RuleCatalogue::embedded();
  std::vector<Rule> found;
  std::copy_if(catalogue.rules().begin(), catalogue.rules().end(), std::back_inserter(found),
               [&pattern](const Rule& rule) {
                 return pattern.empty() || scenarios::glob_matches(pattern, rule.id);
               });
  if (found.empty()) {
    const std::vector<std::string> ids = catalogue.ids();
    const std::string_view nearest = json::nearest(pattern, ids);
    throw std::runtime_error("No rule matches \"" + pattern + "\"" +
                             (nearest.empty()
                                  ? ". Without a PATTERN all are printed."
                                  : "; did you mean \"" + std::string(nearest) + "\"?"));
  }
  return found;
}

std::string proof_of(const Rule& rule, const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) {
    text += (text.empty() ? "" : ", ") + id;
  }
  return text.empty() ? rule.proved_by : text;
}

void print(const Rule& rule, const std::vector<std::string>& ids) {
  std::cout << rule.id << "   " << to_string(rule.level) << ", " << rule.binds << "\n"
            << "  " << rule.text << "\n"
            << "  source    " << rule.source << " (" << rule.confidence << ")\n"
            << "  proved by " << proof_of(rule, ids) << " (" << rule.evidence << ")\n";
}

void print_json(const Rule& rule, const std::vector<std::string>& ids) {
  nlohmann::ordered_json line = {{"id", rule.id},
                                 {"level", to_string(rule.level)},
                                 {"text", rule.text},
                                 {"source", rule.source},
                                 {"confidence", rule.confidence},
                                 {"evidence", rule.evidence},
                                 {"binds", rule.binds},
                                 {"scenarios", ids}};
  if (!rule.proved_by.empty()) {
    line["proved_by"] = rule.proved_by;
  }
  std::cout << line.dump() << "\n";
}

int rules(const RulesFlags& flags) {
  if (flags.list) {
    for (const Rule& rule : find_rules(flags.pattern)) {
      std::cout << rule.id << "\n";
    }
    return 0;
  }
  ScenariosOfRule ids = scenarios_of_rules();
  for (const Rule& rule : find_rules(flags.pattern)) {
    if (flags.json) {
      print_json(rule, ids[rule.id]);
    } else {
      print(rule, ids[rule.id]);
    }
  }
  return 0;
}

}  // namespace

Command rules_command() {
  return Command{"rules", "rules [PATTERN]", "the rules, with their sources", "Judge a provider",
                 [](Options& options) -> std::function<int()> {
                   const auto flags = std::make_shared<RulesFlags>();
                   options.text("PATTERN", flags->pattern,
                                "ids, `*` for one level and `**` for all");
                   options.suggest_from("PATTERN", "rules --list");
                   options.flag("--list", flags->list, "print the ids alone");
                   options.flag("--json", flags->json, "one JSON object a line");
                   options.example("apnslab rules 'binary/resend-*'");
                   return [flags] { return rules(*flags); };
                 }};
}

}  // namespace apns::cli
