#include "tests/apns/http2/conformance_case.h"

#include "apns/http2/frame.h"

namespace apns::http2::test {

namespace {

std::string behind(const std::string& before, const std::string& text) {
  return before.empty() ? text : before + ", " + text;
}

}  // namespace

std::string ok(StreamId stream, std::string_view content) {
  const std::string number = std::to_string(stream);
  return "HEADERS " + number + " 200, DATA " + number + " \"" + std::string(content) +
         "\" END_STREAM";
}

std::string ok(StreamId stream) {
  return ok(stream, "ok");
}

Expect answered(std::initializer_list<StreamId> streams) {
  std::string text;
  for (const StreamId stream : streams) {
    text = behind(text, ok(stream));
  }
  return frames(text);
}

Expect stream_error(Rule rule, ErrorCode code, StreamId stream, const std::string& before) {
  return Expect{behind(before, "RST_STREAM " + std::to_string(stream) + " " +
                                   error_code_text(static_cast<std::uint32_t>(code))),
                {rule}};
}

Expect connection_error(Rule rule, ErrorCode code, StreamId last_stream,
                        const std::string& before) {
  return Expect{behind(before, "GOAWAY " + std::to_string(last_stream) + " " +
                                   error_code_text(static_cast<std::uint32_t>(code)) + ", closed"),
                {rule},
                false};
}

Expect frames(std::string text) {
  return Expect{std::move(text)};
}

Expect nothing() {
  return Expect{""};
}

Expect then(Expect expect, std::string later) {
  expect.later = std::move(later);
  return expect;
}

Expect last(Expect expect) {
  expect.goes_on = false;
  return expect;
}

}  // namespace apns::http2::test
