#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apns/base/network.h"
#include "apns/http2/hpack_scratch.h"
#include "apns/http2/session.h"
#include "tests/support/checked_engine.h"

namespace apns::http2::test {

/// Answers each request with 200 when it has ended, by its path:
///
///   /bytes/N    N times x                    /echo      its content, and its trailers behind a
///   /hold       not before one for /go                  space: "content name=value;"
///   /early      at once, without its end     /fields    its regular fields: "name=value;"
///   /reset      CANCEL, at once              /trailers  "ok" and trailers
///   /stall      "ok"; until then no window   /away      "ok" behind GOAWAY for its stream
///               is given back                /leave     "ok"; the server shuts down
///   others      "ok"
///
/// HEAD has no content. Notes the rules that were broken and the bounds that were hit.
class SmallServer final : public SessionEvents {
 public:
  struct Bounded {
    Bound bound;
    std::uint64_t limit;
    StreamId stream;
  };

  void message(const Message& message) override;
  void data(StreamId stream, ByteView content, bool end_stream) override;
  void closed(StreamId stream, StreamEnd end, ErrorCode code, std::uint64_t user) override;
  void violation(const Violation& violation) override;
  void bound_hit(const BoundHit& hit) override;

  Session* session = nullptr;  // set by who makes it; gone when the connection is
  std::vector<Rule> rules;
  std::vector<Bounded> bounds;
  std::size_t num_requests = 0;
  std::size_t num_closed = 0;

 private:
  struct Request {
    std::string method;
    std::string path;
    std::string fields;
    std::string content;
    std::string trailers;
    bool is_answered = false;
  };

  void request(const Message& message);
  void ended(StreamId stream);
  void answer(StreamId stream, Request& request);

  std::map<StreamId, Request> requests_;
  std::vector<StreamId> held_;
};

/// Accepts connections for small servers, numbered from 1; they stay when their connections end.
class SmallService final : public AcceptEvents {
 public:
  explicit SmallService(const SessionOptions& options, Transport transport = plain_transport())
      : options_(options), transport_(apns::test::checked(std::move(transport))) {}

  std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host, TimePoint now) override;
  void gone(const PeerInfo& peer, Gone why, TimePoint now) override;

  std::map<std::uint64_t, SmallServer> servers;
  std::map<std::uint64_t, Gone> over;

 private:
  const SessionOptions& options_;
  Transport transport_;
  HpackScratch scratch_;  // of the one thread
};

}  // namespace apns::http2::test
