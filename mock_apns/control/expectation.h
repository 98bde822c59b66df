#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "apns/json/document.h"
#include "mock_apns/control/event_matcher.h"
#include "mock_apns/control/message.h"
#include "mock_apns/ledger.h"

namespace apns::mock::control {

/// The body of POST /expect.
struct ExpectPlan {
  EventMatcher match;
  std::uint64_t min = 1;
  std::uint64_t max = UINT64_MAX;  // a `count` that is a number sets both
  Duration within = std::chrono::seconds(2);
  std::uint64_t after = 0;  // events behind this seq
};

/// Throws json::Error.
[[nodiscard]] ExpectPlan read_expect_plan(const json::Value& value);

/// Waits until the ledger has what was expected, or says what came nearest:
///
///   found `min`, not yet more than `max`   200 {"count":1,"items":[...]}, at once
///   found more than `max`                  409, at once
///   `within` is over                       200 if the count is right, else 409 with "nearest"
///   "count": 0, {"max": n}                 watches for the whole of `within`
///
/// What was in the ledger before counts. `within` is on the I/O clock: a frozen world does not make
/// anybody wait for ever.
class Expectation final : public Pending {
 public:
  /// The ledger outlives it.
  Expectation(ExpectPlan plan, const Ledger& ledger, TimePoint now);

  [[nodiscard]] std::optional<Response> poll(TimePoint now) override;

  static constexpr std::size_t kMaxItems = 1000;  // of the answer; what is above is counted
  static constexpr std::size_t kMaxNearest = 3;

 private:
  void look();

  [[nodiscard]] bool watches_to_the_end() const { return plan_.min == 0; }

  [[nodiscard]] Response found() const;
  [[nodiscard]] Response not_found() const;

  const ExpectPlan plan_;
  const Ledger& ledger_;
  const TimePoint deadline_;
  std::uint64_t next_;  // all up to this seq has been looked at
  // What was in the ledger when time was up: what is behind it is not looked at any more, or who
  // pushes faster than this looks would never let it end.
  std::optional<std::uint64_t> last_;
  std::uint64_t count_ = 0;
  std::uint64_t dropped_ = 0;
  bool is_behind_ = false;  // there was more than one look can take
  std::vector<LedgerEvent> items_;
  std::deque<LedgerEvent> near_;  // the newest that do not match, though they are of that event
};

}  // namespace apns::mock::control
