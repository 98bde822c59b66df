#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "apns/base/bytes.h"

/// Bytes of a provider's stream, right or wrong, made without the code under test.
namespace apns::binary::test {

/// The bytes of a hex literal.
[[nodiscard]] Bytes hex(std::string_view digits);

/// `len` bytes that differ from their neighbours, so that a byte in a wrong place shows.
[[nodiscard]] Bytes pattern(std::size_t len);

[[nodiscard]] Bytes join(std::initializer_list<Bytes> parts);

/// `parts`, `times` times.
[[nodiscard]] Bytes repeat(std::size_t times, const Bytes& part);

/// Command 0.
[[nodiscard]] Bytes simple(const Bytes& device_token, const Bytes& payload);

/// Command 1.
[[nodiscard]] Bytes enhanced(std::uint32_t identifier, std::uint32_t expiration,
                             const Bytes& device_token, const Bytes& payload);

/// Command 2 with the length of what it holds.
[[nodiscard]] Bytes frame(std::initializer_list<Bytes> items);

/// One item with the length of its data.
[[nodiscard]] Bytes item(std::uint8_t id, const Bytes& data);

}  // namespace apns::binary::test
