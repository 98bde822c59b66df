#include "mock_apns/world/world_file.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "mock_apns/fault_syntax.h"

namespace apns::mock {

namespace {

constexpr std::int64_t kMaxBudget = 1'000'000;

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

PushFamily read_family(const json::Value& value) {
  const std::string& word = value.text("family");
  json::require_word(value, "family", word, push_family_names());
  return find_push_family(word)->family;
}

constexpr std::array<json::Field<Registration>, 4> kRegistrationFields = {{
    {"family", json::kOptional<Registration>,
     [](const json::Value& value, Registration& one) { one.family = read_family(value); }},
    {"activity", json::kOptional<Registration>,
     [](const json::Value& value, Registration& one) {
       one.activity = read_name(value, "activity");
     }},
    {"channel", json::kOptional<Registration>,
     [](const json::Value& value, Registration& one) {
       one.channel = read_name(value, "channel");
     }},
    {"device_token", json::kOptional<Registration>,
     [](const json::Value& value, Registration& one) {
       one.device_token = read_device_token(value);
     }},
}};

// The settings come first: they are all that `set` may say of an app.
constexpr std::array<json::Field<AppPlan>, 10> kAppFields = {{
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
    {"families", json::kOptional<AppPlan>,
     [](const json::Value& value, AppPlan& app) {
       for (const json::Value& family : value.array("families")) {
         json::read_fields<Registration>(family, "family", kRegistrationFields,
                                         app.families.emplace_back());
       }
     }},
}};

constexpr std::size_t kNumSettings = 5;
static_assert(kAppFields[kNumSettings - 1].key == "background_refresh");

void check_registration(const json::Value& value, std::string_view bundle_id,
                        const Registration& registration) {
  if (const std::string why = why_impossible(bundle_id, registration); !why.empty()) {
    value.fail(why);
  }
}

void check_app(const json::Value& value, const AppPlan& app) {
  if (app.profile && !fits(*app.profile, app.bundle_id)) {
    value.fail("The provisioning profile is for " + app.profile->bundle_id + " and does not fit " +
               app.bundle_id + ". Take one of this app.");
  }
  std::set<std::string> seen;
  for (const Registration& family : app.families) {
    if (!family.family || *family.family == main_family(app.bundle_id)) {
      value.fail("Each of families names a family, and not " +
                 std::string(to_string(main_family(app.bundle_id))) +
                 ": of that are registered and device_token.");
    }
    check_registration(value, app.bundle_id, family);
    const std::string name = std::string(to_string(*family.family)) +
                             (family.activity.empty() ? "" : " " + family.activity);
    if (!seen.insert(name).second) {
      value.fail("The family " + name + " is there twice. Name each once.");
    }
  }
}

void read_app(const json::Value& value, AppPlan& app) {
  json::read_fields<AppPlan>(value, "app", kAppFields, app);
  check_app(value, app);
}

std::size_t read_budget(const json::Value& value, std::string_view what) {
  return static_cast<std::size_t>(value.integer(what, 0, kMaxBudget));
}

constexpr std::array<json::Field<PhonePlan>, 9> kPhoneFields = {{
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
       phone.options.background_per_hour = read_budget(value, "background_per_hour");
     }},
    {"complications_per_day", json::kOptional<PhonePlan>,
     [](const json::Value& value, PhonePlan& phone) {
       phone.options.complications_per_day = read_budget(value, "complications_per_day");
     }},
    {"reloads_per_day", json::kOptional<PhonePlan>,
     [](const json::Value& value, PhonePlan& phone) {
       phone.options.reloads_per_day = read_budget(value, "reloads_per_day");
     }},
    {"activity_pushes_per_hour", json::kOptional<PhonePlan>,
     [](const json::Value& value, PhonePlan& phone) {
       phone.options.activity_pushes_per_hour = read_budget(value, "activity_pushes_per_hour");
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

constexpr std::array<json::Field<TokenPlan>, 4> kTokenFields = {{
    {"bundle_id", json::kRequired<TokenPlan>,
     [](const json::Value& value, TokenPlan& tokens) {
       tokens.bundle_id = read_name(value, "bundle_id");
     }},
    {"environment", json::kOptional<TokenPlan>,
     [](const json::Value& value, TokenPlan& tokens) {
       tokens.environment = read_word(value, "environment", Environment::Development);
     }},
    {"family", json::kOptional<TokenPlan>,
     [](const json::Value& value, TokenPlan& tokens) { tokens.family = read_family(value); }},
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
  const json::Value* family = nullptr;  // or another key of a registration
  std::size_t num_verbs = 0;

  [[nodiscard]] bool is_registration() const {
    return change.verb == DeviceChange::Verb::Register ||
           change.verb == DeviceChange::Verb::Unregister;
  }
};

void read_verb(const json::Value& value, ChangeDraft& draft, DeviceChange::Verb verb,
               std::string_view what) {
  draft.change.verb = verb;
  draft.change.app.bundle_id = read_name(value, what);
  ++draft.num_verbs;
}

constexpr std::array<json::Field<ChangeDraft>, 11> kChangeFields = {{
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
    {"unregister", json::kOptional<ChangeDraft>,
     [](const json::Value& value, ChangeDraft& draft) {
       read_verb(value, draft, DeviceChange::Verb::Unregister, "unregister");
     }},
    {"family", json::kOptional<ChangeDraft>,
     [](const json::Value& value, ChangeDraft& draft) {
       draft.change.registration.family = read_family(value);
       draft.family = &value;
     }},
    {"activity", json::kOptional<ChangeDraft>,
     [](const json::Value& value, ChangeDraft& draft) {
       draft.change.registration.activity = read_name(value, "activity");
       draft.family = &value;
     }},
    {"channel", json::kOptional<ChangeDraft>,
     [](const json::Value& value, ChangeDraft& draft) {
       draft.change.registration.channel = read_name(value, "channel");
       draft.family = &value;
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
      for (const Registration& family : app.families) {
        if (family.device_token) {
          require_new(tokens, family.device_token->to_hex(), "The device token");
        }
      }
    }
  }
  for (const TokenPlan& list : plan.device_tokens) {
    for (const DeviceToken& token : list.device_tokens) {
      require_new(tokens, token.to_hex(), "The device token");
    }
  }
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
        "A device step does exactly one thing: set, install, uninstall, register, unregister or "
        "launch.");
  }
  if (draft.family != nullptr && !draft.is_registration()) {
    draft.family->fail("\"family\", \"activity\" and \"channel\" go with register and unregister.");
  }
  if (draft.is_registration()) {
    check_registration(value, draft.change.app.bundle_id, draft.change.registration);
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
  check_app(value, app);
  return app;
}

Registration read_registration(const json::Value& value, std::string_view bundle_id) {
  Registration registration;
  json::read_fields<Registration>(value, "registration", kRegistrationFields, registration);
  check_registration(value, bundle_id, registration);
  return registration;
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
      json::object_keys<Registration>("family", kRegistrationFields),
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

}  // namespace apns::mock
