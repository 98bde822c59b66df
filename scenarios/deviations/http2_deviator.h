#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "apns/http2/frame.h"
#include "scenarios/deviations/deviation.h"

namespace apns::scenarios {

/// A deviation of a provider that speaks HTTP/2: frame by frame both ways. The base class changes
/// nothing.
class Http2Deviator : public Deviator {
 public:
  [[nodiscard]] std::size_t frame_len(ByteView bytes) const final;
  Bytes outgoing(std::uint64_t connection, ByteView frame) final;
  Bytes incoming(std::uint64_t connection, ByteView bytes) final;

 protected:
  struct Frame {
    std::uint64_t connection = 0;
    http2::FrameHeader header;
    ByteView bytes;  // with the header

    [[nodiscard]] ByteView payload() const { return bytes.subspan(http2::kFrameHeaderLen); }
  };

  /// Instead of a frame that goes to the service; nullopt: as it is, empty: nothing.
  virtual std::optional<Bytes> to_service(const Frame& /*frame*/) { return std::nullopt; }

  /// Instead of one that comes from it.
  virtual std::optional<Bytes> to_provider(const Frame& /*frame*/) { return std::nullopt; }

 private:
  std::map<std::uint64_t, Bytes> partial_;  // by connection, of what comes
};

}  // namespace apns::scenarios
