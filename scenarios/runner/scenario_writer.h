#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "apns/model/push_type.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// Writes a scenario as a file has it: a line for each fault, connection, link and step.
/// load_scenario reads it as the same again, but for file, positions and the index of steps behind
/// `options`.
///
/// Throws std::invalid_argument for what it has no words for: a world, device, feedback and wait
/// steps, expectations other than `any` outcome, and a send whose
/// notifications differ in more than their device token.
void write_scenario(const Scenario& scenario, std::ostream& out);

/// One step, as Step::text has it: {"send":47}. Throws the same.
[[nodiscard]] std::string step_text(const Scenario& scenario, const Step& step);

/// What a send without a payload hands over.
inline constexpr std::string_view kPlainPayload = R"({"aps":{"alert":"Hello"}})";

/// The topic of a send over HTTP/2 that names none.
[[nodiscard]] std::string plain_topic(std::optional<PushType> push_type);

/// What a send of so many payload_bytes hands over: JSON of exactly `len` bytes: an alert that is
/// as long as it takes, or a number where that does not fit.
[[nodiscard]] std::string payload_of(std::size_t len);

}  // namespace apns::scenarios
