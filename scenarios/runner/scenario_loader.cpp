#include "scenarios/runner/scenario_loader.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>

#include "scenarios/runner/expect_reader.h"
#include "scenarios/runner/network_reader.h"
#include "scenarios/runner/provider_certificate.h"
#include "scenarios/runner/service_reader.h"
#include "scenarios/runner/shown_provider_token.h"
#include "scenarios/runner/workload_reader.h"

namespace apns::scenarios {
namespace {

constexpr std::int64_t kFormat = 1;

/// Members that need others first are read when all have been seen.
struct ScenarioDraft {
  Scenario scenario;
  const json::Value* auth = nullptr;
  const json::Value* certificate = nullptr;
  const json::Value* provider_token = nullptr;
  const json::Value* service = nullptr;
  const json::Value* workload = nullptr;
  const json::Value* expect = nullptr;
};

std::vector<std::string> read_texts(const json::Value& value, std::string_view what) {
  std::vector<std::string> texts;
  for (const json::Value& text : value.array(what)) {
    texts.push_back(text.text(what));
  }
  if (texts.empty()) {
    value.fail(std::string(what) + " is empty. Give at least one.");
  }
  return texts;
}

void read_not_in(const json::Value& value, Scenario& scenario) {
  std::vector<std::string> names;
  names.reserve(kAllHosts.size());
  for (const HostKind host : kAllHosts) {
    names.emplace_back(to_string(host));
  }
  for (const json::Value::Member& member : value.object("not_in")) {
    const auto found = std::find(names.begin(), names.end(), member.key);
    if (found == names.end()) {
      json::fail_unknown_key(value, member, "not_in", names);
    }
    const std::string& why = member.value.text("not_in");
    if (why.empty()) {
      member.value.fail("Say why the scenario cannot run there.");
    }
    scenario.not_in.emplace(kAllHosts.at(static_cast<std::size_t>(found - names.begin())), why);
  }
  if (scenario.not_in.size() == kAllHosts.size()) {
    value.fail("not_in names every host, so the scenario would never run. Take one out.");
  }
}

void read_needs(const json::Value& value, Scenario& scenario) {
  const std::array<std::string, 1> words = {"clock"};
  for (const json::Value& need : value.array("needs")) {
    json::require_word(need, "need", need.text("needs"), words);
    scenario.needs_clock = true;
  }
}

void read_profile(const json::Value& value, Scenario& scenario) {
  std::vector<std::string> names;
  for (const Profile& profile : profiles()) {
    names.emplace_back(profile.name);
  }
  json::require_word(value, "profile", value.text("profile"), names);
  scenario.profile = find_profile(value.text("profile"));
}

void read_word(const json::Value& value, std::string_view what, std::span<const std::string> words,
               std::string& out) {
  json::require_word(value, what, value.text(what), words);
  out = value.text(what);
}

constexpr std::array<json::Field<ScenarioDraft>, 17> kScenarioFields = {{
    {"format", json::kOptional<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& /*draft*/) {
       (void)value.integer("format", kFormat, kFormat);
     }},
    {"title", json::kRequired<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) {
       draft.scenario.title = value.text("title");
       if (draft.scenario.title.empty()) {
         value.fail("The title is empty. Say in one sentence what is right.");
       }
     }},
    {"rules", json::kRequired<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) {
       draft.scenario.rules = read_texts(value, "rules");
     }},
    {"source", json::kRequired<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) {
       draft.scenario.source = read_texts(value, "source");
     }},
    {"protocol", json::kRequired<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) {
       const std::array<std::string, 3> words = {"binary", "feedback", "http2"};
       read_word(value, "protocol", words, draft.scenario.protocol);
     }},
    {"auth", json::kOptional<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) {
       const std::array<std::string, 2> words = {"certificate", "provider-token"};
       json::require_word(value, "kind of auth", value.text("auth"), words);
       draft.auth = &value;
     }},
    {"profile", json::kOptional<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) { read_profile(value, draft.scenario); }},
    {"seed", json::kOptional<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) {
       draft.scenario.seed = static_cast<std::uint64_t>(
           value.integer("seed", 0, std::numeric_limits<std::int64_t>::max()));
     }},
    {"certificate", json::kOptional<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) {
       read_word(value, "certificate", shown_certificate_names(), draft.scenario.certificate);
       draft.certificate = &value;
     }},
    {"provider_token", json::kOptional<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) {
       read_word(value, "provider token", shown_provider_token_names(),
                 draft.scenario.provider_token);
       draft.provider_token = &value;
     }},
    {"world", json::kOptional<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) {
       draft.scenario.world = mock::read_world(value);
     }},
    {"service", json::kOptional<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) { draft.service = &value; }},
    {"network", json::kOptional<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) { read_network(value, draft.scenario); }},
    {"not_in", json::kOptional<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) { read_not_in(value, draft.scenario); }},
    {"needs", json::kOptional<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) { read_needs(value, draft.scenario); }},
    {"workload", json::kRequired<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) { draft.workload = &value; }},
    {"expect", json::kRequired<ScenarioDraft>,
     [](const json::Value& value, ScenarioDraft& draft) { draft.expect = &value; }},
}};

void name_after(std::string_view file, Scenario& scenario) {
  scenario.file = file;
  scenario.id = scenario_id(file);
  scenario.pattern = scenario.id;
  scenario.area = scenario.id.substr(0, scenario.id.find('/'));
}

/// A binary provider has a certificate, and so has the feedback reader; over HTTP/2 it may have
/// provider tokens instead.
void read_auth(ScenarioDraft& draft) {
  if (draft.auth == nullptr || draft.auth->text("auth") != "provider-token") {
    if (draft.provider_token != nullptr) {
      draft.provider_token->fail(
          "A provider with a certificate shows no provider token. Leave it out, or say \"auth\": "
          "\"provider-token\".");
    }
    return;
  }
  if (!draft.scenario.is_http2()) {
    draft.auth->fail(
        "Provider tokens are HTTP/2's. Leave auth out, or say \"protocol\": \"http2\".");
  }
  if (draft.certificate != nullptr) {
    draft.certificate->fail(
        "A provider with provider tokens shows no certificate. Leave certificate out.");
  }
  draft.scenario.auth = Auth::ProviderToken;
}

}  // namespace

std::string_view scenario_id(std::string_view file) {
  if (file.ends_with(".json")) {
    file.remove_suffix(std::string_view(".json").size());
  }
  const std::size_t slash = file.rfind('/');
  const std::size_t before = slash == std::string_view::npos || slash == 0
                                 ? std::string_view::npos
                                 : file.rfind('/', slash - 1);
  return file.substr(before == std::string_view::npos ? 0 : before + 1);
}

Scenario load_scenario(std::string_view text, std::string_view file) {
  const json::Value document = json::parse(text, file);
  ScenarioDraft draft;
  name_after(file, draft.scenario);
  json::read_fields<ScenarioDraft>(document, "scenario", kScenarioFields, draft);
  read_auth(draft);
  if (draft.service != nullptr) {
    read_service(*draft.service, draft.scenario);
  }
  if (draft.scenario.world) {
    add_faults(std::move(draft.scenario.world->faults), draft.scenario);
  }
  read_workload(*draft.workload, draft.scenario);
  read_expect(*draft.expect, draft.scenario);
  return std::move(draft.scenario);
}

std::vector<json::ObjectKeys> scenario_format() {
  std::vector<json::ObjectKeys> format = {
      json::object_keys<ScenarioDraft>("scenario", kScenarioFields),
  };
  for (const std::vector<json::ObjectKeys>& part :
       {service_format(), mock::world_format(), network_format(), workload_format(),
        expect_format()}) {
    format.insert(format.end(), part.begin(), part.end());
  }
  return format;
}

}  // namespace apns::scenarios
