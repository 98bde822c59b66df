#pragma once

#include <cstddef>
#include <vector>

#include "apns/base/time.h"

/// How often something may happen to an app by pushes. `limit` 0: any number, which costs nothing.
namespace apns::mock {

/// So many within an hour, counted afresh from midnight UTC.
class HourlyBudget {
 public:
  /// When there is room for one more; WorldTime::min(): now.
  [[nodiscard]] WorldTime next_turn(std::size_t limit) const;

  void spend(std::size_t limit, WorldTime now);

  /// After the clock was set back.
  void forget_what_is_ahead(WorldTime now);

  [[nodiscard]] bool empty() const { return spent_.empty(); }

 private:
  // The ones that count, oldest first: as many as the limit, so that the oldest decides about the
  // next.
  std::vector<WorldTime> spent_;
};

/// So many from one midnight UTC to the next.
class DailyBudget {
 public:
  [[nodiscard]] WorldTime next_turn(std::size_t limit) const;
  void spend(std::size_t limit, WorldTime now);
  void forget_what_is_ahead(WorldTime now);

 private:
  WorldTime day_{};            // its midnight
  std::size_t num_spent_ = 0;  // on that day
};

}  // namespace apns::mock
