#pragma once

#include <cstdint>
#include <optional>

#include "apns/model/provider_token_policy.h"
#include "apns/model/reason.h"

namespace apns {

/// When a request whose header section is not in order is answered.
enum class EarlyRejection : std::uint8_t {
  Never,           // when it has ended, as any other
  Answer,          // at once; the rest of it is taken and dropped
  AnswerAndReset,  // at once, and RST_STREAM with NO_ERROR asks for no more (RFC 9113 section 8.1)
};

/// How the HTTP/2 provider API behaves at a date: data, each value with its source. Each has a row
/// in mock_apns/profile_file.cpp, by which people change it, and in docs/differences.md.
struct Http2Profile {
  // The first SETTINGS frame, in its order; absent: not in it. Observed in 2016:
  // RobotsAndPencils/buford#33; from 2020 on: HENNGE/aapns, jchambers/pushy#878.
  std::uint32_t header_table_size = 4096;
  std::uint32_t max_concurrent_streams = 1000;
  std::optional<std::uint32_t> initial_window = 65'535;
  std::uint32_t max_frame_size = 16'384;
  std::uint32_t max_header_list_size = 8000;

  // A connection without a certificate may have one stream until a request with a provider token
  // that is in order has been seen. Documented: "Sending notification requests to APNs"; observed:
  // golang/go#17265.
  bool one_stream_until_token = true;
  // After a rejected notification the limit is 1, and back with the next accepted one. Observed in
  // 2016 (lionheart/openradar-mirror#15649) and 2020 (jchambers/pushy#732); documented nowhere.
  bool one_stream_after_rejection = true;
  // More streams than allowed: a GOAWAY with REFUSED_STREAM ends the connection (observed in 2016:
  // golang/go#17265, jchambers/pushy#356), else the stream alone is refused.
  bool goaway_past_limit = false;
  // What comes for a stream that was refused draws a second RST_STREAM, STREAM_CLOSED. Observed:
  // jchambers/pushy#476. RFC 9113 section 5.1 has such frames ignored.
  bool reset_again = true;
  // Observed in 2016: curl/curl#1009, a 400 that came before the body was sent. Later captures do
  // not tell.
  EarlyRejection early_rejection = EarlyRejection::Never;
  // The limit binds before its acknowledgement. No source; for those who want to see what happens.
  bool limit_before_ack = false;

  // A client certificate that has expired, is not valid yet, or is of an unknown issuer is refused
  // with TLS alert internal_error (80), else with the alert of the cause. Observed:
  // micromdm/micromdm, platform/apns. What a revoked one draws is not known; ours is 44.
  bool bad_certificate_is_internal_error = true;
  // A topic that is not among those of the certificate. No capture: the mocks of pushy and
  // SilentCircle say BadTopic; TopicDisallowed is as plausible.
  Reason topic_of_other_app = Reason::BadTopic;
  // A key of the other environment. The document spells it one way, the service the other
  // (swift-server-community/APNSwift#229).
  Reason key_of_other_environment = Reason::BadEnvironmentKeyInToken;
  // A device token that its app has replaced by registering again. Nobody has seen what draws
  // ExpiredToken, which is as plausible; Unregistered is what the gateway's status 8 is here.
  Reason replaced_device_token = Reason::Unregistered;
  // A background notification with priority 10 draws BadPriority. "Is an error" by the document; no
  // capture of an answer exists.
  bool background_needs_priority_5 = false;
  // A push type whose topic is to have another suffix draws TopicDisallowed. The suffixes are
  // documented, without a reason. Of Live Activities that reason was observed
  // (edamov/pushok#163); of others that the notification is dropped.
  bool topic_fits_live_activity = true;
  bool topic_fits_push_type = false;

  ProviderTokenPolicy provider_token{};

  [[nodiscard]] bool operator==(const Http2Profile&) const = default;
};

}  // namespace apns
