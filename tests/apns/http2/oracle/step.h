#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apns/base/bytes.h"
#include "apns/http2/session.h"

namespace apns::http2::test {

/// How far an end says that its peer has gone wrong.
enum class Blame : std::uint8_t {
  None,
  Stream,
  Connection,
  Bound,  // a limit of ours, which no rule asks for
};

/// What an end has made of one part of the wire, as text that two implementations spell alike.
struct Step {
  std::string events;  // accepted: messages with their fields, content, settings, pings, goaways
  std::map<StreamId, std::string> closed;  // streams that have ended, and how
  std::string sent;  // answers and content, in an order that does not depend on scheduling
  std::map<StreamId, std::uint64_t> windows;  // what WINDOW_UPDATEs give
  std::uint64_t content_len = 0;              // of all DATA sent
  std::map<StreamId, std::uint32_t> resets;   // RST_STREAM that its application did not ask for
  std::optional<std::uint32_t> goaway;        // the code of a GOAWAY
  bool is_bound = false;
  bool is_done = false;    // theirs only: it wants no more
  bool is_unread = false;  // theirs only: it had wanted no more, and dropped the bytes
  // Ours only: the fields of the last message.
  std::vector<std::pair<std::string, std::string>> fields;
  std::optional<MessageKind> kind;
  std::optional<Rule> rule;  // ours only: the first rule that was broken
  std::string why;           // for people

  [[nodiscard]] Blame blame() const;
};

/// For people: all of it.
[[nodiscard]] std::string to_text(const Step& step);

// The lines that make a step up.
void add_message(Step& step, StreamId stream, MessageKind kind, StreamId promised,
                 std::string_view fields, bool end_stream);
[[nodiscard]] std::string field_line(std::string_view name, std::string_view value, bool is_never);
void add_data(Step& step, StreamId stream, std::size_t len, std::uint64_t hash, bool end_stream);
void add_setting(Step& step, std::uint16_t id, std::uint32_t value);
void add_settings_acked(Step& step);
void add_ping(Step& step, ByteView opaque, bool is_ack);
void add_goaway(Step& step, StreamId last_stream, std::uint32_t code, std::string_view debug);
void add_closed(Step& step, StreamId stream, StreamEnd end, std::uint32_t code);

/// FNV-1a, in parts.
[[nodiscard]] std::uint64_t hash_bytes(ByteView bytes, std::uint64_t seed = 0xCBF2'9CE4'8422'2325U);

/// Reads the frames that an end sends.
class SentReader {
 public:
  /// `is_client`: a preface comes first.
  explicit SentReader(bool is_client) : is_preface_next_(is_client) {}

  void take(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  /// Puts what was taken since the last call into `step`.
  void finish(Step& step);

  /// Bytes that are not a whole frame.
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }

 private:
  struct Content {
    std::size_t len = 0;
    unsigned num_blocks = 0;
    bool is_ended = false;
  };

  void take_frame(const FrameHeader& header, ByteView payload, Step& step);

  Bytes bytes_;
  bool is_preface_next_;
  std::map<StreamId, Content> content_;
};

}  // namespace apns::http2::test
