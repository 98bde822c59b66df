#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <span>
#include <string>

#include "apns/base/random.h"
#include "tests/apns/http2/oracle/conversation_reader.h"
#include "tests/apns/http2/oracle/our_end.h"
#include "tests/support/checked_engine.h"

// Input: read_conversation() says what it means. Checked: what OurEnd holds the session to; and
// that a conversation fed whole, in parts and byte by byte tells the same and sends the same bytes.

namespace {

using apns::Bytes;
using apns::ByteView;
using apns::http2::test::Conversation;
using apns::http2::test::OurEnd;
using apns::http2::test::Pace;
using apns::test::require;

constexpr std::size_t kMaxByteByByte = 2000;

struct Told {
  std::string events;
  std::uint64_t sent_hash = 0;

  [[nodiscard]] bool operator==(const Told&) const = default;
};

void require_same(const Told& told, const Told& whole, const char* what) {
  if (told != whole) {
    (void)std::fprintf(stderr, "--- whole:\n%s--- otherwise:\n%s", whole.events.c_str(),
                       told.events.c_str());
  }
  require(told == whole, what);
}

/// `next_len` is given what is left and says how much of it comes next.
Told tell(const Conversation& conversation,
          const std::function<std::size_t(std::size_t)>& next_len) {
  static apns::http2::HpackScratch scratch;
  OurEnd end(conversation.setup, scratch, Pace::AtOnce);
  (void)end.start();
  ByteView rest(conversation.wire);
  while (!rest.empty()) {
    const std::size_t len = next_len(rest.size());
    const Bytes part(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(len));
    (void)end.feed(part);
    rest = rest.subspan(len);
  }
  Told told{end.told(), end.sent_hash()};
  end.finish();
  return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Conversation conversation =
      apns::http2::test::read_conversation(std::as_bytes(std::span(data, size)));
  const Told whole = tell(conversation, [](std::size_t left) { return left; });
  apns::RandomStream random(size, 0);
  const Told parts = tell(conversation, [&random](std::size_t left) {
    const std::uint64_t most = random.next() % 4 == 0 ? 9 : 600;
    return static_cast<std::size_t>(
        apns::random_between(random.next(), 1, std::min<std::uint64_t>(left, most)));
  });
  require_same(parts, whole, "in parts it is the same");
  if (conversation.wire.size() <= kMaxByteByByte) {
    const Told bytes = tell(conversation, [](std::size_t) { return std::size_t{1}; });
    require_same(bytes, whole, "byte by byte it is the same");
  }
  return 0;
}
