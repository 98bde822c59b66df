#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "apns/base/network.h"
#include "apns/base/time.h"
#include "apns/http2/hpack_writer.h"
#include "provider/dial_plan.h"

namespace apns::provider {

class ProviderTokenSource;

struct Http2ClientOptions {
  Endpoint service;
  /// The field `:authority`; empty: the service's host, with its port unless that is 443.
  std::string authority;
  /// Null: who we are is shown by the TLS certificate. Outlives the client.
  ProviderTokenSource* provider_token = nullptr;
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
