#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace apns::scenarios {

enum class RuleLevel : std::uint8_t { Must, Should };

/// A rule of the protocol or of good behaviour that verdicts, scenarios and documents cite.
struct Rule {
  std::string id;  // "binary/resend-after-error-packet"
  RuleLevel level = RuleLevel::Must;
  std::string text;        // what is right, in one sentence
  std::string source;      // document and section, or where it was seen
  std::string confidence;  // "documented", "observed", "inferred", "our-choice"
  std::string evidence;    // what shows that it is kept: "wire", "driver" (outcomes), "process"
  std::string binds;       // who must keep it: "provider", "service"
  std::string proved_by;   // a test file, for what no scenario can reach; empty: scenarios prove it

  [[nodiscard]] bool operator==(const Rule&) const = default;
};

[[nodiscard]] std::string_view to_string(RuleLevel level);  // "must", "should"

/// The rules, in the order of their file.
class RuleCatalogue {
 public:
  /// Reads scenarios/rules.json: an array with one object per rule. Throws json::Error with a
  /// position: unknown or missing keys, a word that is none, an id of another form
  /// ("area/words-with-dashes"), an id that is there twice.
  [[nodiscard]] static RuleCatalogue load(std::string_view text, std::string_view file);

  /// The catalogue that is part of the program.
  [[nodiscard]] static const RuleCatalogue& embedded();

  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }

  /// Null: there is none.
  [[nodiscard]] const Rule* find(std::string_view id) const;
  [[nodiscard]] std::vector<std::string> ids() const;

 private:
  std::vector<Rule> rules_;
};

}  // namespace apns::scenarios
