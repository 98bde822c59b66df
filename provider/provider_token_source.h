#pragma once

#include <cstdint>
#include <string_view>

#include "apns/base/time.h"

namespace apns::provider {

/// Where a client without a certificate has its provider token from. Called on the client's thread.
///
///   authorization(0:00) -> "bearer A", number() = 1
///   authorization(0:50) -> "bearer B", number() = 2
///   a late answer to 1: 403 ExpiredProviderToken -> is_replaced(1) = true: B goes by another
///   connection
class ProviderTokenSource {
 public:
  virtual ~ProviderTokenSource() = default;

  /// The value of the header field `authorization` for a request that is written at `now`: "bearer
  /// eyJ...". Empty: none is sent. Lives until the next call. Asked for each request, so that one
  /// that is to be renewed is, and no more often than that: a service counts the changes.
  [[nodiscard]] virtual std::string_view authorization(TimePoint now) = 0;

  /// Which provider token authorization() gave last, from 1; another one has another number. 0:
  /// none yet.
  [[nodiscard]] virtual std::uint32_t number() const = 0;

  /// The service called that one too old (ExpiredProviderToken). True: authorization() gives
  /// another from now on, if it does not already. False: it is too early for another, or there is
  /// none: the one that was refused goes on being given.
  [[nodiscard]] virtual bool is_replaced(std::uint32_t number, TimePoint now) = 0;
};

}  // namespace apns::provider
