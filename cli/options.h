#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/time.h"

namespace apns::cli {

/// The options of one subcommand. Each call binds a name to a variable, whose value at that moment
/// is the default that the help shows. Names as typed: "--settle-after"; positionals without
/// dashes: "PATTERN". CLI11 is behind this class and nowhere else.
class Options {
 public:
  virtual ~Options() = default;

  virtual void flag(const std::string& name, bool& target, const std::string& help) = 0;
  virtual void text(const std::string& name, std::string& target, const std::string& help) = 0;
  /// The same as a text; named FILE and DIR in the help, and completed as such.
  virtual void file(const std::string& name, std::string& target, const std::string& help) = 0;
  virtual void folder(const std::string& name, std::string& target, const std::string& help) = 0;
  /// May be given several times.
  virtual void texts(const std::string& name, std::vector<std::string>& target,
                     const std::string& help) = 0;
  /// A default outside low to high stands for "not given", and the help shows none.
  virtual void number(const std::string& name, std::uint64_t& target, std::uint64_t low,
                      std::uint64_t high, const std::string& help) = 0;
  /// "200ms", "5s", "61m"; a bare number is refused.
  virtual void duration(const std::string& name, Duration& target, const std::string& help) = 0;
  virtual void choice(const std::string& name, std::string& target,
                      const std::vector<std::string>& values, const std::string& help) = 0;

  /// The words from the first one that is no option (nor an option's value), or all behind "--":
  /// taken as they are, whatever they look like. `name` is for the help: "CMD".
  virtual void rest(const std::string& name, std::vector<std::string>& target,
                    const std::string& help) = 0;

  /// For the shell's completion: values that an option or argument may have, and a command of ours
  /// that prints them, one at the beginning of each line: "check --list".
  virtual void suggest(const std::string& name, const std::vector<std::string>& values) = 0;
  virtual void suggest_from(const std::string& name, const std::string& command) = 0;

  /// What is bound from here on stands below this line in the help.
  virtual void heading(const std::string& text) = 0;

  /// Shown below the options.
  virtual void example(const std::string& text) = 0;

  /// Was this option given on the command line?
  [[nodiscard]] virtual bool given(const std::string& name) const = 0;
};

/// A subcommand: its name, one line for the landing screen, and a function that binds its options
/// and returns what is to be run. The returned function's result is the exit code; an exception
/// from it is a set-up error, printed as "apnslab NAME: what" with exit code `trouble`, as are
/// mistakes in the options.
struct Command {
  std::string name;
  std::string usage;  // "push [DEVICE] [TEXT]"
  std::string summary;
  std::string group;  // heading on the landing screen; empty: not shown there
  std::function<std::function<int()>(Options&)> bind;
  int trouble = 2;
};

/// Parses the command line and runs the chosen command. Without arguments: the landing screen.
[[nodiscard]] int run(int argc, char** argv, const std::vector<Command>& commands);

}  // namespace apns::cli
