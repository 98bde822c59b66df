#include "cli/options.h"

#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/version.h"
#include "tests/support/captured_output.h"

namespace apns::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

/// What the command "try" was given.
struct Given {
  bool quiet = false;
  std::string to = "localhost:2195";
  std::vector<std::string> faults;
  std::uint64_t count = 3;
  std::uint64_t seed = UINT64_MAX;  // outside of its range: not given
  std::uint64_t port = 0;           // likewise
  Duration within = 5s;
  Duration pause = 1500us;
  std::string environment = "production";
  std::string device;
  bool count_was_given = false;
};

struct Ended {
  int code = 0;
  std::string out;
  std::string err;
  Given given;
};

Ended run_with(std::vector<std::string> words, int body_code = 0, const char* problem = nullptr) {
  Ended result;
  Given given;
  const std::vector<Command> commands = {
      Command{"try", "try [DEVICE]", "tries something", "Try it",
              [&](Options& options) -> std::function<int()> {
                options.flag("--quiet", given.quiet, "say less");
                options.text("--to", given.to, "where to");
                options.texts("--fault", given.faults, "a rule");
                options.number("--count", given.count, 1, 10, "how many");
                options.number("--seed", given.seed, 0, 1000, "of randomness");
                options.number("--port", given.port, 1, 65535, "of a listener");
                options.duration("--pause", given.pause, "in between");
                options.duration("--within", given.within, "how long");
                options.choice("--environment", given.environment, {"production", "development"},
                               "which");
                options.text("DEVICE", given.device, "whom");
                options.example("apnslab try phone");
                return [&] {
                  given.count_was_given = options.given("--count");
                  if (problem != nullptr) {
                    throw std::runtime_error(problem);
                  }
                  return body_code;
                };
              }},
      Command{"check", "check", "checks something", "Try it",
              [](Options&) -> std::function<int()> { return [] { return 1; }; }},
      Command{"hidden", "hidden", "is not shown", "",
              [](Options&) -> std::function<int()> { return [] { return 0; }; }}};
  words.insert(words.begin(), "apnslab");
  std::vector<char*> argv;
  argv.reserve(words.size());
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  const test::CapturedOutput captured;
  result.code = run(static_cast<int>(argv.size()), argv.data(), commands);
  result.out = captured.out();
  result.err = captured.err();
  result.given = given;
  return result;
}

struct Refusal {
  const char* name;
  std::vector<std::string> words;
  const char* err;
};

class OptionsRefuse : public testing::TestWithParam<Refusal> {};

TEST_P(OptionsRefuse, InASentenceAndWithCodeTwo) {
  const Refusal& row = GetParam();
  const Ended result = run_with(row.words);
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, std::string(row.err) + "\n");
  EXPECT_EQ(result.out, "");
}

const Refusal kRefusals[] = {
    {"UnknownOption",
     {"try", "--cuont", "3"},
     "apnslab try: --cuont is not an option; did you mean --count?"},
    {"UnknownOptionWithValue",
     {"try", "--environmnet=development"},
     "apnslab try: --environmnet is not an option; did you mean --environment?"},
    {"UnknownOptionBehindAnArgument",
     {"try", "phone", "--quite"},
     "apnslab try: --quite is not an option; did you mean --quiet?"},
    {"OptionLikeNone",
     {"try", "--frequency", "3"},
     "apnslab try: --frequency is not an option; see --help."},
    {"ShortOption", {"try", "-x"}, "apnslab try: -x is not an option; see --help."},
    {"NumberInWords",
     {"try", "--count", "three"},
     "apnslab try: --count must be a whole number from 1 to 10, not \"three\"."},
    {"NumberTooSmall",
     {"try", "--count", "0"},
     "apnslab try: --count must be a whole number from 1 to 10, not \"0\"."},
    {"NumberTooLarge",
     {"try", "--count=11"},
     "apnslab try: --count must be a whole number from 1 to 10, not \"11\"."},
    {"NumberPastSixtyFourBits",
     {"try", "--count=99999999999999999999"},
     "apnslab try: --count must be a whole number from 1 to 10, not \"99999999999999999999\"."},
    {"NegativeNumber",
     {"try", "--count=-1"},
     "apnslab try: --count must be a whole number from 1 to 10, not \"-1\"."},
    {"NumberWithUnit",
     {"try", "--count", "3x"},
     "apnslab try: --count must be a whole number from 1 to 10, not \"3x\"."},
    {"NumberWithAColon",
     {"try", "--count", "a: b"},
     "apnslab try: --count must be a whole number from 1 to 10, not \"a: b\"."},
    {"DurationWithoutUnit",
     {"try", "--within", "5"},
     "apnslab try: --within must be a duration with its unit, like 200ms, 5s or 61m, not \"5\"."},
    {"DurationWithUnknownUnit",
     {"try", "--within=5d"},
     "apnslab try: --within must be a duration with its unit, like 200ms, 5s or 61m, not \"5d\"."},
    {"ChoiceThatIsNone",
     {"try", "--environment", "sandbox"},
     "apnslab try: --environment must be one of production, development, not \"sandbox\"."},
    {"OneArgumentTooMany",
     {"try", "phone", "Hello"},
     "apnslab try: \"Hello\" is one argument too many."},
    {"TwoArgumentsTooMany",
     {"try", "phone", "Hello", "World"},
     "apnslab try: \"Hello\" is one argument too many."},
    {"ValueIsMissing", {"try", "--count"}, "apnslab try: --count needs a value."},
    {"TextIsMissing", {"try", "--to"}, "apnslab try: --to needs a value."},
    {"GivenTwice",
     {"try", "--count", "1", "--count", "2"},
     "apnslab try: --count is given more than once."},
    {"FlagWithValue", {"try", "--quiet=maybe"}, "apnslab try: --quiet takes no value."},
    {"UnknownCommand", {"chekc"}, "apnslab: \"chekc\" is not a command; did you mean check?"},
    {"UnknownOptionForNoCommand",
     {"--verison"},
     "apnslab: \"--verison\" is not an option; did you mean --version?"},
    {"HelpForAnUnknownCommand",
     {"help", "chekc"},
     "apnslab: \"chekc\" is not a command; did you mean check?"},
    {"CommandLikeNone",
     {"frobnicate"},
     "apnslab: \"frobnicate\" is not a command; apnslab alone lists them."},
};

INSTANTIATE_TEST_SUITE_P(Words, OptionsRefuse, testing::ValuesIn(kRefusals),
                         [](const auto& row) { return row.param.name; });

TEST(Options, KeepTheDefaultsOfWhatIsNotGiven) {
  const Ended result = run_with({"try"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_FALSE(result.given.quiet);
  EXPECT_EQ(result.given.to, "localhost:2195");
  EXPECT_EQ(result.given.count, 3U);
  EXPECT_EQ(result.given.seed, UINT64_MAX);
  EXPECT_EQ(result.given.within, 5s);
  EXPECT_EQ(result.given.environment, "production");
  EXPECT_EQ(result.given.device, "");
  EXPECT_FALSE(result.given.count_was_given);
}

TEST(Options, TakeWhatIsGiven) {
  const Ended result =
      run_with({"try", "--quiet", "--to", "gateway:1", "--fault", "nth=4: reject=8", "--count=10",
                "phone", "--fault", "idle=5s: close=fin", "--seed", "0", "--within", "200ms",
                "--environment", "development"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(result.given.quiet);
  EXPECT_EQ(result.given.to, "gateway:1");
  EXPECT_THAT(result.given.faults, ElementsAre("nth=4: reject=8", "idle=5s: close=fin"));
  EXPECT_EQ(result.given.count, 10U);
  EXPECT_TRUE(result.given.count_was_given);
  EXPECT_EQ(result.given.seed, 0U);
  EXPECT_EQ(result.given.within, 200ms);
  EXPECT_EQ(result.given.environment, "development");
  EXPECT_EQ(result.given.device, "phone");
}

TEST(Options, ARepeatedOptionDoesNotSwallowTheArgumentBehindIt) {
  const Ended result = run_with({"try", "--fault", ": reject=8", "phone"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.given.faults, ElementsAre(": reject=8"));
  EXPECT_EQ(result.given.device, "phone");
}

TEST(Options, ShowTheDefaultsInTheHelp) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"try", "--help"}, {"try", "-h"}, {"help", "try"}}) {
    const Ended result = run_with(words);
    EXPECT_EQ(result.code, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_EQ(result.out,
              "apnslab try: tries something\n"
              "\n"
              "Usage: apnslab try [OPTIONS] [DEVICE]\n"
              "\n"
              "  DEVICE                      whom\n"
              "\n"
              "Options:\n"
              "  --quiet                     say less\n"
              "  --to TEXT=localhost:2195    where to\n"
              "  --fault TEXT ...            a rule\n"
              "  --count N=3                 how many\n"
              "  --seed N                    of randomness\n"
              "  --port N                    of a listener\n"
              "  --pause TIME=1500us         in between\n"
              "  --within TIME=5s            how long\n"
              "  --environment NAME=production\n"
              "                              which (production, development)\n"
              "  --help                      print this\n"
              "\n"
              "Example: apnslab try phone\n");
  }
}

TEST(Options, PassTheExitCodeOn) {
  EXPECT_EQ(run_with({"try"}, 1).code, 1);
  EXPECT_EQ(run_with({"check"}).code, 1);
}

TEST(Options, ReportASetUpErrorWithCodeTwo) {
  const Ended result = run_with({"try"}, 0, "the file is not there.");
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, "apnslab try: the file is not there.\n");
}

TEST(Options, ShowTheLandingScreenWithoutWords) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{}, {"--help"}, {"-h"}, {"help"}}) {
    const Ended result = run_with(words);
    EXPECT_EQ(result.code, 0);
    EXPECT_THAT(result.out, StartsWith(std::string("apnslab ") + kVersion + ": an APNs in a box."));
    EXPECT_THAT(
        result.out,
        HasSubstr("  Try it              apnslab try [DEVICE]            tries something\n"
                  "                      apnslab check                   checks something\n"));
    EXPECT_THAT(result.out, Not(HasSubstr("hidden")));
    EXPECT_THAT(result.out, HasSubstr("Exit: 0 passed, 1 a check failed, 2 usage or set-up."));
  }
}

/// What "apnslab run [OPTIONS] CMD..." makes of its words.
struct Ran {
  std::vector<std::string> rest;
  bool quiet = false;
  std::uint64_t count = 3;
  int code = 0;
  std::string err;
  std::string out;
};

Ran run_command_with_rest(std::vector<std::string> words) {
  Ran ran;
  Command command{"run", "run -- CMD", "runs something", "Try it",
                  [&](Options& options) -> std::function<int()> {
                    options.flag("--quiet", ran.quiet, "say less");
                    options.number("--count", ran.count, 1, 10, "how many");
                    options.rest("CMD", ran.rest, "what to run");
                    return [] { return 0; };
                  }};
  command.trouble = 125;
  words.insert(words.begin(), {"apnslab", "run"});
  std::vector<char*> argv;
  argv.reserve(words.size());
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  const test::CapturedOutput captured;
  ran.code = run(static_cast<int>(argv.size()), argv.data(), {std::move(command)});
  ran.out = captured.out();
  ran.err = captured.err();
  return ran;
}

TEST(Options, LeaveTheRestAsItIs) {
  const Ran dashed =
      run_command_with_rest({"--quiet", "--", "npm", "--quiet", "--", "-x", "--help"});
  EXPECT_THAT(dashed.rest, ElementsAre("npm", "--quiet", "--", "-x", "--help"));
  EXPECT_TRUE(dashed.quiet);

  const Ran plain = run_command_with_rest({"--count", "7", "npm", "--quiet", "--count=99"});
  EXPECT_THAT(plain.rest, ElementsAre("npm", "--quiet", "--count=99"));
  EXPECT_EQ(plain.count, 7U);
  EXPECT_FALSE(plain.quiet);

  EXPECT_THAT(run_command_with_rest({"--count=7", "--", "--quiet"}).rest, ElementsAre("--quiet"));
  EXPECT_THAT(run_command_with_rest({"--quiet"}).rest, ElementsAre());
}

TEST(Options, RefuseWhatIsWrongBeforeTheRest) {
  const Ran ran = run_command_with_rest({"--quite", "npm"});
  EXPECT_EQ(ran.code, 125);
  EXPECT_EQ(ran.err, "apnslab run: --quite is not an option; did you mean --quiet?\n");
  EXPECT_EQ(run_command_with_rest({"--count"}).err, "apnslab run: --count needs a value.\n");
  EXPECT_EQ(run_command_with_rest({"--count", "--", "npm"}).err,
            "apnslab run: --count must be a whole number from 1 to 10, not \"--\".\n");
}

TEST(Options, ShowTheRestInTheHelp) {
  const Ran ran = run_command_with_rest({"--help"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("Usage: apnslab run [OPTIONS] -- CMD"));
  EXPECT_THAT(ran.out, HasSubstr("what to run"));
}

TEST(Options, SayTheirVersion) {
  const Ended result = run_with({"--version"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, std::string("apnslab ") + kVersion + "\n");
}

}  // namespace
}  // namespace apns::cli
