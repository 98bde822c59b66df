#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "apns/http2/rule.h"
#include "apns/http2/session.h"
#include "tests/apns/http2/conformance_case.h"
#include "tests/apns/http2/conformance_runner.h"

/// The table of conformance for a client: what a server sends, what the client sends back, and what
/// it tells its caller.
namespace apns::http2::test {

/// The events, ", " between them:
///
///   informational 1 103       response 1 200        response 1 204 end      trailers 1 a=b; end
///   data 1 "ok" end           promise 1 2           goaway 1 NO_ERROR       settings
///   closed 1 done             closed 1 reset PROTOCOL_ERROR (by us)
///   closed 1 by peer CANCEL   closed 3 unprocessed NO_ERROR
struct ClientExpect {
  std::string frames;
  std::string events;
  std::vector<Rule> rules = {};
  bool goes_on = true;      // a request made afterwards gets its answer
  bool takes_none = false;  // or none can be made
};

struct ClientCase {
  std::string_view id;
  std::string_view section;
  std::string_view says;                // what the server does
  std::vector<std::string_view> opens;  // the client's requests first: "GET", "HEAD"; "POST" is
                                        // left open, "POST hello" has content
  FrameSequence bytes;                  // of the server then
  ClientExpect expect;
  Tune tune = nullptr;
  bool is_bare = false;  // `bytes` begin the server's side

  friend void PrintTo(const ClientCase& row, std::ostream* out) { *out << row.id; }
};

[[nodiscard]] std::vector<ClientCase> client_message_rows();
[[nodiscard]] std::vector<ClientCase> client_connection_rows();
[[nodiscard]] std::vector<ClientCase> client_rows();

struct ClientOutcome {
  std::string frames;
  std::string events;
  std::string afterwards;  // the events of the request made afterwards; "none": none could be made
  std::vector<Rule> rules;

  [[nodiscard]] bool operator==(const ClientOutcome&) const = default;
  friend void PrintTo(const ClientOutcome& outcome, std::ostream* out);
};

[[nodiscard]] ClientOutcome run(const ClientCase& row, Way way,
                                const std::function<void(SessionOptions&)>& change = {});
[[nodiscard]] ClientOutcome expected(const ClientCase& row);

}  // namespace apns::http2::test
