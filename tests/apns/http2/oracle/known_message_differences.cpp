#include <algorithm>
#include <string_view>

#include "tests/apns/http2/oracle/parting.h"

// Those of messages.

namespace apns::http2::test {

namespace {

bool is_name(std::string_view name, std::string_view of) {
  return name == of;
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

bool is_request_without_authority(const Parting& at) {
  return at.ours.kind == MessageKind::Request && count_fields(at, ":authority") == 0 &&
         count_fields(at, "host") == 0;
}

bool has_status_without_length(const Parting& at) {
  return has_field(at, [](std::string_view name, std::string_view value) {
    return is_name(name, ":status") && (value.starts_with('1') || value == "204");
  });
}

constexpr KnownDifference kKnown[] = {
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

std::span<const KnownDifference> known_message_differences() {
  return kKnown;
}

}  // namespace apns::http2::test
