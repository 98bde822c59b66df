#include "apns/http2/settings.h"

namespace apns::http2 {

void Settings::apply(const Setting& setting) {
  switch (static_cast<SettingId>(setting.id)) {
    case SettingId::HeaderTableSize:
      header_table_size = setting.value;
      break;
    case SettingId::EnablePush:
      enable_push = setting.value != 0;
      break;
    case SettingId::MaxConcurrentStreams:
      max_concurrent_streams = setting.value;
      break;
    case SettingId::InitialWindowSize:
      initial_window = setting.value;
      break;
    case SettingId::MaxFrameSize:
      max_frame_size = setting.value;
      break;
    case SettingId::MaxHeaderListSize:
      max_header_list_size = setting.value;
      break;
  }
}

std::optional<Rule> Settings::check(const Setting& setting, bool from_server) {
  switch (static_cast<SettingId>(setting.id)) {
    case SettingId::EnablePush:
      if (setting.value > 1) {
        return Rule::EnablePushValue;
      }
      if (from_server && setting.value != 0) {
        return Rule::EnablePushFromServer;
      }
      break;
    case SettingId::InitialWindowSize:
      if (setting.value > kMaxWindow) {
        return Rule::InitialWindowValue;
      }
      break;
    case SettingId::MaxFrameSize:
      if (setting.value < kMinMaxFrameSize || setting.value > kMaxMaxFrameSize) {
        return Rule::MaxFrameSizeValue;
      }
      break;
    case SettingId::HeaderTableSize:
    case SettingId::MaxConcurrentStreams:
    case SettingId::MaxHeaderListSize:
      break;
  }
  return std::nullopt;
}

}  // namespace apns::http2
