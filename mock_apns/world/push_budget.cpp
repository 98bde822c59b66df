#include "mock_apns/world/push_budget.h"

#include <algorithm>
#include <chrono>

namespace apns::mock {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;

WorldTime midnight_before(WorldTime time) {
  return floor<days>(time);
}

}  // namespace

WorldTime HourlyBudget::next_turn(std::size_t limit) const {
  if (limit == 0 || spent_.size() < limit) {
    return WorldTime::min();
  }
  const WorldTime oldest = spent_.front();
  return std::min<WorldTime>(oldest + hours(1), midnight_before(oldest) + days(1));
}

void HourlyBudget::spend(std::size_t limit, WorldTime now) {
  if (limit == 0) {
    return;
  }
  spent_.push_back(now);
  if (spent_.size() > limit) {
    spent_.erase(spent_.begin());
  }
}

void HourlyBudget::forget_what_is_ahead(WorldTime now) {
  std::erase_if(spent_, [now](WorldTime spent) { return spent > now; });
}

WorldTime DailyBudget::next_turn(std::size_t limit) const {
  return limit == 0 || num_spent_ < limit ? WorldTime::min() : day_ + days(1);
}

void DailyBudget::spend(std::size_t limit, WorldTime now) {
  if (limit == 0) {
    return;
  }
  if (midnight_before(now) != day_) {
    day_ = midnight_before(now);
    num_spent_ = 0;
  }
  ++num_spent_;
}

void DailyBudget::forget_what_is_ahead(WorldTime now) {
  if (day_ > now) {
    *this = DailyBudget();
  }
}

}  // namespace apns::mock
