#pragma once

#include <stdexcept>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "apns/json/document.h"
#include "mock_apns/control/message.h"

namespace apns::mock::control {

/// Why a request is refused: what was wrong, and what would be right. Thrown by handlers; becomes a
/// problem document (RFC 9457, application/problem+json):
///
///   {"type":"/problems/not-found","title":"There is no phone called \"fone\".","status":404}
///
/// Types are for programs, titles for people. docs/control.md lists the types.
class Problem : public std::runtime_error {
 public:
  /// `type` is what stands behind "/problems/".
  Problem(unsigned status, std::string type, const std::string& title);

  [[nodiscard]] unsigned status() const { return status_; }

  [[nodiscard]] const std::string& type() const { return type_; }

 private:
  unsigned status_;
  std::string type_;
};

/// A thread of the service does not come to a standstill: nothing was changed.
[[nodiscard]] Problem busy();

[[nodiscard]] Response to_response(const Problem& problem);

/// For a body that is not what is wanted: 400 if it is not JSON, with line and column; 422 with the
/// "pointer" of the key or value that is wrong. `body` may be null: it could not be parsed.
[[nodiscard]] Response to_response(const json::Error& error, const json::Value* body);

/// A problem document with further members.
[[nodiscard]] Response problem_response(unsigned status, const std::string& type,
                                        const std::string& title,
                                        const nlohmann::ordered_json& more);

}  // namespace apns::mock::control
