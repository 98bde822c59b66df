#pragma once

#include <string>
#include <string_view>

/// Golden bytes of answers that reject: RFC 7541, put together by hand.
namespace apns::test {

/// Of Apple's own, as it was seen (jchambers/pushy#184).
inline constexpr std::string_view kId = "27CFDC15-E305-27E0-E290-8FC98E115899";

/// apns-id: a literal without indexing; name and value in Huffman's code, 5 and 28 bytes.
inline constexpr std::string_view kIdName = "00851d75216349";
inline constexpr std::string_view kIdValue =
    "9c13b7b0dfbc16d6c0c81b584ee002d804f8167b0de7dec010b6f3efff";

/// :status: one byte of the static table, else index 8 and three digits, two bytes where Huffman's
/// code makes them shorter.
[[nodiscard]] inline std::string status_block(unsigned status) {
  switch (status) {
    case 400:
      return "8c";
    case 403:
      return "0803343033";
    case 404:
      return "8d";
    case 405:
      return "0803343035";
    case 410:
      return "08826820";
    case 413:
      return "0803343133";
    case 429:
      return "0803343239";
    case 500:
      return "8e";
    case 503:
      return "0803353033";
    default:
      return "";
  }
}

/// The whole block in hex, of an answer that echoes kId.
[[nodiscard]] inline std::string reason_block(unsigned status) {
  return status_block(status) + std::string(kIdName) + std::string(kIdValue);
}

}  // namespace apns::test
