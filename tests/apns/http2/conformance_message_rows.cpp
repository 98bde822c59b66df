// RFC 9113 sections 8.1 and 8.2: the frames of a message, and its fields.
#include <string>

#include "tests/apns/http2/conformance_case.h"

namespace apns::http2::test {

namespace {

using enum ErrorCode;

constexpr std::string_view kFraming = "RFC 9113 section 8.1";
constexpr std::string_view kMalformed = "RFC 9113 section 8.1.1";
constexpr std::string_view kFields = "RFC 9113 section 8.2.1";
constexpr std::string_view kConnectionFields = "RFC 9113 section 8.2.2";
constexpr std::string_view kCookies = "RFC 9113 section 8.2.3";

Expect malformed(Rule rule) {
  return stream_error(rule, ProtocolError, 1);
}

FrameSequence get_with(std::string_view name, std::string_view value) {
  return peer().get(1, "/", {{name, value}});
}

FrameSequence post_of_length(std::string_view content_length) {
  return peer().post(1, "/echo", {{"content-length", content_length}});
}

FrameSequence method(std::string_view name, std::uint8_t flags) {
  return peer().headers(
      1, {{":method", name}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}}, flags);
}

std::vector<Case> framing_rows() {
  return {
      {"get", kFraming, "generic/4/1", "sends GET", method("GET", kWhole), answered({1})},
      {"head", kFraming, "generic/4/2", "sends HEAD", method("HEAD", kWhole),
       frames("HEADERS 1 200 END_STREAM")},
      {"post", kFraming, "generic/4/3", "sends POST", peer().post(1, "/echo").data(1, "ab"),
       frames(ok(1, "ab"))},
      {"post-trailers", kFraming, "generic/4/4", "sends POST with trailers",
       peer().post(1, "/echo").data(1, "ab", 0).headers(1, {{"x-test", "c"}}),
       frames(ok(1, "ab x-test=c;"))},
      {"post-empty", kFraming, "", "sends POST whose content is an empty DATA frame",
       peer().post(1, "/echo").data(1, ""), frames(ok(1, ""))},
      {"post-without-data", kFraming, "", "sends POST without DATA", method("POST", kWhole),
       answered({1})},
      {"trailers-at-once", kFraming, "", "sends trailers right behind the header section",
       peer().post(1, "/echo").headers(1, {{"x-test", "c"}}), frames(ok(1, " x-test=c;"))},
      {"trailers-empty", kFraming, "", "sends trailers without a field",
       peer().post(1, "/echo").data(1, "ab", 0).headers(1, ByteView{}), frames(ok(1, "ab"))},
      {"trailers-without-end", kFraming, "http2/8.1/1",
       "sends a second HEADERS frame without END_STREAM",
       peer().post(1).data(1, "x", 0).headers(1, {{"a", "b"}}, kEndHeaders),
       malformed(Rule::TrailersWithoutEnd)},
      {"requests-interleaved", kFraming, "", "sends the frames of two requests in turn",
       peer()
           .post(1, "/echo")
           .post(3, "/echo")
           .data(3, "c", 0)
           .data(1, "a", 0)
           .data(3, "d")
           .data(1, "b"),
       frames(ok(3, "cd") + ", " + ok(1, "ab"))},
      {"methods", kFraming, "", "sends a method of its own", method("BREW", kWhole), answered({1})},
  };
}

std::vector<Case> length_rows() {
  const auto wrong = [] { return malformed(Rule::ContentLengthMismatch); };
  const auto illegal = [] { return malformed(Rule::ContentLengthIllegal); };
  return {
      {"content-length", kMalformed, "", "announces what it sends",
       post_of_length("4").data(1, "ab", 0).data(1, "cd"), frames(ok(1, "abcd"))},
      {"content-length-trailers", kMalformed, "", "announces what it sends, with trailers",
       post_of_length("2").data(1, "ab", 0).headers(1, {{"a", "b"}}), frames(ok(1, "ab a=b;"))},
      {"content-length-padded", kMalformed, "", "does not count padding",
       post_of_length("2").frame(FrameType::Data, kEndStream | flag::kPadded, 1,
                                 hex("03 6162 000000")),
       frames(ok(1, "ab"))},
      {"content-length-0", kMalformed, "", "announces nothing and sends nothing",
       get_with("content-length", "0"), answered({1})},
      {"content-length-twice", kMalformed, "", "announces the same twice",
       peer().post(1, "/echo", {{"content-length", "2"}, {"content-length", "2"}}).data(1, "ab"),
       frames(ok(1, "ab"))},
      {"content-length-less", kMalformed, "http2/8.1.2.6/1", "sends less than it announces",
       post_of_length("5").data(1, "test"), wrong()},
      {"content-length-less-in-two", kMalformed, "http2/8.1.2.6/2",
       "sends less than it announces, in two frames",
       post_of_length("9").data(1, "test", 0).data(1, "test"), wrong()},
      {"content-length-more", kMalformed, "", "sends more than it announces",
       post_of_length("1").data(1, "test", 0), wrong()},
      {"content-length-trailers-less", kMalformed, "",
       "sends less than it announces, then trailers",
       post_of_length("5").data(1, "test", 0).headers(1, {{"a", "b"}}), wrong()},
      {"content-length-none", kMalformed, "", "announces content and sends none",
       get_with("content-length", "1"), wrong()},
      {"content-length-word", kMalformed, "", "announces a word", get_with("content-length", "two"),
       illegal()},
      {"content-length-sign", kMalformed, "", "announces +0", get_with("content-length", "+0"),
       illegal()},
      {"content-length-negative", kMalformed, "", "announces -1", get_with("content-length", "-1"),
       illegal()},
      {"content-length-empty", kMalformed, "", "announces the empty text",
       get_with("content-length", ""), illegal()},
      {"content-length-2^64", kMalformed, "", "announces 2^64 bytes",
       get_with("content-length", "18446744073709551616"), illegal()},
      {"content-length-list", kMalformed, "", "announces 0, 0", get_with("content-length", "0, 0"),
       illegal()},
      {"content-length-differing", kMalformed, "", "announces two lengths",
       peer().get(1, "/", {{"content-length", "0"}, {"content-length", "1"}}), illegal()},
  };
}

std::vector<Case> name_rows() {
  const auto illegal = [] { return malformed(Rule::FieldNameIllegal); };
  return {
      {"name-upper-case", kFields, "http2/8.1.2/1", "has upper case in a field's name",
       get_with("X-TEST", "ok"), illegal()},
      {"name-one-upper-case", kFields, "", "has one letter in upper case",
       get_with("content-typE", "ok"), illegal()},
      {"name-empty", kFields, "", "has a field without a name", get_with("", "x"), illegal()},
      {"name-space", kFields, "", "has a space in a name", get_with("x test", "x"), illegal()},
      {"name-colon", kFields, "", "has a colon in a name", get_with("x:test", "x"), illegal()},
      {"name-nul", kFields, "", "has NUL in a name", get_with(std::string_view("x\0", 2), "x"),
       illegal()},
      {"name-newline", kFields, "", "has LF in a name", get_with("x\ny", "x"), illegal()},
      {"name-delete", kFields, "", "has DEL in a name", get_with("x\x7f", "x"), illegal()},
      {"name-utf8", kFields, "", "has a letter past ASCII in a name", get_with("\xc3\xa4", "x"),
       illegal()},
      {"name-in-trailers", kFields, "", "has upper case in trailers",
       peer().post(1).data(1, "x", 0).headers(1, {{"X-Test", "ok"}}), illegal()},
      {"name-characters", kFields, "", "has every character that a name may have",
       get_with("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz", "x"), answered({1})},
  };
}

std::vector<Case> value_rows() {
  const auto illegal = [] { return malformed(Rule::FieldValueIllegal); };
  return {
      {"value-nul", kFields, "", "has NUL in a value", get_with("a", std::string_view("x\0y", 3)),
       illegal()},
      {"value-cr", kFields, "", "has CR in a value", get_with("a", "x\ry"), illegal()},
      {"value-lf", kFields, "", "has LF in a value", get_with("a", "x\ny: z"), illegal()},
      {"value-space-first", kFields, "", "begins a value with a space", get_with("a", " x"),
       illegal()},
      {"value-space-last", kFields, "", "ends a value with a space", get_with("a", "x "),
       illegal()},
      {"value-tab-first", kFields, "", "begins a value with a tab", get_with("a", "\tx"),
       illegal()},
      {"value-tab-last", kFields, "", "ends a value with a tab", get_with("a", "x\t"), illegal()},
      {"value-of-pseudo", kFields, "", "has LF in :path", peer().get(1, "/\n"), illegal()},
      {"value-in-trailers", kFields, "", "has NUL in trailers",
       peer().post(1).headers(1, {{"a", std::string_view("\0", 1)}}), illegal()},
      {"value-empty", kFields, "", "has an empty value", get_with("a", ""), answered({1})},
      {"value-inner-blanks", kFields, "", "has spaces and tabs inside a value",
       get_with("a", "x \t y"), answered({1})},
      {"value-past-ascii", kFields, "", "has bytes past ASCII in a value",
       get_with("a", "\xc3\xa4\xff\x01\x7f"), answered({1})},
  };
}

std::vector<Case> connection_field_rows() {
  const auto specific = [] { return malformed(Rule::ConnectionSpecificField); };
  return {
      {"connection", kConnectionFields, "http2/8.1.2.2/1", "has the field connection",
       get_with("connection", "keep-alive"), specific()},
      {"keep-alive", kConnectionFields, "", "has the field keep-alive",
       get_with("keep-alive", "timeout=5"), specific()},
      {"proxy-connection", kConnectionFields, "", "has the field proxy-connection",
       get_with("proxy-connection", "keep-alive"), specific()},
      {"transfer-encoding", kConnectionFields, "", "has the field transfer-encoding",
       get_with("transfer-encoding", "chunked"), specific()},
      {"upgrade", kConnectionFields, "", "has the field upgrade", get_with("upgrade", "h2c"),
       specific()},
      {"connection-in-trailers", kConnectionFields, "", "has the field connection in trailers",
       peer().post(1).headers(1, {{"connection", "close"}}), specific()},
      {"te-gzip", kConnectionFields, "http2/8.1.2.2/2", "has te say something other than trailers",
       get_with("te", "trailers, deflate"), malformed(Rule::TeNotTrailers)},
      {"te-empty", kConnectionFields, "", "has te say nothing", get_with("te", ""),
       malformed(Rule::TeNotTrailers)},
      {"te-trailers", kConnectionFields, "", "has te say trailers", get_with("te", "trailers"),
       answered({1})},
      {"cookies", kCookies, "", "splits its cookies",
       peer().get(1, "/fields", {{"cookie", "a=b"}, {"cookie", "c=d"}, {"cookie", "e=f"}}),
       frames(ok(1, "cookie=a=b;cookie=c=d;cookie=e=f;"))},
  };
}

}  // namespace

std::vector<Case> message_rows() {
  std::vector<Case> all = framing_rows();
  for (const auto& rows : {length_rows(), name_rows(), value_rows(), connection_field_rows()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace apns::http2::test
