#include "apns/model/reason.h"

#include <algorithm>
#include <array>

namespace apns {

namespace {

constexpr std::string_view kTable =
    "\"Handling notification responses from APNs\", values of the reason key";

constexpr std::array kRows{
    ReasonRow{.reason = Reason::BadCollapseId,
              .name = "BadCollapseId",
              .body = R"({"reason":"BadCollapseId"})",
              .status = 400,
              .cause = "an apns-collapse-id of more than 64 bytes",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "an apns-collapse-id of 65 bytes"},
    ReasonRow{
        .reason = Reason::BadDeviceToken,
        .name = "BadDeviceToken",
        .body = R"({"reason":"BadDeviceToken"})",
        .status = 400,
        .cause =
            "a device token that cannot be decoded, is of the other environment, or was made up",
        .retry = Retry::DropDeviceToken,
        .confidence = Confidence::Documented,
        .source = kTable,
        .trigger = "a path whose last part is not hex, or a device token of the other environment"},
    ReasonRow{.reason = Reason::BadExpirationDate,
              .name = "BadExpirationDate",
              .body = R"({"reason":"BadExpirationDate"})",
              .status = 400,
              .cause = "an apns-expiration that is not a whole number of UNIX seconds",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "apns-expiration: 1.5"},
    ReasonRow{.reason = Reason::BadMessageId,
              .name = "BadMessageId",
              .body = R"({"reason":"BadMessageId"})",
              .status = 400,
              .cause = "an apns-id that is not a UUID",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "apns-id: 1"},
    ReasonRow{.reason = Reason::BadPriority,
              .name = "BadPriority",
              .body = R"({"reason":"BadPriority"})",
              .status = 400,
              .cause = "an apns-priority other than 1, 5 and 10",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "apns-priority: 7"},
    ReasonRow{.reason = Reason::BadTopic,
              .name = "BadTopic",
              .body = R"({"reason":"BadTopic"})",
              .status = 400,
              .cause = "a topic that is malformed, or that the certificate does not have",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "an apns-topic that the certificate does not have"},
    ReasonRow{.reason = Reason::DeviceTokenNotForTopic,
              .name = "DeviceTokenNotForTopic",
              .body = R"({"reason":"DeviceTokenNotForTopic"})",
              .status = 400,
              .cause = "a genuine device token of another app, or of another push type of the same",
              .retry = Retry::Never,
              .confidence = Confidence::Observed,
              .source = "\"Handling notification responses from APNs\"; KnuffApp/Knuff#76",
              .trigger = "a device token that is registered for another topic"},
    ReasonRow{.reason = Reason::DuplicateHeaders,
              .name = "DuplicateHeaders",
              .body = R"({"reason":"DuplicateHeaders"})",
              .status = 400,
              .cause = "a header that is there twice",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "two apns-topic headers"},
    ReasonRow{.reason = Reason::IdleTimeout,
              .name = "IdleTimeout",
              .body = R"({"reason":"IdleTimeout"})",
              .status = 400,
              .cause = "a request that meets the close of a connection that was idle",
              .retry = Retry::NewConnection,
              .confidence = Confidence::Inferred,
              .source = "\"Handling notification responses from APNs\" has the name and the status",
              .trigger = ""},
    ReasonRow{.reason = Reason::InvalidPushType,
              .name = "InvalidPushType",
              .body = R"({"reason":"InvalidPushType"})",
              .status = 400,
              .cause = "an apns-push-type that does not exist",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "apns-push-type: banner"},
    ReasonRow{.reason = Reason::MissingDeviceToken,
              .name = "MissingDeviceToken",
              .body = R"({"reason":"MissingDeviceToken"})",
              .status = 400,
              .cause = "a path that ends where the device token should begin",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = ":path: /3/device/"},
    ReasonRow{
        .reason = Reason::MissingTopic,
        .name = "MissingTopic",
        .body = R"({"reason":"MissingTopic"})",
        .status = 400,
        .cause = "no apns-topic, with a provider token or with a certificate of several topics",
        .retry = Retry::Never,
        .confidence = Confidence::Documented,
        .source = kTable,
        .trigger = "a provider token and no apns-topic"},
    ReasonRow{.reason = Reason::PayloadEmpty,
              .name = "PayloadEmpty",
              .body = R"({"reason":"PayloadEmpty"})",
              .status = 400,
              .cause = "a request without a body",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "END_STREAM on the headers"},
    ReasonRow{.reason = Reason::TopicDisallowed,
              .name = "TopicDisallowed",
              .body = R"({"reason":"TopicDisallowed"})",
              .status = 400,
              .cause = "a topic that the team or the key may not send to",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "a topic of another team"},
    ReasonRow{.reason = Reason::BadCertificate,
              .name = "BadCertificate",
              .body = R"({"reason":"BadCertificate"})",
              .status = 403,
              .cause = "a certificate that the service does not take",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = ""},
    ReasonRow{.reason = Reason::BadCertificateEnvironment,
              .name = "BadCertificateEnvironment",
              .body = R"({"reason":"BadCertificateEnvironment"})",
              .status = 403,
              .cause = "a certificate of the other environment; said in a GOAWAY",
              .retry = Retry::Never,
              .confidence = Confidence::Observed,
              .source = "\"Handling notification responses from APNs\"; sideshow/apns2#93",
              .trigger = "a development certificate on the production port"},
    ReasonRow{.reason = Reason::ExpiredProviderToken,
              .name = "ExpiredProviderToken",
              .body = R"({"reason":"ExpiredProviderToken"})",
              .status = 403,
              .cause = "a provider token that was issued more than an hour ago",
              .retry = Retry::NewProviderToken,
              .confidence = Confidence::Documented,
              .source = "\"Establishing a token-based connection to APNs\"",
              .trigger = "a provider token of 61 minutes ago"},
    ReasonRow{.reason = Reason::Forbidden,
              .name = "Forbidden",
              .body = R"({"reason":"Forbidden"})",
              .status = 403,
              .cause = "an action that is not allowed",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "a push type for provider tokens only, with a certificate (our choice)"},
    ReasonRow{.reason = Reason::InvalidProviderToken,
              .name = "InvalidProviderToken",
              .body = R"({"reason":"InvalidProviderToken"})",
              .status = 403,
              .cause = "a provider token with a bad signature or of an unknown key, one that is "
                       "not ES256, or a second team on one connection",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "a provider token signed with another key"},
    ReasonRow{.reason = Reason::MissingProviderToken,
              .name = "MissingProviderToken",
              .body = R"({"reason":"MissingProviderToken"})",
              .status = 403,
              .cause = "neither a certificate nor a provider token",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "a request without authorization, on a connection without a certificate"},
    ReasonRow{.reason = Reason::UnrelatedKeyIdInToken,
              .name = "UnrelatedKeyIdInToken",
              .body = R"({"reason":"UnrelatedKeyIdInToken"})",
              .status = 403,
              .cause = "a key that has nothing to do with the first one of the connection",
              .retry = Retry::NewConnection,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "a second key of the same team on one connection, where one of both is "
                         "bound to topics"},
    ReasonRow{.reason = Reason::BadEnvironmentKeyIdInToken,
              .name = "BadEnvironmentKeyIdInToken",
              .body = R"({"reason":"BadEnvironmentKeyIdInToken"})",
              .status = 403,
              .cause = "a key that is bound to the other environment, as the document spells it",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "a development key on the production port, in a profile that takes the "
                         "document at its word"},
    ReasonRow{.reason = Reason::BadEnvironmentKeyInToken,
              .name = "BadEnvironmentKeyInToken",
              .body = R"({"reason":"BadEnvironmentKeyInToken"})",
              .status = 403,
              .cause = "a key that is bound to the other environment, as the service spells it",
              .retry = Retry::Never,
              .confidence = Confidence::Observed,
              .source = "swift-server-community/APNSwift#229",
              .trigger = "a development key on the production port"},
    ReasonRow{.reason = Reason::BadPath,
              .name = "BadPath",
              .body = R"({"reason":"BadPath"})",
              .status = 404,
              .cause = "a path that leads nowhere",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = ":path: /3/devices/"},
    ReasonRow{.reason = Reason::MethodNotAllowed,
              .name = "MethodNotAllowed",
              .body = R"({"reason":"MethodNotAllowed"})",
              .status = 405,
              .cause = "a method other than POST",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = ":method: GET"},
    ReasonRow{.reason = Reason::ExpiredToken,
              .name = "ExpiredToken",
              .body = R"({"reason":"ExpiredToken"})",
              .status = 410,
              .cause = "a device token that has expired",
              .retry = Retry::DropDeviceToken,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "a device token of a Live Activity that has ended; in a profile that says "
                         "so one that its app has replaced"},
    ReasonRow{.reason = Reason::Unregistered,
              .name = "Unregistered",
              .body = R"({"reason":"Unregistered"})",
              .status = 410,
              .cause = "a device token that is no longer active for the topic: the app is gone",
              .retry = Retry::DropDeviceToken,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "an app that was uninstalled"},
    ReasonRow{.reason = Reason::PayloadTooLarge,
              .name = "PayloadTooLarge",
              .body = R"({"reason":"PayloadTooLarge"})",
              .status = 413,
              .cause = "a payload above the limit of its push type",
              .retry = Retry::Never,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "a body of 4097 bytes"},
    ReasonRow{
        .reason = Reason::TooManyProviderTokenUpdates,
        .name = "TooManyProviderTokenUpdates",
        .body = R"({"reason":"TooManyProviderTokenUpdates"})",
        .status = 429,
        .cause = "a new provider token sooner than 20 minutes after the last one of the connection",
        .retry = Retry::Later,
        .confidence = Confidence::Documented,
        .source = "\"Establishing a token-based connection to APNs\"",
        .trigger = "a second provider token within 20 minutes"},
    ReasonRow{.reason = Reason::TooManyRequests,
              .name = "TooManyRequests",
              .body = R"({"reason":"TooManyRequests"})",
              .status = 429,
              .cause = "too many requests in a row to one device token",
              .retry = Retry::Later,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = ""},
    ReasonRow{.reason = Reason::InternalServerError,
              .name = "InternalServerError",
              .body = R"({"reason":"InternalServerError"})",
              .status = 500,
              .cause = "a fault on the side of the service",
              .retry = Retry::Again,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = ""},
    ReasonRow{.reason = Reason::ServiceUnavailable,
              .name = "ServiceUnavailable",
              .body = R"({"reason":"ServiceUnavailable"})",
              .status = 503,
              .cause = "a service that is not available for a while",
              .retry = Retry::Again,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = ""},
    ReasonRow{.reason = Reason::Shutdown,
              .name = "Shutdown",
              .body = R"({"reason":"Shutdown"})",
              .status = 503,
              .cause = "a service that is about to stop",
              .retry = Retry::NewConnection,
              .confidence = Confidence::Documented,
              .source = kTable,
              .trigger = "a service that is told to stop"},
};

constexpr std::size_t index_of(Reason reason) {
  return static_cast<std::size_t>(reason);
}

constexpr bool rows_are_in_place() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (index_of(kRows[i].reason) != i) {
      return false;
    }
  }
  return true;
}

static_assert(rows_are_in_place(), "a reason is the index of its row");
static_assert(std::ranges::is_sorted(kRows, {}, &ReasonRow::status));
static_assert(std::ranges::all_of(kRows, [](const ReasonRow& row) {
  std::string_view body = row.body;
  body.remove_prefix(std::string_view("{\"reason\":\"").size());
  body.remove_suffix(std::string_view("\"}").size());
  return body == row.name;
}));

constexpr std::array kUsual{
    Reason::BadDeviceToken,   Reason::InvalidProviderToken, Reason::BadPath,
    Reason::MethodNotAllowed, Reason::Unregistered,         Reason::PayloadTooLarge,
    Reason::TooManyRequests,  Reason::InternalServerError,  Reason::ServiceUnavailable,
};

constexpr auto kStatuses = [] {
  std::array<std::uint16_t, kUsual.size()> statuses{};
  std::ranges::transform(kUsual, statuses.begin(),
                         [](Reason reason) { return kRows[index_of(reason)].status; });
  return statuses;
}();

static_assert(std::ranges::is_sorted(kStatuses));
static_assert(std::ranges::all_of(kRows, [](const ReasonRow& row) {
  return std::ranges::find(kStatuses, row.status) != kStatuses.end();
}));

}  // namespace

std::span<const ReasonRow> reasons() {
  return kRows;
}

const ReasonRow& row_of(Reason reason) {
  return kRows.at(index_of(reason));
}

const ReasonRow* find_reason(std::string_view name) {
  const auto row = std::ranges::find(kRows, name, &ReasonRow::name);
  return row == kRows.end() ? nullptr : &*row;
}

const ReasonRow* find_reason(unsigned status, unsigned number) {
  const auto first = std::ranges::find(kRows, status, &ReasonRow::status);
  if (first == kRows.end()) {
    return nullptr;
  }
  if (number == 0) {
    const auto usual = std::ranges::find(kStatuses, status) - kStatuses.begin();
    return &row_of(kUsual.at(static_cast<std::size_t>(usual)));
  }
  const auto left = static_cast<std::size_t>(kRows.end() - first);
  const ReasonRow* const row = number <= left ? &first[number - 1] : nullptr;
  return row != nullptr && row->status == status ? row : nullptr;
}

std::span<const std::uint16_t> reason_statuses() {
  return kStatuses;
}

std::string reason_body(Reason reason, std::uint64_t timestamp_ms) {
  const std::string_view body = row_of(reason).body;
  return std::string(body.substr(0, body.size() - 1)) +
         ",\"timestamp\":" + std::to_string(timestamp_ms) + "}";
}

std::string reason_text(Reason reason) {
  const ReasonRow& row = row_of(reason);
  std::string text = std::to_string(row.status);
  text += ' ';
  text += row.name;
  return text;
}

BinaryStatus nearest_binary_status(Reason reason) {
  switch (reason) {
    case Reason::BadDeviceToken:
    case Reason::DeviceTokenNotForTopic:
    case Reason::ExpiredToken:
    case Reason::Unregistered:
      return BinaryStatus::InvalidToken;
    case Reason::MissingDeviceToken:
      return BinaryStatus::MissingDeviceToken;
    case Reason::MissingTopic:
      return BinaryStatus::MissingTopic;
    case Reason::BadTopic:
    case Reason::TopicDisallowed:
      return BinaryStatus::InvalidTopicSize;
    case Reason::PayloadEmpty:
      return BinaryStatus::MissingPayload;
    case Reason::PayloadTooLarge:
      return BinaryStatus::InvalidPayloadSize;
    case Reason::BadCollapseId:
    case Reason::BadExpirationDate:
    case Reason::BadMessageId:
    case Reason::BadPriority:
    case Reason::DuplicateHeaders:
    case Reason::InvalidPushType:
    case Reason::BadPath:
    case Reason::MethodNotAllowed:
      return BinaryStatus::ProtocolError;
    case Reason::TooManyProviderTokenUpdates:
    case Reason::TooManyRequests:
    case Reason::InternalServerError:
    case Reason::ServiceUnavailable:
      return BinaryStatus::ProcessingError;
    case Reason::IdleTimeout:
    case Reason::Shutdown:
      return BinaryStatus::Shutdown;
    case Reason::BadCertificate:
    case Reason::BadCertificateEnvironment:
    case Reason::ExpiredProviderToken:
    case Reason::Forbidden:
    case Reason::InvalidProviderToken:
    case Reason::MissingProviderToken:
    case Reason::UnrelatedKeyIdInToken:
    case Reason::BadEnvironmentKeyIdInToken:
    case Reason::BadEnvironmentKeyInToken:
      return BinaryStatus::Unknown;
  }
  return BinaryStatus::Unknown;
}

std::optional<Reason> nearest_reason(std::uint8_t binary_status) {
  switch (BinaryStatus{binary_status}) {
    case BinaryStatus::NoErrors:
      return std::nullopt;
    case BinaryStatus::ProcessingError:
      return Reason::InternalServerError;
    case BinaryStatus::MissingDeviceToken:
      return Reason::MissingDeviceToken;
    case BinaryStatus::MissingTopic:
      return Reason::MissingTopic;
    case BinaryStatus::MissingPayload:
      return Reason::PayloadEmpty;
    case BinaryStatus::InvalidTokenSize:
    case BinaryStatus::InvalidToken:
      return Reason::BadDeviceToken;
    case BinaryStatus::InvalidTopicSize:
      return Reason::BadTopic;
    case BinaryStatus::InvalidPayloadSize:
      return Reason::PayloadTooLarge;
    case BinaryStatus::Shutdown:
      return Reason::Shutdown;
    case BinaryStatus::ProtocolError:
      return Reason::BadPath;
    case BinaryStatus::Unknown:
      return Reason::Forbidden;
  }
  return std::nullopt;
}

}  // namespace apns
