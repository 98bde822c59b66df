// What a header block costs: ours, and libnghttp2's inflater on the same bytes.
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <nghttp2/nghttp2.h>

#include "apns/http2/hpack_decoder.h"
#include "apns/http2/hpack_encoder.h"
#include "apns/http2/huffman.h"

namespace apns::http2 {
namespace {

using enum Representation;

constexpr std::size_t kMaxListBytes = 16'384;
constexpr std::array<std::string_view, 7> kApnsNames = {
    "apns-id",         "apns-topic",       "apns-push-type", "apns-priority",
    "apns-expiration", "apns-collapse-id", "authorization"};
constexpr std::string_view kPath =
    "/3/device/00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";
constexpr std::string_view kId = "eabeae54-14a8-11e5-b60b-1697f925ec7b";

/// How a provider writes the path.
enum class Path { Indexed, Huffman, Raw };

/// The first request of a connection, and one later on, which refers to it: ten fields.
struct Request {
  HpackEncoder encoder;
  Bytes first;
  Bytes later;

  explicit Request(Path path) {
    add_fields(first, path);
    add_fields(later, path);
  }

  void add_fields(Bytes& out, Path path) {
    static const std::string kToken = "bearer " + std::string(240, 'j');
    encoder.begin_block(out);
    encoder.add(out, ":method", "POST", Indexed);
    encoder.add(out, ":scheme", "https", Indexed);
    encoder.add(out, ":path", kPath, path == Path::Indexed ? Incremental : WithoutIndexing,
                path == Path::Raw ? HuffmanUse::Never : HuffmanUse::Shorter);
    encoder.add(out, ":authority", "api.push.apple.com", Incremental);
    encoder.add(out, "authorization", kToken, Incremental);
    encoder.add(out, "apns-topic", "com.example.app", Incremental);
    encoder.add(out, "apns-push-type", "alert", Incremental);
    encoder.add(out, "apns-priority", "10", Incremental);
    encoder.add(out, "apns-expiration", "0", Incremental);
    encoder.add(out, "content-length", "120", Incremental);
  }
};

void count(benchmark::State& state, std::size_t bytes) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void decode(benchmark::State& state, Path path) {
  const FieldNames names(kApnsNames);
  HpackScratch scratch;
  HpackDecoder decoder(names);
  const Request request(path);
  if (decoder.decode(request.first, kMaxListBytes, scratch).has_error()) {
    state.SkipWithError("refused");
  }
  for (auto iteration : state) {
    const auto decoded = decoder.decode(request.later, kMaxListBytes, scratch);
    if (decoded.has_error() || decoded->fields.size() != 10) {
      state.SkipWithError("not ten fields");
      break;
    }
    benchmark::DoNotOptimize(decoded->fields.data());
    benchmark::ClobberMemory();
  }
  count(state, request.later.size());
}

/// Every request's path enters the table, as curl and Node have it.
void decode_incremental(benchmark::State& state) {
  const FieldNames names(kApnsNames);
  HpackScratch scratch;
  HpackDecoder decoder(names);
  Bytes block;
  append_hpack_indexed(block, 3);
  append_hpack_literal(block, Incremental, 4, kPath, HuffmanUse::Always);
  for (auto iteration : state) {
    benchmark::DoNotOptimize(decoder.decode(block, kMaxListBytes, scratch));
    benchmark::ClobberMemory();
  }
  count(state, block.size());
}

/// An entry of 4 KB, referred to ten thousand times.
void decode_bomb(benchmark::State& state) {
  const FieldNames names(kApnsNames);
  HpackScratch scratch;
  HpackDecoder decoder(names);
  Bytes block;
  append_hpack_literal(block, Incremental, "bomb", std::string(4000, 'x'), HuffmanUse::Never);
  block.insert(block.end(), 10'000, std::byte{0xBE});
  for (auto iteration : state) {
    benchmark::DoNotOptimize(decoder.decode(block, kMaxListBytes, scratch));
    benchmark::ClobberMemory();
  }
  count(state, block.size());
}

struct DeleteInflater {
  void operator()(nghttp2_hd_inflater* inflater) const { nghttp2_hd_inflate_del(inflater); }
};

/// Fields of the block; 0: refused.
std::size_t inflate(nghttp2_hd_inflater* inflater, const Bytes& block) {
  const auto* at = reinterpret_cast<const std::uint8_t*>(block.data());
  std::size_t left = block.size();
  std::size_t num_fields = 0;
  while (true) {
    nghttp2_nv field{};
    int flags = 0;
    const auto taken = nghttp2_hd_inflate_hd2(inflater, &field, &flags, at, left, 1);
    if (taken < 0) {
      return 0;
    }
    at += taken;
    left -= static_cast<std::size_t>(taken);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      benchmark::DoNotOptimize(field.value);
      ++num_fields;
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
      nghttp2_hd_inflate_end_headers(inflater);
      return num_fields;
    }
  }
}

void nghttp2_inflate(benchmark::State& state, Path path) {
  nghttp2_hd_inflater* made = nullptr;
  if (nghttp2_hd_inflate_new(&made) != 0) {
    state.SkipWithError("no inflater");
    return;
  }
  const std::unique_ptr<nghttp2_hd_inflater, DeleteInflater> inflater(made);
  const Request request(path);
  if (inflate(inflater.get(), request.first) != 10) {
    state.SkipWithError("refused");
  }
  for (auto iteration : state) {
    if (inflate(inflater.get(), request.later) != 10) {
      state.SkipWithError("not ten fields");
      break;
    }
  }
  count(state, request.later.size());
}

void encode_request(benchmark::State& state, Path path) {
  Request request(path);
  Bytes out;
  for (auto iteration : state) {
    out.clear();
    request.add_fields(out, path);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  count(state, request.later.size());
}

void encode_answer(benchmark::State& state) {
  HpackEncoder encoder;
  Bytes out;
  for (auto iteration : state) {
    out.clear();
    encoder.begin_block(out);
    encoder.add(out, ":status", "200", Indexed);
    encoder.add(out, "apns-id", kId, WithoutIndexing, HuffmanUse::Never);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  count(state, out.size());
}

void huffman_decode_path(benchmark::State& state) {
  Bytes coded;
  huffman_encode(kPath, coded);
  std::array<char, 256> text{};
  for (auto iteration : state) {
    benchmark::DoNotOptimize(huffman_decode(coded, text));
    benchmark::ClobberMemory();
  }
  count(state, coded.size());
}

void huffman_encode_path(benchmark::State& state) {
  Bytes coded;
  for (auto iteration : state) {
    coded.clear();
    huffman_encode(kPath, coded);
    benchmark::DoNotOptimize(coded.data());
    benchmark::ClobberMemory();
  }
  count(state, kPath.size());
}

BENCHMARK_CAPTURE(decode, indexed, Path::Indexed)->Name("BM_HpackDecode/indexed");
BENCHMARK_CAPTURE(decode, huffman_path, Path::Huffman)->Name("BM_HpackDecode/huffman_path");
BENCHMARK_CAPTURE(decode, raw_path, Path::Raw)->Name("BM_HpackDecode/raw_path");
BENCHMARK(decode_incremental)->Name("BM_HpackDecode/incremental_path");
BENCHMARK(decode_bomb)->Name("BM_HpackDecode/bomb");
BENCHMARK_CAPTURE(nghttp2_inflate, indexed, Path::Indexed)->Name("BM_Nghttp2Inflate/indexed");
BENCHMARK_CAPTURE(nghttp2_inflate, huffman_path, Path::Huffman)
    ->Name("BM_Nghttp2Inflate/huffman_path");
BENCHMARK_CAPTURE(nghttp2_inflate, raw_path, Path::Raw)->Name("BM_Nghttp2Inflate/raw_path");
BENCHMARK(encode_answer)->Name("BM_HpackEncode/answer");
BENCHMARK_CAPTURE(encode_request, huffman_path, Path::Huffman)
    ->Name("BM_HpackEncode/request_huffman_path");
BENCHMARK_CAPTURE(encode_request, raw_path, Path::Raw)->Name("BM_HpackEncode/request_raw_path");
BENCHMARK(huffman_decode_path)->Name("BM_Huffman/decode_path");
BENCHMARK(huffman_encode_path)->Name("BM_Huffman/encode_path");

}  // namespace
}  // namespace apns::http2
