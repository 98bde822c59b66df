#include "provider/kept_notifications.h"

#include <cassert>
#include <string>
#include <utility>

namespace apns::provider {

std::uint32_t KeptNotifications::add(const Notification& notification, std::uint64_t ticket,
                                     TimePoint now) {
  assert(has_room());
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back(notification);
    reserved_bytes_ += places_.back().notification.payload.capacity();
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  KeptNotification& kept = places_[place];
  reserved_bytes_ -= kept.notification.payload.capacity();
  kept.notification = notification;
  reserved_bytes_ += kept.notification.payload.capacity();
  kept.ticket = ticket;
  kept.since = now;
  kept.attempts = 0;
  kept.refusals = 0;
  kept.provider_token = 0;
  kept.is_token_renewed = false;
  const HttpAnswer none;
  kept.last.keep(Outcome{ticket, OutcomeKind::Rejected, OutcomeReason::Unsent, 0, &none});
  ++kept.use_;
  ++size_;
  bytes_ += notification.payload.size();
  return place;
}

void KeptNotifications::remove(std::uint32_t place) {
  KeptNotification& kept = places_[place];
  std::string& payload = kept.notification.payload;
  bytes_ -= payload.size();
  if (reserved_bytes_ > max_bytes_) {
    reserved_bytes_ -= payload.capacity();
    std::string().swap(payload);
    reserved_bytes_ += payload.capacity();
  }
  ++kept.use_;
  --size_;
  free_.push_back(place);
}

std::optional<std::uint32_t> KeptNotifications::find(std::uint64_t inner_ticket) const {
  const auto place = static_cast<std::uint32_t>(inner_ticket);
  if (place >= places_.size() || inner_ticket >> 32U != places_[place].use_) {
    return std::nullopt;
  }
  return place;
}

}  // namespace apns::provider
