#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace apns::floor {

/// User and system time of this process so far.
[[nodiscard]] std::chrono::microseconds cpu_time();
/// Largest resident set of this process so far.
[[nodiscard]] std::uint64_t max_rss_kb();
/// What this process has now, without files: RssAnon of /proc/self/status. 0: that is not there.
[[nodiscard]] std::uint64_t user_memory_kb();
/// Raises the soft limit of open descriptors to the hard one. Throws std::runtime_error, a full
/// sentence that gives the limit, when that is below `needed`.
void raise_descriptor_limit(std::uint64_t needed);

/// One line of JSON on standard output, keys in the order they were added:
///   JsonLine().add("frames", n).add("tls", "TLSv1.3").print();
class JsonLine {
 public:
  JsonLine& add(std::string_view key, std::uint64_t value);
  JsonLine& add(std::string_view key, double value);                 // one decimal
  JsonLine& add(std::string_view key, std::string_view plain_text);  // nothing that needs escaping
  /// Writes the line and flushes, so that a reader behind a pipe has it at once.
  void print() const;

 private:
  void add_key(std::string_view key);

  std::string text_;
};

}  // namespace apns::floor
