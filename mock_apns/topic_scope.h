#pragma once

#include <array>
#include <string_view>

#include "mock_apns/provider_token_check.h"
#include "mock_apns/push_verdict.h"

namespace apns::mock {

/// May the team and the key of a connection's provider token send to a topic? Both draw
/// TopicDisallowed. Documented: "Establishing a token-based connection to APNs"; that it is this
/// reason is inferred.

inline constexpr std::array kTopicScopeRows = {
    PushVerdictRow{"http2/topic-of-this-team", Reason::TopicDisallowed, PushStage::Scope},
    PushVerdictRow{"http2/topic-of-this-key", Reason::TopicDisallowed, PushStage::Scope},
};

/// `tokens` has accepted the request's provider token. `why` as in push_verdict.h.
[[nodiscard]] PushVerdict judge_scope(std::string_view topic, const ProviderTokenCheck& tokens,
                                      Why* why);

}  // namespace apns::mock
