#include <algorithm>
#include <array>

#include "tests/apns/http2/oracle/conversation_maker.h"
#include "tests/support/checked_engine.h"

// Header blocks of a conversation, and the frames that carry them.

namespace apns::http2::test {

using apns::test::require;

Bytes number(std::uint64_t value, std::size_t len) {
  Bytes bytes;
  ByteWriter(bytes).write(value);
  bytes.erase(bytes.begin(), bytes.end() - static_cast<std::ptrdiff_t>(len));
  return bytes;
}

void append(Bytes& to, const Bytes& more) {
  to.insert(to.end(), more.begin(), more.end());
}

Bytes ConversationMaker::padded(Bytes payload, std::uint8_t& flags) {
  if (!choices_.one_in(4)) {
    return payload;
  }
  const std::uint64_t len = choices_.below(255);
  flags |= flag::kPadded;
  payload.insert(payload.begin(), static_cast<std::byte>(len));
  payload.insert(payload.end(), len, std::byte{0});
  return payload;
}

Bytes ConversationMaker::encode_by_us(const FieldList& fields) {
  static constexpr std::array kRepresentations = {
      Representation::Indexed, Representation::Incremental, Representation::Incremental,
      Representation::WithoutIndexing, Representation::NeverIndexed};
  static constexpr std::array kHuffmanUses = {HuffmanUse::Shorter, HuffmanUse::Never,
                                              HuffmanUse::Always};
  Bytes block;
  encoder_.begin_block(block);
  for (const auto& [name, value] : fields) {
    (void)encoder_.add(block, name, value, choices_.pick(kRepresentations),
                       choices_.pick(kHuffmanUses));
  }
  return block;
}

Bytes ConversationMaker::encode(const FieldList& fields) {
  if (is_deflated_by_us_) {
    return encode_by_us(fields);
  }
  std::vector<nghttp2_nv> names;
  names.reserve(fields.size());
  for (const auto& [name, value] : fields) {
    const auto bytes = [](const std::string& of) {
      return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(of.data()));
    };
    const auto flags = static_cast<std::uint8_t>(choices_.one_in(6) ? NGHTTP2_NV_FLAG_NO_INDEX
                                                                    : NGHTTP2_NV_FLAG_NONE);
    names.push_back({bytes(name), bytes(value), name.size(), value.size(), flags});
  }
  Bytes block(nghttp2_hd_deflate_bound(deflater_.get(), names.data(), names.size()));
  const ssize_t len =
      nghttp2_hd_deflate_hd(deflater_.get(), reinterpret_cast<std::uint8_t*>(block.data()),
                            block.size(), names.data(), names.size());
  require(len >= 0, "a block is deflated");
  block.resize(static_cast<std::size_t>(len));
  return block;
}

std::size_t ConversationMaker::first_len(const Bytes& block) {
  if (block.size() <= 15'000 && !choices_.one_in(3)) {
    return block.size();
  }
  return std::min<std::size_t>(15'000, choices_.below(block.size() + 1));
}

void ConversationMaker::add_headers(StreamId stream, const FieldList& fields, bool end_stream) {
  const Bytes block = encode(fields);
  const std::size_t first = first_len(block);
  std::uint8_t flags = end_stream ? flag::kEndStream : std::uint8_t{0};
  Bytes payload;
  if (choices_.one_in(5)) {
    flags |= flag::kPriority;
    const std::uint64_t parent = errs(30) ? stream : choices_.below(stream);
    payload = number(parent | choices_.below(2) << 31U, 4);
    append(payload, number(choices_.below(256), 1));
  }
  payload.insert(payload.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(first));
  if (first == block.size() && !choices_.one_in(12)) {
    flags |= flag::kEndHeaders;
  }
  payload = padded(std::move(payload), flags);
  add(FrameType::Headers, flags, stream, std::move(payload));
  add_continuations(stream, block, first);
}

void ConversationMaker::promise(const PeerStream& stream) {
  // What may be promised is safe and says whose it is (RFC 9113 section 8.4).
  FieldList fields = {{":method", "GET"},
                      {":scheme", "https"},
                      {":path", "/pushed"},
                      {":authority", "example.com"}};
  for (auto& field : make_trailers(choices_)) {
    fields.push_back(std::move(field));
  }
  if (errs(10)) {
    spoil_fields(choices_, fields);
  }
  const Bytes block = encode(fields);
  const std::size_t first = first_len(block);
  std::uint8_t flags = first == block.size() ? flag::kEndHeaders : std::uint8_t{0};
  Bytes payload = number(errs(10) ? choices_.below(12) : next_promised_, 4);
  payload.insert(payload.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(first));
  payload = padded(std::move(payload), flags);
  add(FrameType::PushPromise, flags, stream.id, std::move(payload));
  add_continuations(stream.id, block, first);
  if (choices_.one_in(2)) {  // on its way when the promise is refused
    add_headers(next_promised_, make_response(choices_, "200"), choices_.one_in(2));
  }
  next_promised_ += choices_.one_in(4) ? 4U : 2U;
}

/// At most five frames carry a block: peers bound their number.
void ConversationMaker::add_continuations(StreamId stream, const Bytes& block, std::size_t at) {
  for (unsigned left = 4; (frames_.back().flags & flag::kEndHeaders) == 0; --left) {
    std::size_t more = block.size() - at;
    if (left > 2) {
      more = std::min<std::size_t>(more, choices_.below(more + 1));
    }
    more = std::min<std::size_t>(more, 16'000);
    const auto from = block.begin() + static_cast<std::ptrdiff_t>(at);
    at += more;
    add(FrameType::Continuation, at == block.size() ? flag::kEndHeaders : std::uint8_t{0}, stream,
        Bytes(from, from + static_cast<std::ptrdiff_t>(more)));
  }
}

}  // namespace apns::http2::test
