#include <algorithm>
#include <array>

#include "tests/apns/http2/oracle/oracle.h"

namespace apns::http2::test {

namespace {

constexpr auto code(ErrorCode of) {
  return static_cast<std::uint32_t>(of);
}

bool is_ours(const Parting& at, Rule rule) {
  return at.ours.rule == rule;
}

template <class... Rules>
bool is_one_of(const Parting& at, Rules... rules) {
  return (is_ours(at, rules) || ...);
}

bool is_silent(const Step& step) {
  return step.blame() == Blame::None;
}

/// Ours takes a message that the other resets its stream for.
bool is_taken(const Parting& at) {
  return is_silent(at.ours) && at.ours.kind && at.theirs.blame() == Blame::Stream;
}

bool is_name(std::string_view name, std::string_view of) {
  return name == of;
}

template <class Predicate>
bool has_field(const Parting& at, Predicate predicate) {
  return std::ranges::any_of(at.ours.fields, [&predicate](const auto& field) {
    return predicate(std::string_view(field.first), std::string_view(field.second));
  });
}

std::size_t count_fields(const Parting& at, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count(
      at.ours.fields, name, [](const auto& field) { return std::string_view(field.first); }));
}

bool is_pseudo(std::string_view name) {
  return name.starts_with(':');
}

/// RFC 9110 section 5.6.2, lower case.
bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
}

bool is_past_signed(std::string_view number) {
  while (number.starts_with('0')) {
    number.remove_prefix(1);
  }
  return number.size() > 19 || (number.size() == 19 && number > "9223372036854775807");
}

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

bool begins_block(const FrameHeader& header) {
  return (header.is(FrameType::Headers) || header.is(FrameType::PushPromise)) &&
         !header.has(flag::kEndHeaders);
}

bool is_request_without_authority(const Parting& at) {
  return at.ours.kind == MessageKind::Request && count_fields(at, ":authority") == 0 &&
         count_fields(at, "host") == 0;
}

bool has_status_without_length(const Parting& at) {
  return has_field(at, [](std::string_view name, std::string_view value) {
    return is_name(name, ":status") && (value.starts_with('1') || value == "204");
  });
}

constexpr std::array kKnown = {
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
        .why = "behind a GOAWAY, with no stream left, nghttp2 reads no more; ours reads until one "
               "side closes, so that a last PING is answered",
        .is_it = [](const Parting& at) { return at.theirs.is_unread; }},
    KnownDifference{
        .id = "cut-short",
        .section = "RFC 9113 sections 4.2 and 4.3",
        .why = "ours judges frames and header blocks when they are whole, nghttp2 some by their "
               "first bytes",
        .is_it = [](const Parting& at) { return !at.is_whole && is_silent(at.ours); }},
    KnownDifference{
        .id = "two-faults-of-a-block",
        .section = "RFC 9113 sections 4.2, 4.3 and 6.10",
        .why = "the block is interrupted, or a frame of it is too large, or its stream is closed, "
               "and what came of it is wrong too; ours decodes whole blocks only, and first",
        .is_it =
            [](const Parting& at) {
              return (begins_block(at.header) && at.theirs.blame() == Blame::Connection &&
                      is_one_of(at, Rule::BlockInterrupted, Rule::FrameTooLarge,
                                Rule::DataTooLarge)) ||
                     (at.header.is(FrameType::Headers) && is_ours(at, Rule::Compression) &&
                      at.theirs.goaway == code(ErrorCode::StreamClosed));
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
              if (is_ours(at, Rule::HeadersLength)) {
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
               "errors; nghttp2 ends the connection, and lets a response depend on its stream",
        .is_it =
            [](const Parting& at) {
              return is_one_of(at, Rule::SelfDependency, Rule::PriorityLength) &&
                     at.ours.blame() == Blame::Stream && at.theirs.blame() != Blame::Stream;
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
        .why = "nghttp2 counts what padding took apart, gives it back though windows are held or "
               "the stream has ended, and gives to ended streams when its initial window changes",
        .is_it =
            [](const Parting& at) {
              return is_silent(at.ours) && is_silent(at.theirs) &&
                     at.ours.events == at.theirs.events && at.ours.closed == at.theirs.closed &&
                     at.ours.sent == at.theirs.sent && at.ours.windows != at.theirs.windows &&
                     (at.header.is(FrameType::Settings) ||
                      (at.header.is(FrameType::Data) && at.header.has(flag::kPadded)));
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

    // ---- Messages ----
    KnownDifference{
        .id = "name-is-no-token",
        .section = "RFC 9113 section 8.2.1",
        .why = "HTTP/2 forbids some characters of names, not all that are no token's; the caller "
               "sees the name as it is",
        .is_it =
            [](const Parting& at) {
              return is_taken(at) && has_field(at, [](std::string_view name, std::string_view) {
                       return !is_pseudo(name) && !std::ranges::all_of(name, is_token_char);
                     });
            }},
    KnownDifference{.id = "control-character-in-value",
                    .section = "RFC 9113 section 8.2.1",
                    .why = "of control characters HTTP/2 forbids NUL, CR and LF",
                    .is_it =
                        [](const Parting& at) {
                          return is_taken(at) &&
                                 has_field(at, [](std::string_view name, std::string_view value) {
                                   return !is_pseudo(name) &&
                                          std::ranges::any_of(value, is_control);
                                 });
                        }},
    KnownDifference{
        .id = "pseudo-value-is-the-callers",
        .section = "RFC 9113 section 8.3.1",
        .why = "which characters a method, a scheme, an authority and a path may have is HTTP's "
               "matter and the caller's; ours asks for what this section says of them",
        .is_it =
            [](const Parting& at) {
              return is_taken(at) &&
                     has_field(at, [](std::string_view name, std::string_view value) {
                       const auto is_plain = [](char c) {
                         return c > 0x20 && c < 0x7F &&
                                std::string_view("\"<>[\\]^`{|}#").find(c) ==
                                    std::string_view::npos;
                       };
                       const auto is_of_scheme = [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
                       };
                       const bool is_odd =
                           name == ":scheme"
                               ? value.empty() || !std::ranges::all_of(value, is_of_scheme) ||
                                     (value[0] >= '0' && value[0] <= '9')
                               : value.empty() || !std::ranges::all_of(value, is_plain) ||
                                     (name != ":path" && name != ":method" &&
                                      value.find_first_of("/?") != std::string_view::npos) ||
                                     (name == ":method" &&
                                      value.find_first_of("/:,;=()@?") != std::string_view::npos);
                       return (is_pseudo(name) || name == "host") && name != ":status" && is_odd;
                     });
            }},
    KnownDifference{
        .id = "no-authority",
        .section = "RFC 9113 section 8.3.1",
        .why = "a request may come without :authority and host; nghttp2 asks for one of them, as "
               "HTTP/3 does",
        .is_it =
            [](const Parting& at) { return is_taken(at) && is_request_without_authority(at); }},
    KnownDifference{.id = "host-twice-or-in-trailers",
                    .section = "RFC 9110 section 7.2",
                    .why = "that makes no message malformed in HTTP/2",
                    .is_it =
                        [](const Parting& at) {
                          return is_taken(at) && (count_fields(at, "host") > 1 ||
                                                  (count_fields(at, "host") == 1 &&
                                                   at.ours.kind != MessageKind::Request));
                        }},
    KnownDifference{.id = "content-length-twice",
                    .section = "RFC 9110 section 8.6",
                    .why = "two of one value may be taken as one",
                    .is_it =
                        [](const Parting& at) {
                          return is_taken(at) && count_fields(at, "content-length") > 1;
                        }},
    KnownDifference{
        .id = "content-length-where-there-is-none",
        .section = "RFC 9110 section 8.6",
        .why = "a server must not send one with 1xx and 204, or in trailers; that does not make "
               "the message malformed, and the caller sees it",
        .is_it =
            [](const Parting& at) {
              return is_silent(at.ours) && at.theirs.blame() != Blame::Connection &&
                     count_fields(at, "content-length") == 1 &&
                     (has_status_without_length(at) || at.ours.kind == MessageKind::Trailers);
            }},
    KnownDifference{.id = "content-length-past-2^63",
                    .section = "RFC 9110 section 8.6",
                    .why = "it has no upper limit; ours takes what 64 bits hold",
                    .is_it =
                        [](const Parting& at) {
                          return is_taken(at) &&
                                 has_field(at, [](std::string_view name, std::string_view value) {
                                   return name == "content-length" && is_past_signed(value);
                                 });
                        }},
    KnownDifference{
        .id = "content-length-of-connect",
        .section = "RFC 9113 section 8.1.1, RFC 9110 section 9.3.6",
        .why = "only with 2xx a CONNECT's content-length means nothing; nghttp2 never looks at it "
               "and does not show it",
        .is_it =
            [](const Parting& at) {
              return at.is_connect && is_silent(at.theirs) &&
                     (is_one_of(at, Rule::ContentLengthMismatch, Rule::ContentLengthIllegal) ||
                      count_fields(at, "content-length") > 0);
            }},
    KnownDifference{.id = "content-where-there-is-none",
                    .section = "RFC 9110 section 6.4.1",
                    .why = "content of 204, 304 and a HEAD's response is the caller's to refuse",
                    .is_it =
                        [](const Parting& at) {
                          return at.header.is(FrameType::Data) && at.setup.role == Role::Client &&
                                 is_silent(at.ours) && at.theirs.blame() == Blame::Stream &&
                                 at.theirs.resets.begin()->second == code(ErrorCode::ProtocolError);
                        }},
    KnownDifference{.id = "userinfo",
                    .section = "RFC 9113 section 8.3.1",
                    .why = "an :authority of http and https must not hold a user; nghttp2 takes it",
                    .is_it =
                        [](const Parting& at) {
                          return is_ours(at, Rule::AuthorityUserinfo) && is_silent(at.theirs);
                        }},
    KnownDifference{.id = "status-below-100",
                    .section = "RFC 9110 section 15",
                    .why = "a status is from 100 on; nghttp2 takes any three digits",
                    .is_it =
                        [](const Parting& at) {
                          return is_ours(at, Rule::StatusIllegal) && is_silent(at.theirs);
                        }},
};

}  // namespace

std::span<const KnownDifference> known_differences() {
  return kKnown;
}

}  // namespace apns::http2::test
