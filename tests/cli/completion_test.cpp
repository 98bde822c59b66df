#include "cli/completion.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/option_table.h"

namespace apns::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<Command> commands() {
  return {Command{"try", "try [DEVICE]", "tries the phone's patience", "Try it",
                  [](Options& o) -> std::function<int()> {
                    static std::string text;
                    static std::vector<std::string> texts;
                    static bool flag = false;
                    static std::uint64_t number = 0;
                    static Duration duration{};
                    o.text("DEVICE", text, "whom");
                    o.suggest("DEVICE", {"phone", "watch"});
                    o.file("FILE", text, "what");
                    o.texts("PATTERN", texts, "ids");
                    o.suggest_from("PATTERN", "check --list");
                    o.flag("--quiet", flag, "say [much] less: don't talk\nsecond line");
                    o.file("--payload", text, "a file");
                    o.folder("--state", text, "a folder");
                    o.choice("--environment", text, {"production", "development"}, "which");
                    o.texts("--fault", texts, "a rule");
                    o.number("--count", number, 1, 10, "how many");
                    o.duration("--within", duration, "how long");
                    return [] { return 0; };
                  }},
          Command{"run", "run -- CMD", "runs something", "Try it",
                  [](Options& o) -> std::function<int()> {
                    static std::vector<std::string> words;
                    o.rest("CMD", words, "what");
                    return [] { return 0; };
                  }}};
}

TEST(OptionTable, HasWhatACommandBindsAndHelp) {
  const auto rows = option_table(commands()[0]).rows;
  std::string text;
  for (const OptionRow& row : rows) {
    text += row.name + (row.is_repeatable ? "*" : "") + " ";
  }
  EXPECT_EQ(text,
            "DEVICE FILE PATTERN* --quiet --payload --state --environment --fault* --count "
            "--within --help ");
  EXPECT_EQ(rows[0].values, (std::vector<std::string>{"phone", "watch"}));
  EXPECT_EQ(rows[2].printed_by, "check --list");
}

TEST(BashCompletion, SaysWhatMayStandWhere) {
  const std::string script = bash_completion(commands());
  const std::string options_line =
      "    try) echo '--quiet --payload --state --environment --fault --count --within --help' "
      ";;\n";
  for (const char* line : {
           "  echo 'try run --help --version'\n",
           options_line.c_str(),
           "    'try 1') echo 'words phone watch' ;;\n",
           "    'try 2') echo 'file' ;;\n",
           "    'try '[0-9]*) echo 'printed check --list' ;;\n",
           "    'try --payload') echo 'file' ;;\n",
           "    'try --state') echo 'folder' ;;\n",
           "    'try --environment') echo 'words production development' ;;\n",
           "    'try --count') echo 'any' ;;\n",
           "    'run '[0-9]*) echo 'command' ;;\n",
           "complete -F _apnslab apnslab\n",
       }) {
    EXPECT_THAT(script, HasSubstr(line));
  }
  EXPECT_THAT(script, Not(HasSubstr("'try --quiet')")));
}

TEST(ZshCompletion, SaysWhatMayStandWhere) {
  const std::string script = zsh_completion(commands());
  EXPECT_THAT(script, testing::StartsWith("#compdef apnslab\n"));
  for (const char* text : {
           "    'try:tries the phone'\\''s patience'\n",
           "    try)\n      _arguments -S \\\n",
           "        '1:DEVICE:(phone watch)' \\\n",
           "        '2:FILE:_files' \\\n",
           "        '*:PATTERN:{_apnslab_printed check --list}' \\\n",
           "        '--quiet[say \\[much\\] less\\: don'\\''t talk]' \\\n",
           "        '--payload=[a file]:value:_files' \\\n",
           "        '--state=[a folder]:value:_files -/' \\\n",
           "        '--environment=[which]:value:(production development)' \\\n",
           "        '*--fault=[a rule]:value: ' \\\n",
           "        '*::CMD:_normal' \\\n",
       }) {
    EXPECT_THAT(script, HasSubstr(text));
  }
}

TEST(FishCompletion, SaysWhatMayStandWhere) {
  const std::string script = fish_completion(commands());
  const std::string begin = "\ncomplete -c apnslab -n '__apnslab_command_is try' ";
  for (const std::string& text : {
           std::string("\ncomplete -c apnslab -n __apnslab_has_no_command -a try -d 'tries the "
                       "phone\\'s patience'\n"),
           begin + "-a 'phone watch'\n",
           begin + "-F\n",
           begin + "-a '(__apnslab_printed check --list)'\n",
           begin + "-l quiet -d 'say [much] less: don\\'t talk'\n",
           begin + "-l payload -r -F -d 'a file'\n",
           begin + "-l state -x -a '(__fish_complete_directories)' -d 'a folder'\n",
           begin + "-l environment -x -a 'production development' -d 'which'\n",
           begin + "-l count -x -d 'how many'\n",
           std::string("\ncomplete -c apnslab -n '__apnslab_command_is run' -a "
                       "'(__fish_complete_subcommand)'\n"),
       }) {
    EXPECT_THAT(script, HasSubstr(text));
  }
}

}  // namespace
}  // namespace apns::cli
