#include "mock_apns/control/openapi.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <nlohmann/json.hpp>

namespace apns::mock::control {

namespace {

using Json = nlohmann::ordered_json;

Json problem_schema() {
  return {{"type", "object"},
          {"required", {"type", "title", "status"}},
          {"properties",
           {{"type", {{"type", "string"}}},
            {"title", {{"type", "string"}}},
            {"status", {{"type", "integer"}}},
            {"detail", {{"type", "string"}}},
            {"pointer", {{"type", "string"}}}}}};
}

/// "{name}" of a path.
Json parameters_of(const std::string& path) {
  Json parameters = Json::array();
  for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
    const std::string name = path.substr(at + 1, path.find('}', at) - at - 1);
    parameters.push_back(
        {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  return parameters;
}

Json operation(const Route& route) {
  Json operation = {{"summary", route.summary}};
  Json parameters = parameters_of(route.path);
  if (!parameters.empty()) {
    operation["parameters"] = std::move(parameters);
  }
  if (route.method != Method::Get && route.method != Method::Delete) {
    operation["requestBody"] = {{"content", {{"application/json", {{"schema", Json::object()}}}}}};
  }
  operation["responses"] = {{"2XX", {{"description", "done"}}},
                            {"default",
                             {{"description", "a problem"},
                              {"content",
                               {{"application/problem+json",
                                 {{"schema", {{"$ref", "#/components/schemas/problem"}}}}}}}}}};
  return operation;
}

std::string lower_case(std::string_view text) {
  std::string lower;
  for (const char letter : text) {
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return lower;
}

}  // namespace

std::string openapi_text(std::span<const Route> routes, const std::string& version) {
  Json paths = Json::object();
  for (const Route& route : routes) {
    paths[route.path][lower_case(to_string(route.method))] = operation(route);
  }
  return Json{{"openapi", "3.1.0"},
              {"info", {{"title", "apnslab control API"}, {"version", version}}},
              {"paths", std::move(paths)},
              {"components", {{"schemas", {{"problem", problem_schema()}}}}}}
             .dump(1) +
         "\n";
}

}  // namespace apns::mock::control
