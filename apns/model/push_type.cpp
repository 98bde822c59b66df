#include "apns/model/push_type.h"

#include <algorithm>
#include <array>

namespace apns {

namespace {

constexpr std::size_t kLimit = 4096;
constexpr std::size_t kVoipLimit = 5120;

constexpr std::array kPushTypes{
    PushTypeRow{PushType::Alert, "alert", "", kLimit},
    PushTypeRow{PushType::Background, "background", "", kLimit},
    PushTypeRow{PushType::Location, "location", ".location-query", kLimit},
    PushTypeRow{PushType::Voip, "voip", ".voip", kVoipLimit},
    PushTypeRow{PushType::Complication, "complication", ".complication", kLimit},
    PushTypeRow{PushType::FileProvider, "fileprovider", ".pushkit.fileprovider", kLimit},
    PushTypeRow{PushType::Mdm, "mdm", "", kLimit},
    PushTypeRow{PushType::LiveActivity, "liveactivity", ".push-type.liveactivity", kLimit},
    PushTypeRow{PushType::PushToTalk, "pushtotalk", ".voip-ptt", kLimit},
    PushTypeRow{PushType::Widgets, "widgets", ".push-type.widgets", kLimit},
    PushTypeRow{PushType::Controls, "controls", ".push-type.controls", kLimit},
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

std::vector<std::string> push_type_names() {
  std::vector<std::string> names;
  names.reserve(kPushTypes.size());
  for (const PushTypeRow& row : kPushTypes) {
    names.emplace_back(row.name);
  }
  return names;
}

}  // namespace apns
