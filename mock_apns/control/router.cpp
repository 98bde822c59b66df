#include "mock_apns/control/router.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "mock_apns/control/problem.h"
#include "mock_apns/world/world.h"

namespace apns::mock::control {

namespace {

bool is_placeholder(std::string_view step) {
  return step.starts_with('{');
}

/// Does the path fit a route's?
bool fits(const std::vector<std::string>& steps, const std::vector<std::string>& path) {
  return std::ranges::equal(steps, path, [](const std::string& step, const std::string& part) {
    return is_placeholder(step) || step == part;
  });
}

std::string joined(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path) {
    text += "/" + part;
  }
  return text.empty() ? "/" : text;
}

Problem no_such_path(const std::vector<std::string>& path, std::span<const Route> routes) {
  std::vector<std::string> known;
  for (const Route& route : routes) {
    known.push_back(route.path);
  }
  const std::string text = joined(path);
  const std::string_view near = json::nearest(text, known);
  return Problem(404, "not-found",
                 "\"" + text + "\" is no path of this API" +
                     (near.empty() ? std::string(". GET / lists them.")
                                   : "; did you mean \"" + std::string(near) +
                                         "\"? GET / lists "
                                         "them."));
}

}  // namespace

const std::string& Call::part(std::string_view name) const {
  return parts_.find(name)->second;
}

const json::Value& Call::body() {
  if (!body_) {
    body_ = json::parse(request_.body, "");
  }
  return *body_;
}

const json::Value* Call::body_if_any() {
  return request_.body.empty() ? nullptr : &body();
}

void Router::add(Route route) {
  steps_.push_back(parse_target(route.path)->path);
  routes_.push_back(std::move(route));
}

Answer Router::handle(const Request& request, TimePoint now) const {
  const std::optional<Target> target = parse_target(request.target);
  if (!target) {
    return to_response(
        Problem(400, "bad-target",
                "The target is not a path with a query. A \"%\" needs two hex digits "
                "behind it."));
  }
  Call call(request, *target, now);
  try {
    return answer(call, *target);
  } catch (const Problem& problem) {
    return to_response(problem);
  } catch (const json::Error& error) {
    return to_response(error, call.parsed());
  } catch (const WorldError& error) {
    return to_response(Problem(409, "conflict", error.what()));
  } catch (const std::exception& error) {
    return to_response(Problem(500, "internal", error.what()));
  }
}

Answer Router::answer(Call& call, const Target& target) const {
  std::string allow;
  for (std::size_t n = 0; n < routes_.size(); ++n) {
    const Route& route = routes_[n];
    const std::vector<std::string>& steps = steps_[n];
    if (!fits(steps, target.path)) {
      continue;
    }
    if (route.method == call.request().method) {
      for (std::size_t i = 0; i < steps.size(); ++i) {
        if (is_placeholder(steps[i])) {
          call.parts_.emplace(steps[i].substr(1, steps[i].size() - 2), target.path[i]);
        }
      }
      return route.handle(call);
    }
    allow += (allow.empty() ? "" : ", ") + std::string(to_string(route.method));
  }
  if (allow.empty()) {
    throw no_such_path(target.path, routes_);
  }
  Response response =
      to_response(Problem(405, "method",
                          std::string(to_string(call.request().method)) + " is no method of \"" +
                              joined(target.path) + "\". It takes " + allow + "."));
  response.allow = allow;
  return response;
}

std::uint64_t parse_number(std::string_view what, std::string_view text, std::uint64_t low,
                           std::uint64_t high) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
  if (error != std::errc{} || end != text.end() || value < low || value > high) {
    throw Problem(400, "bad-query",
                  std::string(what) + " must be a whole number from " + std::to_string(low) +
                      " to " + std::to_string(high) + ", not \"" + std::string(text) + "\".");
  }
  return value;
}

}  // namespace apns::mock::control
