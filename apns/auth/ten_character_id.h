#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <string_view>

namespace apns::auth {

/// A team id or a key id: 10 characters. Source: "Establishing a token-based connection to APNs".
/// That they are letters and digits is so in all samples; either case is taken.
class TenCharacterId {
 public:
  static constexpr std::size_t kLen = 10;

  /// Ten zeros.
  constexpr TenCharacterId() { text_.fill('0'); }

  /// Nullopt: another length, or a character that is no letter or digit of ASCII.
  [[nodiscard]] static constexpr std::optional<TenCharacterId> parse(std::string_view text) {
    if (text.size() != kLen || !std::all_of(text.begin(), text.end(), is_letter_or_digit)) {
      return std::nullopt;
    }
    TenCharacterId id;
    std::copy(text.begin(), text.end(), id.text_.begin());
    return id;
  }

  /// Lives as long as this.
  [[nodiscard]] constexpr std::string_view text() const { return {text_.data(), kLen}; }

  [[nodiscard]] constexpr auto operator<=>(const TenCharacterId&) const = default;

 private:
  static constexpr bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }

  std::array<char, kLen> text_{};
};

}  // namespace apns::auth
