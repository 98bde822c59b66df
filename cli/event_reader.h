#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace apns::cli {

/// One of the events that a server sends.
struct ServerEvent {
  std::string id;    // "41"; of an earlier event when this one has none
  std::string name;  // "notification"; empty: the server gave none
  std::string data;  // lines with "\n" between them
};

/// Reads server-sent events (WHATWG HTML, "Server-sent events") as they come, in any split.
/// Comments and fields of other names are skipped; an event without data is none.
class ServerEventReader {
 public:
  /// False: no more is wanted.
  using Listener = std::function<bool(const ServerEvent&)>;

  /// Far above what one event of the ledger can have.
  static constexpr std::size_t kMaxEventBytes = std::size_t{64} * 1024 * 1024;

  /// Calls `listener` for each event whose end has come. False: the listener wants no more, and the
  /// rest was not read. Throws std::runtime_error: an event is larger than kMaxEventBytes.
  [[nodiscard]] bool feed(std::string_view text, const Listener& listener);

 private:
  [[nodiscard]] bool take_line(std::string_view line, const Listener& listener);

  std::string line_;  // of which the end has not come yet
  ServerEvent event_;
  bool has_data_ = false;
};

}  // namespace apns::cli
