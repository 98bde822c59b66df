#include "tests/apns/http2/oracle/oracle.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/apns/http2/oracle/conversation_maker.h"
#include "tests/apns/http2/oracle/conversation_reader.h"

namespace apns::http2::test {
namespace {

constexpr std::uint64_t kNumSeeds = 20'000;  // of all manners

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// HTTP2_ORACLE_SEEDS (a third of kNumSeeds) seeds from HTTP2_ORACLE_FIRST (0) on.
void compare_seeds(Manners manners, Tally& tally) {
  HpackScratch scratch;
  const std::uint64_t first = number_from("HTTP2_ORACLE_FIRST", 0);
  const std::uint64_t num = number_from("HTTP2_ORACLE_SEEDS", kNumSeeds / 3);
  std::map<std::string, std::uint64_t> kinds;
  for (std::uint64_t seed = first; seed < first + num; ++seed) {
    Choices choices(seed);
    const Conversation conversation = ConversationMaker(choices, manners).make();
    const std::optional<Difference> difference = compare(conversation, scratch, tally);
    // One of a kind is enough to read.
    if (difference && ++kinds[difference->kind] == 1) {
      ADD_FAILURE() << "seed " << seed << ", " << difference->kind << '\n' << difference->report;
    }
  }
  for (const auto& [kind, count] : kinds) {
    std::cout << count << " times " << kind << '\n';
  }
  std::cout << tally.to_text();
}

/// What programs have sent (tests/golden/record_http2.py).
TEST(Http2Oracle, RecordedConversationsAreTakenAlikeAndWithoutAnError) {
  HpackScratch scratch;
  Tally tally;
  const std::filesystem::path folder =
      std::filesystem::path(APNSLAB_SOURCE_DIR) / "tests/golden/http2";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const Conversation conversation = read_conversation(as_bytes(bytes));
    EXPECT_EQ(conversation.wire.size(), bytes.size()) << entry.path();
    const std::optional<Difference> difference = compare(conversation, scratch, tally);
    EXPECT_FALSE(difference) << entry.path() << '\n' << difference->report;
  }
  EXPECT_EQ(tally.conversations, 6U);
  EXPECT_TRUE(tally.rules.empty());
  std::cout << tally.to_text();
}

TEST(Http2Oracle, LegalConversationsAreTakenAlikeAndWithoutAnError) {
  Tally tally;
  compare_seeds(Manners::Legal, tally);
  const std::uint64_t num_known = tally.known["goaway-and-no-stream"] +
                                  tally.known["window-given-elsewhere"] +
                                  tally.known["who-is-next"];
  EXPECT_EQ(tally.clean + num_known, tally.conversations);
  EXPECT_TRUE(tally.rules.empty());
}

TEST(Http2Oracle, NearLegalConversationsAreTakenAndBlamedAlike) {
  Tally tally;
  compare_seeds(Manners::NearLegal, tally);
  EXPECT_GT(tally.stream_errors, 0U);
  EXPECT_GT(tally.connection_errors, 0U);
}

TEST(Http2Oracle, WildConversationsAreTakenAndBlamedAlike) {
  Tally tally;
  compare_seeds(Manners::Wild, tally);
}

}  // namespace
}  // namespace apns::http2::test
