#pragma once

#include <cstdint>
#include <optional>

#include "apns/base/bytes.h"
#include "apns/base/time.h"
#include "apns/model/reason.h"
#include "mock_apns/latency.h"

namespace apns::mock {

/// How the service ends a connection when a rule says so.
enum class FaultClose : std::uint8_t {
  Fin,                    // close_notify, end of stream
  FinWithoutCloseNotify,  // a truncation, to TLS
  Rst,
  HalfOpen,  // nothing more is said or read, and the connection stays
};

/// What the error packet says, where it differs from the plain one.
struct ErrorPacketFault {
  enum class Identifier : std::uint8_t { Own, Previous, Number };

  std::optional<std::uint8_t> status;  // absent: that of `reject`
  Identifier identifier = Identifier::Own;
  std::uint32_t number = 0;  // for Identifier::Number
  std::uint32_t split = 0;   // bytes per piece, each in a record of its own; 0: whole
  std::uint32_t count = 1;   // 0: the packet is lost; 2: sent twice

  [[nodiscard]] bool operator==(const ErrorPacketFault&) const = default;
};

/// How the feedback service spoils its tuples.
struct TuplesFault {
  std::uint32_t split = 0;     // bytes per piece, each in a record of its own; 0: whole
  std::uint32_t truncate = 0;  // bytes that are missing at the end of the last tuple

  [[nodiscard]] bool operator==(const TuplesFault&) const = default;
};

/// A GOAWAY frame of HTTP/2 (RFC 9113 section 6.8).
struct GoawayFault {
  // The notification whose stream it names as the last one; 0: none. Absent: the last that came.
  std::optional<std::uint64_t> last_nth;
  std::uint32_t code = 0;        // NO_ERROR
  std::optional<Reason> reason;  // said in the debug data; absent: there are none
  std::uint32_t count = 1;       // how often it is said, one behind the other
  bool keep_open = false;        // the connection stays; else it ends as `close` says

  [[nodiscard]] bool operator==(const GoawayFault&) const = default;
};

/// A SETTINGS frame of HTTP/2 with these values (RFC 9113 section 6.5.2).
struct SettingsFault {
  std::optional<std::uint32_t> header_table_size;
  std::optional<std::uint32_t> max_concurrent_streams;
  std::optional<std::uint32_t> initial_window_size;
  std::optional<std::uint32_t> max_frame_size;
  std::optional<std::uint32_t> max_header_list_size;

  [[nodiscard]] bool operator==(const SettingsFault&) const = default;
};

/// What the service does instead of behaving: the `then` of a rule, and what a magic device token
/// carries. The gateway looks at what is of the binary protocol, the provider API at what is of
/// HTTP/2.
struct FaultAction {
  std::optional<std::uint8_t> reject;      // binary status; 10 names the last accepted notification
  std::optional<Reason> reason;            // http2: rejects with it
  std::optional<std::uint16_t> status;     // http2: rejects with it, whatever the reason's own is
  std::optional<std::uint64_t> timestamp;  // http2: of the rejection, in ms since 1970
  // Before the answer; what arrives meanwhile is discarded. With nothing to answer, what is
  // accepted is taken so much later, and what is behind it waits. In HTTP/2 other streams go on.
  Duration delay{};
  std::optional<Latency> latency;  // http2: a delay that is drawn for each notification
  std::optional<ErrorPacketFault> error_packet;
  bool no_answer = false;           // the notification is lost without a word, and all goes on
  Bytes raw;                        // said as it is, instead of an error packet
  std::optional<FaultClose> close;  // absent with reject: Fin
  bool stop_reading = false;
  std::uint32_t bandwidth = 0;                // bytes a second that are read from now on; 0: all
  std::optional<std::uint32_t> reset_stream;  // http2: RST_STREAM with this code, and no answer
  bool reset_again = false;                   // http2: and another one, with STREAM_CLOSED
  std::optional<GoawayFault> goaway;          // http2
  bool ignore_ping = false;                   // http2: no PING is answered from now on
  bool withhold_window = false;               // http2: no WINDOW_UPDATE from now on
  std::optional<SettingsFault> settings;      // http2
  std::optional<std::uint8_t> tls_alert;      // refuses the handshake
  TuplesFault tuples;                         // feedback

  /// Does it have what only the one protocol knows?
  [[nodiscard]] bool is_of_binary() const { return reject || error_packet; }

  [[nodiscard]] bool is_of_http2() const {
    return reason || status || timestamp || latency || reset_stream || goaway || ignore_ping ||
           withhold_window || settings;
  }

  [[nodiscard]] bool operator==(const FaultAction&) const = default;
};

}  // namespace apns::mock
