#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/time.h"
#include "apns/http2/rule.h"
#include "apns/http2/session.h"
#include "tests/apns/http2/frame_sequence.h"

/// The project's own table of HTTP/2 conformance: what a peer sends, and all that must come back.
namespace apns::http2::test {

/// What comes back, exactly, as FrameTranscript writes it.
struct Expect {
  std::string frames;            // ", " between; "closed" behind them if the connection ended
  std::vector<Rule> rules = {};  // that the session says were broken, in order
  bool goes_on = true;           // a request made afterwards is answered 200
  std::string later = {};        // what comes before that answer: of requests for /hold
};

/// The peer's session options of a row; null: those of every row.
using Tune = void (*)(SessionOptions&);

struct Case {
  std::string_view id;       // "settings-length-5"
  std::string_view section;  // "RFC 9113 section 6.5"
  std::string_view suite;    // the like cases of the suite h2spec, "http2/6.5/3"; empty: none
  std::string_view says;     // what the peer does
  FrameSequence bytes;       // of the peer, behind its preface and SETTINGS unless `is_bare`
  Expect expect;
  Tune tune = nullptr;
  bool is_bare = false;  // `bytes` begin the connection
  Duration wait{0};      // until one looks

  friend void PrintTo(const Case& row, std::ostream* out) { *out << row.id; }
};

/// "HEADERS 1 200, DATA 1 "ok" END_STREAM": a request is answered.
[[nodiscard]] std::string ok(StreamId stream);
[[nodiscard]] std::string ok(StreamId stream, std::string_view content);

[[nodiscard]] Expect answered(std::initializer_list<StreamId> streams);
/// `before` is what comes before the RST_STREAM or GOAWAY.
[[nodiscard]] Expect stream_error(Rule rule, ErrorCode code, StreamId stream,
                                  const std::string& before = {});
[[nodiscard]] Expect connection_error(Rule rule, ErrorCode code, StreamId last_stream,
                                      const std::string& before = {});
/// Frames, and nothing is wrong.
[[nodiscard]] Expect frames(std::string text);
/// Nothing comes back, and nothing is wrong.
[[nodiscard]] Expect nothing();
/// `expect`, and requests that are held are answered once the connection is asked again.
[[nodiscard]] Expect then(Expect expect, std::string later);
/// `expect`, and the connection is not asked again.
[[nodiscard]] Expect last(Expect expect);

[[nodiscard]] inline FrameSequence peer() {
  return {};
}

// The rows, by section of RFC 9113; each file says what it holds.
[[nodiscard]] std::vector<Case> start_rows();     // 3 and 4
[[nodiscard]] std::vector<Case> stream_rows();    // 5
[[nodiscard]] std::vector<Case> frame_rows();     // 6.1 to 6.4, 6.6 to 6.8, 6.10, 7
[[nodiscard]] std::vector<Case> settings_rows();  // 6.5
[[nodiscard]] std::vector<Case> window_rows();    // 6.9
[[nodiscard]] std::vector<Case> message_rows();   // 8.1, 8.2
[[nodiscard]] std::vector<Case> request_rows();   // 8.3 to 8.6
[[nodiscard]] std::vector<Case> hpack_rows();     // RFC 7541
/// All of them.
[[nodiscard]] std::vector<Case> conformance_rows();

}  // namespace apns::http2::test
