#include "apns/binary/error_packet.h"

namespace apns::binary {

Decoded<ErrorPacket, ErrorPacketError> decode_error_packet(ByteReader& in) {
  using NeedMore = Decoded<ErrorPacket, ErrorPacketError>::NeedMore;
  if (in.left() == 0) {
    return NeedMore{};
  }
  if (in.peek() != static_cast<std::uint8_t>(Command::Error)) {
    return ErrorPacketError::BadCommand;
  }
  if (!in.has(kErrorPacketLen)) {
    return NeedMore{};
  }
  in.skip(1);
  ErrorPacket packet;
  packet.status = in.read<std::uint8_t>();
  packet.identifier = in.read<std::uint32_t>();
  return packet;
}

std::array<std::byte, kErrorPacketLen> encode_error_packet(const ErrorPacket& packet) {
  const auto identifier_byte = [&packet](unsigned shift) {
    return static_cast<std::byte>(packet.identifier >> shift);
  };
  return {static_cast<std::byte>(Command::Error),
          std::byte{packet.status},
          identifier_byte(24),
          identifier_byte(16),
          identifier_byte(8),
          identifier_byte(0)};
}

}  // namespace apns::binary
