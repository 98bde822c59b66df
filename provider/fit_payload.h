#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace apns::provider {

/// What fit_payload() made of a payload.
struct FittedPayload {
  enum class Kind : std::uint8_t {
    AsItWas,    // it fits
    Shortened,  // texts of the alert were
    TooLarge,   // also without its texts: unchanged
    NotJson,    // unchanged
  };

  Kind kind = Kind::AsItWas;
  std::string payload;

  /// Shortened: how many bytes of each text were there, and are; equal: not touched.
  struct Text {
    std::size_t bytes_before = 0;
    std::size_t bytes = 0;
  };

  Text body, subtitle, title;
};

/// Shortens the alert until the payload has at most `limit_bytes`. All other bytes stay as they
/// are.
///
/// The body goes first (an alert that is a text is its body), from its end, then the subtitle, then
/// the title: a title tells what it is about. A text that was shortened ends in "…" (U+2026) and is
/// cut between characters as people see them: never within UTF-8, an escape or a surrogate pair,
/// nor before a combining mark, within a flag, or where a zero width joiner makes one emoji of
/// several. Blanks before the cut are dropped. A text is never made empty; as "…" alone it is as
/// short as it gets. Bytes are those that are sent, so that "\u00e9" counts six. Source: field
/// reports M169, immobiliare/ApnsPHP#82; M170, djacobs/PyAPNs#167. The order is our choice.
[[nodiscard]] FittedPayload fit_payload(std::string_view payload, std::size_t limit_bytes);

}  // namespace apns::provider
