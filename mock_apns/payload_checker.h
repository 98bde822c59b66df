#pragma once

#include <memory>

#include "apns/base/bytes.h"

namespace apns::mock {

/// Is a payload JSON at all? Keeps one simdjson parser; one checker per thread.
class PayloadChecker {
 public:
  /// simdjson reads up to this many bytes past the text it parses.
  static constexpr std::size_t kPadding = 64;

  PayloadChecker();
  ~PayloadChecker();

  /// `is_padded`: kPadding bytes behind the payload are readable (whatever they hold), so that it
  /// is parsed in place; otherwise it is copied first. What simdjson refuses though the grammar of
  /// RFC 8259 allows it (huge numbers, lone surrogate escapes, more than 1,024 levels) gets a
  /// second, slower opinion.
  [[nodiscard]] bool is_json(ByteView payload, bool is_padded);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  Bytes copy_;
};

}  // namespace apns::mock
