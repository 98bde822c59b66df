#include "apns/http2/rule.h"

#include <array>

namespace apns::http2 {

namespace {

using enum Rule;
using enum Scope;
using enum ErrorCode;

constexpr bool kCanPass = true;

constexpr std::array<RuleRow, kNumRules> kRows = {{
    {PrefaceInvalid, "http2/preface", "RFC 9113 section 3.4", Connection, ProtocolError,
     "a client's first 24 bytes are not the connection preface"},
    {FirstFrameNotSettings, "http2/first-frame-is-settings", "RFC 9113 section 3.4", Connection,
     ProtocolError, "the first frame is not SETTINGS", kCanPass},

    {FrameTooLarge, "http2/frame-size", "RFC 9113 section 4.2", Connection, FrameSizeError,
     "a frame is larger than the SETTINGS_MAX_FRAME_SIZE that was announced"},
    {DataTooLarge, "http2/frame-size-data", "RFC 9113 section 4.2", Connection, FrameSizeError,
     "a DATA frame is larger than the SETTINGS_MAX_FRAME_SIZE that was announced"},
    {SettingsLength, "http2/settings-length", "RFC 9113 section 6.5", Connection, FrameSizeError,
     "a SETTINGS frame's length is not a multiple of 6", kCanPass},
    {SettingsAckLength, "http2/settings-ack-length", "RFC 9113 section 6.5", Connection,
     FrameSizeError, "a SETTINGS frame with ACK has a payload", kCanPass},
    {PingLength, "http2/ping-length", "RFC 9113 section 6.7", Connection, FrameSizeError,
     "a PING frame's length is not 8", kCanPass},
    {RstStreamLength, "http2/rst-stream-length", "RFC 9113 section 6.4", Connection, FrameSizeError,
     "a RST_STREAM frame's length is not 4", kCanPass},
    {WindowUpdateLength, "http2/window-update-length", "RFC 9113 section 6.9", Connection,
     FrameSizeError, "a WINDOW_UPDATE frame's length is not 4", kCanPass},
    {PriorityLength, "http2/priority-length", "RFC 9113 section 6.3", Stream, FrameSizeError,
     "a PRIORITY frame's length is not 5", kCanPass},
    {GoawayLength, "http2/goaway-length", "RFC 9113 sections 4.2 and 6.8", Connection,
     FrameSizeError, "a GOAWAY frame is shorter than 8 bytes", kCanPass},
    {HeadersLength, "http2/headers-length", "RFC 9113 sections 4.2 and 6.2", Connection,
     FrameSizeError, "a HEADERS frame is too short for the priority that its flags announce"},
    {PushPromiseLength, "http2/push-promise-length", "RFC 9113 sections 4.2 and 6.6", Connection,
     FrameSizeError, "a PUSH_PROMISE frame is too short for a stream identifier"},
    {PaddingTooLong, "http2/padding", "RFC 9113 sections 6.1, 6.2 and 6.6", Connection,
     ProtocolError, "a frame's padding is as long as its payload, or longer"},

    {DataOnConnection, "http2/data-on-stream-0", "RFC 9113 section 6.1", Connection, ProtocolError,
     "a DATA frame is on stream 0", kCanPass},
    {HeadersOnConnection, "http2/headers-on-stream-0", "RFC 9113 section 6.2", Connection,
     ProtocolError, "a HEADERS frame is on stream 0"},
    {PriorityOnConnection, "http2/priority-on-stream-0", "RFC 9113 section 6.3", Connection,
     ProtocolError, "a PRIORITY frame is on stream 0", kCanPass},
    {RstStreamOnConnection, "http2/rst-stream-on-stream-0", "RFC 9113 section 6.4", Connection,
     ProtocolError, "a RST_STREAM frame is on stream 0", kCanPass},
    {PushPromiseOnConnection, "http2/push-promise-on-stream-0", "RFC 9113 section 6.6", Connection,
     ProtocolError, "a PUSH_PROMISE frame is on stream 0"},
    {ContinuationOnConnection, "http2/continuation-on-stream-0", "RFC 9113 section 6.10",
     Connection, ProtocolError, "a CONTINUATION frame is on stream 0"},
    {SettingsOnStream, "http2/settings-on-a-stream", "RFC 9113 section 6.5", Connection,
     ProtocolError, "a SETTINGS frame is not on stream 0", kCanPass},
    {PingOnStream, "http2/ping-on-a-stream", "RFC 9113 section 6.7", Connection, ProtocolError,
     "a PING frame is not on stream 0", kCanPass},
    {GoawayOnStream, "http2/goaway-on-a-stream", "RFC 9113 section 6.8", Connection, ProtocolError,
     "a GOAWAY frame is not on stream 0", kCanPass},

    {BlockInterrupted, "http2/header-block-is-contiguous", "RFC 9113 sections 4.3 and 6.10",
     Connection, ProtocolError,
     "a header block is not over, and the frame behind it is not its CONTINUATION"},
    {ContinuationWithoutBlock, "http2/continuation-without-headers", "RFC 9113 section 6.10",
     Connection, ProtocolError, "a CONTINUATION frame follows no unfinished header block"},
    {Compression, "http2/hpack", "RFC 9113 section 4.3, RFC 7541", Connection, CompressionError,
     "a header block cannot be decoded"},

    {FrameOnIdleStream, "http2/frame-on-an-idle-stream", "RFC 9113 section 5.1", Connection,
     ProtocolError, "a frame other than HEADERS or PRIORITY is on a stream that was never opened",
     kCanPass},
    {FrameOnHalfClosedStream, "http2/frame-behind-end-stream", "RFC 9113 section 5.1", Stream,
     StreamClosed, "a DATA or HEADERS frame follows END_STREAM", kCanPass},
    {FrameOnClosedStream, "http2/frame-on-a-closed-stream", "RFC 9113 section 5.1", Connection,
     StreamClosed, "a DATA or HEADERS frame is on a stream that both sides have closed", kCanPass},
    {StreamIdOfOtherSide, "http2/stream-identifier-parity", "RFC 9113 section 5.1.1", Connection,
     ProtocolError, "a client opens a stream with an even identifier"},
    {StreamIdNotGreater, "http2/stream-identifier-order", "RFC 9113 section 5.1.1", Connection,
     ProtocolError, "a stream is opened with an identifier that an earlier one has closed"},
    {TooManyStreams, "http2/concurrent-streams", "RFC 9113 section 5.1.2", Stream, RefusedStream,
     "more streams are open than the SETTINGS_MAX_CONCURRENT_STREAMS that was announced", kCanPass},
    {SelfDependency, "http2/self-dependency", "RFC 7540 section 5.3.1", Stream, ProtocolError,
     "a stream depends on itself", kCanPass},

    {StreamWindowExceeded, "http2/stream-window", "RFC 9113 section 6.9.1", Stream,
     FlowControlError, "a DATA frame is larger than the stream's window", kCanPass},
    {ConnectionWindowExceeded, "http2/connection-window", "RFC 9113 section 6.9.1", Connection,
     FlowControlError, "a DATA frame is larger than the connection's window", kCanPass},
    {StreamWindowOverflow, "http2/stream-window-overflow", "RFC 9113 section 6.9.1", Stream,
     FlowControlError, "a WINDOW_UPDATE takes a stream's window past 2^31-1", kCanPass},
    {ConnectionWindowOverflow, "http2/connection-window-overflow", "RFC 9113 section 6.9.1",
     Connection, FlowControlError, "a WINDOW_UPDATE takes the connection's window past 2^31-1",
     kCanPass},
    {StreamIncrementZero, "http2/stream-increment-0", "RFC 9113 section 6.9", Stream, ProtocolError,
     "a stream's WINDOW_UPDATE adds nothing", kCanPass},
    {ConnectionIncrementZero, "http2/connection-increment-0", "RFC 9113 section 6.9", Connection,
     ProtocolError, "the connection's WINDOW_UPDATE adds nothing", kCanPass},
    {InitialWindowOverflow, "http2/initial-window-overflow", "RFC 9113 section 6.9.2", Connection,
     FlowControlError, "SETTINGS_INITIAL_WINDOW_SIZE takes a stream's window past 2^31-1"},

    {EnablePushValue, "http2/enable-push-value", "RFC 9113 section 6.5.2", Connection,
     ProtocolError, "SETTINGS_ENABLE_PUSH is neither 0 nor 1", kCanPass},
    {EnablePushFromServer, "http2/enable-push-from-a-server", "RFC 9113 section 6.5.2", Connection,
     ProtocolError, "a server's SETTINGS_ENABLE_PUSH is not 0", kCanPass},
    {InitialWindowValue, "http2/initial-window-value", "RFC 9113 section 6.5.2", Connection,
     FlowControlError, "SETTINGS_INITIAL_WINDOW_SIZE is larger than 2^31-1", kCanPass},
    {MaxFrameSizeValue, "http2/max-frame-size-value", "RFC 9113 section 6.5.2", Connection,
     ProtocolError, "SETTINGS_MAX_FRAME_SIZE is not from 16384 to 16777215", kCanPass},
    // No word in the RFC; peers (nghttp2) end the connection, too. Our choice.
    {AckWithoutSettings, "http2/ack-without-settings", "RFC 9113 section 6.5.3 (our choice)",
     Connection, ProtocolError, "a SETTINGS frame with ACK answers no SETTINGS", kCanPass},
    {SettingsNotAcknowledged, "http2/settings-are-acknowledged", "RFC 9113 section 6.5.3",
     Connection, ErrorCode::SettingsTimeout, "SETTINGS were not acknowledged in time", kCanPass},

    {PushPromiseFromClient, "http2/push-promise-from-a-client", "RFC 9113 section 8.4", Connection,
     ProtocolError, "a client sends PUSH_PROMISE"},
    {PushPromiseDisabled, "http2/push-promise-disabled", "RFC 9113 section 6.6", Connection,
     ProtocolError, "PUSH_PROMISE follows the acknowledgement of SETTINGS_ENABLE_PUSH 0"},
    {PushPromiseState, "http2/push-promise-state", "RFC 9113 section 6.6", Connection,
     ProtocolError, "PUSH_PROMISE is on a stream that cannot carry it"},
    {PromisedIdIllegal, "http2/promised-identifier", "RFC 9113 section 6.6", Connection,
     ProtocolError, "PUSH_PROMISE promises a stream that the server could not open"},
    {GoawayIdIncreased, "http2/goaway-last-stream-grows", "RFC 9113 section 6.8", Connection,
     ProtocolError, "a GOAWAY's last stream is higher than an earlier one's", kCanPass},

    {FieldNameIllegal, "http2/field-name", "RFC 9113 section 8.2.1", Stream, ProtocolError,
     "a field's name is empty, or has a character that it must not have", kCanPass},
    {FieldValueIllegal, "http2/field-value", "RFC 9113 section 8.2.1", Stream, ProtocolError,
     "a field's value has NUL, CR or LF, or begins or ends with a space or a tab", kCanPass},
    {ConnectionSpecificField, "http2/connection-specific-field", "RFC 9113 section 8.2.2", Stream,
     ProtocolError, "a field belongs to HTTP/1.x connections", kCanPass},
    {TeNotTrailers, "http2/te-value", "RFC 9113 section 8.2.2", Stream, ProtocolError,
     "the field te says something other than trailers", kCanPass},
    {PseudoUnknown, "http2/pseudo-unknown", "RFC 9113 section 8.3", Stream, ProtocolError,
     "there is no such pseudo-header field", kCanPass},
    {PseudoOfOtherMessage, "http2/pseudo-of-the-other-message", "RFC 9113 section 8.3", Stream,
     ProtocolError, "a request has a pseudo-header field of responses, or the other way round",
     kCanPass},
    {PseudoAfterField, "http2/pseudo-after-field", "RFC 9113 section 8.3", Stream, ProtocolError,
     "a pseudo-header field stands behind a regular one", kCanPass},
    {PseudoInTrailers, "http2/pseudo-in-trailers", "RFC 9113 section 8.1", Stream, ProtocolError,
     "trailers have a pseudo-header field", kCanPass},
    {PseudoRepeated, "http2/pseudo-repeated", "RFC 9113 section 8.3", Stream, ProtocolError,
     "a pseudo-header field is there twice", kCanPass},
    {PseudoMissing, "http2/pseudo-missing", "RFC 9113 sections 8.3.1 and 8.3.2", Stream,
     ProtocolError, "a pseudo-header field is missing", kCanPass},
    {PathIllegal, "http2/path", "RFC 9113 section 8.3.1", Stream, ProtocolError,
     "the :path is empty, or does not begin with / (or is * without OPTIONS)", kCanPass},
    {AuthorityUserinfo, "http2/authority-userinfo", "RFC 9113 section 8.3.1", Stream, ProtocolError,
     "the :authority holds a user name", kCanPass},
    {ConnectPseudo, "http2/connect-pseudo", "RFC 9113 section 8.5", Stream, ProtocolError,
     "CONNECT comes with :scheme or :path, or without :authority", kCanPass},
    {StatusIllegal, "http2/status", "RFC 9113 section 8.3.2", Stream, ProtocolError,
     "the :status is not three digits", kCanPass},
    {InformationalEndsStream, "http2/informational-ends-stream", "RFC 9113 section 8.1", Stream,
     ProtocolError, "an informational response ends its stream", kCanPass},
    {SwitchingProtocols, "http2/switching-protocols", "RFC 9113 section 8.6", Stream, ProtocolError,
     "the :status is 101", kCanPass},
    {TrailersWithoutEnd, "http2/trailers-without-end", "RFC 9113 section 8.1", Stream,
     ProtocolError, "trailers do not end their stream", kCanPass},
    {DataBeforeHeaders, "http2/data-before-headers", "RFC 9113 section 8.1", Stream, ProtocolError,
     "a response's DATA stands before its header section", kCanPass},
    {ContentLengthIllegal, "http2/content-length", "RFC 9113 section 8.1.1", Stream, ProtocolError,
     "the content-length is not a number, or there are two that differ", kCanPass},
    {ContentLengthMismatch, "http2/content-length-mismatch", "RFC 9113 section 8.1.1", Stream,
     ProtocolError, "the content-length differs from the length of the content", kCanPass},
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].rule) != i) {
      return false;
    }
  }
  return true;
}

static_assert(is_in_order(), "a row stands where its rule's number says");

}  // namespace

const RuleRow& rule_row(Rule rule) {
  return kRows[static_cast<std::size_t>(rule)];
}

std::span<const RuleRow> rule_rows() {
  return kRows;
}

}  // namespace apns::http2
