#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "apns/binary/notification_codec.h"
#include "apns/model/binary_status.h"
#include "apns/model/environment.h"
#include "apns/model/profile.h"
#include "mock_apns/ledger.h"
#include "mock_apns/world/magic_token.h"
#include "mock_apns/world/token_table.h"

namespace apns::mock {

class World;

/// What the gateway decides about one notification: a value, without side effects. What has to be
/// remembered of it is World's to do, once it is carried out.
struct Verdict {
  BinaryStatus status = BinaryStatus::NoErrors;  // NoErrors: accepted
  std::string_view rule;                         // id in the rule catalogue; empty when accepted
  // Accepted, were it not for what the token says.
  std::optional<MagicToken> magic = std::nullopt;
  // What the world knew; nullopt: not asked, unknown.
  std::optional<TokenRecord> token = std::nullopt;

  [[nodiscard]] bool accepted() const { return status == BinaryStatus::NoErrors; }
};

/// What the checks look at besides the notification.
struct VerdictContext {
  const Profile& profile;
  std::string_view topic;  // of the connection's certificate; empty: it names none
  Environment environment = Environment::Production;
  const World* world = nullptr;  // null: every device token is taken on trust
  std::uint32_t topic_id = 0;    // World's number of `topic`
};

/// Runs the ordered table of checks; the first that fails decides. Pure, no allocation but for a
/// magic device token.
[[nodiscard]] Verdict judge(const binary::NotificationView& notification,
                            const VerdictContext& context);

/// The same for bytes that are not a notification.
[[nodiscard]] Verdict judge(const binary::FrameErrorInfo& error);

/// What was found and what would pass, for a verdict of judge(). Computed only when somebody asks.
[[nodiscard]] Why explain(const Verdict& verdict, const binary::NotificationView& notification,
                          const VerdictContext& context);
[[nodiscard]] Why explain(const Verdict& verdict, const binary::FrameErrorInfo& error);

/// One reason to reject.
struct VerdictRow {
  std::string_view rule;
  BinaryStatus status = BinaryStatus::NoErrors;
};

/// All that judge() can say, in the order of looking; bytes that are no notification come first.
[[nodiscard]] std::vector<VerdictRow> verdict_rows();

}  // namespace apns::mock
