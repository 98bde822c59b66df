#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "apns/base/bytes.h"

namespace apns::mock {

/// The header block of an answer that says yes to whatever was asked: ":status 200", and an apns-id
/// of 128 random bits in upper case, as Apple's are (observed: jchambers/pushy#184). One per
/// thread.
class NullAnswer {
 public:
  explicit NullAnswer(std::uint64_t seed);

  /// Another apns-id each time. Valid until the next call.
  [[nodiscard]] ByteView next();

 private:
  static constexpr std::string_view kName = "apns-id";
  static constexpr std::size_t kNameAt = 3;  // behind the status, the literal's kind, a length
  static constexpr std::size_t kIdLen = 36;  // 8-4-4-4-12
  static constexpr std::size_t kIdAt = kNameAt + kName.size() + 1;

  std::uint64_t state_;
  std::array<std::byte, kIdAt + kIdLen> block_{};
};

}  // namespace apns::mock
