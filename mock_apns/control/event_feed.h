#pragma once

#include <cstdint>
#include <string>

#include "mock_apns/control/event_matcher.h"
#include "mock_apns/control/message.h"
#include "mock_apns/ledger.h"

namespace apns::mock::control {

/// The ledger as it happens, as server-sent events (WHATWG HTML, "Server-sent events"):
///
///   id: 41                     seq: what Last-Event-ID brings back
///   event: notification        the ledger's `event`
///   data: {"seq":41,...}
///
/// Events that fell out of the ledger before they could be sent are told as
/// `event: dropped`, `data: {"dropped":7}`. A comment now and then keeps the connection.
class EventFeed final : public EventStream {
 public:
  /// Sends those that match and are behind the seq `after`. The ledger outlives it.
  EventFeed(EventMatcher match, const Ledger& ledger, std::uint64_t after, TimePoint now);

  [[nodiscard]] std::string next(TimePoint now) override;

  static constexpr Duration kKeepAlive = std::chrono::seconds(15);

 private:
  const EventMatcher match_;
  const Ledger& ledger_;
  std::uint64_t next_;
  TimePoint last_said_;
};

}  // namespace apns::mock::control
