#pragma once

#include <iosfwd>
#include <string>

#include "scenarios/search/search.h"
#include "scenarios/search/shrinker.h"

namespace apns::scenarios::search {

/// A failure, made small, and the file that has it.
struct SmallFailure {
  Failure failure;  // of the seed itself
  Case original;
  Shrunk shrunk;
  CaseReport report;  // of the smallest case
  std::string file;
};

/// For people: what was tried, what came of it, which faults happened how often.
void write_text(const SearchReport& report, std::ostream& out);

/// What is wrong, with how much of the case, and how to see it again.
void write_failure(const SmallFailure& small, std::ostream& out);

/// One JSON object, "format": 1; docs/search.md lists its keys. `small` may be null.
void write_json(const SearchReport& report, const SmallFailure* small, std::ostream& out);

}  // namespace apns::scenarios::search
