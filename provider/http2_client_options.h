#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "apns/base/network.h"
#include "apns/base/time.h"
#include "apns/http2/hpack_writer.h"
#include "provider/dial_plan.h"
#include "provider/proxy_tunnel.h"

namespace apns::provider {

class ProviderTokenSource;

inline constexpr unsigned kMaxHttp2Connections = 1000;

struct Http2ClientOptions {
  Endpoint service;
  /// By which the service is reached; absent: directly. Its name is then the proxy's to resolve.
  std::optional<Proxy> proxy = std::nullopt;
  /// The field `:authority`; empty: the service's host, with its port unless that is 443.
  std::string authority;
  /// Null: who we are is shown by the TLS certificate. Outlives the client.
  ProviderTokenSource* provider_token = nullptr;
  /// A connection on which one was shown for less than this is left when there is another: a second
  /// one so soon is refused (TooManyProviderTokenUpdates). Source: "Establishing a token-based
  /// connection to APNs".
  Duration token_interval = std::chrono::minutes(20);
  bool content_length = false;  // is sent
  /// Payloads that are empty, or larger than their push type allows, are refused by try_send. Else
  /// they go out, and the service refuses them.
  bool check_payload = true;

  /// How long a notification may take, from try_send on. Then its stream is freed by RST_STREAM
  /// (CANCEL), and it is reported: Unknown, or Unsent where it never left.
  Duration request_limit = std::chrono::seconds(30);

  // What waits. On a connection no more streams are opened than the peer's latest SETTINGS allow,
  // acknowledged or not, nor more than its windows let out; a new one waits for the SETTINGS.
  std::size_t max_streams = 10'000;                   // at once, whatever the peer allows
  std::size_t pending_bytes = std::size_t{1} << 20U;  // of requests that the host has not taken
  std::size_t queue_len = 1000;                       // while there is no connection
  std::size_t queue_bytes = std::size_t{4} << 20U;    // of their payloads

  /// At once, each with its own streams: another one is opened when those that there are have no
  /// room.
  unsigned max_connections = 1;  // 1 to kMaxHttp2Connections
  /// Kept open from a notification, or warm_up(), on, used or not, until DialLimits are reached.
  unsigned min_connections = 0;
  /// A connection takes nothing more when it is so old, or has had so many requests: another one
  /// comes in its place.
  Duration max_age = Duration::max();  // up to a tenth less, so that not all end together
  std::uint64_t max_requests = std::numeric_limits<std::uint64_t>::max();
  /// Nor when so many requests in a row got no answer, though PINGs may.
  std::uint64_t max_unanswered = 10;

  DialLimits dial{};
  /// Nothing was open for so long: the connection is closed. Apple wants connections to be kept.
  Duration idle_limit = Duration::max();
  /// Nothing was read for so long: a PING is sent. Duration::max(): none is; one is sent all the
  /// same when a request got no answer and nothing has been read since, or it could not be written.
  Duration ping_after = Duration::max();
  /// Nothing was read since the PING for so long: the connection counts as lost.
  Duration ping_limit = std::chrono::seconds(10);

  http2::HuffmanUse huffman = http2::HuffmanUse::Shorter;
  std::uint64_t seed = 0;  // of the jitter
};

}  // namespace apns::provider
