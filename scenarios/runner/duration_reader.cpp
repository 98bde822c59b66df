#include "scenarios/runner/duration_reader.h"

#include <cstdint>
#include <optional>
#include <string>

#include "apns/json/syntax.h"

namespace apns::scenarios {

Duration read_duration(const json::Value& value, std::string_view what) {
  const std::optional<std::int64_t> nanoseconds = json::parse_duration_ns(value.text(what));
  if (!nanoseconds) {
    value.fail("\"" + value.text(what) + "\" is not a duration. Write " + std::string(what) +
               " as \"200ms\", \"5s\" or \"61m\".");
  }
  return Duration(*nanoseconds);
}

}  // namespace apns::scenarios
