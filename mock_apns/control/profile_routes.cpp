#include "mock_apns/control/profile_routes.h"

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "apns/model/profile.h"
#include "mock_apns/control/json_answer.h"
#include "mock_apns/control/problem.h"
#include "mock_apns/profile_file.h"

namespace apns::mock::control {

namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const Profile& known : profiles()) {
    names.emplace_back(known.name);
  }
  return names;
}

Response show(const Service& service) {
  const Profile& profile = service.profile();
  return answer(
      Json{{"name", profile.name}, {"names", profile_names()}, {"http2", to_json(profile.http2)}});
}

Response use(Service& service, const Profile& profile) {
  if (!service.set_profile(profile)) {
    throw busy();
  }
  return show(service);
}

/// `base` with what the body changes: itself where that is nothing.
Response change(Service& service, const Profile& base, const json::Value* http2) {
  if (http2 == nullptr) {
    return use(service, base);
  }
  Profile changed = base;
  read_http2_profile(*http2, changed.http2);
  return use(service, changed);
}

Response put(Service& service, const json::Value& body) {
  json::ObjectReader in(body, "profile");
  const json::Value& name = in.require("name");
  const json::Value* http2 = in.find("http2");
  in.finish();
  json::require_word(name, "profile", name.text("name"), profile_names());
  return change(service, *find_profile(name.text("name")), http2);
}

Response patch(Service& service, const json::Value& body) {
  json::ObjectReader in(body, "profile");
  const json::Value* http2 = in.find("http2");
  in.finish();
  if (http2 == nullptr) {
    body.fail("profile needs \"http2\"");
  }
  return change(service, service.profile(), http2);
}

}  // namespace

void add_profile_routes(Router& router, Service& service) {
  router.add({Method::Get, "/v1/profile", "as which Apple the service behaves, and in what",
              [&service](Call& /*call*/) -> Answer { return show(service); }});
  router.add({Method::Put, "/v1/profile", "{\"name\": \"2021\"}, and \"http2\" as below",
              [&service](Call& call) -> Answer { return put(service, call.body()); }});
  router.add({Method::Patch, "/v1/profile", "{\"http2\": {\"one_stream_after_rejection\": false}}",
              [&service](Call& call) -> Answer { return patch(service, call.body()); }});
}

}  // namespace apns::mock::control
