#include "apns/model/push_type.h"

#include <algorithm>
#include <array>

namespace apns {

namespace {

constexpr std::size_t kLimit = 4096;
constexpr std::size_t kVoipLimit = 5120;

constexpr std::string_view kSending = "\"Sending notification requests to APNs\", apns-push-type";

constexpr std::array<std::uint8_t, 3> kAny{10, 5, 1};
constexpr std::array<std::uint8_t, 2> kAtOnceOrLater{10, 5};
constexpr std::array<std::uint8_t, 1> kLater{5};

constexpr std::array kPushTypes{
    PushTypeRow{.type = PushType::Alert,
                .name = "alert",
                .topic_suffix = "",
                .payload_limit = kLimit,
                .priorities = kAtOnceOrLater,
                .needs_provider_token = false,
                .confidence = Confidence::Documented,
                .source = kSending},
    PushTypeRow{.type = PushType::Background,
                .name = "background",
                .topic_suffix = "",
                .payload_limit = kLimit,
                .priorities = kLater,
                .needs_provider_token = false,
                .confidence = Confidence::Documented,
                .source = "\"Pushing background updates to your App\""},
    PushTypeRow{.type = PushType::Location,
                .name = "location",
                .topic_suffix = ".location-query",
                .payload_limit = kLimit,
                .priorities = kAtOnceOrLater,
                .needs_provider_token = true,
                .confidence = Confidence::Documented,
                .source = kSending},
    PushTypeRow{.type = PushType::Voip,
                .name = "voip",
                .topic_suffix = ".voip",
                .payload_limit = kVoipLimit,
                .priorities = kAny,
                .needs_provider_token = false,
                .confidence = Confidence::Documented,
                .source = kSending},
    PushTypeRow{.type = PushType::Complication,
                .name = "complication",
                .topic_suffix = ".complication",
                .payload_limit = kLimit,
                .priorities = kAny,
                .needs_provider_token = false,
                .confidence = Confidence::Documented,
                .source = kSending},
    PushTypeRow{.type = PushType::FileProvider,
                .name = "fileprovider",
                .topic_suffix = ".pushkit.fileprovider",
                .payload_limit = kLimit,
                .priorities = kAny,
                .needs_provider_token = false,
                .confidence = Confidence::Documented,
                .source = kSending},
    PushTypeRow{.type = PushType::Mdm,
                .name = "mdm",
                .topic_suffix = "",
                .payload_limit = kLimit,
                .priorities = kAny,
                .needs_provider_token = false,
                .confidence = Confidence::Documented,
                .source = kSending},
    PushTypeRow{
        .type = PushType::LiveActivity,
        .name = "liveactivity",
        .topic_suffix = ".push-type.liveactivity",
        .payload_limit = kLimit,
        .priorities = kAtOnceOrLater,
        .needs_provider_token = false,
        .confidence = Confidence::Documented,
        .source = "\"Starting and updating Live Activities with ActivityKit push notifications\""},
    PushTypeRow{.type = PushType::PushToTalk,
                .name = "pushtotalk",
                .topic_suffix = ".voip-ptt",
                .payload_limit = kLimit,
                .priorities = kAny,
                .needs_provider_token = false,
                .confidence = Confidence::Documented,
                .source = "\"Sending notification requests to APNs\", which recommends 10 and an "
                          "expiration of 0"},
    PushTypeRow{.type = PushType::Widgets,
                .name = "widgets",
                .topic_suffix = ".push-type.widgets",
                .payload_limit = kLimit,
                .priorities = kAny,
                .needs_provider_token = true,
                .confidence = Confidence::Inferred,
                .source = "\"Updating widgets with WidgetKit push notifications\" speaks of "
                          "provider tokens only"},
    PushTypeRow{
        .type = PushType::Controls,
        .name = "controls",
        .topic_suffix = ".push-type.controls",
        .payload_limit = kLimit,
        .priorities = kAny,
        .needs_provider_token = true,
        .confidence = Confidence::Inferred,
        .source = "\"Updating controls locally and remotely\" speaks of provider tokens only"},
};

}  // namespace

std::span<const PushTypeRow> push_types() {
  return kPushTypes;
}

const PushTypeRow& row_of(PushType type) {
  return *std::ranges::find(kPushTypes, type, &PushTypeRow::type);
}

const PushTypeRow* find_push_type(std::string_view name) {
  const auto row = std::ranges::find(kPushTypes, name, &PushTypeRow::name);
  return row == kPushTypes.end() ? nullptr : &*row;
}

const PushTypeRow* find_push_type_of_topic(std::string_view topic) {
  const auto row = std::ranges::find_if(kPushTypes, [topic](const PushTypeRow& candidate) {
    return !candidate.topic_suffix.empty() && topic.ends_with(candidate.topic_suffix);
  });
  return row == kPushTypes.end() ? nullptr : &*row;
}

std::string_view topic_suffix_of(std::string_view topic) {
  const PushTypeRow* const row = find_push_type_of_topic(topic);
  return row == nullptr ? std::string_view() : row->topic_suffix;
}

std::vector<std::string> push_type_names() {
  std::vector<std::string> names;
  names.reserve(kPushTypes.size());
  for (const PushTypeRow& row : kPushTypes) {
    names.emplace_back(row.name);
  }
  return names;
}

}  // namespace apns
