#include <algorithm>
#include <array>
#include <cstdint>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "apns/json/field_table.h"
#include "apns/json/words.h"
#include "apns/model/push_family.h"
#include "certs/state_folder.h"
#include "cli/commands.h"
#include "cli/control_target.h"
#include "cli/device_set.h"
#include "cli/device_text.h"
#include "cli/device_watch.h"

namespace apns::cli {

namespace {

using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;
using mock::control::Method;

constexpr std::uint64_t kNotGiven = 0;

struct DeviceOptions {
  ControlTargetOptions target;
  std::string verb = "list";
  Words words;
  std::vector<std::string> apps;
  bool development = false;
  std::string family;
  std::string activity;
  std::string channel;
  std::uint64_t count = kNotGiven;
  bool json = false;
};

/// The verbs, each a member that asks the API and prints what it says.
class Devices {
 public:
  Devices(const DeviceOptions& options, ControlClient& client)
      : options_(options), client_(client) {}

  int list(const Words& /*words*/) {
    const Json answer = client_.ask(Method::Get, "/devices");
    std::vector<Json> devices = answer.at("items").get<std::vector<Json>>();
    if (options_.json) {
      for (const Json& device : devices) {
        std::cout << device.dump() << "\n";
      }
    } else {
      std::cout << device_table(devices);
    }
    return 0;
  }

  int add(const Words& words) {
    Json apps = Json::array();
    for (const std::string& bundle_id :
         options_.apps.empty() ? Words{std::string(certs::kDefaultTopic)} : options_.apps) {
      Json app = installation_of(bundle_id);
      app["bundle_id"] = bundle_id;
      apps.push_back(std::move(app));
    }
    const Json body = {{"name", words[0]}, {"apps", std::move(apps)}};
    print_device(client_.ask(Method::Post, "/devices", body.dump()));
    return 0;
  }

  int remove(const Words& words) {
    client_.ask(Method::Delete, path_of(words[0]));
    say(words[0] + " removed");
    return 0;
  }

  int show(const Words& words) {
    const Json device = device_of(words[0]);
    const Json screen = client_.ask(Method::Get, path_of(words[0]) + "/screen");
    if (options_.json) {
      Json both = device;
      both["screen"] = screen;
      std::cout << both.dump() << "\n";
      return 0;
    }
    const Json clock = client_.ask(Method::Get, "/clock");
    std::cout << screen_drawing(device, screen, clock.at("now").get<std::string>());
    return 0;
  }

  int watch(const Words& words) {
    return watch_deliveries(client_, {.name = words.empty() ? std::string() : words[0],
                                      .count = options_.count,
                                      .json = options_.json});
  }

  int set(const Words& words) {
    const bool has_app = words.size() > 1 && !is_setting(words[1]);
    const DeviceSet set = read_device_set({words.begin() + (has_app ? 2 : 1), words.end()});
    const std::string path = path_of(words[0]);
    const Json device = device_of(words[0]);
    const std::string app_path =
        set.app.empty() ? std::string() : app_path_of(device, has_app ? words[1] : std::string());
    const auto set_phone = [&] {
      if (!set.phone.empty()) {
        client_.ask(Method::Patch, path, set.phone.dump());
      }
    };
    if (set.phone_goes_first) {
      set_phone();
    }
    // What a phone that comes online is told has to find the app's new settings.
    if (!set.app.empty()) {
      client_.ask(Method::Patch, app_path, set.app.dump());
    }
    if (!set.phone_goes_first) {
      set_phone();
    }
    print_device(device_of(words[0]));
    return 0;
  }

  int install(const Words& words) {
    const Json body = installation_of(words[1]);
    print_app(client_.ask(Method::Put, app_path(words[0], words[1]),
                          body.empty() ? std::string() : body.dump()));
    return 0;
  }

  int uninstall(const Words& words) {
    const std::string path = chosen_app_path(words);
    client_.ask(Method::Delete, path);
    say("uninstalled");
    return 0;
  }

  int register_app(const Words& words) {
    const Json app =
        client_.ask(Method::Post, chosen_app_path(words) + "/register", registration());
    if (options_.json) {
      print_app(app);
    } else {
      std::cout << token_of(app).get<std::string>() << "\n";
    }
    return 0;
  }

  int unregister_app(const Words& words) {
    print_app(client_.ask(Method::Post, chosen_app_path(words) + "/unregister", registration()));
    return 0;
  }

  int launch(const Words& words) {
    print_app(client_.ask(Method::Post, chosen_app_path(words) + "/launch"));
    return 0;
  }

 private:
  static std::string path_of(const std::string& name) { return "/devices/" + path_step(name); }

  static std::string app_path(const std::string& name, const std::string& bundle_id) {
    return path_of(name) + "/apps/" + path_step(bundle_id);
  }

  Json device_of(const std::string& name) { return client_.ask(Method::Get, path_of(name)); }

  /// What the API is told of an app that it would not take for granted.
  [[nodiscard]] Json installation_of(const std::string& bundle_id) const {
    Json app = Json::object();
    if (options_.development) {
      app["profile"] = {{"bundle_id", bundle_id}, {"aps_environment", "development"}};
    }
    return app;
  }

  /// Liveactivity and pushtotalk go without saying where an activity or a channel is named.
  [[nodiscard]] std::string family() const {
    if (options_.family.empty()) {
      return !options_.activity.empty()  ? "liveactivity"
             : !options_.channel.empty() ? "pushtotalk"
                                         : "";
    }
    return options_.family;
  }

  /// Of which device token the API is to speak; empty: of the app's own.
  [[nodiscard]] std::string registration() const {
    Json json = Json::object();
    for (const auto& [key, value] :
         {std::pair("family", family()), std::pair("activity", options_.activity),
          std::pair("channel", options_.channel)}) {
      if (!value.empty()) {
        json[key] = value;
      }
    }
    return json.empty() ? std::string() : json.dump();
  }

  /// The one that registration() names.
  [[nodiscard]] Json token_of(const Json& app) const {
    if (app.contains("families")) {
      for (const Json& one : app.at("families")) {
        if (one.at("family") == family() && one.value("activity", "") == options_.activity) {
          return one.at("device_token");
        }
      }
    }
    return app.at("device_token");
  }

  /// Of the app that is named, or of the only one.
  static std::string app_path_of(const Json& device, const std::string& bundle_id) {
    const auto name = device.at("name").get<std::string>();
    if (!bundle_id.empty()) {
      return app_path(name, bundle_id);
    }
    std::vector<std::string> apps;
    for (const Json& app : device.at("apps")) {
      apps.push_back(app.at("bundle_id").get<std::string>());
    }
    if (apps.empty()) {
      throw std::runtime_error(name + " has no apps. Install one: apnslab device install " + name +
                               " " + std::string(certs::kDefaultTopic));
    }
    if (apps.size() > 1) {
      throw std::runtime_error(
          name + " has several apps. Name one behind the phone: " + json::join(apps) + ".");
    }
    return app_path(name, apps.front());
  }

  /// NAME [APP].
  std::string chosen_app_path(const Words& words) {
    return words.size() > 1 ? app_path(words[0], words[1]) : app_path_of(device_of(words[0]), {});
  }

  void say(const std::string& text) const {
    if (!options_.json) {
      std::cout << text << "\n";
    }
  }

  void print_device(const Json& device) const {
    std::cout << (options_.json ? device.dump() + "\n" : device_table({device}));
  }

  void print_app(const Json& app) const {
    std::cout << (options_.json ? app.dump() + "\n" : app_line(app));
  }

  const DeviceOptions& options_;
  ControlClient& client_;
};

struct Verb {
  const char* name;
  const char* arguments;  // "NAME [APP]"
  const char* summary;
  std::size_t at_least;
  std::size_t at_most;
  int (Devices::*run)(const Words&);
};

constexpr std::array<Verb, 11> kVerbs = {{
    {"list", "", "the phones with their apps; without a VERB, too", 0, 0, &Devices::list},
    {"add", "NAME", "one more phone", 1, 1, &Devices::add},
    {"remove", "NAME", "take a phone away", 1, 1, &Devices::remove},
    {"show", "NAME", "its screen", 1, 1, &Devices::show},
    {"watch", "[NAME]", "what is delivered, as it happens", 0, 1, &Devices::watch},
    {"set", "NAME [APP] KEY=VALUE...",
     "of the phone: online, low_power; of an app: state, alerts, badges, sounds, "
     "background_refresh",
     2, SIZE_MAX, &Devices::set},
    {"install", "NAME APP", "an app, or its update", 2, 2, &Devices::install},
    {"uninstall", "NAME [APP]", "an app", 1, 2, &Devices::uninstall},
    {"register", "NAME [APP]", "the app asks for a device token; prints the new one", 1, 2,
     &Devices::register_app},
    {"unregister", "NAME [APP]", "the app gives a device token up", 1, 2, &Devices::unregister_app},
    {"launch", "NAME [APP]", "bring the app to the foreground", 1, 2, &Devices::launch},
}};

std::vector<std::string> verb_names() {
  std::vector<std::string> names;
  names.reserve(kVerbs.size());
  for (const Verb& verb : kVerbs) {
    names.emplace_back(verb.name);
  }
  return names;
}

/// One line for each verb.
std::string verbs_help() {
  std::string text;
  for (const Verb& verb : kVerbs) {
    text += text.empty() ? "" : "\n";
    text += verb.name;
    text += *verb.arguments == '\0' ? "" : std::string(" ") + verb.arguments;
    text += std::string(": ") + verb.summary;
  }
  return text;
}

const Verb& find_verb(const std::string& word) {
  const auto verb = std::ranges::find(kVerbs, std::string_view(word), &Verb::name);
  if (verb != kVerbs.end()) {
    return *verb;
  }
  const std::vector<std::string> names = verb_names();
  const std::string_view near = json::nearest(word, names);
  throw std::runtime_error("\"" + word + "\" is no verb of device" +
                           (near.empty() ? ". There are " + json::join(names) + "."
                                         : "; did you mean " + std::string(near) + "?"));
}

void check_usage(const Verb& verb, const DeviceOptions& options) {
  const std::string name = verb.name;
  if (options.words.size() < verb.at_least || options.words.size() > verb.at_most) {
    throw std::runtime_error(
        name +
        (*verb.arguments == '\0' ? std::string(" takes nothing behind it.")
                                 : " takes " + std::string(verb.arguments) + ".") +
        (options.words.empty() ? std::string()
                               : " It was given " + json::join(options.words) + "."));
  }
  if (!options.apps.empty() && name != "add") {
    throw std::runtime_error("--app goes with add only. Name the app behind the phone.");
  }
  if (options.development && name != "add" && name != "install") {
    throw std::runtime_error("--development goes with add and install only.");
  }
  if (!(options.family + options.activity + options.channel).empty() && name != "register" &&
      name != "unregister") {
    throw std::runtime_error("--family, --activity and --channel go with register and unregister.");
  }
  if (options.count != kNotGiven && name != "watch") {
    throw std::runtime_error("--count goes with watch only.");
  }
}

int device_main(const DeviceOptions& options) {
  constexpr unsigned kUnauthorized = 401;
  constexpr unsigned kForbidden = 403;
  const Verb& verb = find_verb(options.verb);
  check_usage(verb, options);
  ControlClient client(find_control(options.target));
  Devices devices(options, client);
  try {
    return (devices.*verb.run)(options.words);
  } catch (const ControlRefusal& refusal) {
    const bool is_access = refusal.status() == kUnauthorized || refusal.status() == kForbidden;
    std::cerr << "apnslab device: " << refusal.what()
              << (refusal.status() == kUnauthorized ? " Here: --secret, or APNSLAB_SECRET." : "")
              << "\n";
    return is_access ? 2 : 1;
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(
        std::string("the control API answered something that I do not know: ") + error.what() +
        ". Is it another version?");
  }
}

}  // namespace

Command device_command() {
  return Command{
      "device", "device [VERB] [NAME]", "the simulated phones: list, watch, change",
      "See what happens", [](Options& o) -> std::function<int()> {
        const auto options = std::make_shared<DeviceOptions>();
        o.text("VERB", options->verb, verbs_help());
        o.suggest("VERB", verb_names());
        o.texts("WORD", options->words,
                "NAME of a phone; APP is a bundle id, and may be left out if there is one");
        o.suggest_from("WORD", "device");
        options->target.bind(o);
        o.texts("--app", options->apps,
                "add: bundle id of an app that is on it, repeatable; without it " +
                    std::string(certs::kDefaultTopic));
        o.flag("--development", options->development,
               "add, install: the app's device token is of the development environment");
        o.text("--family", options->family,
               "register, unregister: the device token's push family, such as voip; without it the "
               "app's own");
        o.suggest("--family", push_family_names());
        o.text("--activity", options->activity,
               "register, unregister: starts or ends this Live Activity");
        o.text("--channel", options->channel, "register: joins this Push to Talk channel");
        o.number("--count", options->count, 1, UINT64_MAX, "watch: end after so many");
        o.flag("--json", options->json, "what the control API says, one JSON object a line");
        o.example("apnslab device set phone com.example.app alerts=off state=force-quit");
        return [options] { return device_main(*options); };
      }};
}

}  // namespace apns::cli
