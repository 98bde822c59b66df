#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apns/http2/hpack_decoder.h"
#include "apns/http2/hpack_encoder.h"
#include "tests/support/alloc_counter.h"

namespace apns::http2::test {

namespace {

using apns::test::AllocCounter;
using enum Representation;

constexpr std::size_t kMaxListBytes = 65'536;

/// A device's path, another one for each `i`.
std::string path(std::size_t i) {
  std::string text = "/3/device/" + std::string(64, 'a');
  for (std::size_t at = text.size() - 1; i > 0; i /= 10) {
    text[at--] = static_cast<char>('0' + i % 10);
  }
  return text;
}

/// A request as curl and Node write it: whatever is not a secret is indexed, the path too.
void add_request(HpackEncoder& encoder, Bytes& out, std::size_t i, HuffmanUse huffman) {
  static const std::string kToken = "bearer " + std::string(240, 'j');
  encoder.begin_block(out);
  encoder.add(out, ":method", "POST", Indexed, huffman);
  encoder.add(out, ":path", path(i), Incremental, huffman);
  encoder.add(out, ":scheme", "https", Indexed, huffman);
  encoder.add(out, ":authority", "api.push.apple.com", Incremental, huffman);
  encoder.add(out, "apns-topic", "com.example.app", Incremental, huffman);
  encoder.add(out, "authorization", kToken, Incremental, huffman);
}

std::vector<Bytes> request_blocks(std::size_t count, HuffmanUse huffman) {
  HpackEncoder encoder;
  std::vector<Bytes> blocks(count);
  for (std::size_t i = 0; i < count; ++i) {
    add_request(encoder, blocks[i], i, huffman);
  }
  return blocks;
}

TEST(HpackDecoderAllocations, NoneInSteadyStateThoughEveryPathIsIndexed) {
  const FieldNames names;
  for (const HuffmanUse huffman : {HuffmanUse::Never, HuffmanUse::Always}) {
    const std::vector<Bytes> blocks = request_blocks(2'000, huffman);
    HpackScratch scratch;
    HpackDecoder decoder(names);
    std::size_t num_fields = 0;
    const auto decode = [&](const Bytes& block) {
      num_fields += decoder.decode(block, kMaxListBytes, scratch)->fields.size();
    };
    for (std::size_t i = 0; i < 200; ++i) {
      decode(blocks[i]);
    }
    const AllocCounter counter;
    for (std::size_t i = 200; i < blocks.size(); ++i) {
      decode(blocks[i]);
    }
    EXPECT_EQ(counter.num_allocations(), 0U);
    EXPECT_EQ(num_fields, 6 * blocks.size());
  }
}

TEST(HpackDecoderAllocations, NoneForManyConnectionsInTurn) {
  const FieldNames names;
  const std::vector<Bytes> blocks = request_blocks(1'000, HuffmanUse::Always);
  HpackScratch scratch;
  std::vector<std::unique_ptr<HpackDecoder>> decoders;
  for (std::size_t i = 0; i < 50; ++i) {
    decoders.push_back(std::make_unique<HpackDecoder>(names));
  }
  const auto decode = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      for (const auto& decoder : decoders) {
        ASSERT_TRUE(decoder->decode(blocks[i], kMaxListBytes, scratch).has_value());
      }
    }
  };
  decode(0, 200);
  const AllocCounter counter;
  decode(200, blocks.size());
  EXPECT_EQ(counter.num_allocations(), 0U);
}

TEST(HpackDecoderAllocations, NoneForErrors) {
  const FieldNames names;
  HpackScratch scratch;
  HpackDecoder decoder(names);
  const Bytes block = {std::byte{0x80}};
  const AllocCounter counter;
  EXPECT_EQ(decoder.decode(block, kMaxListBytes, scratch).error().fault, HpackFault::IndexZero);
  EXPECT_EQ(counter.num_allocations(), 0U);
}

/// An idle connection that saw one request.
TEST(HpackDecoderAllocations, ATableHoldsAboutItsEntries) {
  const FieldNames names;
  HpackScratch scratch;
  HpackDecoder decoder(names);
  const std::vector<Bytes> blocks = request_blocks(1, HuffmanUse::Always);
  ASSERT_TRUE(decoder.decode(blocks[0], kMaxListBytes, scratch).has_value());
  EXPECT_EQ(decoder.table().num_entries(), 4U);
  // Text: a path of 74, a host of 18, a topic of 15 with its name of 10, a token of 247.
  EXPECT_LE(decoder.table().held_bytes(), 1024 + 8 * 16U);
  EXPECT_LE(sizeof(HpackDecoder), 128U);
}

TEST(HpackEncoderAllocations, NoneInSteadyStateThoughEveryPathIsIndexed) {
  HpackEncoder encoder;
  Bytes out;
  out.reserve(1000);
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < 2'000; ++i) {
    paths.push_back(path(i));
  }
  const auto encode = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      out.clear();
      encoder.begin_block(out);
      encoder.add(out, ":path", paths[i], Incremental);
      encoder.add(out, "apns-topic", "com.example.app", Incremental);
    }
  };
  encode(0, 200);
  const AllocCounter counter;
  encode(200, paths.size());
  EXPECT_EQ(counter.num_allocations(), 0U);
}

}  // namespace

}  // namespace apns::http2::test
