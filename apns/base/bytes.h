#pragma once

#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apns {

using ByteView = std::span<const std::byte>;
using Bytes = std::vector<std::byte>;

/// Text and wire data are different types on purpose; these two are the only way across.
/// The views live as long as their argument's storage.
[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A cursor over bytes that are not owned; reads big-endian integers and views.
/// Invariant: never past the end. A read that does not fit is a programming error (assert): ask
/// has() first.
class ByteReader {
 public:
  explicit ByteReader(ByteView in) : in_(in) {}

  [[nodiscard]] bool has(std::size_t n) const { return n <= in_.size() - at_; }

  [[nodiscard]] std::size_t left() const { return in_.size() - at_; }

  [[nodiscard]] std::size_t position() const { return at_; }

  [[nodiscard]] ByteView rest() const { return in_.subspan(at_); }

  /// The byte `n` places ahead, not consumed.
  [[nodiscard]] std::uint8_t peek(std::size_t n = 0) const {
    assert(has(n + 1));
    return std::to_integer<std::uint8_t>(in_[at_ + n]);
  }

  template <std::unsigned_integral T>
  [[nodiscard]] T read() {
    assert(has(sizeof(T)));
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value = static_cast<T>(static_cast<std::uint64_t>(value) << 8U |
                             std::to_integer<std::uint64_t>(in_[at_ + i]));
    }
    at_ += sizeof(T);
    return value;
  }

  /// The next `n` bytes as a view into the input.
  [[nodiscard]] ByteView read_view(std::size_t n) {
    assert(has(n));
    const ByteView view = in_.subspan(at_, n);
    at_ += n;
    return view;
  }

  void skip(std::size_t n) {
    assert(has(n));
    at_ += n;
  }

 private:
  ByteView in_;
  std::size_t at_ = 0;
};

/// Appends big-endian integers and runs of bytes to a buffer that it does not own.
class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  template <std::unsigned_integral T>
  void write(T value) {
    const std::size_t at = out_.size();
    out_.resize(at + sizeof(T));
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      out_[at + i] =
          static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8U * (sizeof(T) - 1 - i)));
    }
  }

  void write(ByteView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }

 private:
  Bytes& out_;
};

/// Lower-case hex without separators.
[[nodiscard]] std::string to_hex(ByteView bytes);

/// Parses hex in either case; whitespace is skipped. False: a character that is not hex, or an odd
/// number of digits.
[[nodiscard]] bool parse_hex(std::string_view text, Bytes& out);

}  // namespace apns
