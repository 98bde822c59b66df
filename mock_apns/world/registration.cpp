#include "mock_apns/world/registration.h"

#include <fmt/format.h>

namespace apns::mock {

namespace {

std::string why_of_other_app(std::string_view bundle_id, PushFamily family) {
  const bool is_enrolment = is_management_topic(bundle_id);
  if (is_enrolment == (family == PushFamily::Mdm)) {
    return {};
  }
  return is_enrolment
             ? fmt::format(
                   "{} stands for the phone's enrolment, whose device token is of family "
                   "mdm, not {}.",
                   bundle_id, to_string(family))
             : fmt::format(
                   "{} has no device token of family mdm: that is of an enrolment, such as "
                   "com.apple.mgmt.External.UUID.",
                   bundle_id);
}

}  // namespace

std::string why_impossible(std::string_view bundle_id, const Registration& registration) {
  const PushFamily family = registration.family.value_or(main_family(bundle_id));
  if (std::string why = why_of_other_app(bundle_id, family); !why.empty()) {
    return why;
  }
  if (!registration.activity.empty() && family != PushFamily::LiveActivity) {
    return fmt::format("A Live Activity goes with family liveactivity only, not {}.",
                       to_string(family));
  }
  if (!registration.channel.empty() && family != PushFamily::PushToTalk) {
    return fmt::format("A channel goes with family pushtotalk only, not {}.", to_string(family));
  }
  if (registration.activity.size() > kMaxNameLen || registration.channel.size() > kMaxNameLen) {
    return fmt::format("A Live Activity's or a channel's name has at most {} bytes.", kMaxNameLen);
  }
  return {};
}

}  // namespace apns::mock
