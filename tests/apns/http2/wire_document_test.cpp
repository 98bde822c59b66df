// docs/wire/http2.md holds the tables of rules and bounds as the code has them.
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "apns/http2/frame.h"
#include "apns/http2/limits.h"
#include "apns/http2/rule.h"

namespace apns::http2 {
namespace {

std::string document() {
  std::ifstream file(APNSLAB_SOURCE_DIR "/docs/wire/http2.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string scope_and_code(Scope scope, ErrorCode code) {
  return std::string(scope == Scope::Stream ? "stream" : "connection") + " | " +
         error_code_text(static_cast<std::uint32_t>(code)) + " |";
}

TEST(Http2WireDocument, HasEveryRuleAsTheTableSaysIt) {
  const std::string text = document();
  for (const RuleRow& row : rule_rows()) {
    const std::string line = "| `" + std::string(row.id) + "` | " + std::string(row.says) + " | " +
                             scope_and_code(row.scope, row.code) + " " + std::string(row.section) +
                             " |\n";
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

TEST(Http2WireDocument, HasEveryBound) {
  const std::string text = document();
  for (const BoundRow& row : bound_rows()) {
    const std::string begin = "| `" + std::string(row.id) + "` | " + std::string(row.says) + " | ";
    const std::size_t at = text.find(begin);
    ASSERT_NE(at, std::string::npos) << begin;
    const std::string line = text.substr(at, text.find('\n', at) - at);
    EXPECT_TRUE(line.ends_with(" | " + scope_and_code(row.scope, row.code))) << line;
  }
}

}  // namespace
}  // namespace apns::http2
