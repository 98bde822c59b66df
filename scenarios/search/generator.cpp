#include "scenarios/search/generator.h"

#include "scenarios/search/binary_generator.h"
#include "scenarios/search/http2_generator.h"

namespace apns::scenarios::search {

std::optional<SearchProtocol> parse_search_protocol(std::string_view word) {
  if (word == "both") {
    return SearchProtocol::Both;
  }
  if (word == "binary") {
    return SearchProtocol::Binary;
  }
  if (word == "http2") {
    return SearchProtocol::Http2;
  }
  return std::nullopt;
}

Case make_case(std::uint64_t seed, SearchProtocol protocol) {
  const bool is_http2 =
      protocol == SearchProtocol::Http2 || (protocol == SearchProtocol::Both && seed % 2 == 0);
  return is_http2 ? make_http2_case(seed) : make_binary_case(seed);
}

}  // namespace apns::scenarios::search
