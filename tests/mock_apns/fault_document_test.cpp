// docs/faults.md is right, and no text crashes the readers of fault rules.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/random.h"
#include "mock_apns/fault_syntax.h"
#include "tests/support/fault_errors.h"

namespace apns::mock {
namespace {

using test::error_of_text;

// The blocks of a kind: ```kind, lines, ```.
std::vector<std::vector<std::string>> doc_blocks(const std::string& kind) {
  std::ifstream in(APNSLAB_SOURCE_DIR "/docs/faults.md");
  std::vector<std::vector<std::string>> blocks;
  bool is_inside = false;
  for (std::string line; std::getline(in, line);) {
    if (!is_inside && line == "```" + kind) {
      is_inside = true;
      blocks.emplace_back();
    } else if (line == "```") {
      is_inside = false;
    } else if (is_inside) {
      blocks.back().push_back(line);
    }
  }
  return blocks;
}

TEST(FaultDocument, ExamplesAreRules) {
  const auto blocks = doc_blocks("fault");
  ASSERT_EQ(blocks.size(), 2U);
  for (const auto& block : blocks) {
    ASSERT_FALSE(block.empty());
    for (const std::string& line : block) {
      EXPECT_EQ(error_of_text(line), "no error") << line;
    }
  }
}

TEST(FaultDocument, JsonExamplesAreRules) {
  const auto blocks = doc_blocks("json");
  ASSERT_EQ(blocks.size(), 1U);
  std::string text;
  for (const std::string& line : blocks[0]) {
    text += line + '\n';
  }
  EXPECT_EQ(read_faults(json::parse(text, "docs/faults.md")).size(), 5U);
}

TEST(FaultDocument, RefusedExamplesAreRefusedAsItSays) {
  const auto blocks = doc_blocks("refused");
  ASSERT_EQ(blocks.size(), 2U);
  for (const auto& block : blocks) {
    ASSERT_EQ(block.size() % 2, 0U) << "a rule and what it draws";
    for (std::size_t i = 0; i < block.size(); i += 2) {
      const bool never = block[i + 1].starts_with("can never fire: ");
      EXPECT_EQ(error_of_text(block[i]), (never ? " " : ": ") + block[i + 1]) << block[i];
    }
  }
}

// ---- Any text ----

std::string mutated(const std::vector<std::string>& seeds, RandomStream& random) {
  constexpr std::string_view kAlphabet("abeinrst0159=:.\"-{}[], \n\\\xFF\x00", 27);
  std::string text = seeds[random.next() % seeds.size()];
  for (std::uint64_t edits = random_between(random.next(), 1, 4); edits > 0; --edits) {
    const std::size_t at = random.next() % (text.size() + 1);
    const std::string& other = seeds[random.next() % seeds.size()];
    switch (random.next() % 4) {
      case 0:
        text.insert(at, 1, kAlphabet[random.next() % kAlphabet.size()]);
        break;
      case 1:
        text.erase(at, random.next() % 8);
        break;
      case 2:
        text.replace(at, 1, 1, kAlphabet[random.next() % kAlphabet.size()]);
        break;
      default:
        text.replace(at, std::string::npos, other, random.next() % other.size(), std::string::npos);
        break;
    }
  }
  return text;
}

TEST(FaultSyntax, SurvivesMutationsOfTheCommandLine) {
  std::vector<std::string> seeds;
  for (const auto& block : doc_blocks("fault")) {
    seeds.insert(seeds.end(), block.begin(), block.end());
  }
  int num_parsed = 0;
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    RandomStream random(4711, round);
    const std::string text = mutated(seeds, random);
    try {
      (void)parse_fault(text);
      ++num_parsed;
    } catch (const FaultError& error) {
      ASSERT_LE(error.offset(), text.size()) << error.what();
    }
  }
  EXPECT_GT(num_parsed, 400);
  EXPECT_LT(num_parsed, 19'000);
}

bool is_inside(const std::string& text, json::Position position) {
  std::istringstream lines(text + '\n');
  std::string line;
  for (std::size_t i = 0; i < position.line; ++i) {
    if (!std::getline(lines, line)) {
      return false;
    }
  }
  return position.column <= line.size() + 1;
}

TEST(FaultSyntax, SurvivesMutationsOfJson) {
  std::vector<std::string> seeds;
  const auto blocks = doc_blocks("json");
  ASSERT_EQ(blocks.size(), 1U);
  for (std::string line : blocks[0]) {
    if (line.size() > 1) {
      line.erase(line.find_last_of('}') + 1);
      // A line break at the first blank: positions are not all on one line.
      seeds.push_back(line.replace(line.find(": "), 2, ":\n"));
    }
  }
  int num_parsed = 0;
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    RandomStream random(4711, round);
    const std::string text = mutated(seeds, random);
    try {
      (void)read_faults(json::parse(text, ""));
      ++num_parsed;
    } catch (const json::Error& error) {
      ASSERT_TRUE(is_inside(text, error.position())) << error.what() << "\n" << text;
    }
  }
  EXPECT_GT(num_parsed, 200);
  EXPECT_LT(num_parsed, 19'800);
}

}  // namespace
}  // namespace apns::mock
