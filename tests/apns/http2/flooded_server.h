#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "apns/base/time.h"
#include "apns/http2/hpack_scratch.h"
#include "apns/http2/session.h"
#include "tests/apns/http2/frame_sequence.h"
#include "tests/apns/http2/frame_transcript.h"
#include "tests/apns/http2/small_server.h"

namespace apns::http2::test {

/// One session with a small server behind it, driven without a host: what it holds can be seen
/// after each piece.
class DrivenServer {
 public:
  DrivenServer(const SessionOptions& options, HpackScratch& scratch, TimePoint now);

  /// Offers `bytes` in pieces of up to 16 KB, as far as it reads. Returns how many it took.
  std::size_t feed(ByteView bytes, TimePoint now);
  /// What is due by `now`, at its time.
  void pass_until(TimePoint now);
  /// False: what it writes stays with it.
  void read(bool reads, TimePoint now);

  /// The lines since the last call.
  [[nodiscard]] std::vector<std::string> heard() { return transcript_.take(); }

  [[nodiscard]] Session& session() { return *session_; }

  [[nodiscard]] SmallServer& server() { return server_; }

  /// The largest pending() there was.
  [[nodiscard]] std::size_t most_pending() const { return most_pending_; }

  /// The most streams there were.
  [[nodiscard]] std::size_t most_streams() const { return most_streams_; }

 private:
  void take_pending(TimePoint now);

  SmallServer server_;
  std::unique_ptr<Session> session_;
  FrameTranscript transcript_;
  bool reads_ = true;
  std::size_t most_pending_ = 0;
  std::size_t most_streams_ = 0;
};

/// A server under attack, and another connection of the same thread.
class FloodedServer {
 public:
  /// `change` adapts the options of conformance_runner.h.
  using Change = void (*)(SessionOptions&);
  explicit FloodedServer(Change change = nullptr, bool starts = true);

  /// The attacker goes on. False: the server has taken less.
  bool say(const FrameSequence& frames);

  /// `next(i)` for i = 0, 1, ... until the server's session is over or `times` are through; returns
  /// how many were said.
  template <class Next>
  std::size_t say_until_over(std::size_t times, Next next) {
    std::size_t i = 0;
    while (i < times && !victim.session().is_over() && say(next(i))) {
      ++i;
    }
    return i;
  }

  void pass(Duration span);

  void stop_reading() { victim.read(false, now_); }

  void read_again() { victim.read(true, now_); }

  /// "resets 1000 on 0": the one bound that was hit; "" none; several: ", " between.
  [[nodiscard]] std::string bounds();
  /// The last line that the attacker has heard.
  [[nodiscard]] std::string last_heard();
  /// A request on the other connection is answered.
  [[nodiscard]] bool serves_other();

  /// Heap bytes of the process above those before the attack, at their highest after a say(), as
  /// the allocator says; 0 where it does not (sanitizers).
  [[nodiscard]] std::size_t most_held() const { return most_held_; }

 private:
  SessionOptions options_;
  HpackScratch scratch_;
  TimePoint now_{};

 public:
  DrivenServer victim;

 private:
  DrivenServer other_;
  StreamId next_other_ = 1;
  std::size_t held_before_ = 0;
  std::size_t most_held_ = 0;
  std::string last_heard_;
};

}  // namespace apns::http2::test
