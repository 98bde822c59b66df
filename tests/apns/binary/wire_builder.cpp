#include "tests/apns/binary/wire_builder.h"

#include <cstdlib>

namespace apns::binary::test {

namespace {

template <std::unsigned_integral T>
Bytes number(T value) {
  Bytes out;
  ByteWriter(out).write(value);
  return out;
}

Bytes with_length(const Bytes& data) {
  return join({number(static_cast<std::uint16_t>(data.size())), data});
}

}  // namespace

Bytes hex(std::string_view digits) {
  Bytes out;
  if (!parse_hex(digits, out)) {
    std::abort();  // a typing error in a test
  }
  return out;
}

Bytes pattern(std::size_t len) {
  Bytes out;
  out.reserve(len);
  for (std::size_t i = 0; i < len; ++i) {
    out.push_back(static_cast<std::byte>(i * 7 + i / 256 + 1));
  }
  return out;
}

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

Bytes repeat(std::size_t times, const Bytes& part) {
  Bytes out;
  for (std::size_t i = 0; i < times; ++i) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

Bytes simple(const Bytes& device_token, const Bytes& payload) {
  return join({hex("00"), with_length(device_token), with_length(payload)});
}

Bytes enhanced(std::uint32_t identifier, std::uint32_t expiration, const Bytes& device_token,
               const Bytes& payload) {
  return join({hex("01"), number(identifier), number(expiration), with_length(device_token),
               with_length(payload)});
}

Bytes frame(std::initializer_list<Bytes> items) {
  const Bytes body = join(items);
  return join({hex("02"), number(static_cast<std::uint32_t>(body.size())), body});
}

Bytes item(std::uint8_t id, const Bytes& data) {
  return join({number(id), with_length(data)});
}

}  // namespace apns::binary::test
