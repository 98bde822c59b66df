#include "apns/http2/repeated_texts.h"

#include <cassert>
#include <cstdint>
#include <cstring>

namespace apns::http2 {

namespace {

/// By the end, which is where a signature stands.
std::size_t place_of(ByteView encoded) {
  assert(RepeatedTexts::takes(encoded.size()));
  static_assert(RepeatedTexts::kMinLen >= 16 && RepeatedTexts::kNumPlaces == 8);
  std::uint64_t end = 0;
  // Not the very last bytes: padding stands there.
  std::memcpy(&end, encoded.data() + encoded.size() - 12, sizeof(end));
  return static_cast<std::size_t>((end * 0x9E3779B97F4A7C15U) >> 61U);
}

}  // namespace

std::optional<std::string_view> RepeatedTexts::find(ByteView encoded) const {
  const Entry& entry = entries_.at(place_of(encoded));
  if (entry.encoded.size() != encoded.size() ||
      std::memcmp(entry.encoded.data(), encoded.data(), encoded.size()) != 0) {
    return std::nullopt;
  }
  return as_text(entry.text);
}

void RepeatedTexts::keep(ByteView encoded, std::string_view text) {
  Entry& entry = entries_.at(place_of(encoded));
  const ByteView bytes = as_bytes(text);
  entry.encoded.assign(encoded.begin(), encoded.end());
  entry.text.assign(bytes.begin(), bytes.end());
}

std::size_t RepeatedTexts::held_bytes() const {
  std::size_t sum = 0;
  for (const Entry& entry : entries_) {
    sum += entry.encoded.capacity() + entry.text.capacity();
  }
  return sum;
}

}  // namespace apns::http2
