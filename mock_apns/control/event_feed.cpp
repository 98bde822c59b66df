#include "mock_apns/control/event_feed.h"

#include <utility>

#include "mock_apns/ledger_text.h"

namespace apns::mock::control {

namespace {

constexpr std::size_t kEventsAtOnce = 1000;

}  // namespace

EventFeed::EventFeed(EventMatcher match, const Ledger& ledger, std::uint64_t after, TimePoint now)
    : match_(std::move(match)), ledger_(ledger), next_(after), last_said_(now) {}

std::string EventFeed::next(TimePoint now) {
  const Ledger::Page page = ledger_.read(next_, kEventsAtOnce, match_.kind());
  next_ = page.next;
  std::string text;
  if (page.dropped > 0) {
    text += "event: dropped\ndata: {\"dropped\":" + std::to_string(page.dropped) + "}\n\n";
  }
  for (const LedgerEvent& event : page.events) {
    if (match_.matches(event)) {
      text += "id: " + std::to_string(event.seq) + "\nevent: " + to_string(event.kind) +
              "\ndata: " + to_json_line(event) + "\n\n";
    }
  }
  if (text.empty() && now - last_said_ >= kKeepAlive) {
    text = ": still here\n\n";
  }
  if (!text.empty()) {
    last_said_ = now;
  }
  return text;
}

}  // namespace apns::mock::control
