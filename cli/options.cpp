#include "cli/options.h"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "apns/json/document.h"
#include "cli/help.h"
#include "cli/version.h"

namespace apns::cli {

namespace {

class CliOptions final : public Options {
 public:
  explicit CliOptions(CLI::App& app) : app_(app) {}

  void flag(const std::string& name, bool& target, const std::string& help) override {
    app_.add_flag(name, target, help)->disable_flag_override();
  }

  void text(const std::string& name, std::string& target, const std::string& help) override {
    app_.add_option(name, target, help);
  }

  void file(const std::string& name, std::string& target, const std::string& help) override {
    app_.add_option(name, target, help);
  }

  void folder(const std::string& name, std::string& target, const std::string& help) override {
    app_.add_option(name, target, help);
  }

  void texts(const std::string& name, std::vector<std::string>& target,
             const std::string& help) override {
    app_.add_option(name, target, help)->allow_extra_args(is_positional(name));
  }

  void number(const std::string& name, std::uint64_t& target, std::uint64_t low, std::uint64_t high,
              const std::string& help) override {
    const auto parse = [name, low, high, &target](const CLI::results_t& results) {
      const std::string& text = results.front();
      std::uint64_t value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
        throw CLI::ValidationError(name, "must be a whole number from " + std::to_string(low) +
                                             " to " + std::to_string(high) + ", not \"" + text +
                                             "\".");
      }
      target = value;
      return true;
    };
    app_.add_option(name, parse, help);
  }

  void duration(const std::string& name, Duration& target, const std::string& help) override {
    const auto parse = [name, &target](const CLI::results_t& results) {
      const auto ns = json::parse_duration_ns(results.front());
      if (!ns) {
        throw CLI::ValidationError(
            name, "must be a duration with its unit, like 200ms, 5s or 61m, not \"" +
                      results.front() + "\".");
      }
      target = Duration(*ns);
      return true;
    };
    app_.add_option(name, parse, help);
  }

  void choice(const std::string& name, std::string& target, const std::vector<std::string>& values,
              const std::string& help) override {
    const auto parse = [name, values, &target](const CLI::results_t& results) {
      if (std::find(values.begin(), values.end(), results.front()) == values.end()) {
        std::string list;
        for (const std::string& value : values) {
          list.append(list.empty() ? "" : ", ").append(value);
        }
        throw CLI::ValidationError(name,
                                   "must be one of " + list + ", not \"" + results.front() + "\".");
      }
      target = results.front();
      return true;
    };
    app_.add_option(name, parse, help);
  }

  void rest(const std::string& /*name*/, std::vector<std::string>& target,
            const std::string& /*help*/) override {
    rest_ = &target;
  }

  void suggest(const std::string& /*name*/, const std::vector<std::string>& /*values*/) override {}

  void suggest_from(const std::string& /*name*/, const std::string& /*command*/) override {}

  void heading(const std::string& /*text*/) override {}

  void example(const std::string& /*text*/) override {}

  [[nodiscard]] bool given(const std::string& name) const override { return app_.count(name) > 0; }

  /// Gives what rest() asked for its words, and returns the others, which are to be parsed.
  [[nodiscard]] std::vector<std::string> take_rest(std::vector<std::string> words) {
    if (rest_ == nullptr) {
      return words;
    }
    std::size_t own = 0;
    while (own < words.size() && words[own].starts_with('-') && words[own] != "--") {
      own += takes_next_word(words[own]) ? 2U : 1U;
    }
    own = std::min(own, words.size());
    const std::size_t rest = own < words.size() && words[own] == "--" ? own + 1 : own;
    rest_->assign(words.begin() + static_cast<std::ptrdiff_t>(rest), words.end());
    words.resize(own);
    return words;
  }

 private:
  /// Is the word behind this one its value?
  [[nodiscard]] bool takes_next_word(const std::string& word) const {
    const CLI::Option* option = app_.get_option_no_throw(word);  // not of --name=value
    return option != nullptr && option->get_items_expected_min() > 0;
  }

  static bool is_positional(const std::string& name) { return name.front() != '-'; }

  CLI::App& app_;
  std::vector<std::string>* rest_ = nullptr;
};

/// CLI11 words its errors for programmers; these are for people.
std::string parse_error_text(const CLI::App& app, const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const std::vector<std::string> words = app.remaining(true);
    const auto dashed = std::find_if(words.begin(), words.end(),
                                     [](const std::string& word) { return word.starts_with('-'); });
    const std::string& unknown = dashed == words.end() ? words.front() : *dashed;
    const std::string name = unknown.substr(0, unknown.find('='));
    if (name.empty() || name.front() != '-') {
      return "\"" + unknown + "\" is one argument too many.";
    }
    std::vector<std::string> known;
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& long_name : option->get_lnames()) {
        known.push_back(std::string("--").append(long_name));
      }
    }
    const std::string_view near = json::nearest(name, known);
    return name + " is not an option" +
           (near.empty() ? std::string("; see --help.")
                         : "; did you mean " + std::string(near) + "?");
  }
  std::string text = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string name = text.substr(0, text.find_first_of(": "));
    if (!name.starts_with('-')) {  // CLI11 names a flag without its dashes, and only a flag
      return "--" + name + " takes no value.";
    }
    const CLI::Option* option = app.get_option_no_throw(name);
    return name + (option != nullptr && option->count() > 1 ? " is given more than once."
                                                            : " needs a value.");
  }
  if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr) {
    const std::size_t colon = text.find(": ");
    if (colon != std::string::npos) {
      text.erase(colon, 1);  // "--port: must be" reads as "--port must be"
    }
  }
  return text;
}

/// Null: there is none; who it is meant for was told.
const Command* find_command(const std::string& word, const std::vector<Command>& commands) {
  std::vector<std::string> names = {"--help", "--version"};
  for (const Command& command : commands) {
    if (command.name == word) {
      return &command;
    }
    names.push_back(command.name);
  }
  const std::string_view near = json::nearest(word, names);
  std::cerr << "apnslab: \"" << word << "\" is not "
            << (word.starts_with('-') ? "an option" : "a command")
            << (near.empty() ? std::string("; apnslab alone lists them.")
                             : "; did you mean " + std::string(near) + "?")
            << "\n";
  return nullptr;
}

int run_command(const Command& command, std::vector<std::string> given) {
  CLI::App app(command.summary, "apnslab " + command.name);
  CliOptions options(app);
  const std::function<int()> body = command.bind(options);
  try {
    std::vector<std::string> words = options.take_rest(std::move(given));
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    std::cout << command_help(command);
    return 0;
  } catch (const CLI::ParseError& error) {
    std::cerr << "apnslab " << command.name << ": " << parse_error_text(app, error) << "\n";
    return command.trouble;
  }
  try {
    return body();
  } catch (const std::exception& error) {
    std::cerr << "apnslab " << command.name << ": " << error.what() << "\n";
    return command.trouble;
  }
}

}  // namespace

int run(int argc, char** argv, const std::vector<Command>& commands) {
  const std::string word = argc > 1 ? argv[1] : "";
  const bool is_help = word == "help" || word == "--help" || word == "-h";
  if (word.empty() || (is_help && argc == 2)) {
    std::cout << landing_screen(commands);
    return 0;
  }
  if (word == "--version") {
    std::cout << "apnslab " << kVersion << "\n";
    return 0;
  }
  const Command* command = find_command(is_help ? argv[2] : word, commands);
  if (command == nullptr) {
    return 2;
  }
  if (is_help) {
    std::cout << command_help(*command);
    return 0;
  }
  return run_command(*command, {argv + 2, argv + argc});
}

}  // namespace apns::cli
