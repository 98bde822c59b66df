#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/bytes.h"
#include "apns/http2/frame.h"
#include "apns/http2/wire.h"

/// Bytes of an HTTP/2 peer, right or wrong, made without the code under test.
namespace apns::http2::test {

/// A field as text.
struct TextField {
  std::string_view name;
  std::string_view value;
};

inline constexpr std::uint8_t kEndStream = flag::kEndStream;
inline constexpr std::uint8_t kEndHeaders = flag::kEndHeaders;
inline constexpr std::uint8_t kWhole = kEndStream | kEndHeaders;  // a message of one frame

// ---- Header blocks (RFC 7541), which a test may put together from parts as well ----

/// An integer behind a prefix of `prefix_bits` bits; `first` holds the bits above it (section 5.1).
[[nodiscard]] Bytes hpack_integer(std::uint8_t first, unsigned prefix_bits, std::uint64_t value);
/// A string literal as it is, without Huffman coding (section 5.2).
[[nodiscard]] Bytes hpack_string(std::string_view text);
/// A literal with a literal name; `first` is 0x00 without indexing, 0x10 never indexed, 0x40 with
/// incremental indexing (section 6.2).
[[nodiscard]] Bytes hpack_literal(std::string_view name, std::string_view value,
                                  std::uint8_t first = 0x00);
/// All fields as literals without indexing: leaves the dynamic table alone.
[[nodiscard]] Bytes hpack_block(std::span<const TextField> fields);
[[nodiscard]] Bytes hpack_block(std::initializer_list<TextField> fields);
/// ":method GET, :scheme https, :authority a, :path `path`" as literals, and `more` behind it.
[[nodiscard]] Bytes get_block(std::string_view path = "/",
                              std::initializer_list<TextField> more = {});
[[nodiscard]] Bytes post_block(std::string_view path = "/",
                               std::initializer_list<TextField> more = {});

[[nodiscard]] Bytes join(std::initializer_list<Bytes> parts);
/// The bytes of a hex literal; spaces are skipped.
[[nodiscard]] Bytes hex(std::string_view digits);

/// Priority fields of HEADERS and PRIORITY (RFC 7540 section 5.3).
[[nodiscard]] Bytes priority_fields(StreamId parent, std::uint8_t weight = 15,
                                    bool is_exclusive = false);

/// A peer's frames in a row. Each function appends, and checks nothing.
///
///   FrameSequence().preface().settings({{SettingId::EnablePush, 0}}).get(1).data(1, "x")
class FrameSequence {
 public:
  /// The 24 bytes that a client begins with (RFC 9113 section 3.4).
  FrameSequence& preface();
  FrameSequence& settings(std::initializer_list<Setting> entries = {});
  FrameSequence& settings_ack();

  /// A HEADERS frame whose fields are literals.
  FrameSequence& headers(StreamId stream, std::initializer_list<TextField> fields,
                         std::uint8_t flags = kWhole);
  FrameSequence& headers(StreamId stream, ByteView block, std::uint8_t flags = kWhole);
  FrameSequence& continuation(StreamId stream, ByteView block, std::uint8_t flags = kEndHeaders);
  FrameSequence& push_promise(StreamId stream, StreamId promised, ByteView block,
                              std::uint8_t flags = kEndHeaders);
  /// A whole GET.
  FrameSequence& get(StreamId stream, std::string_view path = "/",
                     std::initializer_list<TextField> more = {});
  /// The HEADERS frame of a POST, whose content is to follow.
  FrameSequence& post(StreamId stream, std::string_view path = "/",
                      std::initializer_list<TextField> more = {});

  FrameSequence& data(StreamId stream, std::string_view content, std::uint8_t flags = kEndStream);
  /// As many DATA frames of up to 16,384 bytes as `len` asks for, the last one with `flags`.
  FrameSequence& content(StreamId stream, std::size_t len, std::uint8_t flags = kEndStream);
  FrameSequence& priority(StreamId stream, StreamId parent, std::uint8_t weight = 15,
                          bool is_exclusive = false);
  FrameSequence& rst_stream(StreamId stream, ErrorCode code = ErrorCode::Cancel);
  FrameSequence& ping(std::string_view eight, std::uint8_t flags = 0);
  FrameSequence& goaway(StreamId last_stream, ErrorCode code = ErrorCode::NoError,
                        std::string_view debug = {});
  FrameSequence& window_update(StreamId stream, std::uint32_t increment);

  /// Any type, flags and payload; `stream` may have the reserved bit.
  FrameSequence& frame(std::uint8_t type, std::uint8_t flags, StreamId stream, ByteView payload);
  FrameSequence& frame(FrameType type, std::uint8_t flags, StreamId stream, ByteView payload);
  /// A frame header alone, whose length may lie.
  FrameSequence& frame_header(std::uint32_t payload_len, std::uint8_t type, std::uint8_t flags,
                              StreamId stream);
  FrameSequence& raw(ByteView bytes);

  FrameSequence& raw(std::string_view text) { return raw(as_bytes(text)); }

  /// Another sequence, `times` times.
  FrameSequence& repeat(std::size_t times, const FrameSequence& other);

  [[nodiscard]] const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

}  // namespace apns::http2::test
