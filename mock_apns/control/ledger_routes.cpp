#include "mock_apns/control/ledger_routes.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "mock_apns/control/event_feed.h"
#include "mock_apns/control/expectation.h"
#include "mock_apns/control/problem.h"
#include "mock_apns/ledger_text.h"

namespace apns::mock::control {

namespace {

constexpr std::size_t kDefaultLimit = 1000;
constexpr std::size_t kMaxLimit = 10'000;
constexpr std::size_t kMaxPage = 5000;
constexpr std::size_t kMaxListBytes = std::size_t{32} * 1024 * 1024;

const Ledger& ledger_of(const Ledger* ledger) {
  if (ledger == nullptr) {
    throw Problem(409, "no-ledger",
                  "This service keeps no ledger. Start it without --sink to read what arrived.");
  }
  return *ledger;
}

/// What a list is asked for.
struct ListQuery {
  EventMatcher match;
  std::uint64_t after = 0;
  bool is_after_given = false;
  std::size_t limit = kDefaultLimit;
};

ListQuery read_query(const Call& call) {
  ListQuery query;
  for (const auto& [key, value] : call.query()) {
    if (key == "after") {
      query.after = parse_number(key, value, 0, UINT64_MAX);
      query.is_after_given = true;
    } else if (key == "limit") {
      query.limit = static_cast<std::size_t>(parse_number(key, value, 1, kMaxLimit));
    } else {
      query.match.require(key, value);
    }
  }
  return query;
}

/// {"items":[...],"next":142,"dropped":0}
Response list(const Ledger& ledger, const ListQuery& query) {
  std::string items;
  std::size_t num_items = 0;
  std::uint64_t next = query.after;
  std::uint64_t dropped = 0;
  // Most often what is asked for is found at once; who looks for little in much gets larger pages.
  std::size_t page_len = std::min(query.limit, kMaxPage);
  for (bool is_last = false; !is_last;) {
    const Ledger::Page page = ledger.read(next, page_len, query.match.kind());
    next = page.next;
    dropped += page.dropped;
    is_last = page.is_last;
    page_len = std::min(4 * page_len, kMaxPage);
    for (const LedgerEvent& event : page.events) {
      if (!query.match.matches(event)) {
        continue;
      }
      items += (items.empty() ? "" : ",") + to_json_line(event);
      if (++num_items == query.limit || items.size() > kMaxListBytes) {
        next = event.seq;
        is_last = true;
        break;
      }
    }
  }
  Response response;
  response.body = "{\"items\":[" + items + "],\"next\":" + std::to_string(next) +
                  ",\"dropped\":" + std::to_string(dropped) + "}\n";
  return response;
}

/// Last-Event-ID goes before ?after=, as who reconnects sends both. Without either what comes from
/// now on is told.
std::uint64_t stream_start(const Call& call, const ListQuery& query, const Ledger& ledger) {
  const std::string& last = call.request().last_event_id;
  if (!last.empty()) {
    return parse_number("Last-Event-ID", last, 0, UINT64_MAX);
  }
  return query.is_after_given ? query.after : ledger.last_seq();
}

}  // namespace

void add_ledger_routes(Router& router, const Ledger* ledger) {
  router.add(
      {Method::Get, "/v1/ledger",
       "what happened, oldest first; filters are ledger keys, and after=SEQ, limit=N",
       [ledger](Call& call) -> Answer { return list(ledger_of(ledger), read_query(call)); }});
  router.add({Method::Get, "/v1/notifications", "the same, of notifications only",
              [ledger](Call& call) -> Answer {
                ListQuery query = read_query(call);
                query.match.require("event", "notification");
                return list(ledger_of(ledger), query);
              }});
  router.add({Method::Get, "/v1/ledger/stream",
              "the ledger as it happens, as server-sent events; the same filters",
              [ledger](Call& call) -> Answer {
                ListQuery query = read_query(call);
                const std::uint64_t after = stream_start(call, query, ledger_of(ledger));
                return std::make_unique<EventFeed>(std::move(query.match), *ledger, after,
                                                   call.now());
              }});
  router.add({Method::Post, "/v1/expect", "wait until the ledger has it, or say what came nearest",
              [ledger](Call& call) -> Answer {
                ExpectPlan plan = read_expect_plan(call.body());
                return std::make_unique<Expectation>(std::move(plan), ledger_of(ledger),
                                                     call.now());
              }});
}

}  // namespace apns::mock::control
