#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apns/json/document.h"
#include "mock_apns/control/message.h"

namespace apns::mock::control {

/// One request on its way to the handler of its route.
class Call {
 public:
  Call(const Request& request, const Target& target, TimePoint now)
      : request_(request), target_(target), now_(now) {}

  [[nodiscard]] TimePoint now() const { return now_; }

  [[nodiscard]] const Request& request() const { return request_; }

  /// What stands in the path for "{name}".
  [[nodiscard]] const std::string& part(std::string_view name) const;

  /// The body as JSON; parsed once, and what complaints point into. Throws json::Error.
  [[nodiscard]] const json::Value& body();
  /// The same; null: there is none.
  [[nodiscard]] const json::Value* body_if_any();

  /// The parsed body; null: nobody has asked for it, or it is not JSON.
  [[nodiscard]] const json::Value* parsed() const { return body_ ? &*body_ : nullptr; }

  [[nodiscard]] std::span<const std::pair<std::string, std::string>> query() const {
    return target_.query;
  }

 private:
  friend class Router;

  const Request& request_;
  const Target& target_;
  TimePoint now_;
  std::map<std::string, std::string, std::less<>> parts_;
  std::optional<json::Value> body_;
};

/// One thing that the API does.
struct Route {
  Method method = Method::Get;
  std::string path;  // "/v1/devices/{name}"
  std::string summary;
  std::function<Answer(Call&)> handle;
};

/// Finds the handler of a request, and turns what it throws into a problem document: every request
/// has an answer.
class Router {
 public:
  void add(Route route);

  [[nodiscard]] Answer handle(const Request& request, TimePoint now) const;

  /// In the order of adding.
  [[nodiscard]] std::span<const Route> routes() const { return routes_; }

 private:
  [[nodiscard]] Answer answer(Call& call, const Target& target) const;

  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> steps_;  // of each route's path
};

/// A number of a query or path. Throws Problem 400.
[[nodiscard]] std::uint64_t parse_number(std::string_view what, std::string_view text,
                                         std::uint64_t low, std::uint64_t high);

}  // namespace apns::mock::control
