#pragma once

#include <string_view>

#include "apns/base/time.h"

namespace apns::provider {

/// Where a client without a certificate has its provider token from. Called on the client's thread.
class ProviderTokenSource {
 public:
  virtual ~ProviderTokenSource() = default;

  /// The value of the header field `authorization` for a request that is written at `now`: "bearer
  /// eyJ...". Empty: none is sent. Lives until the next call. Asked for each request, so that one
  /// that is to be renewed is, and no more often than that: a service counts the changes.
  [[nodiscard]] virtual std::string_view authorization(TimePoint now) = 0;
};

}  // namespace apns::provider
