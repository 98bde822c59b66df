#include "mock_apns/control/device_routes.h"

#include <algorithm>
#include <string>
#include <vector>

#include "mock_apns/control/json_answer.h"
#include "mock_apns/control/problem.h"
#include "mock_apns/control/world_json.h"
#include "mock_apns/world/world_file.h"

namespace apns::mock::control {

namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail_missing(const std::string& what, const std::string& name,
                               const std::vector<std::string>& known) {
  const std::string_view near = json::nearest(name, known);
  throw Problem(404, "not-found",
                "There is no " + what + " \"" + name + "\"" +
                    (near.empty() ? "." : "; did you mean \"" + std::string(near) + "\"?"));
}

/// What the routes below a phone's path work on.
class Devices {
 public:
  Devices(World& world, unsigned ring) : world_(world), ring_(ring) {}

  [[nodiscard]] Json list() const {
    Json items = Json::array();
    for (const PhoneInfo& phone : world_.phones()) {
      items.push_back(to_json(phone));
    }
    return {{"items", std::move(items)}};
  }

  [[nodiscard]] Json add(const json::Value& body) const {
    const PhonePlan plan = read_phone(body);
    const std::vector<std::string> names = world_.phone_names();
    if (std::ranges::find(names, plan.options.name) != names.end()) {
      throw Problem(409, "conflict",
                    "There is a phone called \"" + plan.options.name +
                        "\" already. Give this one another name.");
    }
    carry_out(plan, world_, ring_);
    return to_json(world_.phone_info(plan.options.name));
  }

  [[nodiscard]] Json show(const std::string& name) const { return to_json(phone(name)); }

  [[nodiscard]] Json screen(const std::string& name) const {
    (void)phone(name);
    return to_json(world_.screen(name));
  }

  [[nodiscard]] Json set(const std::string& name, const json::Value& body) const {
    (void)phone(name);
    carry_out(read_phone_set(body, name), world_, ring_);
    return show(name);
  }

  void remove(const std::string& name) const {
    (void)phone(name);
    world_.remove_phone(name, ring_);
  }

  [[nodiscard]] Json app(const std::string& name, const std::string& bundle_id) const {
    const PhoneInfo info = phone(name);
    const auto found = std::ranges::find(info.apps, bundle_id, &AppInfo::bundle_id);
    if (found == info.apps.end()) {
      std::vector<std::string> known;
      for (const AppInfo& one : info.apps) {
        known.push_back(one.bundle_id);
      }
      fail_missing("app on " + name + " called", bundle_id, known);
    }
    return to_json(*found);
  }

  /// Installs it; without a body as it comes from the store.
  [[nodiscard]] Json install(const std::string& name, const std::string& bundle_id,
                             const json::Value* body) const {
    (void)phone(name);
    DeviceChange change;
    change.verb = DeviceChange::Verb::Install;
    change.device = name;
    change.app.bundle_id = bundle_id;
    if (body != nullptr) {
      change.app = read_installation(*body, bundle_id);
    }
    carry_out(change, world_, ring_);
    return app(name, bundle_id);
  }

  [[nodiscard]] Json set_app(const std::string& name, const std::string& bundle_id,
                             const json::Value& body) const {
    (void)app(name, bundle_id);
    carry_out(read_app_set(body, name, bundle_id), world_, ring_);
    return app(name, bundle_id);
  }

  /// Uninstall and Launch need nothing but the names; Register and Unregister may say of which
  /// family.
  void change_app(DeviceChange::Verb verb, const std::string& name, const std::string& bundle_id,
                  const json::Value* body = nullptr) const {
    (void)app(name, bundle_id);
    DeviceChange change;
    change.verb = verb;
    change.device = name;
    change.app.bundle_id = bundle_id;
    if (body != nullptr) {
      change.registration = read_registration(*body, bundle_id);
    }
    carry_out(change, world_, ring_);
  }

  [[nodiscard]] Json token(const std::string& hex) const {
    const auto parsed = DeviceToken::parse(hex);
    if (!parsed) {
      throw Problem(400, "bad-value",
                    "\"" + hex +
                        "\" is no device token. It is 2 to 200 hex digits, an even number "
                        "of them.");
    }
    const auto known = world_.token_info(parsed->bytes());
    if (!known) {
      throw Problem(404, "not-found", "Nothing is known of this device token.");
    }
    return to_json(*known, parsed->to_hex());
  }

  [[nodiscard]] Json apps() const { return {{"items", world_.apps()}}; }

 private:
  [[nodiscard]] PhoneInfo phone(const std::string& name) const {
    const std::vector<std::string> names = world_.phone_names();
    if (std::ranges::find(names, name) == names.end()) {
      fail_missing("phone called", name, names);
    }
    return world_.phone_info(name);
  }

  World& world_;
  const unsigned ring_;
};

void add_phone_routes(Router& router, const Devices& devices) {
  router.add({Method::Get, "/v1/devices", "the phones with their apps",
              [devices](Call& /*call*/) -> Answer { return answer(devices.list()); }});
  router.add({Method::Post, "/v1/devices", "one more phone: a device of docs/world.md",
              [devices](Call& call) -> Answer { return answer(devices.add(call.body()), 201); }});
  router.add({Method::Get, "/v1/devices/{name}", "one phone",
              [devices](Call& call) -> Answer { return answer(devices.show(call.part("name"))); }});
  router.add({Method::Patch, "/v1/devices/{name}", "{\"online\": false}, {\"low_power\": true}",
              [devices](Call& call) -> Answer {
                return answer(devices.set(call.part("name"), call.body()));
              }});
  router.add({Method::Delete, "/v1/devices/{name}", "wipe it and take it away",
              [devices](Call& call) -> Answer {
                devices.remove(call.part("name"));
                return Response{.status = 204};
              }});
  router.add(
      {Method::Get, "/v1/devices/{name}/screen", "what is to be seen on it now",
       [devices](Call& call) -> Answer { return answer(devices.screen(call.part("name"))); }});
}

void add_app_routes(Router& router, const Devices& devices) {
  const std::string path = "/v1/devices/{name}/apps/{bundle_id}";
  router.add({Method::Get, path, "one app", [devices](Call& call) -> Answer {
                return answer(devices.app(call.part("name"), call.part("bundle_id")));
              }});
  router.add({Method::Put, path, "install or update it; the body may be left out",
              [devices](Call& call) -> Answer {
                return answer(
                    devices.install(call.part("name"), call.part("bundle_id"), call.body_if_any()));
              }});
  router.add({Method::Patch, path, "{\"state\": \"force-quit\", \"sounds\": false}",
              [devices](Call& call) -> Answer {
                return answer(
                    devices.set_app(call.part("name"), call.part("bundle_id"), call.body()));
              }});
  router.add({Method::Delete, path, "uninstall it", [devices](Call& call) -> Answer {
                devices.change_app(DeviceChange::Verb::Uninstall, call.part("name"),
                                   call.part("bundle_id"));
                return Response{.status = 204};
              }});
  const auto add_verb = [&](const char* word, const char* summary, DeviceChange::Verb verb) {
    router.add({Method::Post, path + "/" + word, summary, [devices, verb](Call& call) -> Answer {
                  const bool is_plain = verb == DeviceChange::Verb::Launch;
                  devices.change_app(verb, call.part("name"), call.part("bundle_id"),
                                     is_plain ? nullptr : call.body_if_any());
                  return answer(devices.app(call.part("name"), call.part("bundle_id")));
                }});
  };
  add_verb("register", "it asks for a device token: a new one; {\"family\": \"voip\"}",
           DeviceChange::Verb::Register);
  add_verb("unregister", "it wants no more: {\"family\": \"liveactivity\", \"activity\": \"1\"}",
           DeviceChange::Verb::Unregister);
  add_verb("launch", "bring it to the foreground", DeviceChange::Verb::Launch);
}

}  // namespace

void add_device_routes(Router& router, World& world, unsigned ring) {
  const Devices devices(world, ring);
  add_phone_routes(router, devices);
  add_app_routes(router, devices);
  router.add({Method::Get, "/v1/device-tokens/{hex}", "what the service knows of a device token",
              [devices](Call& call) -> Answer { return answer(devices.token(call.part("hex"))); }});
  router.add({Method::Get, "/v1/apps", "bundle ids that were ever heard of",
              [devices](Call& /*call*/) -> Answer { return answer(devices.apps()); }});
}

}  // namespace apns::mock::control
