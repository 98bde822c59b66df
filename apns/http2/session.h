#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/engine.h"
#include "apns/base/out_buffer.h"
#include "apns/http2/frame.h"
#include "apns/http2/hpack_decoder.h"
#include "apns/http2/hpack_encoder.h"
#include "apns/http2/limits.h"
#include "apns/http2/message.h"
#include "apns/http2/rule.h"
#include "apns/http2/settings.h"
#include "apns/http2/stream_table.h"

namespace apns::http2 {

enum class Role : std::uint8_t { Client, Server };

/// What many sessions share and none changes; outlives them.
struct SessionOptions {
  SessionOptions() = default;

  /// With the caller's names of fields.
  explicit SessionOptions(std::span<const std::string_view> field_names) : names(field_names) {}

  Role role = Role::Server;
  /// What the first SETTINGS frame says, in this order. A client that does not want pushes says
  /// ENABLE_PUSH 0 here: one that is pushed to all the same refuses the stream.
  std::vector<Setting> settings;
  /// Our receive window of the connection; what exceeds the 65,535 of the RFC is granted at once.
  std::uint32_t connection_window = kDefaultWindow;
  /// SETTINGS_MAX_CONCURRENT_STREAMS binds the peer as soon as it was sent, not only from the
  /// acknowledgement on (which is when the RFC lets it be enforced).
  bool limit_before_ack = false;
  /// DATA for a stream that we have refused (REFUSED_STREAM) draws RST_STREAM again, with
  /// STREAM_CLOSED. The RFC has such frames ignored for a while; some servers do not
  /// (docs/wire/http2.md#streams).
  bool reset_again = false;
  /// The GOAWAY and its debug data say which rule was broken.
  bool explain = true;
  /// How much of the peer's dynamic table our encoder uses.
  std::uint32_t encoder_table = kDefaultHeaderTableSize;
  HuffmanUse huffman = HuffmanUse::Shorter;  // of what our encoder writes
  Limits limits{};
  Reactions reactions{};
  FieldNames names{};
};

/// A rule that the peer broke.
struct Violation {
  Rule rule;
  StreamId stream;         // 0: the connection
  std::uint64_t position;  // of the frame, in bytes from the connection's first
  ByteView frame;  // as much of it as is at hand, header first; empty: it is no frame's fault
  std::string_view detail;  // what was found, for people; may be empty
  bool is_ignored;          // by Reaction::Ignore
  Scope scope;              // what is ended, if it is not
};

struct BoundHit {
  Bound bound;
  std::uint64_t limit;  // of the field in Limits: its bytes, frames, burst or nanoseconds
  StreamId stream;      // 0: the connection
  std::uint64_t position;
};

/// Why a stream is gone.
enum class StreamEnd : std::uint8_t {
  Done,         // both sides have said END_STREAM
  ResetByPeer,  // `code` is the peer's
  Reset,        // by us: reset(), forget(), a stream error or a bound
  Unprocessed,  // a GOAWAY names an earlier last stream: the peer's (our streams), or ours (its)
};

/// What happens on a connection, told while feed(), on_time() or ended() runs, or a function that
/// ends streams. Views live until the call returns. Every function of Session may be called from
/// here.
///
///   request    message(1, Request) [-> data(1, "...")]* -> the last of them has end_stream
///              -> send_headers(), send_data() -> closed(1, Done)
///   trailers   message(1, Request) -> data(1) -> message(1, Trailers, end_stream)
///   response   open_stream(fields) = 1 -> [message(1, Informational)]*
///              -> message(1, Response) -> data(1, end_stream) -> closed(1, Done)
///   reset      message(1, Request) -> closed(1, ResetByPeer, CANCEL)
///   malformed  violation(rule, stream 1) -> closed(1, Reset, PROTOCOL_ERROR), if 1 was known
///   fatal      violation(rule, stream 0) -> pending(GOAWAY) -> close(); nothing behind it is read
///   go away    goaway(last 5, NO_ERROR) -> closed(7, Unprocessed) -> ... closed(5, Done)
///              Session::goaway(5) -> closed(7, Unprocessed), and nothing more of 7
class SessionEvents {
 public:
  virtual ~SessionEvents() = default;

  virtual void message(const Message& message) = 0;
  /// Content, without padding; empty only with end_stream. Behind a frame that came whole in one
  /// feed() stand 64 readable bytes if they do behind feed()'s input, and always behind others.
  virtual void data(StreamId stream, ByteView content, bool end_stream) = 0;
  /// Once for each stream that message() or open_stream() made known. `user` is what set_user()
  /// said.
  virtual void closed(StreamId stream, StreamEnd end, ErrorCode code, std::uint64_t user) = 0;

  /// The peer's, applied; their acknowledgement is among pending().
  virtual void settings(std::span<const Setting> /*entries*/, std::uint64_t /*position*/) {}

  /// The peer has acknowledged our oldest unacknowledged SETTINGS, which count from now on.
  virtual void settings_acked(std::uint64_t /*position*/) {}

  virtual void ping(ByteView /*opaque*/, bool /*is_ack*/) {}

  virtual void goaway(StreamId /*last_stream*/, ErrorCode /*code*/, std::string_view /*debug*/) {}

  virtual void violation(const Violation& /*violation*/) {}

  virtual void bound_hit(const BoundHit& /*hit*/) {}

  /// What send_data() had to keep back for this stream has gone out.
  virtual void drained(StreamId /*stream*/) {}
};

/// One end of an HTTP/2 connection (RFC 9113): frames, header compression, streams and windows;
/// what the messages mean is the caller's. Speaks as soon as it is made: a server its SETTINGS, a
/// client the preface as well. Answers of one feed() are one run of pending().
///
/// The peer's SETTINGS are applied before their acknowledgement is written; ours count from their
/// acknowledgement on. Windows are given back when half of them is owed, unless they are held.
class Session final : public Engine {
 public:
  /// References outlive the session; `scratch` belongs to the thread that runs it.
  Session(const SessionOptions& options, SessionEvents& events, HpackScratch& scratch,
          TimePoint now);
  ~Session() override;

  // ---- Engine ----

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override;
  void ended(End end, TimePoint now) override;

  [[nodiscard]] std::span<const std::byte> pending() const override { return out_.pending(); }

  void sent(std::size_t n, TimePoint now) override;
  [[nodiscard]] TimePoint deadline() const override;
  void on_time(TimePoint now) override;

  [[nodiscard]] bool wants_read() const override {
    return !is_reading_paused_ && out_.size() < options_.limits.high_water;
  }

  [[nodiscard]] Close close() const override { return close_; }

  /// The time, for who calls one of the functions below from outside feed(), on_time() and ended().
  void at(TimePoint now) { now_ = now; }

  // ---- Streams. What is said of a stream that is gone is not said: false. ----

  /// Client: opens the next stream with a request. 0: the peer's limit is reached, it said GOAWAY,
  /// or the numbers are used up (section 5.1.1).
  StreamId open_stream(std::span<const Field> fields, bool end_stream, std::uint64_t user = 0);
  /// How many more streams the peer's limit allows.
  [[nodiscard]] std::uint32_t num_openable() const;

  /// Response, informational response or trailers. `Field::representation` is how it is wanted.
  /// Trailers wait for content that waits.
  bool send_headers(StreamId stream, std::span<const Field> fields, bool end_stream);
  /// A header block that the caller has encoded, with encoder() or without.
  bool send_block(StreamId stream, ByteView block, bool end_stream);
  /// Content: what the windows allow goes out, the rest is kept (Limits::queued_bytes).
  bool send_data(StreamId stream, ByteView content, bool end_stream);
  /// RST_STREAM. What comes for the stream is dropped from now on.
  bool reset(StreamId stream, ErrorCode code);
  /// The same without a word: the peer was told by raw(), or never will be.
  bool forget(StreamId stream);

  bool set_user(StreamId stream, std::uint64_t user);
  /// 0: not there, or none was set.
  [[nodiscard]] std::uint64_t user(StreamId stream);

  [[nodiscard]] std::size_t num_streams() const { return streams_.size(); }

  /// Bytes of content that the peer's window of the connection lets out. A stream has a window of
  /// its own, which begins as peer_settings().initial_window.
  [[nodiscard]] std::int64_t send_window() const { return send_window_; }

  /// Bytes of content that wait for windows, of all streams.
  [[nodiscard]] std::size_t queued_bytes() const { return queued_bytes_; }

  /// Some of the stream's content waits.
  [[nodiscard]] bool has_queued(StreamId stream);

  // ---- The connection ----

  void ping(std::span<const std::byte, kPingLen> opaque);

  /// PINGs of the peer are not answered.
  void ignore_pings(bool ignored) { are_pings_ignored_ = ignored; }

  /// Sends SETTINGS; they count from the acknowledgement on. False: too many are unanswered.
  bool send_settings(std::span<const Setting> entries);
  /// GOAWAY with any last stream; streams of the peer above it, open ones and later ones, are
  /// dropped without a word.
  void goaway(StreamId last_stream, ErrorCode code, std::string_view debug = {});
  /// Ends in two steps (section 6.8): GOAWAY for all streams and a PING, when that is answered (or
  /// a second later) GOAWAY for the last stream seen; closes when no stream is left.
  void shut_down(ErrorCode code = ErrorCode::NoError, std::string_view debug = {});
  /// Closes once what is pending has gone out; nothing more is read.
  void hang_up(Close how = Close::CloseNotifyThenDrain);

  /// Bytes as they are, between frames: what no correct end would send.
  void raw(ByteView bytes) { out_.append(bytes); }

  /// Held: content is taken and windows are not given back; requests may take as long as they
  /// like. Let go: what is owed is given back, and their time begins anew.
  void hold_windows(bool held);

  /// Nothing more is taken, from behind the frame that is being taken, until it is let go. What the
  /// peer owes us by a certain time is owed so much later.
  void pause_reading(bool paused);

  [[nodiscard]] bool is_reading_paused() const { return is_reading_paused_; }

  [[nodiscard]] HpackEncoder& encoder() { return encoder_; }

  /// What the peer said last, and what of ours it has acknowledged.
  [[nodiscard]] const Settings& peer_settings() const { return peer_; }

  [[nodiscard]] const Settings& acked_settings() const { return acked_; }

  [[nodiscard]] bool is_acked() const { return unacked_.empty(); }

  /// The highest stream that the peer has opened.
  [[nodiscard]] StreamId last_peer_stream() const { return last_peer_; }

  /// Bytes of the peer that were taken.
  [[nodiscard]] std::uint64_t position() const { return position_; }

  /// Nothing is read any more: a connection error, a GOAWAY that was followed by its end,
  /// hang_up().
  [[nodiscard]] bool is_over() const { return close_ != Close::None; }

  /// It closes when no stream is left: the second step of shut_down(), or the peer's end.
  [[nodiscard]] bool is_finishing() const { return is_finishing_; }

  struct SaidGoaway {
    StreamId last_stream = 0;
    ErrorCode code = ErrorCode::NoError;
    std::string debug;
  };

  /// Our latest GOAWAY; nullopt: none yet.
  [[nodiscard]] const std::optional<SaidGoaway>& said_goaway() const { return said_goaway_; }

 private:
  /// What stands in the way of a frame.
  enum class Next : std::uint8_t {
    Go,    // nothing, or a violation that is ignored
    Drop,  // the frame
    Over,  // the connection
  };

  /// What a HEADERS frame begins.
  enum class Opens : std::uint8_t { Request, Response, Trailers, Promise, Nothing };

  /// A header block on its way: the frame that began it, and its bytes if they come in several.
  struct Block {
    StreamId stream = 0;  // 0: none is on its way
    StreamId promised = 0;
    Opens opens = Opens::Nothing;
    bool end_stream = false;
    std::optional<Rule> refused;  // decoded for the table's sake, then the stream is reset
    std::uint32_t num_frames = 0;
    std::uint64_t position = 0;
    TimePoint deadline = kNever;
    Bytes bytes;
  };

  struct OwnedField {
    std::string name;
    std::string value;
    Representation representation = Representation::WithoutIndexing;
  };

  /// Content that waits for windows, and what comes behind it.
  struct Outgoing {
    StreamId stream = 0;
    Bytes content;
    std::size_t at = 0;
    bool end_stream = false;
    std::vector<OwnedField> trailers;  // behind the content, with end
    TimePoint since{};
  };

  struct OwnReset {
    StreamId stream = 0;
    ErrorCode code = ErrorCode::NoError;
  };

  struct SentSettings {
    std::vector<Setting> entries;
    TimePoint deadline = kNever;
  };

  class MessageFlaws;

  // session.cpp
  std::size_t take_some(ByteView in);
  std::size_t take_rest(ByteView in);
  std::size_t take_preface(ByteView in);
  void preface_fails();
  /// FrameTooLarge as soon as the header says so.
  [[nodiscard]] bool is_too_large(const FrameHeader& header, ByteView seen);
  void take_frame(const FrameHeader& header, ByteView frame);
  [[nodiscard]] Next check_order(const FrameHeader& header);
  void take_frame_of_type(const FrameHeader& header, ByteView payload);

  [[nodiscard]] bool is_own(StreamId id) const { return (id & 1U) == own_parity_; }

  [[nodiscard]] bool is_idle(StreamId id) const;
  void finish_when_empty();
  void check_deadlines();

  // session_control.cpp
  void take_settings(const FrameHeader& header, ByteView payload);
  [[nodiscard]] bool take_setting(const Setting& entry);
  void take_settings_ack(const FrameHeader& header);
  void take_ping(const FrameHeader& header, ByteView payload);
  void take_goaway(const FrameHeader& header, ByteView payload);
  void finish_shut_down();
  void say_goaway(StreamId last_stream, ErrorCode code, std::string_view debug);
  void take_window_update(const FrameHeader& header, ByteView payload);
  void take_rst_stream(const FrameHeader& header, ByteView payload);
  void take_priority(const FrameHeader& header, ByteView payload);

  // session_messages.cpp
  void take_headers(const FrameHeader& header, ByteView payload);
  void take_push_promise(const FrameHeader& header, ByteView payload);
  void take_continuation(const FrameHeader& header, ByteView payload);
  void begin_block(Block block, const FrameHeader& header, ByteView fragment);
  [[nodiscard]] Next admit(Block& block);
  void admit_new(Block& block);
  void end_block(const Block& block, ByteView bytes);
  [[nodiscard]] bool refuses_stream(StreamId id);
  void deliver(const Block& block, const DecodedBlock& decoded, std::size_t block_len);
  void deliver_promise(const Message& message);
  [[nodiscard]] bool open_or_continue(const Message& message);
  [[nodiscard]] bool has_whole_content(const Stream& stream);
  void take_data(const FrameHeader& header, ByteView payload);
  void take_content(const FrameHeader& header, ByteView content);
  void drop_content(const FrameHeader& header);
  [[nodiscard]] bool fits_length(Stream& stream, bool is_end);
  void peer_ended(StreamId id);
  void give_back_connection(std::uint32_t bytes);
  void grant_connection();
  void give_back(StreamId id, std::uint32_t bytes);
  void give_back_if_due(Stream& stream);
  void grant(Stream& stream);

  // session_send.cpp
  void write_fields(StreamId id, std::span<const Field> fields, bool end_stream);
  std::size_t write_data(Stream& stream, ByteView content, bool end_stream);
  void queue(Stream& stream, ByteView content, bool end_stream);
  [[nodiscard]] bool check_queue();
  void unqueue(Stream& stream);
  void pump();
  void pump_stream(StreamId id);
  [[nodiscard]] bool pump_one(std::size_t at);
  void we_ended(StreamId id);
  void close_stream(StreamId id, StreamEnd end, ErrorCode code);

  // session_errors.cpp
  /// A violation by the frame at hand; `debug` for the GOAWAY instead of what the rule says.
  Next violate(Rule rule, StreamId stream, std::string_view detail = {},
               std::string_view debug = {});
  Next hit(Bound bound, std::uint64_t limit, StreamId stream);
  [[nodiscard]] bool within(RateCounter& counter, const Rate& rate, Bound bound);
  void fail(ErrorCode code, std::string_view debug);
  void stream_error(StreamId id, ErrorCode code);
  void remember_reset(StreamId id, ErrorCode code);
  /// Nullopt: it was not, or so long ago that nobody remembers.
  [[nodiscard]] std::optional<ErrorCode> code_of_reset(StreamId id) const;

  [[nodiscard]] bool was_reset(StreamId id) const { return code_of_reset(id).has_value(); }

  void forget_reset(StreamId id);
  void remember_skipped(StreamId first, StreamId last);
  [[nodiscard]] bool was_skipped(StreamId id) const;
  void check_times();

  const SessionOptions& options_;
  SessionEvents& events_;
  HpackScratch& scratch_;
  const StreamId own_parity_;  // 1: a client's streams are odd
  TimePoint now_;

  HpackDecoder decoder_;
  HpackEncoder encoder_;
  StreamTable streams_;
  OutBuffer out_;
  Bytes partial_;   // a frame, or the preface, that has not arrived whole
  ByteView frame_;  // what is being taken; for violations
  Block block_;
  std::vector<Outgoing> outgoing_;
  std::size_t turn_ = 0;  // whose of outgoing_
  std::size_t queued_bytes_ = 0;

  Settings peer_;
  Settings acked_;                                          // ours, as far as they count
  std::uint32_t announced_streams_ = Settings::kUnlimited;  // MAX_CONCURRENT_STREAMS as last sent
  std::vector<SentSettings> unacked_;  // few, mostly none: a deque would hold half a kilobyte

  std::uint64_t position_ = 0;
  std::uint64_t frame_position_ = 0;
  std::int64_t send_window_ = kDefaultWindow;
  std::int64_t recv_window_ = kDefaultWindow;
  std::uint32_t recv_owed_ = 0;

  StreamId next_own_;
  StreamId last_peer_ = 0;                   // the highest that the peer has opened
  StreamId last_seen_ = 0;                   // the same with those that our GOAWAY has dropped
  std::uint32_t num_own_ = 0;                // of streams_
  std::uint32_t num_peer_ = 0;               // of streams_
  StreamId goaway_sent_ = kMaxStreamId;      // streams of the peer above it are dropped
  StreamId goaway_received_ = kMaxStreamId;  // last stream of the peer's latest GOAWAY
  std::vector<OwnReset> resets_;             // of streams whose end had not come; a ring
  std::size_t next_reset_ = 0;
  std::vector<std::pair<StreamId, StreamId>> skipped_;  // numbers that the peer jumped over, latest

  RateCounter num_resets_;
  RateCounter num_settings_;
  RateCounter num_pings_;
  RateCounter num_empty_data_;
  RateCounter num_idle_frames_;
  RateCounter num_small_windows_;

  enum class Start : std::uint8_t { Preface, Settings, Done };
  Start start_ = Start::Preface;
  TimePoint start_deadline_ = kNever;
  TimePoint next_check_ = kNever;  // of streams and of what waits for windows
  TimePoint second_goaway_ = kNever;
  std::string goaway_debug_;  // of a shut down on its way
  ErrorCode goaway_code_ = ErrorCode::NoError;
  bool is_goaway_received_ = false;
  bool is_finishing_ = false;  // closes when no stream is left
  std::optional<SaidGoaway> said_goaway_;
  TimePoint paused_since_{};  // while reading is paused
  bool is_reading_paused_ = false;
  bool are_windows_held_ = false;
  bool are_pings_ignored_ = false;
  StreamId ending_ = 0;    // the stream that what is being taken ends
  bool is_ended_ = false;  // by the peer
  Close close_ = Close::None;
};

}  // namespace apns::http2
