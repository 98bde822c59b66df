#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "tests/apns/http2/oracle/conversation.h"
#include "tests/apns/http2/oracle/step.h"

namespace apns::http2::test {

/// When the application of a server answers.
enum class Pace : std::uint8_t {
  BehindPart,  // behind the part that was fed, as the other implementation's does
  AtOnce,      // inside the event, so that how bytes are cut does not matter
};

/// apns::http2::Session as the end under test. What it says is held against its own contract on the
/// way: closed() once for each stream that was made known, nothing for a stream that is gone, no
/// event once the session is over, pending output bounded. A breach stops the program.
class OurEnd final : private SessionEvents {
 public:
  OurEnd(const Setup& setup, HpackScratch& scratch, Pace pace = Pace::BehindPart);

  /// What it sends by itself.
  [[nodiscard]] Step start();
  [[nodiscard]] Step feed(ByteView part);
  /// The peer ends the connection: everything must come to an end.
  void finish();

  [[nodiscard]] bool is_over() const { return session_.is_over(); }

  /// All that it has told so far, a line each, and a hash of all that it has sent.
  [[nodiscard]] const std::string& told() const { return told_; }

  [[nodiscard]] std::uint64_t sent_hash() const { return sent_hash_; }

 private:
  struct Options : SessionOptions {
    Options(const Setup& setup, Pace pace);
  };

  void message(const Message& message) override;
  void data(StreamId stream, ByteView content, bool end_stream) override;
  void closed(StreamId stream, StreamEnd end, ErrorCode code, std::uint64_t user) override;
  void settings(std::span<const Setting> entries, std::uint64_t position) override;
  void settings_acked(std::uint64_t position) override;
  void ping(ByteView opaque, bool is_ack) override;
  void goaway(StreamId last_stream, ErrorCode code, std::string_view debug) override;
  void violation(const Violation& violation) override;
  void bound_hit(const BoundHit& hit) override;

  void check_event() const;
  void note();
  void drain();
  void is_to_answer(StreamId stream, Answer when);
  void answer(StreamId stream);
  void send_body(StreamId stream, std::uint32_t body_bytes, bool has_trailers);
  Step take_step();

  const Setup& setup_;
  const Pace pace_;
  const Options options_;
  SentReader sent_;
  Step step_;
  std::vector<StreamId> to_answer_;
  std::set<StreamId> known_;  // and not closed
  std::set<StreamId> ended_;  // by the peer
  StreamId promised_ = 0;     // in this step; it is refused
  StreamId last_known_ = 0;   // for a stream that is made known twice
  bool was_over_ = false;
  std::string told_;
  std::size_t noted_ = 0;  // of step_.events
  std::uint64_t sent_hash_ = hash_bytes({});
  Session session_;
};

}  // namespace apns::http2::test
