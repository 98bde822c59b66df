#include "apns/model/push_family.h"

#include <algorithm>
#include <array>

namespace apns {

namespace {

constexpr std::size_t kClassicLen = 32;
constexpr std::size_t kActivityLen = 80;

constexpr std::string_view kClassic = "seen everywhere; Apple promises no length";
constexpr std::string_view kLikeClassic = "our choice: no length was published or reported";

constexpr PushFamilyRow row(PushFamily family, PushType type, std::string_view name,
                            Confidence confidence = Confidence::Inferred) {
  return PushFamilyRow{.family = family,
                       .type = type,
                       .name = name,
                       .device_token_len = kClassicLen,
                       .confidence = confidence,
                       .source = confidence == Confidence::Observed ? kClassic : kLikeClassic};
}

constexpr std::array kPushFamilies{
    row(PushFamily::Alert, PushType::Alert, "alert", Confidence::Observed),
    row(PushFamily::Location, PushType::Location, "location"),
    row(PushFamily::Voip, PushType::Voip, "voip", Confidence::Observed),
    row(PushFamily::Complication, PushType::Complication, "complication"),
    row(PushFamily::FileProvider, PushType::FileProvider, "fileprovider"),
    row(PushFamily::Mdm, PushType::Mdm, "mdm", Confidence::Observed),
    PushFamilyRow{.family = PushFamily::LiveActivity,
                  .type = PushType::LiveActivity,
                  .name = "liveactivity",
                  .device_token_len = kActivityLen,
                  .confidence = Confidence::Observed,
                  .source = "ZhukV/AppleApnPush#80: 160 hex digits"},
    row(PushFamily::PushToTalk, PushType::PushToTalk, "pushtotalk"),
    row(PushFamily::Widgets, PushType::Widgets, "widgets"),
    row(PushFamily::Controls, PushType::Controls, "controls"),
};

}  // namespace

std::span<const PushFamilyRow> push_families() {
  return kPushFamilies;
}

const PushFamilyRow& row_of(PushFamily family) {
  return *std::ranges::find(kPushFamilies, family, &PushFamilyRow::family);
}

const PushFamilyRow* find_push_family(std::string_view name) {
  const auto row = std::ranges::find(kPushFamilies, name, &PushFamilyRow::name);
  return row == kPushFamilies.end() ? nullptr : &*row;
}

std::vector<std::string> push_family_names() {
  std::vector<std::string> names;
  names.reserve(kPushFamilies.size());
  for (const PushFamilyRow& row : kPushFamilies) {
    names.emplace_back(row.name);
  }
  return names;
}

std::string_view to_string(PushFamily family) {
  return row_of(family).name;
}

PushFamily family_of(PushType type) {
  const PushType asked = type == PushType::Background ? PushType::Alert : type;
  return std::ranges::find(kPushFamilies, asked, &PushFamilyRow::type)->family;
}

std::string topic_of_family(std::string_view bundle_id, PushFamily family) {
  return std::string(bundle_id) + std::string(row_of(row_of(family).type).topic_suffix);
}

bool is_management_topic(std::string_view topic) {
  return topic.starts_with("com.apple.mgmt.");
}

PushFamily main_family(std::string_view bundle_id) {
  return is_management_topic(bundle_id) ? PushFamily::Mdm : PushFamily::Alert;
}

}  // namespace apns
