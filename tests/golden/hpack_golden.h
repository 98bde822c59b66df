#pragma once

#include <string_view>
#include <vector>

#include "apns/http2/field.h"
#include "apns/http2/hpack_writer.h"

/// The examples of RFC 7541 Appendix C, sections C.2 to C.6: each a connection's direction from its
/// beginning. Decoded they give the fields and the table; encoded, field by field with the given
/// representation, they give the bytes.
namespace apns::golden {

struct HpackField {
  std::string_view name;
  std::string_view value;
  // As the literal is written; Indexed where both parts were in a table.
  http2::Representation representation = http2::Representation::Indexed;
};

struct HpackBlock {
  std::string_view hex;
  std::vector<HpackField> fields;
  // The dynamic table afterwards, newest first, and its size.
  std::vector<HpackField> table;
  std::size_t table_size = 0;
};

struct HpackExample {
  const char* name;
  std::uint32_t table_limit = 4096;
  http2::HuffmanUse huffman = http2::HuffmanUse::Never;
  std::vector<HpackBlock> blocks;
};

namespace hpack_detail {

inline constexpr std::string_view kDate1 = "Mon, 21 Oct 2013 20:13:21 GMT";
inline constexpr std::string_view kDate2 = "Mon, 21 Oct 2013 20:13:22 GMT";
inline constexpr std::string_view kUrl = "https://www.example.com";
inline constexpr std::string_view kCookie =
    "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
inline constexpr auto kIncremental = http2::Representation::Incremental;

/// C.3 and C.4: the same requests, without and with Huffman coding.
inline HpackExample requests(const char* name, http2::HuffmanUse huffman,
                             std::vector<std::string_view> hex) {
  const HpackField authority{":authority", "www.example.com"};
  const HpackField cache{"cache-control", "no-cache"};
  const HpackField custom{"custom-key", "custom-value"};
  const auto added = [](HpackField field) {
    field.representation = kIncremental;
    return field;
  };
  return HpackExample{
      name,
      4096,
      huffman,
      {
          {hex[0],
           {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, added(authority)},
           {authority},
           57},
          {hex[1],
           {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, authority, added(cache)},
           {cache, authority},
           110},
          {hex[2],
           {{":method", "GET"},
            {":scheme", "https"},
            {":path", "/index.html"},
            authority,
            added(custom)},
           {custom, cache, authority},
           164},
      }};
}

/// C.5 and C.6: the same responses, with a table of 256 bytes, from which entries are evicted.
inline HpackExample responses(const char* name, http2::HuffmanUse huffman,
                              std::vector<std::string_view> hex) {
  const HpackField found{":status", "302"};
  const HpackField temporary{":status", "307"};
  const HpackField is_private{"cache-control", "private"};
  const HpackField date1{"date", kDate1};
  const HpackField date2{"date", kDate2};
  const HpackField location{"location", kUrl};
  const HpackField gzip{"content-encoding", "gzip"};
  const HpackField cookie{"set-cookie", kCookie};
  const auto added = [](HpackField field) {
    field.representation = kIncremental;
    return field;
  };
  return HpackExample{
      name,
      256,
      huffman,
      {
          {hex[0],
           {added(found), added(is_private), added(date1), added(location)},
           {location, date1, is_private, found},
           222},
          {hex[1],
           {added(temporary), is_private, date1, location},
           {temporary, location, date1, is_private},
           222},
          {hex[2],
           {{":status", "200"}, is_private, added(date2), location, added(gzip), added(cookie)},
           {cookie, gzip, date2},
           215},
      }};
}

}  // namespace hpack_detail

inline std::vector<HpackExample> hpack_examples() {
  using http2::HuffmanUse;
  using http2::Representation;
  return {
      {"C_2_1_LiteralWithIndexing",
       4096,
       HuffmanUse::Never,
       {{"40"                              // literal, to be indexed, with a new name
         "0a 637573746f6d2d6b6579"         // custom-key
         "0d 637573746f6d2d686561646572",  // custom-header
         {{"custom-key", "custom-header", Representation::Incremental}},
         {{"custom-key", "custom-header"}},
         55}}},
      {"C_2_2_LiteralWithoutIndexing",
       4096,
       HuffmanUse::Never,
       {{"04"                            // literal, not indexed, name 4: :path
         "0c 2f73616d706c652f70617468",  // /sample/path
         {{":path", "/sample/path", Representation::WithoutIndexing}},
         {},
         0}}},
      {"C_2_3_LiteralNeverIndexed",
       4096,
       HuffmanUse::Never,
       {{"10"                   // literal, never indexed, with a new name
         "08 70617373776f7264"  // password
         "06 736563726574",     // secret
         {{"password", "secret", Representation::NeverIndexed}},
         {},
         0}}},
      {"C_2_4_Indexed", 4096, HuffmanUse::Never, {{"82", {{":method", "GET"}}, {}, 0}}},  // index 2
      hpack_detail::requests(
          "C_3_RequestsWithoutHuffman", HuffmanUse::Never,
          {"82 86 84"                               // :method GET, :scheme http, :path /
           "41 0f 7777772e6578616d706c652e636f6d",  // :authority: www.example.com
           "82 86 84 be"                            // be: index 62
           "58 08 6e6f2d6361636865",                // cache-control: no-cache
           "82 87 85 bf"                            // bf: index 63
           "40 0a 637573746f6d2d6b6579 0c 637573746f6d2d76616c7565"}),
      hpack_detail::requests("C_4_RequestsWithHuffman", HuffmanUse::Always,
                             {"82 86 84"
                              "41 8c f1e3c2e5f23a6ba0ab90f4ff",  // 8c: Huffman, 12 bytes
                              "82 86 84 be"
                              "58 86 a8eb10649cbf",
                              "82 87 85 bf"
                              "40 88 25a849e95ba97d7f 89 25a849e95bb8e8b4bf"}),
      hpack_detail::responses(
          "C_5_ResponsesWithoutHuffman", HuffmanUse::Never,
          {"48 03 333032"          // :status: 302
           "58 07 70726976617465"  // cache-control: private
           "61 1d 4d6f6e2c203231204f637420323031332032303a31333a323120474d54"  // date
           "6e 17 68747470733a2f2f7777772e6578616d706c652e636f6d",             // location
           "48 03 333037"  // :status: 307, which evicts 302
           "c1 c0 bf",     // indexes 65, 64, 63
           "88 c1"         // :status 200, index 65
           "61 1d 4d6f6e2c203231204f637420323031332032303a31333a323220474d54"  // date
           "c0"
           "5a 04 677a6970"  // content-encoding: gzip
           "77 38 666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f4955"
           "3b206d61782d6167653d333630303b2076657273696f6e3d31"}),  // set-cookie
      hpack_detail::responses("C_6_ResponsesWithHuffman", HuffmanUse::Always,
                              {"48 82 6402"
                               "58 85 aec3771a4b"
                               "61 96 d07abe941054d444a8200595040b8166e082a62d1bff"
                               "6e 91 9d29ad171863c78f0b97c8e9ae82ae43d3",
                               "48 83 640eff"
                               "c1 c0 bf",
                               "88 c1"
                               "61 96 d07abe941054d444a8200595040b8166e084a62d1bff"
                               "c0"
                               "5a 83 9bd9ab"
                               "77 ad 94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab27"
                               "0fb5291f9587316065c003ed4ee5b1063d5007"}),
  };
}

}  // namespace apns::golden
