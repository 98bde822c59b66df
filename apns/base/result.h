#pragma once

#include <cassert>
#include <optional>
#include <utility>
#include <variant>

#include <boost/system/result.hpp>

namespace apns {

/// A value or a small error enum. The enum needs no error_category: errors are values here, never
/// exceptions.
template <class T, class E>
using Result = boost::system::result<T, E>;

/// Outcome of one step of an incremental decoder: a value, "need more bytes" (not an error), or an
/// error.
template <class T, class E>
class Decoded {
 public:
  struct NeedMore {};

  // Implicit on purpose: decoders `return value;`, `return NeedMore{};` or `return Error::X;`.
  Decoded(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)

  Decoded(NeedMore more)
      : state_(std::in_place_index<1>, more) {}  // NOLINT(google-explicit-constructor)

  Decoded(E error)
      : state_(std::in_place_index<2>, error) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }

  [[nodiscard]] bool need_more() const { return state_.index() == 1; }

  [[nodiscard]] bool has_error() const { return state_.index() == 2; }

  [[nodiscard]] const T& value() const {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }

  [[nodiscard]] E error() const {
    assert(has_error());
    return *std::get_if<2>(&state_);
  }

 private:
  std::variant<T, NeedMore, E> state_;
};

}  // namespace apns
