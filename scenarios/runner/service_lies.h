#pragma once

#include <span>

#include "scenarios/runner/account.h"

namespace apns::scenarios {

/// Which connections did not tell the provider the truth, judged by the rules that fired on them,
/// the links that they ran over and the provider's settle_after:
///
///   silent    half open, not reading, a stalled link; or all that fired there together (delays,
///             bandwidth, latency) can take as long as settle_after
///   false     an error packet with an identifier or a status that means something else
///   goes on   bytes that are no packet, on a connection that the service does not end
///
/// What ends a connection without a word is no lie, since the end itself is told; nor is one lost
/// notification (no_answer) one about the others. `with_tls`: the provider's bytes may wait above
/// the link.
[[nodiscard]] LiesByConnection find_lies(const Scenario& scenario, bool with_tls,
                                         std::span<const NumberedEvent> events,
                                         std::span<const Attempt> attempts);

/// On which connections the service said an error packet, over a link that resets nothing: whatever
/// end follows, the provider has heard it. Without attempts (over sockets): none.
[[nodiscard]] std::set<std::uint64_t> find_told(const Scenario& scenario,
                                                std::span<const NumberedEvent> events,
                                                std::span<const Attempt> attempts);

}  // namespace apns::scenarios
