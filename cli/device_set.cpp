#include "cli/device_set.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "apns/json/words.h"
#include "mock_apns/world/world_file.h"

namespace apns::cli {

namespace {

using Json = nlohmann::ordered_json;

/// The keys that may be set, of "set_device" or "set_app".
std::vector<std::string> keys_of(std::string_view object) {
  for (json::ObjectKeys& known : mock::world_format()) {
    if (known.object == object) {
      return std::move(known.keys);
    }
  }
  return {};
}

bool has(const std::vector<std::string>& keys, const std::string& key) {
  return std::ranges::find(keys, key) != keys.end();
}

Json value_of(std::string_view text) {
  if (text == "on" || text == "true") {
    return true;
  }
  if (text == "off" || text == "false") {
    return false;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  if (error == std::errc{} && end == text.end()) {
    return number;
  }
  return text;
}

}  // namespace

bool is_setting(const std::string& word) {
  return word.find('=') != std::string::npos;
}

DeviceSet read_device_set(const std::vector<std::string>& words) {
  const std::vector<std::string> phone_keys = keys_of("set_device");
  const std::vector<std::string> app_keys = keys_of("set_app");
  if (words.empty()) {
    throw std::runtime_error("nothing to set. Give KEY=VALUE, such as online=false or alerts=off.");
  }
  DeviceSet set;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw std::runtime_error("\"" + word +
                               "\" is not KEY=VALUE, such as online=false or alerts=off.");
    }
    const std::string key = word.substr(0, equals);
    const bool is_unknown = !has(phone_keys, key) && !has(app_keys, key);
    const bool is_of_phone =
        has(phone_keys, key) || (is_unknown && json::nearest(key, app_keys).empty() &&
                                 !json::nearest(key, phone_keys).empty());
    Json& object = is_of_phone ? set.phone : set.app;
    if (object.contains(key)) {
      throw std::runtime_error("\"" + key + "\" is given twice. Give it once.");
    }
    object[key] = value_of(std::string_view(word).substr(equals + 1));
    set.phone_goes_first = set.phone_goes_first || (is_of_phone && is_unknown);
  }
  return set;
}

}  // namespace apns::cli
