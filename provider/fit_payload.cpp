#include "provider/fit_payload.h"

#include <algorithm>
#include <array>

#include "apns/json/scanner.h"
#include "apns/json/syntax.h"
#include "provider/text_cut.h"

namespace apns::provider {

namespace {

using json::is_key;
using json::Scanner;

constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

/// The texts of an alert as they are written, between their quotes; null data: there is none.
struct AlertTexts {
  std::string_view body;
  std::string_view subtitle;
  std::string_view title;
};

/// A text, if it is one and the first of its key.
bool read_once(Scanner& in, std::string_view& text) {
  return text.data() == nullptr && in.next() == '"' ? in.read_text(text) : in.skip_value();
}

bool read_alert(Scanner& in, AlertTexts& texts) {
  if (in.next() != '{') {
    return read_once(in, texts.body);
  }
  return json::scan_object(in, [&texts](std::string_view key, Scanner& at) {
    return is_key(key, "body")       ? read_once(at, texts.body)
           : is_key(key, "subtitle") ? read_once(at, texts.subtitle)
           : is_key(key, "title")    ? read_once(at, texts.title)
                                     : at.skip_value();
  });
}

/// The value of the first `name` in an object goes to `read`.
template <class Read>
bool read_first(Scanner& in, std::string_view name, Read&& read) {
  if (in.next() != '{') {
    return in.skip_value();
  }
  bool was_met = false;
  return json::scan_object(in, [&](std::string_view key, Scanner& at) {
    const bool is_it = !was_met && is_key(key, name);
    was_met = was_met || is_it;
    return is_it ? read(at) : at.skip_value();
  });
}

AlertTexts find_texts(std::string_view payload) {
  AlertTexts texts;
  Scanner in(payload);
  const bool is_whole = read_first(in, "aps", [&texts](Scanner& aps) {
    return read_first(aps, "alert", [&texts](Scanner& alert) { return read_alert(alert, texts); });
  });
  return is_whole ? texts : AlertTexts();
}

/// A text of the payload, and what is left of it.
struct Cut {
  std::string_view text;
  std::size_t keep = 0;  // bytes, before the ellipsis
  bool is_cut = false;

  [[nodiscard]] std::size_t size() const { return is_cut ? keep + kEllipsis.size() : text.size(); }
};

/// Takes up to `excess` bytes off a text, or more where it cannot be cut there. How many it took.
std::size_t shorten(Cut& cut, std::size_t excess) {
  if (cut.text.size() <= kEllipsis.size()) {
    return 0;
  }
  const std::size_t room = cut.text.size() - std::min(excess, cut.text.size());
  cut.keep = cut_text(cut.text, room - std::min(room, kEllipsis.size()));
  cut.is_cut = true;
  return cut.text.size() - cut.size();
}

std::string put_together(std::string_view payload, std::array<Cut, 3> cuts) {
  std::ranges::sort(cuts, {}, [](const Cut& cut) { return cut.text.data(); });
  std::string out;
  std::size_t at = 0;
  for (const Cut& cut : cuts) {
    if (!cut.is_cut) {
      continue;
    }
    const auto begin = static_cast<std::size_t>(cut.text.data() - payload.data());
    out += payload.substr(at, begin + cut.keep - at);
    out += kEllipsis;
    at = begin + cut.text.size();
  }
  return out += payload.substr(at);
}

/// A NUL byte ends a text for the one who judges it, and not for who sends it.
bool is_json(std::string_view payload) {
  return payload.find('\0') == std::string_view::npos && !json::find_syntax_error(payload);
}

}  // namespace

FittedPayload fit_payload(std::string_view payload, std::size_t limit_bytes) {
  FittedPayload fitted;
  fitted.payload = payload;
  if (payload.size() <= limit_bytes) {
    return fitted;
  }
  if (!is_json(payload)) {
    fitted.kind = FittedPayload::Kind::NotJson;
    return fitted;
  }
  const AlertTexts texts = find_texts(payload);
  std::array<Cut, 3> cuts{{{texts.body}, {texts.subtitle}, {texts.title}}};
  std::size_t excess = payload.size() - limit_bytes;
  for (Cut& cut : cuts) {
    excess -= excess == 0 ? 0 : std::min(excess, shorten(cut, excess));
  }
  if (excess > 0) {
    fitted.kind = FittedPayload::Kind::TooLarge;
    return fitted;
  }
  fitted.kind = FittedPayload::Kind::Shortened;
  fitted.payload = put_together(payload, cuts);
  const auto text_of = [](const Cut& cut) {
    return FittedPayload::Text{cut.text.size(), cut.size()};
  };
  fitted.body = text_of(cuts[0]);
  fitted.subtitle = text_of(cuts[1]);
  fitted.title = text_of(cuts[2]);
  return fitted;
}

}  // namespace apns::provider
