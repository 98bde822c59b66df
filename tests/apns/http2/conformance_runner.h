#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/memory_host.h"
#include "apns/http2/session.h"
#include "apns/tls/context.h"
#include "apns/tls/tls_engine.h"
#include "tests/apns/http2/conformance_case.h"
#include "tests/apns/http2/frame_transcript.h"
#include "tests/apns/http2/small_server.h"
#include "tests/support/probe_network.h"

namespace apns::http2::test {

/// How a row's bytes travel in the memory host.
enum class Way : std::uint8_t {
  Plain,
  Tls,       // between two TLS engines
  Bytewise,  // plain, in deliveries of one byte
};

[[nodiscard]] std::string_view to_string(Way way);

/// Both TLS contexts, made once per process.
struct TlsContexts {
  TlsContexts();
  [[nodiscard]] static const TlsContexts& shared();

  tls::Context server;
  tls::Context client;
};

/// Makes `options` those of the server of every row.
void set_server_options(SessionOptions& options);

/// A raw peer and a small server in the memory host: the peer is a probe, whose bytes the test
/// writes and whose frames it reads as text.
class RawClient {
 public:
  RawClient(const SessionOptions& options, Way way);

  /// One more connection to the same service. Number 1 is there from the start.
  std::uint64_t dial();
  void say(const FrameSequence& frames, std::uint64_t connection = 1);

  void run_for(Duration span) { host_.run_for(span); }

  /// What the server sent since the last call, and ", closed" once the connection has ended.
  [[nodiscard]] std::string heard(std::uint64_t connection = 1);
  /// The peer reads no more, or again.
  void read(bool reads, std::uint64_t connection = 1);

  [[nodiscard]] SmallServer& server(std::uint64_t connection = 1) {
    return service_.servers[connection];
  }

  [[nodiscard]] bool is_gone(std::uint64_t connection = 1) const {
    return service_.over.contains(connection);
  }

  [[nodiscard]] apns::test::Probe& probe(std::uint64_t connection = 1) {
    return caller_.probes[connection];
  }

 private:
  struct Heard {
    FrameTranscript transcript;
    std::size_t at = 0;  // of the probe's bytes
    bool is_end_told = false;
  };

  ManualClock clock_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_ = tls::make_scratch(1);
  std::map<std::uint64_t, Heard> heard_;
  SmallService service_;
  apns::test::ProbeCaller caller_;
  MemoryHost host_;  // its engines refer to all of the above
  Endpoint at_;
  std::unique_ptr<Dialer> dialer_;
};

/// What came of a row.
struct Outcome {
  std::string frames;
  std::string afterwards;  // to the request made afterwards; empty: none was made
  std::vector<Rule> rules;

  [[nodiscard]] bool operator==(const Outcome&) const = default;
  friend void PrintTo(const Outcome& outcome, std::ostream* out);
};

/// `change` has the last word about the server's options.
[[nodiscard]] Outcome run(const Case& row, Way way,
                          const std::function<void(SessionOptions&)>& change = {});
[[nodiscard]] Outcome expected(const Case& row);

}  // namespace apns::http2::test
