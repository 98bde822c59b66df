#include <algorithm>

#include "tests/apns/http2/oracle/parting.h"

// Those of the connection and of streams.

namespace apns::http2::test {

namespace {

bool has_setting_of_later_rfc(const Parting& at) {
  const ByteView payload = at.part.subspan(kFrameHeaderLen);
  for (std::size_t i = 0; i < payload.size() / kSettingLen; ++i) {
    const std::uint16_t id = decode_setting(payload, i).id;
    if (id == 8 || id == 9) {
      return true;
    }
  }
  return false;
}

bool carries_block(const FrameHeader& header) {
  return header.is(FrameType::Headers) || header.is(FrameType::PushPromise);
}

bool begins_block(const FrameHeader& header) {
  return carries_block(header) && !header.has(flag::kEndHeaders);
}

constexpr KnownDifference kKnown[] = {
    // ---- The connection ----
    KnownDifference{
        .id = "preface-may-be-http1",
        .section = "RFC 9113 section 3.4",
        .why =
            "what does not go on as the preface may be an HTTP/1.x request: ours reads on to the "
            "end of its first line, for an answer that says so",
        .is_it =
            [](const Parting& at) {
              return at.setup.role == Role::Server && at.step >= 1 && is_silent(at.ours) &&
                     at.ours.sent.empty() && at.is_preface &&
                     at.theirs.goaway == code(ErrorCode::ProtocolError);
            }},
    KnownDifference{
        .id = "goaway-and-no-stream",
        .section = "RFC 9113 section 6.8",
        .why = "behind a GOAWAY, with no stream left, nghttp2 reads no more and gives no window; "
               "ours goes on until one side closes, so that a last PING is answered",
        .is_it =
            [](const Parting& at) {
              const bool is_same = is_silent(at.ours) && is_silent(at.theirs) &&
                                   at.ours.events == at.theirs.events &&
                                   at.ours.closed == at.theirs.closed &&
                                   at.ours.sent == at.theirs.sent;
              return at.theirs.is_unread || (at.theirs.is_done && is_same);
            }},
    KnownDifference{
        .id = "cut-short",
        .section = "RFC 9113 sections 4.2 and 4.3",
        .why = "ours judges frames and header blocks when they are whole, nghttp2 some by their "
               "first bytes",
        .is_it = [](const Parting& at) { return !at.is_whole && is_silent(at.ours); }},
    KnownDifference{
        .id = "two-faults-of-a-block",
        .section = "RFC 9113 sections 4.2, 4.3 and 6.10",
        .why = "the block is interrupted, or a frame of it is too large, or it must not come where "
               "it does, and it cannot be decoded either; ours decodes whole blocks only",
        .is_it =
            [](const Parting& at) {
              return (begins_block(at.header) && at.theirs.blame() == Blame::Connection &&
                      is_one_of(at, Rule::BlockInterrupted, Rule::FrameTooLarge,
                                Rule::DataTooLarge)) ||
                     (carries_block(at.header) && at.ours.goaway && at.theirs.goaway &&
                      (at.ours.goaway == code(ErrorCode::CompressionError) ||
                       at.theirs.goaway == code(ErrorCode::CompressionError)));
            }},
    KnownDifference{
        .id = "continuation-too-large",
        .section = "RFC 9113 section 4.2",
        .why = "the limit is that of all frames; nghttp2 does not hold CONTINUATION to it",
        .is_it =
            [](const Parting& at) {
              return begins_block(at.header) && is_ours(at, Rule::FrameTooLarge) &&
                     is_silent(at.theirs);
            }},
    KnownDifference{
        .id = "two-faults-of-a-frame",
        .section = "RFC 9113 sections 4.2 and 6",
        .why = "the frame is on a stream that it must not be on, or of a type that must not come, "
               "and its length is wrong; or it is too short for padding and priority: no order is "
               "given",
        .is_it =
            [](const Parting& at) {
              if (is_one_of(at, Rule::HeadersLength, Rule::PushPromiseLength)) {
                return at.header.has(flag::kPadded) &&
                       at.theirs.goaway == code(ErrorCode::ProtocolError);
              }
              return (at.theirs.goaway == code(ErrorCode::FrameSizeError) ||
                      (is_ours(at, Rule::SettingsOnStream) &&
                       at.theirs.goaway == code(ErrorCode::EnhanceYourCalm))) &&
                     is_one_of(at, Rule::SettingsOnStream, Rule::PingOnStream, Rule::GoawayOnStream,
                               Rule::PriorityOnConnection, Rule::RstStreamOnConnection,
                               Rule::PushPromiseOnConnection, Rule::PushPromiseFromClient,
                               Rule::PushPromiseDisabled, Rule::PushPromiseState,
                               Rule::StreamIdOfOtherSide, Rule::HeadersOnConnection,
                               Rule::DataOnConnection, Rule::FrameOnIdleStream);
            }},
    KnownDifference{
        .id = "two-faults-of-the-first-frame",
        .section = "RFC 9113 sections 3.4 and 4.2",
        .why = "the first frame is not SETTINGS, and wrong in another way: no order is given",
        .is_it =
            [](const Parting& at) {
              return at.is_first && at.ours.blame() == Blame::Connection &&
                     at.theirs.blame() == Blame::Connection;
            }},
    KnownDifference{
        .id = "settings-of-later-rfcs",
        .section = "RFC 9113 section 6.5.2",
        .why = "SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441) and SETTINGS_NO_RFC7540_PRIORITIES "
               "(RFC 9218) are unknown to ours, and what is unknown is ignored",
        .is_it =
            [](const Parting& at) {
              return at.header.is(FrameType::Settings) && is_silent(at.ours) &&
                     at.theirs.goaway == code(ErrorCode::ProtocolError) &&
                     has_setting_of_later_rfc(at);
            }},
    KnownDifference{
        .id = "settings-count-one-by-one",
        .section = "RFC 9113 section 6.5.3",
        .why = "entries count in the order in which they stand; nghttp2 looks at the last of each",
        .is_it =
            [](const Parting& at) {
              return is_silent(at.theirs) &&
                     is_one_of(at, Rule::InitialWindowValue, Rule::MaxFrameSizeValue,
                               Rule::EnablePushValue, Rule::EnablePushFromServer,
                               Rule::InitialWindowOverflow);
            }},
    KnownDifference{
        .id = "goaway-last-stream-of-any-side",
        .section = "RFC 9113 section 6.8",
        .why = "nghttp2 wants the last stream to be one that it could have opened; the RFC asks "
               "for that nowhere, and the largest number of all stands for every stream",
        .is_it =
            [](const Parting& at) {
              return at.header.is(FrameType::Goaway) && is_silent(at.ours) &&
                     at.theirs.goaway == code(ErrorCode::ProtocolError) &&
                     (decode_u31(at.part.subspan(kFrameHeaderLen)) & 1U) !=
                         (at.setup.role == Role::Client ? 1U : 0U);
            }},

    // ---- Streams ----
    KnownDifference{
        .id = "priority-is-a-stream-matter",
        .section = "RFC 7540 section 5.3.1, RFC 9113 section 6.3",
        .why = "a stream that depends on itself, and a PRIORITY of a wrong length, are stream "
               "errors (of the connection where there is no stream); nghttp2 ends the connection, "
               "and looks at no response's dependency, nor at any behind NO_RFC7540_PRIORITIES",
        .is_it =
            [](const Parting& at) {
              return is_one_of(at, Rule::SelfDependency, Rule::PriorityLength) &&
                     at.theirs.blame() != Blame::Stream;
            }},
    KnownDifference{
        .id = "increment-0-is-a-stream-matter",
        .section = "RFC 9113 section 6.9",
        .why = "on a stream an increment of 0 is a stream error; nghttp2 ends the connection",
        .is_it =
            [](const Parting& at) {
              return is_ours(at, Rule::StreamIncrementZero) &&
                     at.theirs.goaway == code(ErrorCode::ProtocolError);
            }},
    KnownDifference{
        .id = "too-many-streams-is-a-stream-matter",
        .section = "RFC 9113 section 5.1.2",
        .why = "a stream above the limit is a stream error, of REFUSED_STREAM if it is to be tried "
               "again; nghttp2 ends the connection once the limit was acknowledged",
        .is_it =
            [](const Parting& at) {
              return is_ours(at, Rule::TooManyStreams) &&
                     at.theirs.goaway == code(ErrorCode::ProtocolError);
            }},
    KnownDifference{
        .id = "limit-counts-once-acknowledged",
        .section = "RFC 9113 section 6.5.3",
        .why = "until the peer has acknowledged the limit it may not know of it; nghttp2 refuses "
               "from the moment on that it has sent it",
        .is_it =
            [](const Parting& at) {
              return at.setup.role == Role::Server && at.header.is(FrameType::Headers) &&
                     at.ours.blame() != Blame::Connection && at.theirs.blame() == Blame::Stream &&
                     at.theirs.resets.begin()->second == code(ErrorCode::RefusedStream);
            }},
    KnownDifference{
        .id = "half-closed-is-a-stream-matter",
        .section = "RFC 9113 section 5.1, half-closed (remote)",
        .why = "DATA and HEADERS behind END_STREAM are stream errors as long as our side is open; "
               "nghttp2 ends the connection",
        .is_it =
            [](const Parting& at) {
              return is_ours(at, Rule::FrameOnHalfClosedStream) &&
                     at.theirs.goaway == code(ErrorCode::StreamClosed);
            }},
    KnownDifference{
        .id = "data-before-headers-is-a-stream-matter",
        .section = "RFC 9113 section 8.1.1",
        .why = "a response that begins with DATA is malformed, which is a stream error; nghttp2 "
               "ends the connection, unless the DATA is empty or too large for its window",
        .is_it =
            [](const Parting& at) {
              return is_ours(at, Rule::DataBeforeHeaders) &&
                     (at.theirs.goaway == code(ErrorCode::ProtocolError) ||
                      (is_silent(at.theirs) && at.theirs.events.empty()) ||
                      at.theirs.blame() == Blame::Stream);
            }},
    KnownDifference{
        .id = "closed-stream",
        .section = "RFC 9113 sections 5.1 and 5.1.1",
        .why = "a frame behind the end of both sides is a connection error, and so is a stream "
               "number that was jumped over; nghttp2 drops such frames, after it has decoded them",
        .is_it =
            [](const Parting& at) {
              return is_one_of(at, Rule::FrameOnClosedStream, Rule::StreamIdNotGreater);
            }},
    KnownDifference{
        .id = "padding-on-a-closed-stream",
        .section = "RFC 9113 section 6.1",
        .why = "too long a padding is a connection error on any stream; nghttp2 looks at the "
               "stream first, and drops DATA of those that are gone",
        .is_it =
            [](const Parting& at) {
              return is_ours(at, Rule::PaddingTooLong) &&
                     (is_silent(at.theirs) || at.theirs.goaway == code(ErrorCode::StreamClosed));
            }},
    KnownDifference{
        .id = "window-given-elsewhere",
        .section = "RFC 9113 section 6.9",
        .why = "nghttp2 gives back at once what padding and DATA of streams that are gone took, "
               "though windows are held, and gives to ended streams when its initial window "
               "changes",
        .is_it =
            [](const Parting& at) {
              return is_silent(at.ours) && is_silent(at.theirs) &&
                     at.ours.events == at.theirs.events && at.ours.closed == at.theirs.closed &&
                     at.ours.sent == at.theirs.sent && at.ours.windows != at.theirs.windows &&
                     (at.header.is(FrameType::Settings) ||
                      (at.header.is(FrameType::Data) &&
                       (at.header.has(flag::kPadded) || at.setup.holds_windows)));
            }},
    KnownDifference{.id = "malformed-promise",
                    .section = "RFC 9113 section 8.1.1",
                    .why = "it is PROTOCOL_ERROR; nghttp2 says CANCEL",
                    .is_it =
                        [](const Parting& at) {
                          return at.header.is(FrameType::PushPromise) &&
                                 at.ours.blame() == Blame::Stream &&
                                 at.theirs.blame() == Blame::Stream;
                        }},
    KnownDifference{.id = "promise-behind-the-end",
                    .section = "RFC 9113 section 6.6",
                    .why = "a promise on a stream that is neither open nor half-closed (local) is "
                           "PROTOCOL_ERROR; nghttp2 says STREAM_CLOSED behind END_STREAM",
                    .is_it =
                        [](const Parting& at) {
                          return is_ours(at, Rule::PushPromiseState) &&
                                 at.theirs.goaway == code(ErrorCode::StreamClosed);
                        }},
    KnownDifference{
        .id = "promise-is-refused-anyway",
        .section = "RFC 9113 section 8.4",
        .why = "a promise of CONNECT, without :authority, or of a stream that is gone is to be "
               "reset; ours refuses every promise",
        .is_it =
            [](const Parting& at) {
              return is_taken(at) && at.ours.kind == MessageKind::Promise &&
                     (at.theirs.resets.begin()->second == code(ErrorCode::Cancel) ||
                      count_fields(at, ":authority") == 0 ||
                      has_field(at, [](std::string_view name, std::string_view value) {
                        return name == ":method" && value == "CONNECT";
                      }));
            }},
    KnownDifference{.id = "two-faults-of-content",
                    .section = "RFC 9113 sections 6.9.1 and 8.1.1",
                    .why = "DATA passes the window and the content-length: no order is given",
                    .is_it =
                        [](const Parting& at) {
                          return is_ours(at, Rule::StreamWindowExceeded) &&
                                 at.ours.blame() == Blame::Stream &&
                                 at.theirs.blame() == Blame::Stream;
                        }},
    KnownDifference{
        .id = "window-of-a-closed-stream",
        .section = "RFC 9113 section 6.9.2",
        .why = "a new initial window changes those of streams that are there; nghttp2 resets "
               "closed ones whose windows it takes too far",
        .is_it =
            [](const Parting& at) {
              return at.header.is(FrameType::Settings) && is_silent(at.ours) &&
                     at.theirs.blame() == Blame::Stream &&
                     std::ranges::all_of(at.theirs.resets, [&at](const auto& reset) {
                       return at.gone.contains(reset.first);
                     });
            }},
    KnownDifference{
        .id = "who-is-next",
        .section = "RFC 9113 section 5.3",
        .why = "streams that compete for the connection's window are served in any order",
        .is_it =
            [](const Parting& at) {
              return is_silent(at.ours) && is_silent(at.theirs) &&
                     at.ours.events == at.theirs.events &&
                     at.ours.content_len == at.theirs.content_len && at.ours.content_len > 0;
            }},
};

}  // namespace

std::span<const KnownDifference> known_differences() {
  return kKnown;
}

}  // namespace apns::http2::test
