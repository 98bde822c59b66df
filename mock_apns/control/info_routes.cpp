#include "mock_apns/control/info_routes.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include <nlohmann/json.hpp>

#include "certs/state_folder.h"
#include "certs/whole_file.h"
#include "mock_apns/control/problem.h"

namespace apns::mock::control {

namespace {

/// The credentials of a provider, and what it is to trust. The authority's key is not among them.
struct File {
  std::string name;
  const char* content_type;
};

const std::array<File, 7>& files() {
  static const std::array<File, 7> kFiles = {{
      {"ca.pem", "application/x-pem-file"},
      {"ca-bundle.pem", "application/x-pem-file"},
      {"truststore.p12", "application/x-pkcs12"},
      {"cert.pem", "application/x-pem-file"},
      {"key.pem", "application/x-pem-file"},
      {"provider.p12", "application/x-pkcs12"},
      {"AuthKey_" + std::string(certs::kDefaultKeyId) + ".p8", "application/pkcs8"},
  }};
  return kFiles;
}

Response file(const ServiceInfo& info, const std::string& name) {
  const auto found = std::ranges::find(files(), name, &File::name);
  std::optional<std::string> content;
  if (found != files().end()) {
    content = certs::read_file(std::filesystem::path(info.state_dir) / name);
  }
  if (!content) {
    std::string names;
    for (const File& known : files()) {
      names += (names.empty() ? "" : ", ") + known.name;
    }
    throw Problem(404, "not-found", "There is no file \"" + name + "\". There are: " + names + ".");
  }
  Response response;
  response.content_type = found->content_type;
  response.body = std::move(*content);
  return response;
}

std::string as_json(const ServiceInfo::Variables& variables) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [name, value] : variables) {
    json[name] = value;
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Response environment(const ServiceInfo& info, const Call& call) {
  std::string format = "json";
  for (const auto& [key, value] : call.query()) {
    if (key != "format") {
      throw Problem(400, "bad-query", "\"" + key + "\" is not a key of env. Keys: format.");
    }
    format = value;
  }
  Response response;
  if (format == "json") {
    response.body = as_json(info.variables());
  } else if (format == "shell" || format == "dotenv") {
    response.content_type = "text/plain; charset=utf-8";
    response.body = format == "shell" ? to_shell(info.variables()) : to_dotenv(info.variables());
  } else {
    throw Problem(400, "bad-query",
                  "format must be one of json, shell, dotenv, not \"" + format + "\".");
  }
  return response;
}

}  // namespace

void add_info_routes(Router& router, const ServiceInfo& info) {
  router.add({Method::Get, "/v1/info", "ports, credentials and what else a provider needs",
              [&info](Call& /*call*/) -> Answer { return Response{.body = info.to_json()}; }});
  router.add({Method::Get, "/v1/env",
              "the same as variables; format=json (default), shell or dotenv",
              [&info](Call& call) -> Answer { return environment(info, call); }});
  router.add({Method::Get, "/v1/files/{name}", "ca.pem and the other credentials",
              [&info](Call& call) -> Answer { return file(info, call.part("name")); }});
}

}  // namespace apns::mock::control
