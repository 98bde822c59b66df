#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "apns/base/time.h"

/// Requests and answers of the control API, whatever carries them. docs/control.md describes it for
/// users.
namespace apns::mock::control {

enum class Method : std::uint8_t { Get, Post, Put, Patch, Delete };

/// "GET".
[[nodiscard]] std::string_view to_string(Method method);
[[nodiscard]] std::optional<Method> parse_method(std::string_view text);

struct Request {
  Method method = Method::Get;
  std::string target = {};  // "/v1/ledger?topic=com.example.app", as sent
  std::string body = {};

  // Header fields; empty: not sent.
  std::string host = {};
  std::string origin = {};
  std::string authorization = {};
  std::string last_event_id = {};
};

struct Response {
  unsigned status = 200;
  std::string body = {};
  std::string content_type = "application/json";
  std::string allow = {};  // 405 only: the methods that there are
};

/// An answer that is not there yet. Asked again and again, at least when the ledger has grown.
class Pending {
 public:
  virtual ~Pending() = default;

  /// Nullopt: not yet. Once it has answered it is not asked again.
  [[nodiscard]] virtual std::optional<Response> poll(TimePoint now) = 0;
};

/// An answer without an end: server-sent events.
class EventStream {
 public:
  virtual ~EventStream() = default;

  /// What is to be sent next; empty: nothing yet. A reader who is slow is asked less often, and
  /// what it misses meanwhile is told as missed.
  [[nodiscard]] virtual std::string next(TimePoint now) = 0;
};

using Answer = std::variant<Response, std::unique_ptr<Pending>, std::unique_ptr<EventStream>>;

/// The parts of a target, percent-decoded. `+` stands for itself in a path and for a blank in a
/// query, as forms have it.
struct Target {
  std::vector<std::string>
      path;  // "/v1/devices/phone" -> v1, devices, phone; a last "/" counts not
  std::vector<std::pair<std::string, std::string>> query;
};

/// Nullopt: not a target that begins with "/", or a "%" without two hex digits behind it.
[[nodiscard]] std::optional<Target> parse_target(std::string_view text);

}  // namespace apns::mock::control
