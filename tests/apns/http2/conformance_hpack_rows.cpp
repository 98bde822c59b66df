// RFC 7541: header compression, as a session takes it.
#include <string>

#include "tests/apns/http2/conformance_case.h"

namespace apns::http2::test {

namespace {

using enum ErrorCode;

constexpr std::string_view kIndices = "RFC 7541 section 2.3.3";
constexpr std::string_view kTableSize = "RFC 7541 section 4.2";
constexpr std::string_view kEviction = "RFC 7541 section 4.4";
constexpr std::string_view kIntegers = "RFC 7541 section 5.1";
constexpr std::string_view kStrings = "RFC 7541 section 5.2";
constexpr std::string_view kIndexed = "RFC 7541 section 6.1";
constexpr std::string_view kIncremental = "RFC 7541 section 6.2.1";
constexpr std::string_view kWithout = "RFC 7541 section 6.2.2";
constexpr std::string_view kNever = "RFC 7541 section 6.2.3";
constexpr std::string_view kSizeUpdate = "RFC 7541 section 6.3";

// "a" in Huffman code is five bits, 00011; ones fill the byte.
constexpr std::string_view kHuffmanA = "811f";
// user-agent is 58 in the static table.
constexpr std::string_view kAgent = "user-agent=a;";

/// A GET for /fields whose block ends with `tail`.
FrameSequence behind(std::string_view tail, StreamId stream = 1) {
  return peer().headers(stream, join({get_block("/fields"), hex(tail)}));
}

FrameSequence before(std::string_view head, StreamId stream = 1) {
  return peer().headers(stream, join({hex(head), get_block("/fields")}));
}

Expect shows(std::string_view fields, StreamId stream = 1) {
  return frames(ok(stream, fields));
}

Expect broken() {
  return connection_error(Rule::Compression, CompressionError, 1);
}

/// As `broken`, by the request behind one that was in order.
Expect broken_next(std::string_view fields_of_first) {
  return connection_error(Rule::Compression, CompressionError, 3, ok(1, fields_of_first));
}

std::string hex_of(std::string_view text) {
  return to_hex(as_bytes(text));
}

std::vector<Case> literal_rows() {
  const std::string a(kHuffmanA);
  return {
      {"indexed", kIndexed, "generic/5/1", "writes a field as an index (accept-encoding)",
       behind("90"), shows("accept-encoding=gzip, deflate;")},
      {"incremental-indexed-name", kIncremental, "generic/5/2",
       "writes a literal that is indexed, its name an index", behind("7a0161"), shows(kAgent)},
      {"incremental-indexed-name-huffman", kIncremental, "generic/5/3", "the same, in Huffman code",
       behind("7a" + a), shows(kAgent)},
      {"incremental-new-name", kIncremental, "generic/5/4",
       "writes a literal that is indexed, its name a text", behind("4001620161"), shows("b=a;")},
      {"incremental-new-name-huffman", kIncremental, "generic/5/5", "the same, in Huffman code",
       behind("40" + a + a), shows("a=a;")},
      {"without-indexed-name", kWithout, "generic/5/6",
       "writes a literal that is not indexed, its name an index", behind("0f2b0161"),
       shows(kAgent)},
      {"without-indexed-name-huffman", kWithout, "generic/5/7", "the same, in Huffman code",
       behind("0f2b" + a), shows(kAgent)},
      {"without-new-name", kWithout, "generic/5/8",
       "writes a literal that is not indexed, its name a text", behind("0001620161"),
       shows("b=a;")},
      {"without-new-name-huffman", kWithout, "generic/5/9", "the same, in Huffman code",
       behind("00" + a + a), shows("a=a;")},
      {"never-indexed-name", kNever, "generic/5/10",
       "writes a literal that is never indexed, its name an index", behind("1f2b0161"),
       shows(kAgent)},
      {"never-indexed-name-huffman", kNever, "generic/5/11", "the same, in Huffman code",
       behind("1f2b" + a), shows(kAgent)},
      {"never-new-name", kNever, "generic/5/12",
       "writes a literal that is never indexed, its name a text", behind("1001620161"),
       shows("b=a;")},
      {"never-new-name-huffman", kNever, "generic/5/13", "the same, in Huffman code",
       behind("10" + a + a), shows("a=a;")},
      {"dynamic-entry", kIncremental, "", "refers to what an earlier request has indexed",
       behind("4001620161").raw(behind("be", 3).bytes()),
       frames(ok(1, "b=a;") + ", " + ok(3, "b=a;"))},
      {"dynamic-name", kIncremental, "", "takes a name from what an earlier request has indexed",
       behind("4001620161").raw(behind("0f2f0163", 3).bytes()),
       frames(ok(1, "b=a;") + ", " + ok(3, "b=c;"))},
      {"not-indexed-stays-out", kWithout, "", "refers to fields that were not to be indexed",
       behind("0001620161 1001620161").raw(behind("be", 3).bytes()), broken_next("b=a;b=a;")},
  };
}

std::vector<Case> index_rows() {
  return {
      {"index-past-tables", kIndices, "hpack/2.3.3/1", "refers to index 70", behind("c6"),
       broken()},
      {"name-index-past-tables", kIndices, "hpack/2.3.3/2", "takes a name from index 70",
       behind("7f070161"), broken()},
      {"index-62-empty", kIndices, "", "refers to the first dynamic entry where there is none",
       behind("be"), broken()},
      {"index-of-evicted", kIndices, "", "refers to the second of one dynamic entries",
       behind("4001620161 bf"), broken()},
      {"index-0", kIndexed, "hpack/6.1/1", "refers to index 0", behind("80"), broken()},
      {"index-2^32", kIntegers, "", "refers to an index past 32 bits", behind("ffffffffff7f"),
       broken()},
      {"integer-endless", kIntegers, "", "writes an integer of 21 bytes",
       behind("ff" + hex_of(std::string(20, '\x80'))), broken()},
      {"integer-padded", kIntegers, "", "writes the index 16 of one byte more than needed",
       behind("0f818000 0161"), shows("accept-encoding=a;")},
      {"integer-truncated", kIntegers, "", "ends a block within an integer", behind("ff80"),
       broken()},
  };
}

std::vector<Case> string_rows() {
  return {
      {"huffman-padding-8", kStrings, "hpack/5.2/1", "pads Huffman code by more than 7 bits",
       behind("000162 821fff"), broken()},
      {"huffman-padding-0", kStrings, "hpack/5.2/2", "pads Huffman code by zeros",
       behind("000162 8118"), broken()},
      {"huffman-eos", kStrings, "hpack/5.2/3", "has EOS in Huffman code",
       behind("000162 84ffffffff"), broken()},
      {"huffman-whole", kStrings, "", "has Huffman code that needs no padding (8 x a)",
       behind("000162 8518c6318c63"), shows("b=aaaaaaaa;")},
      {"huffman-empty", kStrings, "", "has an empty text in Huffman code", behind("000162 80"),
       shows("b=;")},
      {"string-past-end", kStrings, "", "has a text that is longer than the block",
       behind("000162 056161"), broken()},
      {"string-missing", kStrings, "", "ends a block behind a name", behind("000162"), broken()},
      {"string-length-missing", kStrings, "", "ends a block behind the first byte of a literal",
       behind("00"), broken()},
      {"string-length-2^32", kStrings, "", "has a text of 2^32 bytes",
       behind("000162 7f81ffffff0f"), broken()},
  };
}

std::vector<Case> table_rows() {
  const Tune no_table = [](SessionOptions& options) {
    options.settings = {{SettingId::HeaderTableSize, 0}};
  };
  const Tune large_table = [](SessionOptions& options) {
    options.settings = {{SettingId::HeaderTableSize, 8'192}};
  };
  const std::string large = hex_of(std::string(4'096, 'x'));
  return {
      {"size-update", kSizeUpdate, "generic/5/14", "begins a block with a size update",
       before("20"), shows("")},
      {"size-updates", kTableSize, "generic/5/15", "begins a block with two size updates",
       before("20 3fe11f"), shows("")},
      {"size-update-behind", kTableSize, "hpack/4.2/1", "ends a block with a size update",
       behind("20"), broken()},
      {"size-update-within", kTableSize, "", "has a size update between two fields",
       behind("0001620161 3fe11f 0001620161"), broken()},
      {"size-update-too-large", kSizeUpdate, "hpack/6.3/1",
       "makes the table larger than the 4,096 bytes that it may have", before("3fe21f"), broken()},
      {"size-update-as-announced", kSizeUpdate, "",
       "makes the table as large as the server's SETTINGS allow", before("3fe13f"), shows(""),
       large_table},
      {"size-update-past-announced", kSizeUpdate, "",
       "makes the table larger than the server's SETTINGS allow", before("3fe23f"), broken(),
       large_table},
      {"size-update-missing", kTableSize, "",
       "goes on with a table that the server's SETTINGS have taken away", behind(""), broken(),
       no_table},
      {"size-update-not-enough", kTableSize, "",
       "makes the table smaller, but not as small as the server's SETTINGS say", before("30"),
       broken(), no_table},
      {"size-update-as-told", kTableSize, "",
       "makes the table as small as the server's SETTINGS say", before("20"), shows(""), no_table},
      {"size-update-evicts", kTableSize, "", "refers to an entry that a size update has evicted",
       behind("4001620161")
           .raw(peer()
                    .headers(3, join({hex("20 3fe11f"), get_block("/fields"), hex("be")}))
                    .bytes()),
       broken_next("b=a;")},
      {"entry-larger-than-table", kEviction, "",
       "indexes a field larger than the table, which empties it",
       behind("4001620161 400162 7f811f" + large).raw(behind("be", 3).bytes()),
       connection_error(Rule::Compression, CompressionError, 3,
                        "HEADERS 1 200, DATA 1 4103 bytes END_STREAM")},
      {"entries-evicted-in-order", kEviction, "",
       "fills the table, so that the oldest entry is gone and the newest two are there",
       // 3,000 + 33 and 1,000 + 33 bytes: with the first entry of 34 more than 4,096.
       behind("4001620161")
           .raw(
               peer()
                   .headers(3, join({get_block(), hpack_literal("c", std::string(3'000, 'x'), 0x40),
                                     hpack_literal("d", std::string(1'000, 'y'), 0x40)}))
                   .raw(behind("be", 5).bytes())
                   .raw(behind("c0", 7).bytes())
                   .bytes()),
       connection_error(
           Rule::Compression, CompressionError, 7,
           ok(1, "b=a;") + ", " + ok(3) + ", HEADERS 5 200, DATA 5 1003 bytes END_STREAM")},
      {"name-of-evicted-entry", kEviction, "", "takes a name from an entry that the new one evicts",
       // The new entry of 4,000 + 33 bytes leaves no room for the old one.
       behind("4001620161")
           .raw(peer()
                    .headers(3,
                             join({get_block(), hex("7e"), hpack_string(std::string(4'031, 'x'))}))
                    .raw(behind("bf", 5).bytes())
                    .bytes()),
       connection_error(Rule::Compression, CompressionError, 5, ok(1, "b=a;") + ", " + ok(3))},
  };
}

}  // namespace

std::vector<Case> hpack_rows() {
  std::vector<Case> all = literal_rows();
  for (const auto& rows : {index_rows(), string_rows(), table_rows()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace apns::http2::test
