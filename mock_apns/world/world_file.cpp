#include "mock_apns/world/world_file.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "mock_apns/fault_syntax.h"

namespace apns::mock {

namespace {

constexpr std::int64_t kMaxBackgroundPerHour = 1'000'000;

template <class T>
using Fields = std::span<const json::Field<T>>;

// ---- Values ----

/// The enumerator that the text spells; enumerators are numbered from 0 to `last`.
template <class Enum>
Enum read_word(const json::Value& value, std::string_view what, Enum last) {
  std::vector<std::string> words;
  for (unsigned i = 0; i <= static_cast<unsigned>(last); ++i) {
    words.emplace_back(to_string(static_cast<Enum>(i)));
  }
  const std::string& word = value.text(what);
  json::require_word(value, what, word, words);
  return static_cast<Enum>(std::ranges::find(words, word) - words.begin());
}

const std::string& read_name(const json::Value& value, std::string_view what) {
  const std::string& text = value.text(what);
  if (text.empty()) {
    value.fail(std::string(what) + " is empty.");
  }
  return text;
}

DeviceToken read_device_token(const json::Value& value) {
  const auto token = DeviceToken::parse(value.text("device_token"));
  if (!token) {
    value.fail("A device token is 2 to 200 hex digits, an even number of them.");
  }
  return *token;
}

// ---- The tables ----

constexpr std::array<json::Field<ProvisioningProfile>, 3> kProfileFields = {{
    {"name", json::kOptional<ProvisioningProfile>,
     [](const json::Value& value, ProvisioningProfile& profile) {
       profile.name = value.text("name");
     }},
    {"bundle_id", json::kRequired<ProvisioningProfile>,
     [](const json::Value& value, ProvisioningProfile& profile) {
       profile.bundle_id = read_name(value, "bundle_id");
     }},
    {"aps_environment", json::kRequired<ProvisioningProfile>,
     [](const json::Value& value, ProvisioningProfile& profile) {
       profile.aps_environment = read_word(value, "aps_environment", ApsEnvironment::Production);
     }},
}};

// The settings come first: they are all that `set` may say of an app.
constexpr std::array<json::Field<AppPlan>, 9> kAppFields = {{
    {"state", json::kOptional<AppPlan>,
     [](const json::Value& value, AppPlan& app) {
       app.state = read_word(value, "state", AppState::ForceQuit);
     }},
    {"alerts", json::kOptional<AppPlan>,
     [](const json::Value& value, AppPlan& app) { app.alerts = value.boolean("alerts"); }},
    {"badges", json::kOptional<AppPlan>,
     [](const json::Value& value, AppPlan& app) { app.badges = value.boolean("badges"); }},
    {"sounds", json::kOptional<AppPlan>,
     [](const json::Value& value, AppPlan& app) { app.sounds = value.boolean("sounds"); }},
    {"background_refresh", json::kOptional<AppPlan>,
     [](const json::Value& value, AppPlan& app) {
       app.background_refresh = value.boolean("background_refresh");
     }},
    {"bundle_id", json::kRequired<AppPlan>,
     [](const json::Value& value, AppPlan& app) { app.bundle_id = read_name(value, "bundle_id"); }},
    {"profile", json::kOptional<AppPlan>,
     [](const json::Value& value, AppPlan& app) {
       json::read_fields<ProvisioningProfile>(value, "profile", kProfileFields,
                                              app.profile.emplace());
     }},
    {"registered", json::kOptional<AppPlan>,
     [](const json::Value& value, AppPlan& app) {
       app.is_registered = value.boolean("registered");
     }},
    {"device_token", json::kOptional<AppPlan>,
     [](const json::Value& value, AppPlan& app) { app.device_token = read_device_token(value); }},
}};

constexpr std::size_t kNumSettings = 5;
static_assert(kAppFields[kNumSettings - 1].key == "background_refresh");

void check_profile(const json::Value& value, const AppPlan& app) {
  if (app.profile && !fits(*app.profile, app.bundle_id)) {
    value.fail("The provisioning profile is for " + app.profile->bundle_id + " and does not fit " +
               app.bundle_id + ". Take one of this app.");
  }
}

void read_app(const json::Value& value, AppPlan& app) {
  json::read_fields<AppPlan>(value, "app", kAppFields, app);
  check_profile(value, app);
}

constexpr std::array<json::Field<PhonePlan>, 6> kPhoneFields = {{
    {"name", json::kRequired<PhonePlan>,
     [](const json::Value& value, PhonePlan& phone) {
       phone.options.name = read_name(value, "name");
     }},
    {"online", json::kOptional<PhonePlan>,
     [](const json::Value& value, PhonePlan& phone) {
       phone.options.is_online = value.boolean("online");
     }},
    {"low_power", json::kOptional<PhonePlan>,
     [](const json::Value& value, PhonePlan& phone) {
       phone.options.is_low_power = value.boolean("low_power");
     }},
    {"background_per_hour", json::kOptional<PhonePlan>,
     [](const json::Value& value, PhonePlan& phone) {
       phone.options.background_per_hour =
           static_cast<std::size_t>(value.integer("background_per_hour", 0, kMaxBackgroundPerHour));
     }},
    {"disconnects_with_last_app", json::kOptional<PhonePlan>,
     [](const json::Value& value, PhonePlan& phone) {
       phone.options.disconnects_with_last_app = value.boolean("disconnects_with_last_app");
     }},
    {"apps", json::kOptional<PhonePlan>,
     [](const json::Value& value, PhonePlan& phone) {
       for (const json::Value& app : value.array("apps")) {
         read_app(app, phone.apps.emplace_back());
       }
     }},
}};

constexpr std::array<json::Field<TokenPlan>, 3> kTokenFields = {{
    {"bundle_id", json::kRequired<TokenPlan>,
     [](const json::Value& value, TokenPlan& tokens) {
       tokens.bundle_id = read_name(value, "bundle_id");
     }},
    {"environment", json::kOptional<TokenPlan>,
     [](const json::Value& value, TokenPlan& tokens) {
       tokens.environment = read_word(value, "environment", Environment::Development);
     }},
    {"device_tokens", json::kRequired<TokenPlan>,
     [](const json::Value& value, TokenPlan& tokens) {
       for (const json::Value& token : value.array("device_tokens")) {
         tokens.device_tokens.push_back(read_device_token(token));
       }
     }},
}};

constexpr std::array<json::Field<WorldPlan>, 6> kWorldFields = {{
    {"format", json::kOptional<WorldPlan>,
     [](const json::Value& value, WorldPlan& /*plan*/) { (void)value.integer("format", 1, 1); }},
    {"open", json::kOptional<WorldPlan>,
     [](const json::Value& value, WorldPlan& plan) { plan.open = value.boolean("open"); }},
    {"devices", json::kOptional<WorldPlan>,
     [](const json::Value& value, WorldPlan& plan) {
       for (const json::Value& phone : value.array("devices")) {
         json::read_fields<PhonePlan>(phone, "device", kPhoneFields, plan.devices.emplace_back());
       }
     }},
    {"device_tokens", json::kOptional<WorldPlan>,
     [](const json::Value& value, WorldPlan& plan) {
       for (const json::Value& tokens : value.array("device_tokens")) {
         json::read_fields<TokenPlan>(tokens, "device_tokens entry", kTokenFields,
                                      plan.device_tokens.emplace_back());
       }
     }},
    {"faults", json::kOptional<WorldPlan>,
     [](const json::Value& value, WorldPlan& plan) { plan.faults = read_faults(value); }},
    {"teams", json::kOptional<WorldPlan>,
     [](const json::Value& value, WorldPlan& plan) {
       for (const json::Value& team : value.array("teams")) {
         plan.teams.push_back(read_team(team));
       }
     }},
}};

struct ChangeDraft {
  DeviceChange change;
  const json::Value* app = nullptr;
  const json::Value* set = nullptr;
  std::size_t num_verbs = 0;
};

void read_verb(const json::Value& value, ChangeDraft& draft, DeviceChange::Verb verb,
               std::string_view what) {
  draft.change.verb = verb;
  draft.change.app.bundle_id = read_name(value, what);
  ++draft.num_verbs;
}

constexpr std::array<json::Field<ChangeDraft>, 7> kChangeFields = {{
    {"device", json::kRequired<ChangeDraft>,
     [](const json::Value& value, ChangeDraft& draft) {
       draft.change.device = read_name(value, "device");
     }},
    {"app", json::kOptional<ChangeDraft>,
     [](const json::Value& value, ChangeDraft& draft) { draft.app = &value; }},
    {"set", json::kOptional<ChangeDraft>,
     [](const json::Value& value, ChangeDraft& draft) {
       draft.set = &value;
       ++draft.num_verbs;
     }},
    {"install", json::kOptional<ChangeDraft>,
     [](const json::Value& value, ChangeDraft& draft) {
       draft.change.verb = DeviceChange::Verb::Install;
       read_app(value, draft.change.app);
       ++draft.num_verbs;
     }},
    {"uninstall", json::kOptional<ChangeDraft>,
     [](const json::Value& value, ChangeDraft& draft) {
       read_verb(value, draft, DeviceChange::Verb::Uninstall, "uninstall");
     }},
    {"register", json::kOptional<ChangeDraft>,
     [](const json::Value& value, ChangeDraft& draft) {
       read_verb(value, draft, DeviceChange::Verb::Register, "register");
     }},
    {"launch", json::kOptional<ChangeDraft>,
     [](const json::Value& value, ChangeDraft& draft) {
       read_verb(value, draft, DeviceChange::Verb::Launch, "launch");
     }},
}};

constexpr std::array<json::Field<DeviceChange>, 2> kSetPhoneFields = {{
    {"online", json::kOptional<DeviceChange>,
     [](const json::Value& value, DeviceChange& change) {
       change.online = value.boolean("online");
     }},
    {"low_power", json::kOptional<DeviceChange>,
     [](const json::Value& value, DeviceChange& change) {
       change.low_power = value.boolean("low_power");
     }},
}};

// ---- What a plan means as a whole ----

void check_names(const json::Value& value, const WorldPlan& plan) {
  std::set<std::string> names;
  std::set<std::string> tokens;
  const auto require_new = [&value](std::set<std::string>& seen, const std::string& one,
                                    std::string_view what) {
    if (!seen.insert(one).second) {
      value.fail(std::string(what) + " " + one + " is there twice. Give each another one.");
    }
  };
  for (const PhonePlan& phone : plan.devices) {
    require_new(names, phone.options.name, "The device");
    std::set<std::string> apps;
    for (const AppPlan& app : phone.apps) {
      require_new(apps, app.bundle_id, "On " + phone.options.name + " the app");
      if (app.device_token) {
        require_new(tokens, app.device_token->to_hex(), "The device token");
      }
    }
  }
  for (const TokenPlan& list : plan.device_tokens) {
    for (const DeviceToken& token : list.device_tokens) {
      require_new(tokens, token.to_hex(), "The device token");
    }
  }
}

ProvisioningProfile profile_of(const AppPlan& app) {
  return app.profile.value_or(ProvisioningProfile{.name = app.bundle_id + " distribution",
                                                  .bundle_id = app.bundle_id,
                                                  .aps_environment = ApsEnvironment::Production});
}

void set_app(const std::string& device, const AppPlan& app, World& world, unsigned ring) {
  AppSettings settings = world.settings(device, app.bundle_id);
  const AppSettings before = settings;
  settings.alerts = app.alerts.value_or(settings.alerts);
  settings.badges = app.badges.value_or(settings.badges);
  settings.sounds = app.sounds.value_or(settings.sounds);
  settings.background_refresh = app.background_refresh.value_or(settings.background_refresh);
  if (settings != before) {
    world.set_settings(device, app.bundle_id, settings, ring);
  }
  if (app.state) {
    world.set_state(device, app.bundle_id, *app.state, ring);
  }
}

void install_app(const std::string& device, const AppPlan& app, World& world, unsigned ring) {
  world.install(device, app.bundle_id, profile_of(app));
  if (app.is_registered) {
    (void)world.register_app(device, app.bundle_id, ring, app.device_token);
  }
  set_app(device, app, world, ring);
}

}  // namespace

WorldPlan read_world(const json::Value& value) {
  WorldPlan plan;
  json::read_fields<WorldPlan>(value, "world", kWorldFields, plan);
  check_names(value, plan);
  return plan;
}

DeviceChange read_device_change(const json::Value& value) {
  ChangeDraft draft;
  json::read_fields<ChangeDraft>(value, "device step", kChangeFields, draft);
  if (draft.num_verbs != 1) {
    value.fail(
        "A device step does exactly one thing: set, install, uninstall, register or launch.");
  }
  if (draft.app != nullptr && draft.set == nullptr) {
    draft.app->fail("\"app\" goes with \"set\" only; the other verbs name the app themselves.");
  }
  if (draft.set == nullptr) {
    return std::move(draft.change);
  }
  return draft.app == nullptr
             ? read_phone_set(*draft.set, draft.change.device)
             : read_app_set(*draft.set, draft.change.device, read_name(*draft.app, "app"));
}

PhonePlan read_phone(const json::Value& value) {
  PhonePlan phone;
  json::read_fields<PhonePlan>(value, "device", kPhoneFields, phone);
  check_names(value, WorldPlan{.open = {}, .devices = {phone}, .device_tokens = {}, .faults = {}});
  return phone;
}

AppPlan read_installation(const json::Value& value, std::string_view bundle_id) {
  AppPlan app;
  app.bundle_id = bundle_id;
  std::vector<json::Field<AppPlan>> fields(kAppFields.begin(), kAppFields.end());
  std::erase_if(fields, [](const auto& field) { return field.key == "bundle_id"; });
  json::read_fields<AppPlan>(value, "app", fields, app);
  check_profile(value, app);
  return app;
}

DeviceChange read_app_set(const json::Value& value, std::string_view device,
                          std::string_view bundle_id) {
  DeviceChange change;
  change.verb = DeviceChange::Verb::SetApp;
  change.device = device;
  change.app.bundle_id = bundle_id;
  json::read_fields<AppPlan>(value, "set of an app",
                             Fields<AppPlan>(kAppFields).first(kNumSettings), change.app);
  return change;
}

DeviceChange read_phone_set(const json::Value& value, std::string_view device) {
  DeviceChange change;
  change.verb = DeviceChange::Verb::SetPhone;
  change.device = device;
  json::read_fields<DeviceChange>(value, "set", kSetPhoneFields, change);
  return change;
}

std::vector<json::ObjectKeys> world_format() {
  std::vector<json::ObjectKeys> format = {
      json::object_keys<WorldPlan>("world", kWorldFields),
      json::object_keys<PhonePlan>("device", kPhoneFields),
      json::object_keys<AppPlan>("app", kAppFields),
      json::object_keys<ProvisioningProfile>("profile", kProfileFields),
      json::object_keys<TokenPlan>("device_tokens_entry", kTokenFields),
      json::object_keys<ChangeDraft>("device_step", kChangeFields),
      json::object_keys<DeviceChange>("set_device", kSetPhoneFields),
      json::object_keys<AppPlan>("set_app", Fields<AppPlan>(kAppFields).first(kNumSettings)),
  };
  for (json::ObjectKeys& object : team_format()) {
    format.push_back(std::move(object));
  }
  return format;
}

void carry_out(const WorldPlan& plan, World& world, unsigned ring) {
  for (const TokenPlan& list : plan.device_tokens) {
    for (const DeviceToken& token : list.device_tokens) {
      world.register_token(token.bytes(), list.bundle_id, list.environment);
    }
  }
  for (const PhonePlan& phone : plan.devices) {
    world.add_phone(Phone(phone.options));
    for (const AppPlan& app : phone.apps) {
      install_app(phone.options.name, app, world, ring);
    }
  }
}

void carry_out(const PhonePlan& plan, World& world, unsigned ring) {
  world.add_phone(Phone(plan.options), ring);
  try {
    for (const AppPlan& app : plan.apps) {
      install_app(plan.options.name, app, world, ring);
    }
  } catch (const WorldError&) {
    world.remove_phone(plan.options.name, ring);
    throw;
  }
}

void carry_out(const DeviceChange& change, World& world, unsigned ring) {
  switch (change.verb) {
    case DeviceChange::Verb::SetPhone:
      if (change.low_power) {
        world.set_low_power(change.device, *change.low_power, ring);
      }
      if (change.online) {
        world.set_online(change.device, *change.online, ring);
      }
      return;
    case DeviceChange::Verb::SetApp:
      return set_app(change.device, change.app, world, ring);
    case DeviceChange::Verb::Install:
      return install_app(change.device, change.app, world, ring);
    case DeviceChange::Verb::Uninstall:
      return world.uninstall(change.device, change.app.bundle_id, ring);
    case DeviceChange::Verb::Register:
      (void)world.register_app(change.device, change.app.bundle_id, ring);
      return;
    case DeviceChange::Verb::Launch:
      return world.set_state(change.device, change.app.bundle_id, AppState::Foreground, ring);
  }
}

}  // namespace apns::mock
