#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "apns/base/bytes.h"

namespace apns::http2 {

/// Decoded strings that a peer sends with each of its messages, because it lets no table have them:
/// a never-indexed authorization, as libnghttp2 sends every one. Comparing what is encoded costs a
/// tenth of decoding it.
///
/// A few, each in the one place where it can be; another takes it over. It holds at most kNumPlaces
/// times kMaxLen, and what that decodes to.
class RepeatedTexts {
 public:
  static constexpr std::size_t kNumPlaces = 8;
  static constexpr std::size_t kMinLen = 64;  // of what is encoded: shorter is not worth a look
  static constexpr std::size_t kMaxLen = 512;

  [[nodiscard]] static bool takes(std::size_t encoded_len) {
    return encoded_len >= kMinLen && encoded_len <= kMaxLen;
  }

  /// The text that these bytes stand for, if it is kept; the view lives until keep(). Asks for
  /// takes().
  [[nodiscard]] std::optional<std::string_view> find(ByteView encoded) const;

  /// Asks for takes().
  void keep(ByteView encoded, std::string_view text);

  [[nodiscard]] std::size_t held_bytes() const;

 private:
  struct Entry {
    Bytes encoded;
    Bytes text;
  };

  std::array<Entry, kNumPlaces> entries_;
};

}  // namespace apns::http2
