#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "scenarios/search/case.h"

namespace apns::scenarios::search {

/// Which provider a search tries.
enum class SearchProtocol : std::uint8_t {
  Both,  // by the seed
  Binary,
  Http2,
};

/// "both", "binary" or "http2"; nullopt: another word.
[[nodiscard]] std::optional<SearchProtocol> parse_search_protocol(std::string_view word);

/// One seed is one case of each protocol for ever. For Both an odd seed is the binary case of that
/// number, an even one that of HTTP/2.
[[nodiscard]] Case make_case(std::uint64_t seed, SearchProtocol protocol = SearchProtocol::Both);

}  // namespace apns::scenarios::search
