#include "cli/help.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::cli {
namespace {

using testing::HasSubstr;

TEST(CommandHelp, PutsWhatIsBoundBehindAHeadingBelowIt) {
  bool flag = false;
  std::vector<std::string> words;
  const Command command{"run", "run -- npm test", "runs something", "Test",
                        [&](Options& o) -> std::function<int()> {
                          o.rest("CMD", words, "what");
                          o.flag("--quiet", flag, "say less");
                          o.heading("The service");
                          o.flag("--strict", flag, "take nothing on trust");
                          return [] { return 0; };
                        }};
  EXPECT_EQ(command_help(command),
            "apnslab run: runs something\n"
            "\n"
            "Usage: apnslab run [OPTIONS] -- CMD\n"
            "\n"
            "  CMD ...                     what\n"
            "\n"
            "Options:\n"
            "  --quiet                     say less\n"
            "  --help                      print this\n"
            "\n"
            "The service:\n"
            "  --strict                    take nothing on trust\n");
}

TEST(CommandHelp, WrapsBetweenWordsAndKeepsLineBreaks) {
  bool flag = false;
  std::string words;
  for (int i = 0; i < 30; ++i) {
    words += "words ";
  }
  const Command command{"run", "run", "runs", "Test", [&](Options& o) -> std::function<int()> {
                          o.flag("--quiet", flag, words + "\nanother line");
                          return [] { return 0; };
                        }};
  const std::string text = command_help(command);
  EXPECT_THAT(text, HasSubstr("  --quiet                     " + words.substr(0, 11 * 6 - 1) +
                              "\n                              words"));
  EXPECT_THAT(text, HasSubstr("\n                              another line\n"));
}

TEST(CommandHelp, NamesWhatMayBeChosenOnce) {
  std::string value = "must";
  const Command command{"run", "run", "runs", "Test", [&](Options& o) -> std::function<int()> {
                          o.choice("--level", value, {"must", "should"}, "which rules");
                          o.choice("--why", value, {"must", "should"}, "must or should");
                          o.text("--device", value, "whom");
                          o.suggest("--device", {"phone"});
                          return [] { return 0; };
                        }};
  const std::string text = command_help(command);
  EXPECT_THAT(text, HasSubstr("  --level NAME=must           which rules (must, should)\n"));
  EXPECT_THAT(text, HasSubstr("  --why NAME=must             must or should\n"));
  EXPECT_THAT(text, HasSubstr("  --device TEXT=must          whom\n"));
}

}  // namespace
}  // namespace apns::cli
