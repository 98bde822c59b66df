// RFC 9113 section 8, as a client sees it: responses, interim responses, trailers.
#include <string>

#include "tests/apns/http2/client_conformance.h"

namespace apns::http2::test {

namespace {

constexpr std::string_view kFraming = "RFC 9113 section 8.1";
constexpr std::string_view kMalformed = "RFC 9113 section 8.1.1";
constexpr std::string_view kFields = "RFC 9113 section 8.2.1";
constexpr std::string_view kConnectionFields = "RFC 9113 section 8.2.2";
constexpr std::string_view kControlData = "RFC 9113 section 8.3";
constexpr std::string_view kStatus = "RFC 9113 section 8.3.2";
constexpr std::string_view kUpgrade = "RFC 9113 section 8.6";

constexpr TextField kOk{":status", "200"};

FrameSequence response(std::initializer_list<TextField> fields, std::uint8_t flags = kWhole) {
  return peer().headers(1, fields, flags);
}

FrameSequence started() {
  return response({kOk}, kEndHeaders);
}

ClientExpect events(std::string text) {
  return ClientExpect{"", std::move(text)};
}

/// The stream is reset behind the events `before`.
ClientExpect malformed(Rule rule, const std::string& before = {}) {
  return ClientExpect{"RST_STREAM 1 PROTOCOL_ERROR",
                      before + (before.empty() ? "" : ", ") + "closed 1 reset PROTOCOL_ERROR",
                      {rule}};
}

std::vector<ClientCase> response_rows() {
  return {
      {"response",
       kFraming,
       "answers with content",
       {"GET"},
       started().data(1, "ok"),
       events("response 1 200, data 1 \"ok\" end, closed 1 done")},
      {"response-empty",
       kFraming,
       "answers without content",
       {"GET"},
       response({kOk}),
       events("response 1 200 end, closed 1 done")},
      {"response-empty-data",
       kFraming,
       "ends its answer by an empty DATA frame",
       {"GET"},
       started().data(1, ""),
       events("response 1 200, data 1 \"\" end, closed 1 done")},
      {"response-trailers",
       kFraming,
       "answers with content and trailers",
       {"GET"},
       started().data(1, "ok", 0).headers(1, {{"a", "b"}}),
       events("response 1 200, data 1 \"ok\", trailers 1 a=b; end, closed 1 done")},
      {"response-interim",
       kFraming,
       "answers 103 twice, then 200",
       {"GET"},
       response({{":status", "103"}}, kEndHeaders)
           .headers(1, {{":status", "103"}}, kEndHeaders)
           .headers(1, {kOk}),
       events("informational 1 103, informational 1 103, response 1 200 end, closed 1 done")},
      {"response-before-request-ends",
       kFraming,
       "answers in full before the request has ended, then resets it",
       {"POST"},
       started().data(1, "ok").rst_stream(1, ErrorCode::NoError),
       events("response 1 200, data 1 \"ok\" end, closed 1 by peer NO_ERROR")},
      {"responses-other-order",
       kFraming,
       "answers the second request first",
       {"GET", "GET"},
       peer().headers(3, {{":status", "204"}}).headers(1, {kOk}),
       events("response 3 204 end, closed 3 done, response 1 200 end, closed 1 done")},
      {"responses-interleaved",
       kFraming,
       "sends the frames of two answers in turn",
       {"GET", "GET"},
       peer()
           .headers(3, {kOk}, kEndHeaders)
           .headers(1, {kOk}, kEndHeaders)
           .data(3, "a", 0)
           .data(1, "b")
           .data(3, "c"),
       events("response 3 200, response 1 200, data 3 \"a\", data 1 \"b\" end, closed 1 done, "
              "data 3 \"c\" end, closed 3 done")},
      {"interim-ends-stream",
       kFraming,
       "ends the stream by an interim response",
       {"GET"},
       response({{":status", "103"}}),
       malformed(Rule::InformationalEndsStream)},
      {"interim-then-data",
       kFraming,
       "sends DATA behind an interim response",
       {"GET"},
       response({{":status", "100"}}, kEndHeaders).data(1, "x"),
       malformed(Rule::DataBeforeHeaders, "informational 1 100")},
      {"data-before-headers",
       kFraming,
       "sends DATA first",
       {"GET"},
       peer().data(1, "x"),
       malformed(Rule::DataBeforeHeaders)},
      {"trailers-without-end",
       kFraming,
       "sends trailers that do not end the stream",
       {"GET"},
       started().data(1, "x", 0).headers(1, {{"a", "b"}}, kEndHeaders),
       malformed(Rule::TrailersWithoutEnd, "response 1 200, data 1 \"x\"")},
      {"response-twice",
       kFraming,
       "sends a second final response",
       {"GET"},
       started().headers(1, {kOk}),
       malformed(Rule::PseudoInTrailers, "response 1 200")},
      {"malformed-then-rest",
       kFraming,
       "goes on with an answer that was refused",
       {"GET"},
       response({{":status", "2000"}}, kEndHeaders).data(1, "x", 0).headers(1, {{"a", "b"}}),
       malformed(Rule::StatusIllegal)},
      {"switching-protocols",
       kUpgrade,
       "answers 101",
       {"GET"},
       response({{":status", "101"}}, kEndHeaders),
       malformed(Rule::SwitchingProtocols)},
  };
}

std::vector<ClientCase> length_rows() {
  return {
      {"content-length",
       kMalformed,
       "announces what it sends",
       {"GET"},
       response({kOk, {"content-length", "2"}}, kEndHeaders).data(1, "ok"),
       events("response 1 200, data 1 \"ok\" end, closed 1 done")},
      {"content-length-head",
       kMalformed,
       "answers HEAD with the length of what GET would bring",
       {"HEAD"},
       response({kOk, {"content-length", "5"}}),
       events("response 1 200 end, closed 1 done")},
      {"content-length-304",
       kMalformed,
       "answers 304 with a length and no content",
       {"GET"},
       response({{":status", "304"}, {"content-length", "5"}}),
       events("response 1 304 end, closed 1 done")},
      {"content-length-less",
       kMalformed,
       "sends less than it announces",
       {"GET"},
       response({kOk, {"content-length", "3"}}, kEndHeaders).data(1, "ok"),
       malformed(Rule::ContentLengthMismatch, "response 1 200")},
      {"content-length-more",
       kMalformed,
       "sends more than it announces",
       {"GET"},
       response({kOk, {"content-length", "1"}}, kEndHeaders).data(1, "ok", 0),
       malformed(Rule::ContentLengthMismatch, "response 1 200")},
      {"content-length-none",
       kMalformed,
       "announces content and sends none",
       {"GET"},
       response({kOk, {"content-length", "1"}}),
       malformed(Rule::ContentLengthMismatch)},
      {"content-length-word",
       kMalformed,
       "announces a word",
       {"GET"},
       response({kOk, {"content-length", "x"}}),
       malformed(Rule::ContentLengthIllegal)},
  };
}

std::vector<ClientCase> field_rows() {
  const auto status = [](std::string_view value) { return response({{":status", value}}); };
  return {
      {"status-missing",
       kStatus,
       "leaves :status out",
       {"GET"},
       response({{"a", "b"}}),
       malformed(Rule::PseudoMissing)},
      {"status-two-digits",
       kStatus,
       "answers 20",
       {"GET"},
       status("20"),
       malformed(Rule::StatusIllegal)},
      {"status-letter",
       kStatus,
       "answers 2x0",
       {"GET"},
       status("2x0"),
       malformed(Rule::StatusIllegal)},
      {"status-empty",
       kStatus,
       "answers nothing",
       {"GET"},
       status(""),
       malformed(Rule::StatusIllegal)},
      {"status-sign",
       kStatus,
       "answers +20",
       {"GET"},
       status("+20"),
       malformed(Rule::StatusIllegal)},
      {"status-twice",
       kControlData,
       "has :status twice",
       {"GET"},
       response({kOk, kOk}),
       malformed(Rule::PseudoRepeated)},
      {"pseudo-of-request",
       kControlData,
       "has :path in a response",
       {"GET"},
       response({kOk, {":path", "/"}}),
       malformed(Rule::PseudoOfOtherMessage)},
      {"pseudo-unknown",
       kControlData,
       "has an unknown pseudo-header field",
       {"GET"},
       response({kOk, {":reason", "OK"}}),
       malformed(Rule::PseudoUnknown)},
      {"pseudo-behind-field",
       kControlData,
       "has :status behind a regular field",
       {"GET"},
       response({{"a", "b"}, kOk}),
       malformed(Rule::PseudoAfterField)},
      {"pseudo-in-trailers",
       kFraming,
       "has :status in trailers",
       {"GET"},
       started().data(1, "x", 0).headers(1, {kOk}),
       malformed(Rule::PseudoInTrailers, "response 1 200, data 1 \"x\"")},
      {"name-upper-case",
       kFields,
       "has upper case in a field's name",
       {"GET"},
       response({kOk, {"Server", "x"}}),
       malformed(Rule::FieldNameIllegal)},
      {"value-newline",
       kFields,
       "has LF in a value",
       {"GET"},
       response({kOk, {"a", "x\ny"}}),
       malformed(Rule::FieldValueIllegal)},
      {"connection",
       kConnectionFields,
       "has the field connection",
       {"GET"},
       response({kOk, {"connection", "close"}}),
       malformed(Rule::ConnectionSpecificField)},
      {"te",
       kConnectionFields,
       "has the field te",
       {"GET"},
       response({kOk, {"te", "gzip"}}),
       malformed(Rule::TeNotTrailers)},
  };
}

}  // namespace

std::vector<ClientCase> client_message_rows() {
  std::vector<ClientCase> all = response_rows();
  for (const auto& rows : {length_rows(), field_rows()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace apns::http2::test
