#include "scenarios/runner/rule_catalogue.h"

#include <algorithm>
#include <array>
#include <span>

#include "apns/json/document.h"
#include "apns/json/field_table.h"
#include "scenarios/runner/embedded_files.h"

namespace apns::scenarios {
namespace {

bool is_rule_id(std::string_view id) {
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '/';
  });
  return plain && id.find('/') != std::string_view::npos && !id.starts_with('/') &&
         !id.ends_with('/');
}

std::string read_word(const json::Value& value, std::string_view what,
                      std::span<const std::string> words) {
  json::require_word(value, what, value.text(what), words);
  return value.text(what);
}

std::string read_sentence(const json::Value& value, std::string_view what) {
  if (value.text(what).empty()) {
    value.fail(std::string(what) + " is empty.");
  }
  return value.text(what);
}

constexpr std::array<json::Field<Rule>, 8> kRuleFields = {{
    {"id", json::kRequired<Rule>,
     [](const json::Value& value, Rule& rule) {
       rule.id = value.text("id");
       if (!is_rule_id(rule.id)) {
         value.fail("\"" + rule.id + "\" is not the id of a rule. Write area/words-with-dashes.");
       }
     }},
    {"level", json::kRequired<Rule>,
     [](const json::Value& value, Rule& rule) {
       const std::array<std::string, 2> words = {"must", "should"};
       rule.level =
           read_word(value, "level", words) == "must" ? RuleLevel::Must : RuleLevel::Should;
     }},
    {"text", json::kRequired<Rule>,
     [](const json::Value& value, Rule& rule) { rule.text = read_sentence(value, "text"); }},
    {"source", json::kRequired<Rule>,
     [](const json::Value& value, Rule& rule) { rule.source = read_sentence(value, "source"); }},
    {"confidence", json::kRequired<Rule>,
     [](const json::Value& value, Rule& rule) {
       const std::array<std::string, 4> words = {"documented", "observed", "inferred",
                                                 "our-choice"};
       rule.confidence = read_word(value, "confidence", words);
     }},
    {"evidence", json::kRequired<Rule>,
     [](const json::Value& value, Rule& rule) {
       const std::array<std::string, 3> words = {"wire", "driver", "process"};
       rule.evidence = read_word(value, "kind of evidence", words);
     }},
    {"binds", json::kRequired<Rule>,
     [](const json::Value& value, Rule& rule) {
       const std::array<std::string, 2> words = {"provider", "service"};
       rule.binds = read_word(value, "side", words);
     }},
    {"proved_by", json::kOptional<Rule>,
     [](const json::Value& value, Rule& rule) {
       rule.proved_by = read_sentence(value, "proved_by");
     }},
}};

}  // namespace

std::string_view to_string(RuleLevel level) {
  return level == RuleLevel::Must ? "must" : "should";
}

RuleCatalogue RuleCatalogue::load(std::string_view text, std::string_view file) {
  RuleCatalogue catalogue;
  const json::Value document = json::parse(text, file);
  for (const json::Value& value : document.array("the catalogue")) {
    Rule rule;
    json::read_fields<Rule>(value, "rule", kRuleFields, rule);
    if (catalogue.find(rule.id) != nullptr) {
      value.fail("\"" + rule.id + "\" is in the catalogue already. Ids are unique.");
    }
    catalogue.rules_.push_back(std::move(rule));
  }
  return catalogue;
}

const RuleCatalogue& RuleCatalogue::embedded() {
  static const RuleCatalogue kCatalogue = load(embedded_rules().text, embedded_rules().path);
  return kCatalogue;
}

const Rule* RuleCatalogue::find(std::string_view id) const {
  const auto found =
      std::find_if(rules_.begin(), rules_.end(), [id](const Rule& rule) { return rule.id == id; });
  return found == rules_.end() ? nullptr : &*found;
}

std::vector<std::string> RuleCatalogue::ids() const {
  std::vector<std::string> ids;
  for (const Rule& rule : rules_) {
    ids.push_back(rule.id);
  }
  return ids;
}

}  // namespace apns::scenarios
