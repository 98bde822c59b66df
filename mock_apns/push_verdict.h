#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "apns/auth/certificate_identity.h"
#include "apns/model/device_token.h"
#include "apns/model/environment.h"
#include "apns/model/profile.h"
#include "apns/model/reason.h"
#include "mock_apns/ledger_event.h"
#include "mock_apns/push_request.h"
#include "mock_apns/world/magic_token.h"
#include "mock_apns/world/token_table.h"

namespace apns::mock {

class World;

/// What the provider API decides about one notification: a value, without side effects. What has to
/// be remembered of it is World's to do, once it is carried out.
struct PushVerdict {
  std::optional<Reason> reason = std::nullopt;  // nullopt: accepted
  std::string_view rule = {};                   // id in the rule catalogue; empty when accepted
  // Milliseconds since 1970, with 410: since when the device token is worth nothing.
  std::optional<std::uint64_t> timestamp_ms = std::nullopt;
  // Accepted, were it not for what the device token says.
  std::optional<MagicToken> magic = std::nullopt;
  // What the world knew; nullopt: not asked, unknown.
  std::optional<TokenRecord> token = std::nullopt;

  [[nodiscard]] bool accepted() const { return !reason; }
};

/// What the checks look at besides the request.
struct PushContext {
  const Profile& profile;
  Environment environment = Environment::Production;
  const auth::CertificateIdentity* certificate = nullptr;  // null: a provider token is wanted
  const World* world = nullptr;  // null: every device token is taken on trust
};

/// The parts of a request that are left when its header section is gone.
struct PushBody {
  std::optional<DeviceToken> device_token;  // nullopt: what the path has is no device token
  std::string_view topic;
  std::uint32_t topic_id = 0;  // World's number of it
  PushType push_type = PushType::Alert;
  std::size_t payload_len = 0;
};

// The table of checks, in three parts, because a request is judged as it arrives: what needs no
// credential, then (by the caller) the provider token, then the other fields, then payload and
// device token. In each the first that fails decides. The order is our choice, since Apple names
// none: docs/wire/http2.md#order-of-the-checks. `why`: filled in when a check fails, if not null.

[[nodiscard]] PushVerdict judge_line(const PushHead& head, const PushContext& context, Why* why);
[[nodiscard]] PushVerdict judge_fields(const PushHead& head, const PushContext& context, Why* why);
[[nodiscard]] PushVerdict judge_body(const PushBody& body, const PushContext& context, Why* why);

/// The last rows of judge_body(): what needs no payload, for who answers before it has come.
[[nodiscard]] PushVerdict judge_device_token(const PushBody& body, const PushContext& context,
                                             Why* why);

/// The topic that a request is for: the field's, else the certificate's if that has one only.
/// Empty: there is none.
[[nodiscard]] std::string_view topic_of(const PushHead& head,
                                        const auth::CertificateIdentity* certificate);

/// The topic without what its push type puts behind the bundle id: "com.example.app" of
/// "com.example.app.voip".
[[nodiscard]] std::string_view bundle_id_of(std::string_view topic);

/// When a row is looked at, in this order. The provider token comes behind Line, and has a table of
/// its own: token_rules().
enum class PushStage : std::uint8_t { Line, Fields, Scope, Body };

/// One reason to reject.
struct PushVerdictRow {
  std::string_view rule;
  Reason reason = Reason::BadDeviceToken;  // of the default profile
  PushStage stage = PushStage::Line;
};

/// All that the three parts can say, in the order of looking. Scope is topic_scope.h's.
[[nodiscard]] std::vector<PushVerdictRow> push_verdict_rows();

}  // namespace apns::mock
