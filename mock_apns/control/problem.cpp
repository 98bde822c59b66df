#include "mock_apns/control/problem.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "apns/json/pointer.h"

namespace apns::mock::control {

namespace {

/// The first sentence, and what is behind it.
std::pair<std::string, std::string> split_sentence(std::string_view text) {
  const std::size_t end = text.find_first_of("?.", 0);
  for (std::size_t at = end; at != std::string_view::npos; at = text.find_first_of("?.", at + 1)) {
    if (text.substr(at + 1).starts_with(' ')) {
      return {std::string(text.substr(0, at + 1)), std::string(text.substr(at + 2))};
    }
  }
  return {std::string(text), {}};
}

const char* type_of(json::Error::Flaw flaw) {
  switch (flaw) {
    case json::Error::Flaw::NotJson:
      return "bad-json";
    case json::Error::Flaw::UnknownKey:
      return "unknown-key";
    case json::Error::Flaw::Value:
      return "bad-value";
  }
  return "bad-value";
}

}  // namespace

Problem::Problem(unsigned status, std::string type, const std::string& title)
    : std::runtime_error(title), status_(status), type_(std::move(type)) {}

Problem busy() {
  return Problem(503, "busy", "The service is too busy to stand still. Try again.");
}

Response problem_response(unsigned status, const std::string& type, const std::string& title,
                          const nlohmann::ordered_json& more) {
  nlohmann::ordered_json document = {
      {"type", "/problems/" + type}, {"title", title}, {"status", status}};
  document.update(more);
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return response;
}

Response to_response(const Problem& problem) {
  const auto [title, detail] = split_sentence(problem.what());
  nlohmann::ordered_json more = nlohmann::ordered_json::object();
  if (!detail.empty()) {
    more["detail"] = detail;
  }
  return problem_response(problem.status(), problem.type(), title, more);
}

Response to_response(const json::Error& error, const json::Value* body) {
  const auto [title, detail] = split_sentence(error.reason());
  nlohmann::ordered_json more = nlohmann::ordered_json::object();
  if (!detail.empty()) {
    more["detail"] = detail;
  }
  if (body != nullptr) {
    more["pointer"] = json::pointer_at(*body, error.position());
  }
  more["line"] = error.position().line;
  more["column"] = error.position().column;
  return problem_response(error.flaw() == json::Error::Flaw::NotJson ? 400 : 422,
                          type_of(error.flaw()), title, more);
}

}  // namespace apns::mock::control
