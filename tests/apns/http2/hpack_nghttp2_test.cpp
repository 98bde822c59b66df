// Our HPACK against libnghttp2's, block by block on one connection, in both directions.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include "apns/base/random.h"
#include "apns/http2/hpack_decoder.h"
#include "apns/http2/hpack_encoder.h"
#include "apns/http2/huffman.h"
#include "apns/http2/static_table.h"
#include "tests/apns/http2/hpack_text.h"

namespace apns::http2::test {

namespace {

constexpr std::size_t kMaxListBytes = 1'000'000;

struct DeleteInflater {
  void operator()(nghttp2_hd_inflater* inflater) const { nghttp2_hd_inflate_del(inflater); }
};

struct DeleteDeflater {
  void operator()(nghttp2_hd_deflater* deflater) const { nghttp2_hd_deflate_del(deflater); }
};

std::string_view text_of(const std::uint8_t* bytes, std::size_t len) {
  return {reinterpret_cast<const char*>(bytes), len};
}

std::uint8_t* bytes_of(std::string& text) {
  return reinterpret_cast<std::uint8_t*>(text.data());
}

class Inflater {
 public:
  Inflater() {
    nghttp2_hd_inflater* made = nullptr;
    EXPECT_EQ(nghttp2_hd_inflate_new(&made), 0);
    inflater_.reset(made);
  }

  void set_limit(std::uint32_t bytes) {
    ASSERT_EQ(nghttp2_hd_inflate_change_table_size(inflater_.get(), bytes), 0);
  }

  /// Nullopt: refused.
  std::optional<Lines> decode(ByteView block) {
    Lines made;
    const auto* at = reinterpret_cast<const std::uint8_t*>(block.data());
    std::size_t left = block.size();
    while (true) {
      nghttp2_nv field{};
      int flags = 0;
      const auto taken =
          nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags, at, left, /*in_final=*/1);
      if (taken < 0) {
        return std::nullopt;
      }
      at += taken;
      left -= static_cast<std::size_t>(taken);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        made.push_back(
            line(text_of(field.name, field.namelen), text_of(field.value, field.valuelen)));
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
        nghttp2_hd_inflate_end_headers(inflater_.get());
        return made;
      }
      if (left == 0 && (flags & NGHTTP2_HD_INFLATE_EMIT) == 0) {
        return std::nullopt;  // it waits for more
      }
    }
  }

  Lines table() const {
    Lines made;
    for (std::size_t i = kFirstDynamicIndex;; ++i) {
      const nghttp2_nv* entry = nghttp2_hd_inflate_get_table_entry(inflater_.get(), i);
      if (entry == nullptr) {
        return made;
      }
      made.push_back(
          line(text_of(entry->name, entry->namelen), text_of(entry->value, entry->valuelen)));
    }
  }

 private:
  std::unique_ptr<nghttp2_hd_inflater, DeleteInflater> inflater_;
};

class Deflater {
 public:
  explicit Deflater(std::size_t own_cap) {
    nghttp2_hd_deflater* made = nullptr;
    EXPECT_EQ(nghttp2_hd_deflate_new(&made, own_cap), 0);
    deflater_.reset(made);
  }

  void set_limit(std::uint32_t bytes) {
    ASSERT_EQ(nghttp2_hd_deflate_change_table_size(deflater_.get(), bytes), 0);
  }

  Bytes encode(std::vector<std::pair<std::string, std::string>>& fields, bool never_index) {
    std::vector<nghttp2_nv> list;
    list.reserve(fields.size());
    for (auto& [name, value] : fields) {
      list.push_back(nghttp2_nv{bytes_of(name), bytes_of(value), name.size(), value.size(),
                                static_cast<std::uint8_t>(never_index ? NGHTTP2_NV_FLAG_NO_INDEX
                                                                      : NGHTTP2_NV_FLAG_NONE)});
    }
    Bytes out(nghttp2_hd_deflate_bound(deflater_.get(), list.data(), list.size()));
    const auto len =
        nghttp2_hd_deflate_hd(deflater_.get(), reinterpret_cast<std::uint8_t*>(out.data()),
                              out.size(), list.data(), list.size());
    EXPECT_GE(len, 0);
    out.resize(static_cast<std::size_t>(std::max<decltype(len)>(len, 0)));
    return out;
  }

 private:
  std::unique_ptr<nghttp2_hd_deflater, DeleteDeflater> deflater_;
};

/// Names and values of few kinds, so that tables have them; now and then bytes of any value.
std::string random_text(RandomStream& random, std::string_view stem, std::size_t max_len) {
  std::string text(stem);
  for (std::size_t i = random.next() % (max_len + 1); i > 0; --i) {
    text.push_back(random.next() % 64 == 0 ? static_cast<char>(random.next())
                                           : static_cast<char>('a' + random.next() % 2));
  }
  return text;
}

std::pair<std::string, std::string> random_field(RandomStream& random) {
  static constexpr std::string_view kStems[] = {":path",   ":status",    "content-type",
                                                "apns-id", "apns-topic", "x-"};
  const std::string_view stem = kStems[random.next() % std::size(kStems)];
  return {random_text(random, stem, stem == "x-" ? 3 : 0),
          random_text(random, "", random.next() % 30 == 0 ? 2000 : 4)};
}

TEST(HpackAndNghttp2, HaveTheSameStaticTable) {
  nghttp2_hd_inflater* inflater = nullptr;
  ASSERT_EQ(nghttp2_hd_inflate_new(&inflater), 0);
  const std::unique_ptr<nghttp2_hd_inflater, DeleteInflater> owner(inflater);
  for (std::size_t i = 1; i <= kStaticTableLen; ++i) {
    const nghttp2_nv* entry = nghttp2_hd_inflate_get_table_entry(inflater, i);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(kStaticTable[i].name, text_of(entry->name, entry->namelen));
    EXPECT_EQ(kStaticTable[i].value, text_of(entry->value, entry->valuelen));
  }
}

TEST(HpackAndNghttp2, HaveTheSameHuffmanCode) {
  for (int c = 0; c < 256; ++c) {
    const std::string value(16, static_cast<char>(c));
    Bytes block;
    append_hpack_literal(block, Representation::WithoutIndexing, 4, value, HuffmanUse::Always);
    EXPECT_EQ(Inflater().decode(block), Lines{line(":path", value)}) << c;
  }
}

TEST(HpackAndNghttp2, TheyDecodeWhatWeEncode) {
  RandomStream random(6, 1);
  for (std::size_t connection = 0; connection < 100; ++connection) {
    HpackEncoder encoder(static_cast<std::uint32_t>(random.next() % 3 * 4096));
    Inflater inflater;
    for (std::size_t block = 0; block < 60; ++block) {
      while (random.next() % 8 == 0) {
        const auto limit = static_cast<std::uint32_t>(random.next() % 6'000);
        encoder.set_limit(limit);
        inflater.set_limit(limit);
      }
      Bytes out;
      Lines expected;
      encoder.begin_block(out);
      for (std::size_t i = random.next() % 12; i > 0; --i) {
        const auto [name, value] = random_field(random);
        encoder.add(out, name, value, static_cast<Representation>(random.next() % 4),
                    static_cast<HuffmanUse>(random.next() % 3));
        expected.push_back(line(name, value));
      }
      ASSERT_EQ(inflater.decode(out), expected) << to_hex(out);
      ASSERT_EQ(inflater.table(), lines(encoder.table()));
    }
  }
}

TEST(HpackAndNghttp2, WeDecodeWhatTheyEncode) {
  const FieldNames names;
  HpackScratch scratch;
  RandomStream random(7, 1);
  for (std::size_t connection = 0; connection < 100; ++connection) {
    Deflater deflater(4096 * (1 + random.next() % 3));
    HpackDecoder decoder(names);
    for (std::size_t block = 0; block < 60; ++block) {
      while (random.next() % 8 == 0) {
        const auto limit = static_cast<std::uint32_t>(random.next() % 10'000);
        deflater.set_limit(limit);
        decoder.set_limit(limit);
      }
      std::vector<std::pair<std::string, std::string>> fields(random.next() % 12);
      Lines expected;
      for (auto& field : fields) {
        field = random_field(random);
        expected.push_back(line(field.first, field.second));
      }
      const Bytes wire = deflater.encode(fields, random.next() % 4 == 0);
      const auto decoded = decoder.decode(wire, kMaxListBytes, scratch);
      ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error().fault) << to_hex(wire);
      ASSERT_EQ(lines(decoded->fields), expected) << to_hex(wire);
    }
  }
}

/// Blocks that something is wrong with, more often than not: both refuse the same ones, up to what
/// they leave of a connection.
TEST(HpackAndNghttp2, AcceptTheSameBrokenBlocks) {
  const FieldNames names;
  HpackScratch scratch;
  RandomStream random(8, 1);
  std::size_t num_accepted = 0;
  std::size_t num_refused = 0;
  for (std::size_t connection = 0; connection < 20'000; ++connection) {
    HpackEncoder encoder;
    HpackDecoder decoder(names);
    Inflater inflater;
    for (std::size_t block = 0; block < 6; ++block) {
      if (random.next() % 4 == 0) {
        const auto limit = static_cast<std::uint32_t>(random.next() % 200);
        decoder.set_limit(limit);
        inflater.set_limit(limit);
        encoder.set_limit(limit);
      }
      Bytes out;
      encoder.begin_block(out);
      for (std::size_t i = random.next() % 5; i > 0; --i) {
        const auto [name, value] = random_field(random);
        encoder.add(out, name, value, static_cast<Representation>(random.next() % 4),
                    static_cast<HuffmanUse>(random.next() % 3));
      }
      for (std::size_t i = random.next() % 3; i > 0 && !out.empty(); --i) {
        out[random.next() % out.size()] = static_cast<std::byte>(random.next());
      }
      const auto ours = decoder.decode(out, kMaxListBytes, scratch);
      const auto theirs = inflater.decode(out);
      ASSERT_EQ(ours.has_value(), theirs.has_value())
          << to_hex(out) << (ours.has_error() ? to_string(ours.error().fault) : "");
      if (ours.has_error()) {
        ++num_refused;
        break;
      }
      ASSERT_EQ(lines(ours->fields), *theirs) << to_hex(out);
      ASSERT_EQ(lines(decoder.table()), inflater.table());
      ++num_accepted;
    }
  }
  EXPECT_GT(num_accepted, 10'000U);
  EXPECT_GT(num_refused, 5'000U);
}

}  // namespace

}  // namespace apns::http2::test
