#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/time.h"
#include "apns/model/push_type.h"
#include "mock_apns/shown.h"
#include "mock_apns/world/payload.h"
#include "mock_apns/world/phone.h"

namespace apns::mock {

/// What is asked: this payload, sent so, to a phone of that kind.
struct PreviewRequest {
  // The text of a file: a payload, or one of Xcode's .apns files, which have the app's bundle id
  // beside aps, under kXcodeTarget.
  std::string json;
  bool is_binary = false;             // over the gateway; else over HTTP/2
  std::optional<PushType> push_type;  // nullopt: the one that the payload looks made for
  std::string topic;                  // empty: that of the file's app, else of default_app
  std::string default_app = "com.example.app";
  std::optional<std::uint8_t> priority;    // nullopt: 5 for background, 10 for all others
  std::optional<std::int64_t> expiration;  // UNIX seconds
  AppState state = AppState::Background;
  AppSettings settings;
  bool is_online = true;
  bool is_low_power = false;
};

inline constexpr std::string_view kXcodeTarget = "Simulator Target Bundle";

/// What becomes of it.
struct Preview {
  std::string bundle_id;
  bool is_app_of_file = false;  // it was in the file
  std::optional<PushType> push_type;
  std::string topic;
  std::optional<std::uint8_t> priority;
  std::size_t payload_bytes = 0;  // as it stands in the file, without what is Xcode's
  std::size_t payload_limit = 0;

  // "413 PayloadTooLarge": the service does not take it, and the next ones mean nothing.
  std::string refusal;
  DeliveryOutcome outcome = DeliveryOutcome::Discarded;
  Shown shown;  // Delivered only
  bool woke_app = false;
  std::vector<std::string> why;

  Payload payload;
  std::vector<PayloadFinding> findings;  // offsets are of PreviewRequest::json

  /// It arrives, now or when the phone is back, does what it is for, and breaks no rule that must
  /// be kept.
  [[nodiscard]] bool is_good() const;
};

/// Pure: the phone is a fresh one, and `now` is only compared with the expiration. Sources: those
/// of present() and push_type_rules(); docs/preview.md.
[[nodiscard]] Preview preview(const PreviewRequest& request, WorldTime now);

}  // namespace apns::mock
