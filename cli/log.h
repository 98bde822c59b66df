#pragma once

#include <string_view>

namespace apns::cli {

/// Standard error, one line an event: "warn tls connection=3 the provider sent no client
/// certificate. ...". Lines are written by a thread of its own from a bounded queue (the oldest
/// fall out), so that a standard error nobody reads stops nothing. Never given device tokens,
/// payloads or keys.
class Log {
 public:
  Log();
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void info(std::string_view area, std::string_view text) const;
  void warn(std::string_view area, std::string_view text) const;
};

}  // namespace apns::cli
