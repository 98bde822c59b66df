#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <span>

#include "apns/binary/error_packet.h"

// Input: a gateway's stream. Checked, for every number of bytes that may have arrived: which of the
// three outcomes comes, what is consumed, and that a packet encodes to the bytes it came from.

namespace {

void require(bool holds, const char* what) {
  if (!holds) {
    std::cerr << what << '\n';
    std::abort();
  }
}

void check_prefix(apns::ByteView arrived) {
  apns::ByteReader in(arrived);
  const auto outcome = apns::binary::decode_error_packet(in);
  const bool bad_command = !arrived.empty() && arrived[0] != std::byte{8};
  require(outcome.has_error() == bad_command, "an error is a first byte other than 8");
  require(outcome.has_value() == (!bad_command && arrived.size() >= 6), "a packet is 6 bytes");
  require(in.position() == (outcome.has_value() ? 6U : 0U), "only a packet is consumed");
  if (outcome.has_value()) {
    const auto encoded = encode_error_packet(outcome.value());
    require(std::ranges::equal(encoded, arrived.first(encoded.size())), "it encodes to itself");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const apns::ByteView stream = std::as_bytes(std::span(data, size));
  for (std::size_t len = 0; len <= std::min<std::size_t>(size, 16); ++len) {
    check_prefix(stream.first(len));
  }
  return 0;
}
