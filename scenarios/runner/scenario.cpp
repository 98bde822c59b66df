#include "scenarios/runner/scenario.h"

#include <cassert>

namespace apns::scenarios {

std::string_view to_string(HostKind host) {
  switch (host) {
    case HostKind::Memory:
      return "in-memory";
    case HostKind::MemoryTls:
      return "tls";
    case HostKind::Sockets:
      return "sockets";
  }
  return "";
}

DeviceToken device_token_of(std::uint32_t n) {
  constexpr std::size_t kLen = 32;
  constexpr std::size_t kNumberLen = 4;
  Bytes bytes(kLen - kNumberLen, std::byte{0});
  bytes.front() = std::byte{0xa1};
  ByteWriter(bytes).write(n);
  const std::optional<DeviceToken> token = DeviceToken::from_bytes(bytes);
  assert(token.has_value());
  return *token;
}

}  // namespace apns::scenarios
