#include "scenarios/runner/glob.h"

#include <vector>

namespace apns::scenarios {
namespace {

// Which positions of the id can be reached by the pattern so far.
using Reached = std::vector<bool>;

Reached through_star(std::string_view id, const Reached& before, bool crosses_levels) {
  Reached after(before.size(), false);
  bool running = false;
  for (std::size_t i = 0; i < before.size(); ++i) {
    running = running && (crosses_levels || id[i - 1] != '/');
    running = running || before[i];
    after[i] = running;
  }
  return after;
}

Reached through_literal(std::string_view id, const Reached& before, char literal) {
  Reached after(before.size(), false);
  for (std::size_t i = 0; i + 1 < before.size(); ++i) {
    after[i + 1] = before[i] && id[i] == literal;
  }
  return after;
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view id) {
  Reached reached(id.size() + 1, false);
  reached[0] = true;
  while (!pattern.empty()) {
    if (pattern.substr(0, 2) == "**") {
      reached = through_star(id, reached, true);
      pattern.remove_prefix(2);
    } else if (pattern[0] == '*') {
      reached = through_star(id, reached, false);
      pattern.remove_prefix(1);
    } else {
      reached = through_literal(id, reached, pattern[0]);
      pattern.remove_prefix(1);
    }
  }
  return reached.back();
}

}  // namespace apns::scenarios
