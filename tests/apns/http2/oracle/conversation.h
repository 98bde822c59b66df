#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "apns/base/bytes.h"
#include "apns/http2/frame.h"
#include "apns/http2/session.h"

namespace apns::http2::test {

/// When a server under test answers a request.
enum class Answer : std::uint8_t { Never, AtHeaders, AtEnd };

/// A request that a client under test sends before the first byte comes; its stream is 2i + 1.
struct RequestPlan {
  std::string_view method = "GET";
  std::uint32_t body_bytes = 0;
  bool has_trailers = false;  // only behind a body
};

/// The end under test, and what its application does: the same for every implementation.
struct Setup {
  Role role = Role::Server;
  std::vector<Setting> settings;
  bool holds_windows = false;  // content is taken and no window is given back
  // Servers.
  Answer answer = Answer::AtEnd;
  std::uint32_t body_bytes = 0;  // of each answer
  bool has_trailers = false;     // only behind a body
  // Clients.
  std::vector<RequestPlan> requests;
};

/// A setup and all that the peer sends to it.
struct Conversation {
  Setup setup;
  Bytes wire;
};

/// Cuts a peer's bytes into what is fed at once: the preface (to servers), then frame by frame as
/// their lengths say, where a header block's frames are one, and the frame that interrupts it is
/// part of it: some judge a block by its first bytes, others when it is whole.
class WireCutter {
 public:
  WireCutter(Role role, ByteView wire) : wire_(wire), is_preface_next_(role == Role::Server) {}

  [[nodiscard]] bool has_more() const { return !wire_.empty(); }

  [[nodiscard]] ByteView next();

  /// The last next() gave whole frames, and no block that goes on.
  [[nodiscard]] bool is_whole() const { return is_whole_; }

 private:
  /// The length of the frame at `at`, or of what there is of it.
  [[nodiscard]] std::size_t frame_len(std::size_t at);

  ByteView wire_;
  bool is_preface_next_;
  bool is_whole_ = true;
};

}  // namespace apns::http2::test
