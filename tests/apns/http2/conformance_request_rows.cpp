// RFC 9113 sections 8.3 and 8.5: control data of requests, CONNECT.
#include <string>

#include "tests/apns/http2/conformance_case.h"

namespace apns::http2::test {

namespace {

using enum ErrorCode;

constexpr std::string_view kControlData = "RFC 9113 section 8.3";
constexpr std::string_view kRequest = "RFC 9113 section 8.3.1";
constexpr std::string_view kConnect = "RFC 9113 section 8.5";
constexpr std::string_view kLimits = "RFC 9113 section 10.5.1";

constexpr TextField kMethod{":method", "GET"};
constexpr TextField kScheme{":scheme", "https"};
constexpr TextField kAuthority{":authority", "a"};
constexpr TextField kPath{":path", "/"};

Expect malformed(Rule rule) {
  return stream_error(rule, ProtocolError, 1);
}

FrameSequence request(std::initializer_list<TextField> fields) {
  return peer().headers(1, fields);
}

std::vector<Case> pseudo_rows() {
  return {
      {"pseudo-unknown", kControlData, "http2/8.1.2.1/1", "has an unknown pseudo-header field",
       request({kMethod, kScheme, kPath, {":test", "ok"}}), malformed(Rule::PseudoUnknown)},
      {"pseudo-of-response", kControlData, "http2/8.1.2.1/2", "has :status in a request",
       request({kMethod, kScheme, kPath, {":status", "200"}}),
       malformed(Rule::PseudoOfOtherMessage)},
      {"pseudo-in-trailers", "RFC 9113 section 8.1", "http2/8.1.2.1/3",
       "has a pseudo-header field in trailers",
       peer().post(1).data(1, "x", 0).headers(1, {kMethod}), malformed(Rule::PseudoInTrailers)},
      {"pseudo-behind-field", kControlData, "http2/8.1.2.1/4",
       "has a pseudo-header field behind a regular one",
       request({kMethod, kScheme, kAuthority, {"x-test", "ok"}, kPath}),
       malformed(Rule::PseudoAfterField)},
      {"pseudo-empty-name", kControlData, "", "has a field whose name is a colon",
       request({kMethod, kScheme, kPath, {":", "ok"}}), malformed(Rule::PseudoUnknown)},
      {"pseudo-upper-case", kControlData, "", "has :Method",
       request({{":Method", "GET"}, kScheme, kPath}), malformed(Rule::PseudoUnknown)},
      {"pseudo-other-order", kControlData, "", "has its pseudo-header fields in another order",
       request({kPath, kAuthority, kScheme, kMethod}), answered({1})},
      {"method-missing", kRequest, "http2/8.1.2.3/2", "leaves :method out",
       request({kScheme, kAuthority, kPath}), malformed(Rule::PseudoMissing)},
      {"scheme-missing", kRequest, "http2/8.1.2.3/3", "leaves :scheme out",
       request({kMethod, kAuthority, kPath}), malformed(Rule::PseudoMissing)},
      {"path-missing", kRequest, "http2/8.1.2.3/4", "leaves :path out",
       request({kMethod, kScheme, kAuthority}), malformed(Rule::PseudoMissing)},
      {"no-fields", kRequest, "", "sends a header section without a field",
       peer().headers(1, ByteView{}), malformed(Rule::PseudoMissing)},
      {"method-twice", kRequest, "http2/8.1.2.3/5", "has :method twice",
       request({kMethod, kMethod, kScheme, kPath}), malformed(Rule::PseudoRepeated)},
      {"scheme-twice", kRequest, "http2/8.1.2.3/6", "has :scheme twice",
       request({kMethod, kScheme, kPath, kScheme}), malformed(Rule::PseudoRepeated)},
      {"path-twice", kRequest, "http2/8.1.2.3/7", "has :path twice",
       request({kMethod, kPath, kScheme, kPath}), malformed(Rule::PseudoRepeated)},
      {"authority-twice", kRequest, "", "has :authority twice",
       request({kMethod, kAuthority, kScheme, kPath, kAuthority}), malformed(Rule::PseudoRepeated)},
  };
}

std::vector<Case> path_rows() {
  const auto path = [](std::string_view method, std::string_view path_value) {
    return request({{":method", method}, kScheme, kAuthority, {":path", path_value}});
  };
  return {
      {"path-empty", kRequest, "http2/8.1.2.3/1", "has an empty :path", path("GET", ""),
       malformed(Rule::PathIllegal)},
      {"path-relative", kRequest, "", "has a :path without a slash in front", path("GET", "a/b"),
       malformed(Rule::PathIllegal)},
      {"path-absolute-uri", kRequest, "", "has a whole URI as :path", path("GET", "https://a/b"),
       malformed(Rule::PathIllegal)},
      {"path-star", kRequest, "", "has * as :path of GET", path("GET", "*"),
       malformed(Rule::PathIllegal)},
      {"path-options-star", kRequest, "", "sends OPTIONS *", path("OPTIONS", "*"), answered({1})},
      {"path-options", kRequest, "", "sends OPTIONS /", path("OPTIONS", "/"), answered({1})},
      {"path-other-scheme", kRequest, "", "has a scheme whose paths are other texts",
       request({kMethod, {":scheme", "coap"}, {":path", ""}}), answered({1})},
      {"authority-missing", kRequest, "", "has host, but not :authority",
       request({kMethod, kScheme, kPath, {"host", "a"}}), answered({1})},
      {"authority-userinfo", kRequest, "", "has a user name in :authority",
       request({kMethod, kScheme, {":authority", "me@a"}, kPath}),
       malformed(Rule::AuthorityUserinfo)},
      {"authority-port", kRequest, "", "has a port in :authority",
       request({kMethod, kScheme, {":authority", "[::1]:443"}, kPath}), answered({1})},
  };
}

std::vector<Case> connect_rows() {
  constexpr TextField kConnectMethod{":method", "CONNECT"};
  return {
      {"connect", kConnect, "", "sends CONNECT", request({kConnectMethod, {":authority", "a:443"}}),
       answered({1})},
      {"connect-with-scheme", kConnect, "", "sends CONNECT with :scheme",
       request({kConnectMethod, kScheme, kAuthority}), malformed(Rule::ConnectPseudo)},
      {"connect-with-path", kConnect, "", "sends CONNECT with :path",
       request({kConnectMethod, kAuthority, kPath}), malformed(Rule::ConnectPseudo)},
      {"connect-without-authority", kConnect, "", "sends CONNECT without :authority",
       request({kConnectMethod}), malformed(Rule::ConnectPseudo)},
      {"connect-with-content", kConnect, "", "sends CONNECT, then DATA",
       peer()
           .headers(1, {kConnectMethod, {":authority", "a:443"}}, kEndHeaders)
           .data(1, "ab", 0)
           .data(1, "c"),
       answered({1})},
  };
}

std::vector<Case> list_rows() {
  // name (1), value and 32 a field; the four pseudo-header fields make 175.
  const std::string filler(7'500 - 33, 'x');
  return {
      {"list-8000", kLimits, "", "sends a header list of about 8,000 bytes",
       peer().get(1, "/", {{"a", filler}, {"b", std::string(200, 'y')}}), answered({1})},
      {"list-past-announced", kLimits, "",
       "sends more than the MAX_HEADER_LIST_SIZE that was announced, which is advice",
       peer().get(1, "/", {{"a", filler}, {"b", filler}}), answered({1})},
      {"list-many-fields", kLimits, "", "sends 400 fields",
       peer().headers(1,
                      [] {
                        Bytes block = get_block();
                        for (int i = 0; i < 400; ++i) {
                          block = join({block, hpack_literal("a", "b")});
                        }
                        return block;
                      }()),
       answered({1})},
  };
}

}  // namespace

std::vector<Case> request_rows() {
  std::vector<Case> all = pseudo_rows();
  for (const auto& rows : {path_rows(), connect_rows(), list_rows()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace apns::http2::test
