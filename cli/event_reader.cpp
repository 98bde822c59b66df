#include "cli/event_reader.h"

#include <stdexcept>
#include <utility>

namespace apns::cli {

bool ServerEventReader::feed(std::string_view text, const Listener& listener) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    line_ += text.substr(0, end);
    if (line_.size() + event_.data.size() > kMaxEventBytes) {
      throw std::runtime_error("an event of the service has no end. Is it apnslab's control API?");
    }
    if (end == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(end + 1);
    std::string line = std::exchange(line_, {});
    if (line.ends_with('\r')) {
      line.pop_back();
    }
    if (!take_line(line, listener)) {
      return false;
    }
  }
  return true;
}

bool ServerEventReader::take_line(std::string_view line, const Listener& listener) {
  if (line.empty()) {
    const ServerEvent event = event_;
    event_.name.clear();
    event_.data.clear();
    return !std::exchange(has_data_, false) || listener(event);
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value =
      colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  if (field == "id") {
    event_.id = value;
  } else if (field == "event") {
    event_.name = value;
  } else if (field == "data") {
    event_.data += has_data_ ? "\n" : "";
    event_.data += value;
    has_data_ = true;
  }
  return true;
}

}  // namespace apns::cli
