#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "cli/progress.h"
#include "cli/push_session.h"

namespace apns::cli {

/// One line about a result, without a newline.
///
///   rejected  a1b2…a1b2  #7  8 (invalid token)                                      binary
///   rejected  410 Unregistered  since 2025-11-25T10:14:05Z   fa11…0000  apns-id 27CF…   3 ms
///
/// `number`: HTTP/2's lines say it, too; binary ones always do.
[[nodiscard]] std::string push_line(const PushResult& result, bool number);
/// The same as a JSON object: n, outcome, device_token; status, reason, apns_id, timestamp (of a
/// 410, in milliseconds) and duration_us where they are known.
[[nodiscard]] std::string push_json(const PushResult& result);

/// Counts and prints results; used from the client's thread until it is drained.
class PushReport {
 public:
  /// `each`: a line for each, not only for those that were not sent.
  PushReport(bool json, bool each, Progress& progress)
      : json_(json), each_(each), progress_(progress) {}

  void add(const PushResult& result);
  void add_bad_line(std::uint64_t line, const std::string& what);

  [[nodiscard]] bool all_sent() const;
  [[nodiscard]] std::string summary(double seconds, const provider::ClientStats& stats) const;

 private:
  [[nodiscard]] std::uint64_t count(provider::OutcomeKind kind) const {
    return counts_.at(static_cast<std::size_t>(kind));
  }

  bool json_;
  bool each_;
  Progress& progress_;
  std::array<std::uint64_t, 3> counts_{};
  std::uint64_t num_bad_ = 0;
  bool is_http2_ = false;
  std::map<std::string, std::uint64_t> reasons_;
};

}  // namespace apns::cli
