#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "apns/base/memory_host.h"
#include "apns/base/out_buffer.h"
#include "apns/binary/feedback_tuple.h"
#include "provider/feedback_reader.h"
#include "tests/support/checked_engine.h"

// A feedback reader in a memory host, against a service that says what the input says.
// Input: 6 bytes of options (see read_options), then the stream. Checked: one end for the poll,
// within its limit; the tuples are those at the front of the stream, all of them where the end says
// so; offset and rest account for the bytes; no connection is left, and the next poll is none the
// worse; and the contract of Engine.

namespace {

using apns::ByteView;
using apns::Close;
using apns::Duration;
using apns::TimePoint;
using apns::binary::FeedbackTuple;
using apns::provider::FeedbackEnd;
using apns::provider::FeedbackReader;
using apns::provider::FeedbackResult;
using apns::test::require;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kIdleLimit = seconds(2);
constexpr Duration kTotalLimit = seconds(20);

struct Options {
  Close close = Close::CloseNotifyThenDrain;
  std::size_t piece_bytes = 0;  // 0: the stream as one
  Duration pause{};             // between pieces
  Duration give_up_after = Duration::max();
  apns::LinkOptions link;

  /// The service's end is the whole stream's, and nothing on the way changes it.
  [[nodiscard]] bool is_undisturbed() const {
    return give_up_after == Duration::max() && !link.reset_after_to_client && !link.refuse &&
           !link.hang;
  }
};

Options read_options(ByteView bytes) {
  static constexpr Close kCloses[] = {Close::CloseNotifyThenDrain,
                                      Close::CloseNotify,
                                      Close::FinOnly,
                                      Close::Reset,
                                      Close::Vanish,
                                      Close::None};
  const auto at = [bytes](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
  Options options;
  options.close = kCloses[at(0) % std::size(kCloses)];
  options.piece_bytes = at(1);
  options.pause = milliseconds(at(2) % 32U * 100U);
  if (at(3) < 0x80) {
    options.give_up_after = milliseconds(100U * at(3));
  }
  options.link.split_min = at(4) > 0 ? 1 : 0;
  options.link.split_max = at(4);
  if (at(5) < 0xC0) {
    options.link.reset_after_to_client = at(5);
  } else if (at(5) < 0xC8) {
    options.link.refuse = true;
  } else if (at(5) < 0xD0) {
    options.link.hang = true;
  }
  return options;
}

/// The service's side: says the stream piece by piece, then closes.
class Speaker final : public apns::Engine {
 public:
  Speaker(ByteView stream, const Options& options, TimePoint now)
      : left_(stream), options_(options), next_at_(now) {}

  std::size_t feed(std::span<const std::byte> in, TimePoint /*now*/) override {
    require(false, "a reader says nothing");
    return in.size();
  }

  void ended(apns::End /*end*/, TimePoint /*now*/) override {
    if (close_ == Close::None) {
      close_ = Close::CloseNotifyThenDrain;
    }
  }

  [[nodiscard]] std::span<const std::byte> pending() const override { return out_.pending(); }

  void sent(std::size_t n, TimePoint /*now*/) override { out_.consume(n); }

  [[nodiscard]] TimePoint deadline() const override { return next_at_; }

  void on_time(TimePoint now) override {
    if (now < next_at_) {
      return;
    }
    const std::size_t n =
        options_.piece_bytes == 0 ? left_.size() : std::min(options_.piece_bytes, left_.size());
    out_.append(left_.first(n));
    out_.add_break();
    left_ = left_.subspan(n);
    next_at_ = now + options_.pause;
    if (left_.empty()) {
      close_ = options_.close;
      next_at_ = apns::kNever;
    }
  }

  [[nodiscard]] bool wants_read() const override { return true; }

  [[nodiscard]] Close close() const override { return close_; }

 private:
  ByteView left_;
  const Options options_;
  TimePoint next_at_;
  apns::OutBuffer out_;
  Close close_ = Close::None;
};

class Service final : public apns::AcceptEvents {
 public:
  Service(ByteView stream, const Options& options) : stream_(stream), options_(options) {}

  /// The next connection has nothing to report and is all right.
  void behave() {
    stream_ = {};
    options_ = Options{};
  }

  std::unique_ptr<apns::Engine> accepted(const apns::PeerInfo& /*peer*/, apns::EngineHost& host,
                                         TimePoint now) override {
    return std::make_unique<apns::test::CheckedEngine>(host, [&](apns::EngineHost& /*checked*/) {
      return std::make_unique<Speaker>(stream_, options_, now);
    });
  }

  void gone(const apns::PeerInfo& /*peer*/, apns::Gone /*why*/, TimePoint /*now*/) override {}

 private:
  ByteView stream_;
  Options options_;
};

class Sink final : public apns::provider::FeedbackSink {
 public:
  void tuple(const FeedbackTuple& tuple) override {
    require(!result, "no tuple behind the end");
    tuples.push_back(tuple);
  }

  void finished(const FeedbackResult& end) override {
    require(!result, "finished() once");
    result = end;
  }

  std::vector<FeedbackTuple> tuples;
  std::optional<FeedbackResult> result;
};

/// What the reader should make of the whole stream.
struct Decoded {
  std::vector<FeedbackTuple> tuples;
  std::uint64_t offset = 0;  // behind the last of them
  bool is_implausible = false;
};

Decoded decode(ByteView stream) {
  constexpr std::uint32_t kEarliest = 1'230'768'000;  // 2009
  constexpr std::uint32_t kLatest = 1'735'689'600 + 24 * 3600;
  Decoded all;
  apns::binary::FeedbackDecoder decoder;
  apns::ByteReader in(stream);
  for (;;) {
    const auto next = decoder.next(in);
    if (next.need_more()) {
      return all;
    }
    if (next.has_error() || next.value().timestamp < kEarliest ||
        next.value().timestamp > kLatest) {
      all.is_implausible = true;
      return all;
    }
    all.tuples.push_back(next.value());
    all.offset += next.value().wire_len();
  }
}

void check_whole(const FeedbackResult& result, const Decoded& all, ByteView stream, Close close) {
  const bool ends = close == Close::CloseNotifyThenDrain || close == Close::CloseNotify ||
                    close == Close::FinOnly;
  if (all.is_implausible) {
    require(result.end == FeedbackEnd::Implausible || result.end == FeedbackEnd::TimedOut ||
                close == Close::Reset,
            "what is no tuple is found");
  } else if (ends && result.end != FeedbackEnd::TimedOut) {
    require(result.end ==
                (all.offset == stream.size() ? FeedbackEnd::Complete : FeedbackEnd::Truncated),
            "complete between tuples, truncated inside one");
    require(result.offset == all.offset && result.offset + result.rest_bytes == stream.size(),
            "every byte is accounted for");
  }
}

void check(const Sink& sink, ByteView stream, const Options& options) {
  const FeedbackResult& result = *sink.result;
  const Decoded all = decode(stream);
  require(result.num_tuples == sink.tuples.size(), "the tuples are counted");
  require(sink.tuples.size() <= all.tuples.size(), "no tuple comes from nothing");
  require(std::equal(sink.tuples.begin(), sink.tuples.end(), all.tuples.begin()),
          "the tuples are those at the front");
  std::uint64_t offset = 0;
  for (const FeedbackTuple& tuple : sink.tuples) {
    offset += tuple.wire_len();
  }
  require(result.offset == offset, "the offset is the end of the last tuple");
  require(offset + result.rest_bytes <= stream.size(), "no rest comes from nothing");
  require(!result.is_silent || (result.end == FeedbackEnd::TimedOut && result.rest_bytes == 0),
          "silence is behind a tuple");
  if (result.end == FeedbackEnd::Complete || result.end == FeedbackEnd::Truncated) {
    require(sink.tuples.size() == all.tuples.size(), "an end brings all there is");
  }
  if (options.is_undisturbed()) {
    check_whole(result, all, stream, options.close);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kOptionsLen = 6;
  const ByteView input = std::as_bytes(std::span(data, size));
  if (input.size() < kOptionsLen) {
    return 0;
  }
  const Options options = read_options(input);
  const ByteView stream = input.subspan(kOptionsLen);

  apns::ManualClock clock;
  Service service(stream, options);
  apns::MemoryHost host(clock, 7, 1'000'000);
  host.set_links([&options](std::uint64_t connection) {
    return connection == 1 ? options.link : apns::LinkOptions{};
  });
  apns::provider::FeedbackReaderOptions wanted;
  wanted.service = host.listen(apns::Endpoint{"feedback", 0}, service);
  wanted.connect_limit = seconds(1);
  wanted.idle_limit = kIdleLimit;
  wanted.total_limit = kTotalLimit;
  Sink sink;
  FeedbackReader reader(wanted, apns::test::checked(apns::plain_transport()), sink);
  reader.use_dialer(host.make_dialer(reader));
  if (options.give_up_after != Duration::max()) {
    host.at(host.now() + options.give_up_after, [&reader] { reader.give_up(); });
  }
  require(reader.poll(clock.now()), "a first poll begins");
  require(host.run_until([&] { return sink.result.has_value(); },
                         host.now() + kTotalLimit + seconds(10)),
          "a poll ends within its limits");
  check(sink, stream, options);
  host.run_for(seconds(10));
  require(host.num_open() == 0, "no connection is left");

  sink.tuples.clear();
  sink.result.reset();
  service.behave();
  require(reader.poll(clock.now()), "the next poll begins");
  host.run_for(seconds(1));
  require(sink.result && sink.result->end == FeedbackEnd::Complete && sink.tuples.empty(),
          "the next poll is none the worse");
  reader.release_dialer();
  return 0;
}
