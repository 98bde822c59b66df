#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "apns/base/network.h"

namespace apns::cli {

/// What became of one request to an HTTP/2 port.
struct Http2Answer {
  std::string problem = {};  // why no answer came, as push would say it; empty: one did
  std::uint16_t status = 0;
  std::string reason = {};         // as the service said it
  std::string token_problem = {};  // why the key cannot sign; the request went without a token
};

/// Asks a service with a request that it refuses right behind the provider token, for its apns-id
/// ("doctor" is no UUID): 400 BadMessageId says that all before is in order. Trusts ca.pem and
/// signs with AuthKey_KEY0000001.p8 of `state_dir`. Takes two seconds at most.
[[nodiscard]] Http2Answer ask_http2(const Endpoint& at, const std::filesystem::path& state_dir);

}  // namespace apns::cli
