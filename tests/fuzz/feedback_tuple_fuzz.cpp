#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <span>
#include <vector>

#include "apns/base/random.h"
#include "apns/binary/feedback_tuple.h"
#include "tests/support/split_feed.h"

// Input: 2 bytes of seed for the split, then a feedback service's stream. Checked:
// - the stream whole, byte by byte and in random parts gives the same tuples and the same end;
// - whole tuples encode to the bytes they came from, and the offsets are theirs.

namespace {

using apns::Bytes;
using apns::ByteView;
using apns::binary::FeedbackDecoder;
using apns::binary::FeedbackErrorInfo;
using apns::binary::FeedbackTuple;

void require(bool holds, const char* what) {
  if (!holds) {
    std::cerr << what << '\n';
    std::abort();
  }
}

struct Log {
  std::vector<FeedbackTuple> tuples;
  std::optional<FeedbackErrorInfo> error;
  std::uint64_t offset = 0;
  std::size_t num_kept = 0;

  [[nodiscard]] bool operator==(const Log&) const = default;
};

class Subject {
 public:
  void feed(ByteView part) {
    apns::ByteReader in(part);
    for (;;) {
      const auto decoded = decoder_.next(in);
      if (decoded.need_more()) {
        require(in.left() == 0, "NeedMore leaves nothing");
        return;
      }
      if (decoded.has_error()) {
        log_.error = decoded.error();
        return;
      }
      log_.tuples.push_back(decoded.value());
    }
  }

  [[nodiscard]] Log finish() {
    log_.offset = decoder_.tuple_offset();
    log_.num_kept = decoder_.num_kept();
    require(decoder_.at_boundary() == (log_.num_kept == 0), "a boundary keeps nothing");
    return log_;
  }

 private:
  FeedbackDecoder decoder_;
  Log log_;
};

void check_bytes(const Log& log, ByteView stream) {
  Bytes encoded;
  for (const FeedbackTuple& tuple : log.tuples) {
    encode_feedback_tuple(tuple, encoded);
  }
  require(encoded.size() == log.offset, "the offset is the length of the whole tuples");
  require(encoded.size() <= stream.size(), "no tuple comes from nothing");
  require(std::ranges::equal(encoded, stream.first(encoded.size())), "tuples encode to themselves");
  if (log.error) {
    require(log.error->offset == log.offset + 4, "an error is that of the token length");
    require(log.error->token_len == 0 || log.error->token_len > 100, "a good length is no error");
  } else {
    require(log.offset + log.num_kept == stream.size(), "every byte is accounted for");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  apns::RandomStream random(data[0] * 256U + data[1], 0);
  const ByteView stream = std::as_bytes(std::span(data, size)).subspan(2);
  const auto make = [] { return Subject(); };
  const Log whole = apns::test::feed_whole(stream, make);
  check_bytes(whole, stream);
  require(apns::test::feed_byte_by_byte(stream, make) == whole, "byte by byte");
  std::vector<std::size_t> cuts(apns::random_between(random.next(), 1, 8));
  for (std::size_t& cut : cuts) {
    cut = apns::random_between(random.next(), 0, stream.size());
  }
  std::ranges::sort(cuts);
  require(apns::test::feed_in_parts(stream, cuts, make) == whole, "in random parts");
  return 0;
}
