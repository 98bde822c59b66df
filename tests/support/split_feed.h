#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/bytes.h"

/// Runs an incremental decoder over the same bytes in every way that a stream may be cut. A subject
/// is an object with
///   void feed(ByteView part);   one arrival; takes all of it
///   Log finish();               what it has seen; comparable, printable by GoogleTest
/// and `make()` returns a fresh one.
namespace apns::test {

/// Feeds `wire` in parts that end at `cuts` (ascending) and at its end. Each part is a heap block
/// of its exact size, so that a read past it is seen by the address sanitizer, and is overwritten
/// after its feed(), so that a view kept past it gives wrong bytes.
template <class MakeSubject>
[[nodiscard]] auto feed_in_parts(ByteView wire, std::span<const std::size_t> cuts,
                                 MakeSubject make) {
  auto subject = make();
  std::vector<Bytes> parts;
  parts.reserve(cuts.size() + 1);
  std::size_t begin = 0;
  const auto feed_to = [&](std::size_t end) {
    const ByteView part = wire.subspan(begin, end - begin);
    Bytes& copy = parts.emplace_back(part.begin(), part.end());
    subject.feed(ByteView(copy));
    std::fill(copy.begin(), copy.end(), std::byte{0xDD});  // std::ranges::fill is no memset
    begin = end;
  };
  for (const std::size_t cut : cuts) {
    feed_to(cut);
  }
  feed_to(wire.size());
  return subject.finish();
}

template <class MakeSubject>
[[nodiscard]] auto feed_whole(ByteView wire, MakeSubject make) {
  return feed_in_parts(wire, {}, std::move(make));
}

template <class MakeSubject>
[[nodiscard]] auto feed_byte_by_byte(ByteView wire, MakeSubject make) {
  std::vector<std::size_t> cuts;
  for (std::size_t cut = 1; cut < wire.size(); ++cut) {
    cuts.push_back(cut);
  }
  return feed_in_parts(wire, cuts, std::move(make));
}

/// Expects `expected` from `wire` whole, in two parts at each byte (an empty part at either end
/// included), and byte by byte. Reports the first split that differs only: the others tend to fail
/// alike.
template <class Log, class MakeSubject>
void expect_at_every_split(ByteView wire, const Log& expected, MakeSubject make) {
  ASSERT_EQ(feed_whole(wire, make), expected) << "whole";
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    ASSERT_EQ(feed_in_parts(wire, std::span(&cut, 1), make), expected) << "cut at byte " << cut;
  }
  ASSERT_EQ(feed_byte_by_byte(wire, make), expected) << "byte by byte";
}

}  // namespace apns::test
