#include "apns/model/profile.h"

#include <algorithm>
#include <array>

namespace apns {

namespace {

constexpr Http2Profile kHttp2Of2016{.max_concurrent_streams = 500,
                                    .initial_window = std::nullopt,
                                    .goaway_past_limit = true,
                                    .early_rejection = EarlyRejection::Answer,
                                    .provider_token = {.der_signature = true}};

constexpr Http2Profile kHttp2Pedantic{
    .one_stream_after_rejection = false,
    .reset_again = false,
    .bad_certificate_is_internal_error = false,
    .key_of_other_environment = Reason::BadEnvironmentKeyIdInToken,
    .background_needs_priority_5 = true,
    .topic_fits_push_type = true,
    .provider_token = {.text_issued_at = false, .update_limit_blocks_all = true}};

constexpr std::array kProfiles{
    Profile{.name = "2013",
            .binary_payload_limit_simple = 256,
            .binary_payload_limit_framed = 256,
            .source = "\"Local and Remote Notification Programming Guide\" (2013), The "
                      "Notification Payload: 256 bytes, before iOS 8 raised the limit",
            .device_token_len_min = 32,
            .device_token_len_max = 32,
            .http2 = kHttp2Of2016},
    Profile{.name = "2016",
            .binary_payload_limit_simple = 2048,
            .binary_payload_limit_framed = 2048,
            .source = "\"Local and Remote Notification Programming Guide\", Creating the Remote "
                      "Notification Payload: 2 KB on the binary interface, whatever the command",
            .device_token_len_min = 32,
            .device_token_len_max = 32,
            .http2 = kHttp2Of2016},
    Profile{.name = "2021",
            .binary_payload_limit_simple = 2048,
            .binary_payload_limit_framed = 2048,
            .source = "as 2016: the limit did not change again before the binary service was "
                      "switched off on 2021-03-31"},
    Profile{.name = "2025",
            .binary_payload_limit_simple = 2048,
            .binary_payload_limit_framed = 2048,
            .source = "our choice: the binary service is gone by then, its last limit is kept"},
    Profile{.name = "pedantic",
            .binary_payload_limit_simple = 256,
            .binary_payload_limit_framed = 2048,
            .source = "each format by its own text in the \"Local and Remote Notification "
                      "Programming Guide\": Legacy Notification Format 256 bytes, Binary Provider "
                      "API 2 KB",
            .strict_items = true,
            .feedback_cleared_at_accept = true,
            .http2 = kHttp2Pedantic},
};

constexpr std::string_view kDefaultName = "2025";

}  // namespace

std::span<const Profile> profiles() {
  return kProfiles;
}

const Profile& default_profile() {
  constexpr auto kDefault = std::ranges::find(kProfiles, kDefaultName, &Profile::name);
  static_assert(kDefault != kProfiles.end());
  return *kDefault;
}

const Profile* find_profile(std::string_view name) {
  const auto profile = std::ranges::find(kProfiles, name, &Profile::name);
  return profile == kProfiles.end() ? nullptr : &*profile;
}

}  // namespace apns
