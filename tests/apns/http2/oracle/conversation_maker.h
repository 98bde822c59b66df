#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "apns/http2/hpack_encoder.h"
#include "tests/apns/http2/oracle/choices.h"
#include "tests/apns/http2/oracle/conversation.h"
#include "tests/apns/http2/oracle/field_lists.h"

namespace apns::http2::test {

enum class Manners : std::uint8_t {
  Legal,      // what every end must take
  NearLegal,  // one thing is not as it should be, most of the time
  Wild,       // more than one
};

/// A frame on its way to the wire; `length_lie` is added to the length that its header says.
struct RawFrame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  StreamId stream = 0;
  Bytes payload;
  std::int32_t length_lie = 0;
};

/// The lower `len` bytes, in network order.
[[nodiscard]] Bytes number(std::uint64_t value, std::size_t len);
void append(Bytes& to, const Bytes& more);

/// Makes up a conversation: many streams, padding, priorities, CONTINUATION at any place, trailers,
/// informational responses, window updates, changed settings, pings, resets, GOAWAY, header blocks
/// with every representation.
class ConversationMaker {
 public:
  ConversationMaker(Choices& choices, Manners manners);

  [[nodiscard]] Conversation make();

 private:
  /// A stream, as the peer sees it.
  struct PeerStream {
    StreamId id = 0;
    bool has_head = false;  // a server's: the response has begun
    bool can_have_content = true;
    bool has_trailers = false;
    bool is_over = false;
    std::uint64_t content_left = 0;
    std::uint64_t window_left = 0;
  };

  static constexpr std::uint32_t kMaxDeflaterTable = 16'384;

  struct DeleteDeflater {
    void operator()(nghttp2_hd_deflater* deflater) const { nghttp2_hd_deflate_del(deflater); }
  };

  void plan_setup();
  void plan_settings();
  void greet();
  void act();
  void open_request();
  void respond(PeerStream& stream);
  void send_content(PeerStream& stream);
  void send_trailers(PeerStream& stream);
  void promise(const PeerStream& stream);
  void act_on_stream();
  void act_on_connection();
  void change_settings();
  void update_window();
  void send_goaway();
  void send_priority(StreamId stream);

  void add(FrameType type, std::uint8_t flags, StreamId stream, Bytes payload = {});
  void add_headers(StreamId stream, const FieldList& fields, bool end_stream);
  void add_continuations(StreamId stream, const Bytes& block, std::size_t at);
  /// How much of a block the first frame holds.
  [[nodiscard]] std::size_t first_len(const Bytes& block);
  [[nodiscard]] Bytes encode(const FieldList& fields);
  [[nodiscard]] Bytes encode_by_us(const FieldList& fields);
  [[nodiscard]] Bytes padded(Bytes payload, std::uint8_t& flags);
  [[nodiscard]] PeerStream* pick_stream();
  /// NearLegal, and nothing was done wrong so far: is it to be done here?
  [[nodiscard]] bool errs(std::uint64_t one_in);

  void spoil_a_frame();
  void spoil(std::size_t at);
  void spoil_payload(RawFrame& frame);
  void spoil_settings(RawFrame& frame);
  [[nodiscard]] Bytes to_wire() const;

  Choices& choices_;
  const Manners manners_;
  bool has_erred_ = false;
  bool is_single_ = false;  // one stream
  Setup setup_;
  std::vector<RawFrame> frames_;
  std::vector<PeerStream> streams_;
  StreamId next_stream_ = 1;
  bool is_pushing_ = false;
  StreamId next_promised_ = 2;
  StreamId goaway_ = kMaxStreamId;
  std::uint64_t connection_window_ = kDefaultWindow;
  std::uint32_t initial_window_ = kDefaultWindow;       // of the end under test
  std::uint32_t table_size_ = kDefaultHeaderTableSize;  // likewise
  // One of the two, for all of a conversation.
  bool is_deflated_by_us_ = false;
  std::unique_ptr<nghttp2_hd_deflater, DeleteDeflater> deflater_;
  HpackEncoder encoder_{kMaxDeflaterTable};
};

}  // namespace apns::http2::test
