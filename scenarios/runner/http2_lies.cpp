#include "scenarios/runner/http2_lies.h"

#include <algorithm>

namespace apns::scenarios {
namespace {

/// May the script answer it before its payload has come?
bool is_answered_early(const ConnectionScript& script, std::uint64_t nth) {
  return std::ranges::any_of(script.steps, [nth](const ServiceStep& step) {
    const auto* answer = std::get_if<AnswerStep>(&step);
    return answer != nullptr && answer->before_body && answer->nth.contains(nth);
  });
}

}  // namespace

std::set<std::uint64_t> find_taken_in_part(const Scenario& scenario,
                                           std::span<const NumberedEvent> events) {
  std::set<std::uint64_t> taken;
  for (const auto& [n, event] : events) {
    const bool is_scripted = event.kind == mock::EventKind::Notification && event.connection >= 1 &&
                             event.connection <= scenario.connections.size();
    if (!is_scripted || n == 0 || n > scenario.notifications.size()) {
      continue;
    }
    const std::string& handed = scenario.notifications[n - 1].payload;
    if (event.payload.size() < handed.size() && handed.starts_with(event.payload) &&
        is_answered_early(scenario.connections[event.connection - 1], event.nth)) {
      taken.insert(event.seq);
    }
  }
  return taken;
}

}  // namespace apns::scenarios
