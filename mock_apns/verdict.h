#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "apns/auth/certificate_identity.h"
#include "apns/binary/notification_codec.h"
#include "apns/model/binary_status.h"
#include "apns/model/profile.h"
#include "mock_apns/ledger.h"

namespace apns::mock {

/// What the gateway decides about one notification: a value, without side effects.
struct Verdict {
  BinaryStatus status = BinaryStatus::NoErrors;  // NoErrors: accepted
  std::string_view rule;                         // id in the rule catalogue; empty when accepted

  [[nodiscard]] bool accepted() const { return status == BinaryStatus::NoErrors; }
};

/// What the checks look at besides the notification.
struct VerdictContext {
  const Profile& profile;
  std::string_view topic;  // of the connection's certificate; empty: it names none
  bool open_world = true;  // what was never registered is taken on trust
};

/// Runs the ordered table of checks; the first that fails decides. Pure, no allocation.
[[nodiscard]] Verdict judge(const binary::NotificationView& notification,
                            const VerdictContext& context);

/// The same for bytes that are not a notification.
[[nodiscard]] Verdict judge(const binary::FrameErrorInfo& error);

/// What was found and what would pass, for a verdict of judge(). Computed only when somebody asks.
[[nodiscard]] Why explain(const Verdict& verdict, const binary::NotificationView& notification,
                          const VerdictContext& context);
[[nodiscard]] Why explain(const Verdict& verdict, const binary::FrameErrorInfo& error);

}  // namespace apns::mock
