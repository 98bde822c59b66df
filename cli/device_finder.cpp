#include "cli/device_finder.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "apns/json/field_table.h"
#include "apns/json/words.h"
#include "apns/model/push_family.h"
#include "cli/control_target.h"

namespace apns::cli {

namespace {

using App = KnownPhones::App;

constexpr std::size_t kWholeDigits = 64;  // of a device token as Apple's have them
constexpr std::string_view kMagic = "fa11";
constexpr std::string_view kPhone = "phone";

std::string in_lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_hex(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// What needs no service to be understood.
std::optional<DeviceToken> parse_alone(const std::string& word) {
  std::string digits = in_lower_case(word);
  if (digits.starts_with(kMagic) && digits.size() < kWholeDigits) {
    digits.resize(kWholeDigits, '0');
  }
  return digits.size() < kWholeDigits ? std::nullopt : DeviceToken::parse(digits);
}

DeviceToken parsed(const App& app) {
  const auto token = DeviceToken::parse(app.device_token);
  if (!token) {
    throw std::runtime_error("the control API gave \"" + app.device_token +
                             "\" for a device token. Is it another version?");
  }
  return *token;
}

std::vector<App> apps_like(const std::vector<App>& apps,
                           const std::function<bool(const App&)>& fits) {
  std::vector<App> found;
  std::ranges::copy_if(apps, std::back_inserter(found), fits);
  return found;
}

/// "tablet (com.example.app, 5f0c…77aa)".
std::string describe(const std::vector<App>& apps) {
  std::vector<std::string> texts;
  texts.reserve(apps.size());
  for (const App& app : apps) {
    texts.push_back(app.device + " (" + app.bundle_id + ", " + parsed(app).to_short_text() + ")");
  }
  return json::join(texts);
}

}  // namespace

KnownPhones read_phones(const nlohmann::ordered_json& answer) {
  KnownPhones phones;
  for (const auto& device : answer.at("items")) {
    phones.names.push_back(device.at("name").get<std::string>());
    for (const auto& app : device.at("apps")) {
      const auto bundle_id = app.at("bundle_id").get<std::string>();
      const auto add = [&](const nlohmann::ordered_json& token, std::string family) {
        phones.apps.push_back({.device = phones.names.back(),
                               .bundle_id = bundle_id,
                               .device_token = token.at("device_token").get<std::string>(),
                               .environment = token.at("environment").get<std::string>(),
                               .family = std::move(family),
                               .activity = token.value("activity", std::string())});
      };
      if (app.contains("device_token")) {
        add(app, std::string(to_string(main_family(bundle_id))));
      }
      for (const auto& family : app.value("families", nlohmann::ordered_json::array())) {
        add(family, family.at("family").get<std::string>());
      }
    }
  }
  return phones;
}

KnownPhones ask_for_phones(const Target& target) {
  KnownPhones none;
  if (target.control_url.empty()) {
    none.why_unknown = "the control API of this service is not known (--to names none).";
    return none;
  }
  try {
    ControlAddress at = parse_control_url(target.control_url, "the service's control_url");
    at.secret = control_secret({});
    ControlClient client(at, {.answer = std::chrono::seconds(2)});
    return read_phones(client.ask(mock::control::Method::Get, "/devices"));
  } catch (const std::exception& error) {
    none.why_unknown = error.what();
    return none;
  }
}

DeviceFinder::DeviceFinder(PushFor push, std::function<KnownPhones()> ask)
    : push_(std::move(push)), ask_(std::move(ask)) {}

const KnownPhones& DeviceFinder::phones() {
  if (!phones_) {
    phones_ = ask_();
  }
  return *phones_;
}

bool DeviceFinder::is_device(const std::string& word) {
  if (word == kPhone || parse_alone(word) || DeviceToken::parse(word)) {
    return true;
  }
  return std::ranges::find(phones().names, word) != phones().names.end();
}

DeviceToken DeviceFinder::find(const std::string& word) {
  if (const auto token = parse_alone(word)) {
    return *token;
  }
  if (word == kPhone || std::ranges::find(phones().names, word) != phones().names.end()) {
    return token_of(word);
  }
  if (const auto token = token_that_begins_with(in_lower_case(word))) {
    return *token;
  }
  if (const auto token = DeviceToken::parse(word)) {
    return *token;  // of another length, and nobody's
  }
  fail_unknown(word);
}

DeviceToken DeviceFinder::token_of(const std::string& name) {
  // Of Live Activities the token that starts them: that of one has a beginning of its own.
  const std::vector<App> all = apps_like(phones().apps, [&](const App& app) {
    return app.device == name && app.family == push_.family && app.activity.empty();
  });
  std::vector<App> apps =
      apps_like(all, [&](const App& app) { return app.environment == push_.environment; });
  if (apps.size() > 1) {
    const auto of_topic = apps_like(apps, [&](const App& app) {
      return app.bundle_id == push_.topic ||
             topic_of_family(app.bundle_id, find_push_family(app.family)->family) == push_.topic;
    });
    apps = of_topic.empty() ? apps : of_topic;
  }
  if (apps.size() == 1) {
    return parsed(apps.front());
  }
  if (apps.size() > 1) {
    throw std::runtime_error(name + " has several apps: " + describe(apps) +
                             ". Give the beginning of a device token.");
  }
  // The phone that is there from the start has a twin for development; and nobody need be asked.
  const auto otherwise = DeviceToken::parse(push_.phone_device_token);
  if (name == kPhone && otherwise && push_.family == to_string(PushFamily::Alert)) {
    return *otherwise;
  }
  if (!all.empty()) {
    throw std::runtime_error(name + " has no device token of the " + push_.environment +
                             " environment. Push to the other one: --environment " +
                             all.front().environment + ".");
  }
  if (push_.family != to_string(PushFamily::Alert)) {
    throw std::runtime_error(name + " has no device token of family " + push_.family +
                             ". Get one: apnslab device register " + name + " --family " +
                             push_.family + ".");
  }
  throw std::runtime_error(name +
                           " has no app with a device token. Get one: apnslab device "
                           "register " +
                           name + ", or install an app first.");
}

std::optional<DeviceToken> DeviceFinder::token_that_begins_with(const std::string& digits) {
  if (!is_hex(digits)) {
    return std::nullopt;
  }
  std::vector<App> apps = apps_like(
      phones().apps, [&](const App& app) { return app.device_token.starts_with(digits); });
  const auto here =
      apps_like(apps, [&](const App& app) { return app.environment == push_.environment; });
  apps = here.empty() ? apps : here;
  const auto exact = std::ranges::find(apps, digits, &App::device_token);
  if (exact != apps.end()) {
    return parsed(*exact);
  }
  if (apps.size() > 1) {
    throw std::runtime_error("\"" + digits + "\" is the beginning of several device tokens: " +
                             describe(apps) + ". Give more digits.");
  }
  return apps.empty() ? std::nullopt : std::optional(parsed(apps.front()));
}

void DeviceFinder::fail_unknown(const std::string& word) {
  const std::string no_token = "\"" + word + "\" is no device token (2 to 200 hex digits)";
  if (!phones().why_unknown.empty()) {
    throw std::runtime_error(no_token +
                             ", and phones cannot be asked for: " + phones().why_unknown);
  }
  const std::string_view near = json::nearest(word, phones().names);
  throw std::runtime_error(
      no_token + " and no phone" +
      (near.empty() ? std::string(".") : "; did you mean \"" + std::string(near) + "\"?") +
      " Phones: " + json::join(phones().names) + ".");
}

}  // namespace apns::cli
