#pragma once

#include <cstdint>
#include <string_view>

#include "apns/base/bytes.h"
#include "tests/apns/binary/wire_builder.h"

namespace apns::test {

inline Bytes copy_of(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

/// 32 bytes, the last of which says which one it is.
inline Bytes device_token(std::uint8_t number = 1) {
  Bytes token(32, std::byte{0xA1});
  token.back() = std::byte{number};
  return token;
}

inline Bytes big_endian(std::uint32_t value) {
  Bytes out;
  ByteWriter(out).write(value);
  return out;
}

/// Command 2 with token, payload and identifier: what the gateway accepts.
inline Bytes framed(std::uint32_t identifier, std::string_view payload = "{}") {
  using namespace binary::test;
  return frame({item(1, device_token()), item(2, copy_of(as_bytes(payload))),
                item(3, big_endian(identifier))});
}

/// Command 2 with a token of length 0: status 2.
inline Bytes framed_bad(std::uint32_t identifier) {
  using namespace binary::test;
  return frame({item(1, {}), item(2, copy_of(as_bytes("{}"))), item(3, big_endian(identifier))});
}

}  // namespace apns::test
