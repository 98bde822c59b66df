#include "apns/json/words.h"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace apns::json {
namespace {

TEST(Nearest, FindsWhatWasMeant) {
  struct Case {
    std::string_view word;
    std::string_view expected;
  };

  const std::vector<std::string> candidates{"status", "identifier", "split", "count"};
  const Case cases[] = {
      {"idenitfier", "identifier"},   // two letters swapped
      {"identifer", "identifier"},    // one missing
      {"statuss", "status"},          // one too many
      {"slpit", "split"},             // swapped
      {"cownt", "count"},             // replaced
      {"identitfers", "identifier"},  // three edits in a long word
      {"split", "split"},
      {"Status", "status"},
      {"cwnt", ""},  // two edits are too many for four letters
      {"cw", ""},
      {"delay", ""},
      {"x", ""},
      {"", ""},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(nearest(c.word, candidates), c.expected) << c.word;
  }
}

TEST(Nearest, OfEqualsTakesTheFirst) {
  const std::vector<std::string> candidates{"cat", "car"};
  EXPECT_EQ(nearest("cab", candidates), "cat");
}

TEST(Nearest, IsNoneAmongNone) {
  EXPECT_EQ(nearest("word", {}), "");
}

TEST(ParseDuration, TakesAWholeNumberAndAUnit) {
  struct Case {
    std::string_view text;
    std::optional<std::int64_t> expected;
  };

  const Case cases[] = {
      {"30us", 30'000},
      {"200ms", 200'000'000},
      {"5s", 5'000'000'000},
      {"61m", 3'660'000'000'000},
      {"2h", 7'200'000'000'000},
      {"0s", 0},
      {"2562047h", 9'223'369'200'000'000'000},  // 292 years
      {"2562048h", std::nullopt},
      {"18446744073709551616us", std::nullopt},
      {"5", std::nullopt},
      {"s", std::nullopt},
      {"", std::nullopt},
      {"-5s", std::nullopt},
      {"+5s", std::nullopt},
      {"5 s", std::nullopt},
      {" 5s", std::nullopt},
      {"5s ", std::nullopt},
      {"1.5s", std::nullopt},
      {"5S", std::nullopt},
      {"5ns", std::nullopt},
      {"5d", std::nullopt},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(parse_duration_ns(c.text), c.expected) << c.text;
  }
}

}  // namespace
}  // namespace apns::json
