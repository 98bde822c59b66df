#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "tests/apns/http2/oracle/conversation.h"
#include "tests/apns/http2/oracle/step.h"

namespace apns::http2::test {

/// libnghttp2 as the end under test, with the same application as OurEnd. It is as strict as it can
/// be made: a field that it would drop is an error.
class Nghttp2End {
 public:
  explicit Nghttp2End(const Setup& setup);

  [[nodiscard]] Step start();
  [[nodiscard]] Step feed(ByteView part);

 private:
  friend struct Nghttp2Callbacks;

  struct Body {
    std::uint32_t left = 0;
    bool has_trailers = false;
  };

  struct DeleteSession {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  void answer(StreamId stream);
  nghttp2_data_provider provide(Body& body);
  Step take_step();
  void take_headers(const nghttp2_frame& frame);
  void take_frame(const nghttp2_frame& frame);
  void take_closed(StreamId stream, std::uint32_t code);
  void peer_ended(StreamId stream);

  const Setup& setup_;
  SentReader sent_;
  Step step_;
  std::string fields_;  // of the block on its way
  std::string status_;  // of the block on its way
  std::size_t data_len_ = 0;
  std::uint64_t data_hash_ = 0;
  FrameHeader current_;  // the frame that is fed
  std::map<StreamId, Body> bodies_;
  StreamId promised_ = 0;  // in this step; it is refused
  std::set<StreamId> known_;
  std::vector<std::pair<StreamId, std::uint32_t>> closed_;
  std::vector<StreamId> to_answer_;
  std::unique_ptr<nghttp2_session, DeleteSession> session_;
};

}  // namespace apns::http2::test
