#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>

#include "tests/apns/http2/oracle/conversation_reader.h"
#include "tests/apns/http2/oracle/oracle.h"
#include "tests/support/checked_engine.h"

// Input: read_conversation() says what it means. Checked: our session and libnghttp2 accept the
// same events and blame the peer alike, apart from known_differences().

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace apns::http2::test;
  static apns::http2::HpackScratch scratch;
  Tally tally;
  const Conversation conversation = read_conversation(std::as_bytes(std::span(data, size)));
  if (const std::optional<Difference> difference = compare(conversation, scratch, tally)) {
    (void)std::fprintf(stderr, "%s\n%s\n", difference->kind.c_str(), difference->report.c_str());
    apns::test::require(false, "both implementations agree");
  }
  return 0;
}
