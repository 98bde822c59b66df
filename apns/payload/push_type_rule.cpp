#include "apns/payload/push_type_rule.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace apns {

namespace {

constexpr std::array<PushTypeRule, 11> kRules{{
    {"payload/fits-the-limit", true,
     "send at most 4,096 bytes, 5,120 with push type voip, 2,048 over the binary interface; let "
     "the app fetch what is longer"},
    {"push-type/background-is-alone", true,
     "take alert, badge and sound out, or send it with push type alert"},
    {"push-type/background-has-content-available", true, "add \"content-available\": 1 to aps"},
    {"push-type/alert-has-something-to-show", true,
     "send what only wakes the app with push type background and priority 5"},
    {"push-type/topic-has-its-suffix", true,
     "send the bundle id with what the push type wants behind it, such as .voip, and nothing "
     "behind it for alert and background"},
    {"push-type/mdm-has-its-payload", true,
     "send {\"mdm\": PushMagic} with push type mdm, and nothing else with it"},
    {"push-type/live-activity-has-its-keys", true,
     "send timestamp and event (start, update, end); content-state unless it ends; "
     "attributes-type, attributes and an alert when it starts"},
    {"push-type/content-changed-is-true", true, "send {\"aps\": {\"content-changed\": true}}"},
    {"push-type/voip-has-no-alert", false,
     "leave alert, badge and sound out: the app reports the call, and the system shows that"},
    {"push-type/file-provider-has-its-keys", false,
     "add container-identifier and domain beside aps"},
    {"push-type/push-to-talk-is-now-or-never", false, "send it with priority 10 and expiration 0"},
}};

}  // namespace

std::span<const PushTypeRule> push_type_rules() {
  return kRules;
}

const PushTypeRule& push_type_rule(std::string_view rule) {
  const auto found = std::ranges::find(kRules, rule, &PushTypeRule::rule);
  assert(found != kRules.end());
  return *found;
}

}  // namespace apns
