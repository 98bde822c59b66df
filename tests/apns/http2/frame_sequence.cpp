#include "tests/apns/http2/frame_sequence.h"

#include <algorithm>

#include "tests/support/checked_engine.h"

namespace apns::http2::test {

namespace {

constexpr std::uint8_t type_of(FrameType type) {
  return static_cast<std::uint8_t>(type);
}

void append(Bytes& out, ByteView more) {
  out.insert(out.end(), more.begin(), more.end());
}

Bytes request_block(std::string_view method, std::string_view path,
                    std::initializer_list<TextField> more) {
  Bytes block = hpack_block(
      {{":method", method}, {":scheme", "https"}, {":authority", "a"}, {":path", path}});
  append(block, hpack_block(more));
  return block;
}

}  // namespace

Bytes hpack_integer(std::uint8_t first, unsigned prefix_bits, std::uint64_t value) {
  Bytes out;
  const std::uint64_t largest = (1U << prefix_bits) - 1U;
  if (value < largest) {
    out.push_back(static_cast<std::byte>(first | value));
    return out;
  }
  out.push_back(static_cast<std::byte>(first | largest));
  for (value -= largest; value >= 0x80U; value >>= 7U) {
    out.push_back(static_cast<std::byte>(0x80U | (value & 0x7FU)));
  }
  out.push_back(static_cast<std::byte>(value));
  return out;
}

Bytes hpack_string(std::string_view text) {
  Bytes out = hpack_integer(0x00, 7, text.size());
  append(out, as_bytes(text));
  return out;
}

Bytes hpack_literal(std::string_view name, std::string_view value, std::uint8_t first) {
  return join({Bytes{std::byte{first}}, hpack_string(name), hpack_string(value)});
}

Bytes hpack_block(std::span<const TextField> fields) {
  Bytes out;
  for (const TextField& field : fields) {
    append(out, hpack_literal(field.name, field.value));
  }
  return out;
}

Bytes hpack_block(std::initializer_list<TextField> fields) {
  return hpack_block(std::span(fields.begin(), fields.size()));
}

Bytes get_block(std::string_view path, std::initializer_list<TextField> more) {
  return request_block("GET", path, more);
}

Bytes post_block(std::string_view path, std::initializer_list<TextField> more) {
  return request_block("POST", path, more);
}

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) {
    append(out, part);
  }
  return out;
}

Bytes hex(std::string_view digits) {
  Bytes out;
  apns::test::require(parse_hex(digits, out), "a test's hex is hex");
  return out;
}

Bytes priority_fields(StreamId parent, std::uint8_t weight, bool is_exclusive) {
  Bytes out;
  ByteWriter writer(out);
  writer.write(is_exclusive ? parent | 0x8000'0000U : parent);
  writer.write(weight);
  return out;
}

FrameSequence& FrameSequence::preface() {
  return raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}

FrameSequence& FrameSequence::settings(std::initializer_list<Setting> entries) {
  Bytes payload;
  ByteWriter writer(payload);
  for (const Setting& entry : entries) {
    writer.write(entry.id);
    writer.write(entry.value);
  }
  return frame(FrameType::Settings, 0, 0, payload);
}

FrameSequence& FrameSequence::settings_ack() {
  return frame(FrameType::Settings, flag::kAck, 0, {});
}

FrameSequence& FrameSequence::headers(StreamId stream, std::initializer_list<TextField> fields,
                                      std::uint8_t flags) {
  return headers(stream, hpack_block(fields), flags);
}

FrameSequence& FrameSequence::headers(StreamId stream, ByteView block, std::uint8_t flags) {
  return frame(FrameType::Headers, flags, stream, block);
}

FrameSequence& FrameSequence::continuation(StreamId stream, ByteView block, std::uint8_t flags) {
  return frame(FrameType::Continuation, flags, stream, block);
}

FrameSequence& FrameSequence::push_promise(StreamId stream, StreamId promised, ByteView block,
                                           std::uint8_t flags) {
  Bytes payload;
  ByteWriter writer(payload);
  writer.write(promised);
  writer.write(block);
  return frame(FrameType::PushPromise, flags, stream, payload);
}

FrameSequence& FrameSequence::get(StreamId stream, std::string_view path,
                                  std::initializer_list<TextField> more) {
  return headers(stream, get_block(path, more), kWhole);
}

FrameSequence& FrameSequence::post(StreamId stream, std::string_view path,
                                   std::initializer_list<TextField> more) {
  return headers(stream, post_block(path, more), kEndHeaders);
}

FrameSequence& FrameSequence::data(StreamId stream, std::string_view content, std::uint8_t flags) {
  return frame(FrameType::Data, flags, stream, as_bytes(content));
}

FrameSequence& FrameSequence::content(StreamId stream, std::size_t len, std::uint8_t flags) {
  const std::string part(std::min<std::size_t>(len, kMinMaxFrameSize), 'x');
  while (len > part.size()) {
    data(stream, part, 0);
    len -= part.size();
  }
  return data(stream, std::string_view(part).substr(0, len), flags);
}

FrameSequence& FrameSequence::priority(StreamId stream, StreamId parent, std::uint8_t weight,
                                       bool is_exclusive) {
  return frame(FrameType::Priority, 0, stream, priority_fields(parent, weight, is_exclusive));
}

FrameSequence& FrameSequence::rst_stream(StreamId stream, ErrorCode code) {
  Bytes payload;
  ByteWriter(payload).write(static_cast<std::uint32_t>(code));
  return frame(FrameType::RstStream, 0, stream, payload);
}

FrameSequence& FrameSequence::ping(std::string_view eight, std::uint8_t flags) {
  return frame(FrameType::Ping, flags, 0, as_bytes(eight));
}

FrameSequence& FrameSequence::goaway(StreamId last_stream, ErrorCode code, std::string_view debug) {
  Bytes payload;
  ByteWriter writer(payload);
  writer.write(last_stream);
  writer.write(static_cast<std::uint32_t>(code));
  writer.write(as_bytes(debug));
  return frame(FrameType::Goaway, 0, 0, payload);
}

FrameSequence& FrameSequence::window_update(StreamId stream, std::uint32_t increment) {
  Bytes payload;
  ByteWriter(payload).write(increment);
  return frame(FrameType::WindowUpdate, 0, stream, payload);
}

FrameSequence& FrameSequence::frame(std::uint8_t type, std::uint8_t flags, StreamId stream,
                                    ByteView payload) {
  return frame_header(static_cast<std::uint32_t>(payload.size()), type, flags, stream).raw(payload);
}

FrameSequence& FrameSequence::frame(FrameType type, std::uint8_t flags, StreamId stream,
                                    ByteView payload) {
  return frame(type_of(type), flags, stream, payload);
}

FrameSequence& FrameSequence::frame_header(std::uint32_t payload_len, std::uint8_t type,
                                           std::uint8_t flags, StreamId stream) {
  ByteWriter writer(bytes_);
  writer.write(static_cast<std::uint8_t>(payload_len >> 16U));
  writer.write(static_cast<std::uint16_t>(payload_len & 0xFFFFU));
  writer.write(type);
  writer.write(flags);
  writer.write(stream);
  return *this;
}

FrameSequence& FrameSequence::raw(ByteView bytes) {
  append(bytes_, bytes);
  return *this;
}

FrameSequence& FrameSequence::repeat(std::size_t times, const FrameSequence& other) {
  apns::test::require(&other != this, "a sequence repeats another one");
  for (std::size_t i = 0; i < times; ++i) {
    append(bytes_, other.bytes());
  }
  return *this;
}

}  // namespace apns::http2::test
