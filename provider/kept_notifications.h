#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "apns/base/time.h"
#include "apns/model/notification.h"
#include "provider/kept_outcome.h"

namespace apns::provider {

/// A notification that may have to go again, and what has become of it so far.
struct KeptNotification {
  explicit KeptNotification(const Notification& first) : notification(first) {}

  Notification notification;
  std::uint64_t ticket = 0;          // the user's
  TimePoint since{};                 // try_send
  unsigned attempts = 0;             // 0: it has waited since then
  unsigned refusals = 0;             // of them, those that went again at once
  std::uint32_t provider_token = 0;  // ProviderTokenSource::number() when it went last
  bool is_token_renewed = false;     // it went again for another provider token
  KeptOutcome last;                  // with no attempt yet: Unsent

 private:
  friend class KeptNotifications;
  std::uint32_t use_ = 0;  // how often its place was given out: odd while it is taken
};

/// Those without a final outcome, each in a place that is used again. Grows to what is kept at
/// once, and allocates no more for notifications that are no longer than those before.
class KeptNotifications {
 public:
  /// Holds at most `max_len`; has no room when payloads have `max_bytes`.
  KeptNotifications(std::size_t max_len, std::size_t max_bytes)
      : max_len_(max_len), max_bytes_(max_bytes) {}

  [[nodiscard]] bool has_room() const { return size_ < max_len_ && bytes_ < max_bytes_; }

  /// Returns its place. has_room() must be true.
  [[nodiscard]] std::uint32_t add(const Notification& notification, std::uint64_t ticket,
                                  TimePoint now);
  void remove(std::uint32_t place);

  [[nodiscard]] KeptNotification& operator[](std::uint32_t place) { return places_[place]; }

  /// The ticket by which another client knows it, which no later one in its place has.
  [[nodiscard]] std::uint64_t inner_ticket(std::uint32_t place) const {
    return (std::uint64_t{places_[place].use_} << 32U) | place;
  }

  /// Nullopt: it is not kept any more.
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t inner_ticket) const;

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::size_t max_len_;
  std::size_t max_bytes_;
  std::vector<KeptNotification> places_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;           // of payloads that are kept
  std::size_t reserved_bytes_ = 0;  // of memory for payloads, in free places too
};

}  // namespace apns::provider
